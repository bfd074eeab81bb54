// job_audit.hpp: how a creator has results audited: the terms, and the chain of seeds that nobody else knows.
// Spec: docs/spec/audits.md (terms, seeds).
#pragma once

#include <CLI/CLI.hpp>
#include <set>

#include "cli/context.hpp"
#include "cli/saved_job.hpp"
#include "jobs/package.hpp"
#include "modules/audit/terms.hpp"

namespace sublet::cli {

inline constexpr std::uint32_t kMaxChain = 65'536;    // elements
inline constexpr const char* kBatchEngine = "batch";  // what auditors of commands have: a container engine

struct AuditOptions {
    std::string how = "none";  // crops, whole, none; "auto": crops where six owners and more audit them
    double floor = 0.143;      // the least probability of an audit: whoever cheats on 30 tasks is found with 99 %
    double share = 0;          // of a task's pay, for an auditor of it; 0: by how
};
void add_audit_terms(CLI::App* command, AuditOptions& options, bool crops);

// What a creator's client has seen of audits of its job.
struct AuditsSeen {
    std::set<audit::AuditId> waiting;  // of results that were in audit when they were last looked at
    std::uint64_t revealed_ms = 0;     // monotonic: the last element
    // Tasks and attempts in review: an auditor found them wrong, and nobody could rule; or not so.
    std::set<std::pair<std::uint32_t, std::uint32_t>> doubtful, trusted;
};

// So many owners have stakes that audit this engine.
Result<std::size_t> auditors_of(Context& context, client::Chain& chain, const std::string& engine);
// What "auto" comes to. `package.audit` is there where crops can be compared.
Result<std::optional<audit::Terms>> audit_terms(Context& context, client::Chain& chain, const AuditOptions& options,
                                                const jobs::Package& package, const std::string& engine);
// For people: what an audit is, how often it comes, and what is locked for it.
void print_audit_terms(const std::optional<audit::Terms>& terms, std::size_t auditors, Amount for_tasks);

// A chain of so many elements: the tip for the ledger, the secret for the job's folder.
SeedChain new_chain(Context& context, std::uint32_t tasks);
Hash tip_of(const SeedChain& chain);
// What comes after `tip`. Nothing: the chain is used up, or the tip is not of it.
std::optional<Hash> next_element(const SeedChain& chain, const Hash& tip);

}  // namespace sublet::cli
