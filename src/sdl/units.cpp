// units.cpp: sizes, CPU shares and prices of deployment files as exact numbers.
// Spec: docs/spec/deployment-files.md (units).
#include "sdl/units.hpp"

#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <limits>

#include "sdl/letters.hpp"

namespace sublet::sdl {
namespace {

constexpr double kTwoTo64 = 18446744073709551616.0;
constexpr std::size_t kDecimalPlaces = 18;
constexpr u128 kDecimalOne = 1'000'000'000'000'000'000U;
constexpr u128 kNanosPerUnit = 1'000'000'000U;
constexpr u128 kBlockSeconds = 6;

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

// parseFloat of digits and points: what comes before a second point, or NaN.
double leading_number(std::string_view text) {
    const std::size_t point = text.find('.');
    const std::string head(text.substr(0, point == std::string_view::npos ? point : text.find('.', point + 1)));
    return head.find_first_not_of('.') == std::string::npos ? std::numeric_limits<double>::quiet_NaN()
                                                            : std::strtod(head.c_str(), nullptr);
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

std::optional<double> official_bytes(std::string_view text) {
    const std::size_t end = std::min(text.find_first_not_of("0123456789."), text.size());
    const std::string_view letters = text.substr(end);
    if (end == 0 || letters.empty() || !std::ranges::all_of(letters, is_letter)) {
        return std::nullopt;
    }
    const double value = leading_number(text.substr(0, end));
    const std::size_t power = std::string_view("kmgtpe").find(lower(letters[0]));
    if (power == std::string_view::npos) {
        return std::ceil(value);
    }
    const bool binary = letters.size() == 2 && lower(letters[1]) == 'i';
    return std::ceil(value * std::pow(binary ? 1024.0 : 1000.0, static_cast<double>(power + 1)));
}

double official_cpu_milli(const Node& units) {
    if (!units.is(Kind::kText)) {
        return units.number * 1000;
    }
    const std::size_t end = std::min(units.text.find_first_not_of("0123456789."), units.text.size());
    const double value = leading_number(std::string_view(units.text).substr(0, end));
    const std::string_view suffix = std::string_view(units.text).substr(end);
    return suffix == "m" || suffix == "M" ? value : value * 1000;
}

// parseInt: white space, a sign, digits, and whatever comes then.
double official_gpu_units(const Node& units) {
    if (!units.is(Kind::kText)) {
        return units.number;
    }
    std::string_view text = units.text;
    text.remove_prefix(std::min(text.find_first_not_of(" \t\n\v\f\r"), text.size()));
    const std::size_t sign = text.starts_with('-') || text.starts_with('+') ? 1 : 0;
    const std::size_t end = std::min(text.find_first_not_of("0123456789", sign), text.size());
    return end == sign ? std::numeric_limits<double>::quiet_NaN()
                       : std::strtod(std::string(text.substr(0, end)).c_str(), nullptr);
}

bool is_cpu_text(std::string_view text) {
    const auto digits = [&](std::size_t at) { return std::min(text.find_first_not_of("0123456789", at), text.size()); };
    std::size_t at = digits(0);
    if (at == 0) {
        return false;
    }
    if (at < text.size() && text[at] == '.') {
        const std::size_t end = digits(at + 1);
        if (end == at + 1) {
            return false;
        }
        at = end;
    }
    return std::ranges::all_of(text.substr(at), is_letter);
}

bool is_zero_text(std::string_view text, bool with_milli) {
    if (with_milli && text.ends_with('m')) {
        text.remove_suffix(1);
    }
    return is_cpu_text(text) && text.find_first_not_of("0.") == std::string_view::npos;
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

std::string official_decimal(const std::string& text) {
    if (text.find_first_not_of("0123456789.") != std::string::npos) {
        return text;
    }
    const std::size_t point = std::min(text.find('.'), text.size());
    const std::size_t first = std::min(text.find_first_not_of('0'), point - 1);
    std::string places = point == text.size() ? "" : text.substr(point + 1);
    places.resize(kDecimalPlaces, '0');
    return text.substr(first, point - first) + "." + places;
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
