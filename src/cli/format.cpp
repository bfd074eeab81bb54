// format.cpp: numbers for people.
#include "cli/format.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <ctime>

namespace sublet::cli {
namespace {

constexpr std::uint64_t kUcreditPerCredit = 1'000'000;
constexpr std::uint64_t kFemtoPerNano = 1'000'000;  // a rate's unit times a second is 10⁻¹⁵ credits
constexpr std::uint64_t kNanoPerCredit = 1'000'000'000;
constexpr std::size_t kShortHead = 12;
constexpr std::size_t kShortTail = 6;

// Width in characters of UTF-8 text.
std::size_t width_of(std::string_view text) {
    return static_cast<std::size_t>(std::count_if(
        text.begin(), text.end(), [](char c) { return (static_cast<unsigned char>(c) & 0xC0U) != 0x80U; }));
}

std::optional<std::uint64_t> digits(std::string_view text) {
    std::uint64_t out = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), out);
    if (text.empty() || error != std::errc{} || end != text.data() + text.size()) {
        return std::nullopt;
    }
    return out;
}

// "1.5" with `places` decimals as an integer of the smallest unit.
std::optional<u128> decimal(std::string_view text, std::size_t places) {
    const std::size_t dot = text.find('.');
    const std::string_view whole = text.substr(0, dot);
    std::string fraction{dot == std::string_view::npos ? std::string_view{} : text.substr(dot + 1)};
    if (fraction.size() > places || (dot != std::string_view::npos && fraction.empty())) {
        return std::nullopt;
    }
    fraction.resize(places, '0');
    const std::optional<std::uint64_t> high = digits(whole);
    const std::optional<std::uint64_t> low = fraction.empty() ? 0 : digits(fraction);
    if (!high || !low) {
        return std::nullopt;
    }
    u128 scale = 1;
    for (std::size_t i = 0; i < places; ++i) {
        scale *= 10;
    }
    return u128{*high} * scale + *low;
}

}  // namespace

std::string credits_number(Amount amount) {
    return fmt::format("{}.{:06}", amount.value() / kUcreditPerCredit, amount.value() % kUcreditPerCredit);
}

std::string credits(Amount amount) { return credits_number(amount) + " credits"; }

std::string rate_number_ceil(Rate rate, std::uint64_t seconds) {
    const u128 femto = u128{rate.value()} * seconds;
    const u128 nano = (femto + kFemtoPerNano - 1) / kFemtoPerNano;
    const auto whole = static_cast<std::uint64_t>(nano / kNanoPerCredit);
    std::string fraction = fmt::format("{:09}", static_cast<std::uint64_t>(nano % kNanoPerCredit));
    while (fraction.size() > 2 && fraction.back() == '0') {
        fraction.pop_back();
    }
    return fmt::format("{}.{}", whole, fraction);
}

std::string price_line(Rate rate) {
    return fmt::format("{} credits per hour, {} per month (30 days)", rate_number_ceil(rate, kSecondsPerHour),
                       rate_number_ceil(rate, kSecondsPerMonth));
}

Result<Amount> parse_credits(std::string_view text) {
    constexpr std::string_view kUnit = "ucredit";
    std::optional<u128> value;
    if (text.ends_with(kUnit)) {
        value = decimal(text.substr(0, text.size() - kUnit.size()), 0);
    } else {
        value = decimal(text, 6);
    }
    if (!value || *value > ~std::uint64_t{0}) {
        return fail(Code::kUsage, fmt::format("\"{}\" is no amount; write credits with up to six decimals (1.25), or "
                                              "whole millionths (1250000ucredit)",
                                              text));
    }
    return Amount{static_cast<std::uint64_t>(*value)};
}

Result<Rate> parse_hourly_floor(std::string_view text) {
    const std::optional<u128> nano = decimal(text, 9);
    if (!nano) {
        return fail(Code::kUsage,
                    fmt::format("\"{}\" is no price; write credits per hour with up to nine decimals (0.25)", text));
    }
    const u128 rate = *nano * kFemtoPerNano / kSecondsPerHour;
    if (rate > ~std::uint64_t{0}) {
        return fail(Code::kUsage, fmt::format("\"{}\" credits per hour is more than there can be", text));
    }
    return Rate{static_cast<std::uint64_t>(rate)};
}

std::string duration(Millis length) {
    struct Unit {
        std::uint64_t ms;
        const char* name;
    };
    constexpr Unit kUnits[] = {{86'400'000, "d"}, {3'600'000, "h"}, {60'000, "min"}, {1'000, "s"}};
    std::uint64_t rest = length.value();
    if (rest < 1'000) {
        return fmt::format("{} ms", rest);
    }
    std::string out;
    int shown = 0;
    for (const Unit& unit : kUnits) {
        const std::uint64_t count = rest / unit.ms;
        rest %= unit.ms;
        if (count > 0) {
            out += fmt::format("{}{} {}", out.empty() ? "" : " ", count, unit.name);
            ++shown;
        } else if (shown > 0) {
            break;
        }
        if (shown == 2) {
            break;
        }
    }
    return out;
}

std::string bytes_text(std::uint64_t bytes) {
    constexpr const char* kNames[] = {"B", "KiB", "MiB", "GiB", "TiB", "PiB"};
    std::size_t unit = 0;
    std::uint64_t scale = 1;
    while (unit + 1 < std::size(kNames) && bytes / scale >= 1024) {
        scale *= 1024;
        ++unit;
    }
    const std::uint64_t tenth = bytes % scale * 10 / scale;
    return tenth == 0 ? fmt::format("{} {}", bytes / scale, kNames[unit])
                      : fmt::format("{}.{} {}", bytes / scale, tenth, kNames[unit]);
}

std::string cores_text(std::uint64_t milli) {
    std::string out = fmt::format("{}.{:03}", milli / 1000, milli % 1000);
    while (out.back() == '0') {
        out.pop_back();
    }
    if (out.back() == '.') {
        out.pop_back();
    }
    return out;
}

std::string utc_time(std::uint64_t unix_ms) {
    const auto seconds = static_cast<std::time_t>(unix_ms / 1000);
    std::tm parts{};
    gmtime_r(&seconds, &parts);
    return fmt::format("{:04}-{:02}-{:02}T{:02}:{:02}:{:02}Z", parts.tm_year + 1900, parts.tm_mon + 1, parts.tm_mday,
                       parts.tm_hour, parts.tm_min, parts.tm_sec);
}

std::string table(const std::vector<std::string>& head, const std::vector<std::vector<std::string>>& rows) {
    std::vector<std::size_t> widths(head.size(), 0);
    for (std::size_t column = 0; column < head.size(); ++column) {
        widths[column] = width_of(head[column]);
        for (const std::vector<std::string>& row : rows) {
            widths[column] = std::max(widths[column], column < row.size() ? width_of(row[column]) : 0);
        }
    }
    std::string out;
    const auto put_row = [&](const std::vector<std::string>& row) {
        for (std::size_t column = 0; column < row.size() && column < widths.size(); ++column) {
            out += row[column];
            if (column + 1 < row.size()) {
                out.append(widths[column] - width_of(row[column]) + 2, ' ');
            }
        }
        out += '\n';
    };
    put_row(head);
    for (const std::vector<std::string>& row : rows) {
        put_row(row);
    }
    return out;
}

std::string short_address(std::string_view address) {
    if (address.size() <= kShortHead + kShortTail) {
        return std::string{address};
    }
    return fmt::format("{}…{}", address.substr(0, kShortHead), address.substr(address.size() - kShortTail));
}

}  // namespace sublet::cli
