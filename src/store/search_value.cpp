// search_value.cpp: numbers as decimal texts, so that none is too long; times as seconds and nanoseconds.
#include "store/search_value.hpp"

#include <algorithm>
#include <chrono>
#include <string>

namespace sublet::store {

namespace {

bool is_digit(char c) { return c >= '0' && c <= '9'; }

std::size_t digits(std::string_view text) {
    return static_cast<std::size_t>(std::ranges::find_if_not(text, is_digit) - text.begin());
}

struct Decimal {
    std::string_view whole;     // without leading zeros
    std::string_view fraction;  // without trailing zeros
};

std::optional<Decimal> decimal_of(std::string_view text) {
    const std::size_t length = number_length(text);
    if (length == 0) {
        return std::nullopt;
    }
    text = text.substr(0, length);
    const std::size_t dot = std::min(text.find('.'), text.size());
    Decimal out{.whole = text.substr(0, dot), .fraction = text.substr(std::min(dot + 1, text.size()))};
    out.whole.remove_prefix(std::min(out.whole.find_first_not_of('0'), out.whole.size()));
    out.fraction = out.fraction.substr(0, out.fraction.find_last_not_of('0') + 1);
    return out;
}

std::strong_ordering order(const Decimal& left, const Decimal& right) {
    if (left.whole.size() != right.whole.size()) {
        return left.whole.size() <=> right.whole.size();
    }
    const std::strong_ordering whole = left.whole <=> right.whole;
    return whole != std::strong_ordering::equal ? whole : left.fraction <=> right.fraction;
}

// Takes numbers of a fixed width off the front.
class Digits {
public:
    explicit Digits(std::string_view text) : rest_(text) {}
    int number(std::size_t width) {
        int out = 0;
        fine_ = fine_ && digits(rest_) >= width;
        for (std::size_t i = 0; fine_ && i < width; ++i) {
            out = out * 10 + (rest_[i] - '0');
        }
        rest_.remove_prefix(fine_ ? width : rest_.size());
        return out;
    }
    bool maybe(char wanted) {
        const bool there = fine_ && rest_.starts_with(wanted);
        rest_.remove_prefix(there ? 1 : 0);
        return there;
    }
    void must(char wanted) { fine_ = maybe(wanted) && fine_; }
    std::string_view all_digits() {
        const std::string_view out = rest_.substr(0, digits(rest_));
        rest_.remove_prefix(out.size());
        return out;
    }
    void refuse_unless(bool condition) { fine_ = fine_ && condition; }
    [[nodiscard]] bool ended() const { return fine_ && rest_.empty(); }

private:
    std::string_view rest_;
    bool fine_ = true;
};

struct Instant {
    std::int64_t seconds = 0;
    std::int64_t nanoseconds = 0;
    auto operator<=>(const Instant&) const = default;
};

// The rest of an RFC 3339 time after its date.
void add_clock(Digits& text, Instant& out) {
    const int hours = text.number(2);
    text.must(':');
    const int minutes = text.number(2);
    text.must(':');
    const int seconds = text.number(2);
    text.refuse_unless(hours < 24 && minutes < 60 && seconds < 60);
    if (text.maybe('.')) {
        std::string fraction{text.all_digits()};
        text.refuse_unless(!fraction.empty() && fraction.size() <= 9);
        fraction.resize(9, '0');
        out.nanoseconds = std::stoll("0" + fraction);
    }
    std::int64_t offset = 0;  // minutes east of Greenwich
    if (!text.maybe('Z')) {
        const bool west = text.maybe('-');
        if (!west) {
            text.must('+');
        }
        const int off_hours = text.number(2);
        text.must(':');
        offset = std::int64_t{off_hours} * 60 + text.number(2);
        offset = west ? -offset : offset;
    }
    out.seconds += std::int64_t{hours} * 3600 + std::int64_t{minutes} * 60 + seconds - offset * 60;
}

std::optional<Instant> instant_of(std::string_view text) {
    Digits rest{text};
    const int year = rest.number(4);
    rest.must('-');
    const int month = rest.number(2);
    rest.must('-');
    const int day = rest.number(2);
    const std::chrono::year_month_day date{std::chrono::year{year}, std::chrono::month{static_cast<unsigned>(month)},
                                           std::chrono::day{static_cast<unsigned>(day)}};
    rest.refuse_unless(date.ok());
    Instant out;
    if (date.ok()) {
        out.seconds = std::chrono::sys_seconds{std::chrono::sys_days{date}}.time_since_epoch().count();
    }
    if (rest.maybe('T')) {
        add_clock(rest, out);
    }
    return rest.ended() ? std::optional{out} : std::nullopt;
}

}  // namespace

std::size_t number_length(std::string_view text) {
    const std::size_t whole = digits(text);
    if (whole == 0 || whole + 1 >= text.size() || text[whole] != '.') {
        return whole;
    }
    const std::size_t fraction = digits(text.substr(whole + 1));
    return fraction == 0 ? whole : whole + 1 + fraction;
}

bool is_time(std::string_view text) { return instant_of(text).has_value(); }

std::optional<std::strong_ordering> compare(ValueKind kind, std::string_view value, std::string_view wanted) {
    if (kind == ValueKind::kNumber) {
        const std::optional<Decimal> left = decimal_of(value);
        const std::optional<Decimal> right = decimal_of(wanted);
        return left && right ? std::optional{order(*left, *right)} : std::nullopt;
    }
    if (kind == ValueKind::kTime) {
        const std::optional<Instant> left = instant_of(value);
        const std::optional<Instant> right = instant_of(wanted);
        return left && right ? std::optional{*left <=> *right} : std::nullopt;
    }
    return value <=> wanted;
}

}  // namespace sublet::store
