// verify_rate.hpp: signatures checked as fast as the cores can, and nothing else.
#pragma once

#include <cstdlib>
#include <thread>

#include "crypto/sha256.hpp"
#include "result.hpp"
#include "world.hpp"

namespace sublet::bench {

// Signatures a second that all cores together check, and nothing else.
inline double verify_rate(std::size_t count) {
    const crypto::SecretKey secret = scenario::World::key("tenant0");
    const crypto::PublicKey key = *crypto::public_key(secret);
    std::vector<std::pair<Hash, crypto::Signature>> signatures;
    for (std::size_t i = 0; i < count; ++i) {
        const Hash digest = crypto::sha256(std::to_string(i));
        signatures.emplace_back(digest, crypto::sign(secret, digest));
    }
    const std::size_t cores = std::max(1U, std::thread::hardware_concurrency());
    const Timer::time_point start = Timer::now();
    {
        std::vector<std::jthread> threads;
        for (std::size_t t = 0; t < cores; ++t) {
            threads.emplace_back([&, t] {
                for (std::size_t i = t; i < count; i += cores) {
                    if (!crypto::verify(key, signatures[i].first, signatures[i].second)) {
                        std::abort();
                    }
                }
            });
        }
    }
    return static_cast<double>(count) / seconds_since(start);
}

}  // namespace sublet::bench
