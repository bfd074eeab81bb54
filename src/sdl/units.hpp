// units.hpp: sizes, CPU shares and prices of deployment files as exact numbers.
// Spec: docs/spec/deployment-files.md (units).
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/units.hpp"
#include "sdl/node.hpp"

namespace sublet::sdl {

// "512Mi", "1.5G", "100": bytes, a fraction of a byte rounded up (as the official compiler does, in the same float
// arithmetic).
struct ByteCount {
    std::uint64_t bytes = 0;
    bool usual_suffix = true;  // k M G T P E, Ki Mi Gi Ti Pi Ei or none; else read as the official compiler does
};
std::optional<ByteCount> read_bytes(std::string_view text);

// What Akash's compiler makes of a size, of CPU units and of GPU units: any JavaScript number, NaN among them. Nothing
// where it gives up.
std::optional<double> official_bytes(std::string_view text);
double official_cpu_milli(const Node& units);
double official_gpu_units(const Node& units);

// ^[0-9]+(\.[0-9]+)?[a-zA-Z]*$, and the zeros among them: "0", "0.0", "0m".
bool is_cpu_text(std::string_view text);
bool is_zero_text(std::string_view text, bool with_milli);

// The memory of a GPU, or nothing where it was not asked for or cannot be read.
std::optional<std::uint64_t> gpu_ram_bytes(std::string_view text);

// "500m" or "0.5": thousandths of a core; a fraction of one is cut off.
std::optional<std::uint64_t> read_cpu_text(std::string_view text);
std::optional<std::uint64_t> read_cpu_number(double cores);

// A decimal with up to 18 places, scaled by 10^18. Nothing for signs, more places, or 20 integer digits and more.
std::optional<u128> read_decimal(std::string_view text);
std::string print_decimal(u128 scaled);  // always 18 places

// A decimal of any length with 18 places, the rest cut off; what is none (1e+30) stays as it is.
std::string official_decimal(const std::string& text);

// Price of one replica, rounded up. uakt and uact: per 6-second block; ucredit: per second. Saturates at the largest
// rate.
Rate rate_ceil(u128 scaled_amount, std::string_view denom);

// "24h", "30m", "90s" as seconds; whole numbers above zero only.
std::optional<std::uint64_t> read_window_s(std::string_view text);

}  // namespace sublet::sdl
