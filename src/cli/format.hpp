// format.hpp: money, times and sizes as people read them, and tables. Exact integers, never a float.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/result.hpp"
#include "base/units.hpp"

namespace sublet::cli {

inline constexpr std::uint64_t kSecondsPerHour = 3'600;
inline constexpr std::uint64_t kSecondsPerMonth = 30 * 24 * kSecondsPerHour;

// "1.234567 credits", always six decimals.
std::string credits(Amount amount);
std::string credits_number(Amount amount);  // "1.234567"
// What `seconds` of the rate cost, in credits, rounded up in the ninth decimal, without needless zeros: "0.025".
std::string rate_number_ceil(Rate rate, std::uint64_t seconds);
// "0.025 credits per hour, 18.00 per month (30 days)"
std::string price_line(Rate rate);

// "12", "0.5" or "250000ucredit". Errors: kUsage.
Result<Amount> parse_credits(std::string_view text);
// Credits per hour as a rate, rounded down. Errors: kUsage.
Result<Rate> parse_hourly_floor(std::string_view text);

// "1 d 2 h", "3 min 4 s", "900 ms": the two largest units.
std::string duration(Millis length);
// "512 MiB", "1.5 GiB" (one decimal, rounded down).
std::string bytes_text(std::uint64_t bytes);
std::string cores_text(std::uint64_t milli);  // "0.5", "2"

// "2026-01-31T12:00:00Z"
std::string utc_time(std::uint64_t unix_ms);

// Columns as wide as their longest cell, two spaces between; the last column is not padded.
std::string table(const std::vector<std::string>& head, const std::vector<std::vector<std::string>>& rows);

// "sublet1abcd…wxyz"
std::string short_address(std::string_view address);

}  // namespace sublet::cli
