// receipts.hpp: what a provider signed for what it deleted, kept so that a creator can ask for it later.
// Spec: docs/spec/storage.md (receipts).
#pragma once

#include <filesystem>
#include <optional>
#include <string>

#include "agent/core.hpp"
#include "agent/job_store.hpp"
#include "client/receipt.hpp"

namespace sublet::agent {

inline constexpr std::size_t kMaxReceiptsKept = 1'024;  // of the latest jobs

class Receipts {
public:
    explicit Receipts(std::filesystem::path folder) : folder_(std::move(folder)) {}

    // The latest word about a job stands. Errors: kIo.
    Result<> put(JobId id, const std::string& text);
    [[nodiscard]] std::optional<std::string> find(JobId id) const;

private:
    std::filesystem::path folder_;
};

// Signs for a job of which nothing is in the store any more. Errors: kUnsupported (there is no key to sign with).
Result<std::string> receipt_for(const Core& core, const JobStore& store, const KeptJob& job, client::Deleted why);
// That, and keeps it; nothing where it cannot be done, which is logged.
std::optional<std::string> sign_deletion(const Core& core, const JobStore& store, const KeptJob& job,
                                         client::Deleted why);
// What was signed for this job of this creator's.
std::optional<std::string> receipt_of_job(const Core& core, JobId id, const crypto::Address& creator);

}  // namespace sublet::agent
