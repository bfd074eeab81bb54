// light_trust.hpp: the file that remembers, for each chain, the last block that was verified.
// Spec: docs/spec/light-client.md.
#pragma once

#include <filesystem>

#include "client/light_verify.hpp"
#include "net/host.hpp"

namespace sublet::client::light {

// A block that somebody trusted named: HEIGHT:HASH.
struct TrustPoint {
    std::uint64_t height = 0;
    Hash hash{};
};
// Errors: kUsage.
Result<TrustPoint> parse_trust_point(std::string_view text);

// One file a chain, CHAIN.json in the folder, written in one step and for the owner's eyes only. Whoever can write it
// decides what is trusted. `files` outlives it.
class TrustStore {
public:
    TrustStore(net::Files& files, std::filesystem::path folder) : files_(files), folder_(std::move(folder)) {}

    // Nothing is trusted of this chain: nothing. Errors: kParse (the file is damaged: says which), kIo, kNotProved (a
    // chain's name that is none).
    Result<std::optional<Trusted>> load(const std::string& chain_id);
    Result<> save(const Trusted& trusted);
    [[nodiscard]] std::filesystem::path path_of(const std::string& chain_id) const;

private:
    net::Files& files_;
    std::filesystem::path folder_;
};

}  // namespace sublet::client::light
