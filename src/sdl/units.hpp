// units.hpp: sizes, CPU shares and prices of deployment files as exact numbers.
// Spec: docs/spec/deployment-files.md (units).
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/units.hpp"

namespace sublet::sdl {

// "512Mi", "1.5G", "100": bytes, a fraction of a byte rounded up (as the official compiler does, in the same float
// arithmetic).
struct ByteCount {
    std::uint64_t bytes = 0;
    bool usual_suffix = true;  // k M G T P E, Ki Mi Gi Ti Pi Ei or none; else read as the official compiler does
};
std::optional<ByteCount> read_bytes(std::string_view text);

// The memory of a GPU, or nothing where it was not asked for or cannot be read.
std::optional<std::uint64_t> gpu_ram_bytes(std::string_view text);

// "500m" or "0.5": thousandths of a core; a fraction of one is cut off.
std::optional<std::uint64_t> read_cpu_text(std::string_view text);
std::optional<std::uint64_t> read_cpu_number(double cores);

// A decimal with up to 18 places, scaled by 10^18. Nothing for signs, more places, or 20 integer digits and more.
std::optional<u128> read_decimal(std::string_view text);
std::string print_decimal(u128 scaled);  // always 18 places

// Price of one replica, rounded up. uakt and uact: per 6-second block; ucredit: per second. Saturates at the largest
// rate.
Rate rate_ceil(u128 scaled_amount, std::string_view denom);

// "24h", "30m", "90s" as seconds; whole numbers above zero only.
std::optional<std::uint64_t> read_window_s(std::string_view text);

}  // namespace sublet::sdl
