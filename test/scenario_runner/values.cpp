// values.cpp: reads amounts, times, sizes and rates.
#include "values.hpp"

#include <array>
#include <charconv>

namespace sublet::scenario {
namespace {

[[noreturn]] void bad(std::string_view text, std::string_view what) {
    throw Failure("'" + std::string{text} + "' is not " + std::string{what});
}

// "1_234.56" as a whole number of 10^-decimals.
u128 scaled(std::string_view text, int decimals, std::string_view what) {
    u128 value = 0;
    int left = -1;
    bool any = false;
    for (const char c : text) {
        if (c == '_' && any) {
            continue;
        }
        if (c == '.' && left < 0) {
            left = decimals;
            continue;
        }
        if (c < '0' || c > '9' || left == 0 || value > (u128{1} << 90U)) {
            bad(text, what);
        }
        value = value * 10 + static_cast<unsigned>(c - '0');
        left -= left > 0 ? 1 : 0;
        any = true;
    }
    if (!any) {
        bad(text, what);
    }
    for (int i = left < 0 ? decimals : left; i > 0; --i) {
        value *= 10;
    }
    return value;
}

std::uint64_t narrow(u128 value, std::string_view text) {
    if (value > ~std::uint64_t{0}) {
        bad(text, "a number below 2^64");
    }
    return static_cast<std::uint64_t>(value);
}

bool cut(std::string_view& text, std::string_view suffix) {
    if (!text.ends_with(suffix)) {
        return false;
    }
    text.remove_suffix(suffix.size());
    return true;
}

struct Suffix {
    std::string_view text;
    std::uint64_t factor;
};

}  // namespace

std::uint64_t number(std::string_view text) { return narrow(scaled(text, 0, "a whole number"), text); }

std::uint64_t milli(std::string_view text) { return narrow(scaled(text, 3, "a number with at most 3 decimals"), text); }

std::uint64_t amount(std::string_view text) {
    std::string_view digits = text;
    const bool whole = cut(digits, "cr") || cut(digits, "let");
    return narrow(scaled(digits, whole ? 6 : 0, "an amount (ucredit, or credits as in 1.5cr, or LET as in 5let)"),
                  text);
}

Millis duration(std::string_view text) {
    constexpr std::array<Suffix, 5> kUnits = {
        {{"ms", 1}, {"s", 1'000}, {"m", 60'000}, {"h", 3'600'000}, {"d", 86'400'000}}};
    for (const Suffix& unit : kUnits) {
        std::string_view digits = text;
        if (cut(digits, unit.text)) {
            return Millis{narrow(scaled(digits, 0, "a length of time") * unit.factor, text)};
        }
    }
    bad(text, "a length of time (500ms, 30s, 10m, 2h, 1d)");
}

std::uint64_t bytes(std::string_view text) {
    constexpr std::array<Suffix, 4> kUnits = {
        {{"Ki", 1ULL << 10U}, {"Mi", 1ULL << 20U}, {"Gi", 1ULL << 30U}, {"Ti", 1ULL << 40U}}};
    for (const Suffix& unit : kUnits) {
        std::string_view digits = text;
        if (cut(digits, unit.text)) {
            return narrow(scaled(digits, 0, "a size") * unit.factor, text);
        }
    }
    return number(text);
}

std::uint64_t rate(std::string_view text) {
    std::string_view digits = text;
    if (cut(digits, "u/s")) {
        return narrow(scaled(digits, 9, "a rate (ucredit per second)"), text);
    }
    if (cut(digits, "cr/h")) {
        const u128 nano_per_hour = scaled(digits, 6, "a rate (credits per hour)") * 1'000'000'000;
        if (nano_per_hour % 3600 != 0) {
            bad(text, "a whole number of nano-ucredit per second");
        }
        return narrow(nano_per_hour / 3600, text);
    }
    return number(text);
}

Args::Args(const std::vector<std::string>& words) {
    for (const std::string& word : words) {
        const std::size_t at = word.find('=');
        if (at == std::string::npos || at == 0 || !words_.emplace(word.substr(0, at), word.substr(at + 1)).second) {
            throw Failure("'" + word + "' is not key=value, or is there twice");
        }
    }
}

std::string Args::take(const std::string& key, std::string_view otherwise) {
    const auto found = words_.find(key);
    if (found == words_.end()) {
        return std::string{otherwise};
    }
    std::string value = found->second;
    words_.erase(found);
    return value;
}

std::string Args::need(const std::string& key) {
    if (!has(key)) {
        throw Failure(key + "=… is missing");
    }
    return take(key, "");
}

void Args::done() const {
    if (!words_.empty()) {
        throw Failure("nobody knows " + words_.begin()->first + "=… here");
    }
}

std::vector<std::string> split(std::string_view text, char separator) {
    std::vector<std::string> parts;
    while (!text.empty()) {
        const std::size_t end = text.find(separator);
        parts.emplace_back(text.substr(0, end));
        text.remove_prefix(end == std::string_view::npos ? text.size() : end + 1);
    }
    return parts;
}

}  // namespace sublet::scenario
