// units.cpp: sizes, CPU shares and prices of deployment files as exact numbers.
// Spec: docs/spec/deployment-files.md (units).
#include "sdl/units.hpp"

#include <cmath>
#include <cstdlib>
#include <limits>

namespace sublet::sdl {
namespace {

constexpr double kTwoTo64 = 18446744073709551616.0;
constexpr std::size_t kDecimalPlaces = 18;
constexpr u128 kDecimalOne = 1'000'000'000'000'000'000U;
constexpr u128 kNanosPerUnit = 1'000'000'000U;
constexpr u128 kBlockSeconds = 6;

bool is_digit(char c) { return c >= '0' && c <= '9'; }
bool is_letter(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); }
char lower(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; }

struct NumberAndSuffix {
    double value = 0;
    std::string suffix;  // lower case
};

// digits[.digits] and then letters only.
std::optional<NumberAndSuffix> split(std::string_view text) {
    std::size_t at = 0;
    bool point = false;
    bool digit = false;
    while (at < text.size() && (is_digit(text[at]) || (text[at] == '.' && !point))) {
        point = point || text[at] == '.';
        digit = digit || is_digit(text[at]);
        ++at;
    }
    if (!digit) {
        return std::nullopt;
    }
    NumberAndSuffix out{std::strtod(std::string(text.substr(0, at)).c_str(), nullptr), {}};
    for (; at < text.size(); ++at) {
        if (!is_letter(text[at])) {
            return std::nullopt;
        }
        out.suffix += lower(text[at]);
    }
    return out;
}

std::optional<std::uint64_t> whole(double value) {
    if (!(value >= 0) || value >= kTwoTo64) {
        return std::nullopt;
    }
    return static_cast<std::uint64_t>(value);
}

bool is_usual(std::string_view suffix) {
    constexpr std::string_view kUsual[] = {"", "k", "M", "G", "T", "P", "E", "Ki", "Mi", "Gi", "Ti", "Pi", "Ei"};
    for (const std::string_view usual : kUsual) {
        if (suffix == usual) {
            return true;
        }
    }
    return false;
}

}  // namespace

std::optional<ByteCount> read_bytes(std::string_view text) {
    const auto parts = split(text);
    if (!parts) {
        return std::nullopt;
    }
    constexpr std::string_view kPrefixes = "kmgtpe";
    double value = parts->value;
    const std::string& suffix = parts->suffix;
    const std::size_t power = suffix.empty() ? std::string_view::npos : kPrefixes.find(suffix[0]);
    if (power != std::string_view::npos) {
        value *= std::pow(suffix.substr(1) == "i" ? 1024.0 : 1000.0, static_cast<double>(power + 1));
    }
    const auto bytes = whole(std::ceil(value));
    if (!bytes) {
        return std::nullopt;
    }
    return ByteCount{*bytes, is_usual(text.substr(text.size() - suffix.size()))};
}

std::optional<std::uint64_t> gpu_ram_bytes(std::string_view text) {
    const auto count = read_bytes(text);
    return count ? std::optional{count->bytes} : std::nullopt;
}

std::optional<std::uint64_t> read_cpu_text(std::string_view text) {
    const auto parts = split(text);
    if (!parts || (parts->suffix != "m" && !parts->suffix.empty())) {
        return std::nullopt;
    }
    return parts->suffix == "m" ? whole(parts->value) : read_cpu_number(parts->value);
}

std::optional<std::uint64_t> read_cpu_number(double cores) { return whole(cores * 1000); }

std::optional<u128> read_decimal(std::string_view text) {
    const std::size_t point = text.find('.');
    const std::string_view left = text.substr(0, point);
    const std::string_view right = point == std::string_view::npos ? std::string_view{} : text.substr(point + 1);
    if (left.empty() || left.size() > 19 || right.size() > kDecimalPlaces ||
        (point != std::string_view::npos && right.empty())) {
        return std::nullopt;
    }
    u128 scaled = 0;
    for (const std::string_view part : {left, right}) {
        for (const char c : part) {
            if (!is_digit(c)) {
                return std::nullopt;
            }
            scaled = scaled * 10 + static_cast<unsigned>(c - '0');
        }
    }
    for (std::size_t i = right.size(); i < kDecimalPlaces; ++i) {
        scaled *= 10;
    }
    return scaled;
}

std::string print_decimal(u128 scaled) {
    std::string fraction = std::to_string(static_cast<std::uint64_t>(scaled % kDecimalOne));
    fraction.insert(0, kDecimalPlaces - fraction.size(), '0');
    return std::to_string(static_cast<std::uint64_t>(scaled / kDecimalOne)) + "." + fraction;
}

Rate rate_ceil(u128 scaled_amount, std::string_view denom) {
    // amount × 10^9 nano per unit ÷ 10^18 scale ÷ seconds, as one exact division
    const u128 divisor = kDecimalOne / kNanosPerUnit * (denom == "ucredit" ? u128{1} : kBlockSeconds);
    const u128 rate = (scaled_amount + divisor - 1) / divisor;
    constexpr std::uint64_t kLargest = std::numeric_limits<std::uint64_t>::max();
    return Rate{rate > kLargest ? kLargest : static_cast<std::uint64_t>(rate)};
}

std::optional<std::uint64_t> read_window_s(std::string_view text) {
    if (text.size() < 2 || text.size() > 12 || text[0] < '1' || text[0] > '9') {
        return std::nullopt;
    }
    const char unit = text.back();
    const std::uint64_t factor = unit == 's' ? 1 : unit == 'm' ? 60 : unit == 'h' ? 3600 : 0;
    std::uint64_t value = 0;
    for (const char c : text.substr(0, text.size() - 1)) {
        if (!is_digit(c)) {
            return std::nullopt;
        }
        value = value * 10 + static_cast<std::uint64_t>(c - '0');
    }
    return factor == 0 ? std::nullopt : std::optional{value * factor};
}

}  // namespace sublet::sdl
