// elapsed.hpp: how long something took, for counters.
#pragma once

#include <chrono>

namespace sublet::engine {

inline double seconds_since(std::chrono::steady_clock::time_point start) {
    return std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
}

}  // namespace sublet::engine
