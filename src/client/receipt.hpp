// receipt.hpp: a provider's signed word that it has deleted what it had of a job. It proves who said so, not that there
// is no copy. Spec: docs/spec/storage.md (receipts).
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/units.hpp"
#include "crypto/address.hpp"

namespace sublet::client {

inline constexpr std::size_t kMaxKeptFor = 64;

enum class Deleted : std::uint8_t { kAsked, kOver };  // its creator asked, or the job was over for an hour

struct Receipt {
    crypto::Address signer;    // iss: the provider's operator key
    crypto::Address provider;  // its owner
    crypto::Address creator;
    std::string chain_id;
    JobId job;
    Hash content{};           // of the package, as the ledger's job has it
    Hash input{};             // SHA-256 of the plain input; zero: it had none
    std::uint64_t bytes = 0;  // of the input
    Deleted why = Deleted::kAsked;
    std::uint64_t at_s = 0;       // unix
    std::vector<JobId> kept_for;  // other jobs of the same creator for which the same input stays
    bool operator==(const Receipt&) const = default;
};

// Signs; the signer is the key's own address whatever is said. Errors: kUsage (no such receipt can be read).
Result<std::string> make_receipt(Receipt receipt, const crypto::SecretKey& key);
// Errors: kUnauthorized with the rule that was broken. What the caller still owes: provider, signer, job and content
// are those that he asked for.
Result<Receipt> verify_receipt(std::string_view text, std::string_view chain_id);

}  // namespace sublet::client
