// cipher.hpp: what travels in a swarm is encrypted under a key of its job's own: AES-256 in counter mode, so that every
// byte can be had alone. It hides and does not prove: that is done by the hashes of the torrent and of the package.
// Spec: docs/spec/swarm.md.
#pragma once

#include <filesystem>
#include <fstream>
#include <memory>

#include "base/bytes.hpp"

namespace sublet::swarm {

// Of one job and for one content: the counter starts at zero, so a key must never serve for another content.
using Key = FixedBytes<32>;

// The same both ways.
class Cipher {
public:
    // Begins at this byte of the content. Errors: kInternal (OpenSSL).
    static Result<Cipher> at(const Key& key, std::uint64_t offset);
    Result<> apply(Bytes& bytes);

private:
    struct Free {
        void operator()(void* context) const;
    };
    std::unique_ptr<void, Free> context_;
};

inline constexpr std::size_t kStepBytes = 1U << 20U;

// Writes `to` (mode 0600, replaced) from `from`, a step at a time, so that a loop can do other things between two.
// Errors: kNotFound, kIo (disk full, not ours), kInternal.
class FileCipher {
public:
    static Result<FileCipher> open(const std::filesystem::path& from, const std::filesystem::path& to, const Key& key);
    // What was written, at most kStepBytes; empty at the end, when everything is on the disk.
    Result<BytesView> step();

private:
    FileCipher(std::ifstream from, std::filesystem::path to, Cipher cipher);
    Result<> finish();

    std::ifstream from_;
    std::ofstream out_;
    std::filesystem::path to_;
    Cipher cipher_;
    Bytes piece_;
};

}  // namespace sublet::swarm
