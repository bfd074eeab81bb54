// histogram.hpp: how long things took, in buckets that Prometheus can add up.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>

namespace sublet::engine {

// Upper bounds in seconds, from a check in memory to a request that waits for a block.
inline constexpr std::array<double, 14> kBucketSeconds = {0.0001, 0.00025, 0.0005, 0.001, 0.0025, 0.005, 0.01,
                                                          0.025,  0.05,    0.1,    0.25,  0.5,    1,     10};

struct Histogram {
    std::array<std::uint64_t, kBucketSeconds.size() + 1> counts{};  // each value once; the last: above all bounds
    double sum = 0;

    void add(double seconds) {
        std::size_t bucket = 0;
        while (bucket < kBucketSeconds.size() && seconds > kBucketSeconds[bucket]) {
            ++bucket;
        }
        ++counts[bucket];
        sum += seconds;
    }
};

}  // namespace sublet::engine
