// time_text.cpp: block times to RFC 3339 and back, by the calendar of <chrono>.
#include "engine/time_text.hpp"

#include <array>
#include <chrono>
#include <cstdio>

namespace sublet::engine {

namespace {

constexpr std::uint64_t kLastMs = 253'402'300'799'999;  // end of the year 9999

// Takes exactly `count` digits from the front of `text`.
bool take_digits(std::string_view& text, std::size_t count, unsigned& out) {
    if (text.size() < count) {
        return false;
    }
    out = 0;
    for (std::size_t i = 0; i < count; ++i) {
        if (text[i] < '0' || text[i] > '9') {
            return false;
        }
        out = out * 10 + static_cast<unsigned>(text[i] - '0');
    }
    text.remove_prefix(count);
    return true;
}

bool take(std::string_view& text, char wanted) {
    if (!text.starts_with(wanted)) {
        return false;
    }
    text.remove_prefix(1);
    return true;
}

bool take_fraction(std::string_view& text, unsigned& ms) {
    ms = 0;
    if (!take(text, '.')) {
        return true;
    }
    std::size_t count = 0;
    for (unsigned scale = 100; count < text.size() && text[count] >= '0' && text[count] <= '9'; ++count, scale /= 10) {
        ms += scale * static_cast<unsigned>(text[count] - '0');
    }
    text.remove_prefix(count);
    return count >= 1 && count <= 9;
}

}  // namespace

std::string time_text(BlockTime time) {
    namespace chrono = std::chrono;
    const std::uint64_t unix_ms = std::min(time.value(), kLastMs);
    const chrono::sys_time<chrono::milliseconds> point{chrono::milliseconds{static_cast<std::int64_t>(unix_ms)}};
    const auto day = chrono::floor<chrono::days>(point);
    const chrono::year_month_day date{day};
    const chrono::hh_mm_ss clock{point - day};
    std::array<char, 64> out{};
    const int length = std::snprintf(
        out.data(), out.size(), "%04d-%02u-%02uT%02d:%02d:%02d.%03d000000Z", static_cast<int>(date.year()),
        static_cast<unsigned>(date.month()), static_cast<unsigned>(date.day()), static_cast<int>(clock.hours().count()),
        static_cast<int>(clock.minutes().count()), static_cast<int>(clock.seconds().count()),
        static_cast<int>(clock.subseconds().count()));
    return {out.data(), static_cast<std::size_t>(length)};
}

Result<BlockTime> parse_time(std::string_view text) {
    namespace chrono = std::chrono;
    std::string_view rest = text;
    unsigned year = 0;
    unsigned month = 0;
    unsigned day = 0;
    unsigned hour = 0;
    unsigned minute = 0;
    unsigned second = 0;
    unsigned ms = 0;
    const bool read = take_digits(rest, 4, year) && take(rest, '-') && take_digits(rest, 2, month) && take(rest, '-') &&
                      take_digits(rest, 2, day) && take(rest, 'T') && take_digits(rest, 2, hour) && take(rest, ':') &&
                      take_digits(rest, 2, minute) && take(rest, ':') && take_digits(rest, 2, second) &&
                      take_fraction(rest, ms) && rest == "Z";
    const chrono::year_month_day date{chrono::year{static_cast<int>(year)}, chrono::month{month}, chrono::day{day}};
    if (!read || !date.ok() || year < 1970 || hour > 23 || minute > 59 || second > 59) {
        return fail(Code::kParse, "'" + std::string{text.substr(0, 40)} + "' is not a time like 2026-01-02T03:04:05Z");
    }
    const auto point = chrono::sys_days{date} + chrono::hours{hour} + chrono::minutes{minute} +
                       chrono::seconds{second} + chrono::milliseconds{ms};
    return BlockTime{static_cast<std::uint64_t>(chrono::milliseconds{point.time_since_epoch()}.count())};
}

}  // namespace sublet::engine
