// search.cpp: the query language of CometBFT's clients, and whether events answer it.
#include "store/search.hpp"

#include <algorithm>
#include <array>
#include <cctype>
#include <chrono>
#include <cstdio>

namespace sublet::store {

namespace {

constexpr std::uint64_t kLastMs = 253'402'300'799'999;  // end of the year 9999

struct Operator {
    std::string_view text;
    Relation relation;
};
// Longer ones first: "<=" is not "<" and "=".
constexpr std::array<Operator, 7> kOperators = {{{"<=", Relation::kLessOrEqual},
                                                 {">=", Relation::kGreaterOrEqual},
                                                 {"=", Relation::kEqual},
                                                 {"<", Relation::kLess},
                                                 {">", Relation::kGreater},
                                                 {"EXISTS", Relation::kExists},
                                                 {"CONTAINS", Relation::kContains}}};

class Parser {
public:
    explicit Parser(std::string_view text) : text_(text) {}

    Result<std::vector<Condition>> conditions() {
        std::vector<Condition> out;
        while (true) {
            if (out.size() == kMaxConditions) {
                return wrong("at most " + std::to_string(kMaxConditions) + " conditions");
            }
            TRY(next, condition());
            out.push_back(std::move(next));
            skip_spaces();
            if (at_ == text_.size()) {
                return out;
            }
            if (!take("AND")) {
                return wrong("AND");
            }
        }
    }

private:
    Result<Condition> condition() {
        skip_spaces();
        const std::size_t begin = at_;
        while (at_ < text_.size() && is_key(text_[at_])) {
            ++at_;
        }
        Condition out;
        out.key = text_.substr(begin, at_ - begin);
        if (out.key.empty()) {
            return wrong("a name such as message.sender");
        }
        skip_spaces();
        const auto found = std::ranges::find_if(kOperators, [&](const Operator& each) { return take(each.text); });
        if (found == kOperators.end()) {
            return wrong("one of = < <= > >= EXISTS CONTAINS");
        }
        out.relation = found->relation;
        if (out.relation == Relation::kExists) {
            return out;
        }
        TRY_OK(value(out));
        return out;
    }

    Result<> value(Condition& out) {
        skip_spaces();
        if (take("'")) {
            const std::size_t end = text_.find('\'', at_);
            if (end == std::string_view::npos) {
                return wrong("a closing quote");
            }
            out.value = text_.substr(at_, end - at_);
            at_ = end + 1;
            return out.value.find('\0') == std::string::npos ? Result<>{} : wrong("text without NUL");
        }
        if (out.relation == Relation::kContains) {
            return wrong("a text in single quotes");
        }
        if (take("TIME ") || take("DATE ")) {
            skip_spaces();
            const std::size_t end = std::min(text_.find(' ', at_), text_.size());
            out.kind = ValueKind::kTime;
            out.value = text_.substr(at_, end - at_);
            if (!is_time(out.value)) {
                return wrong("a time such as 2026-01-02T03:04:05Z, or a date");
            }
            at_ = end;
            return {};
        }
        const std::size_t length = number_length(text_.substr(at_));
        out.kind = ValueKind::kNumber;
        out.value = text_.substr(at_, length);
        at_ += length;
        return length > 0 ? Result<>{} : wrong("a text in single quotes, a number, TIME … or DATE …");
    }

    static bool is_key(char c) {
        return std::isalnum(static_cast<unsigned char>(c)) != 0 || c == '.' || c == '_' || c == '-' || c == '/';
    }
    bool take(std::string_view word) {
        if (!text_.substr(at_).starts_with(word)) {
            return false;
        }
        at_ += word.size();
        return true;
    }
    void skip_spaces() {
        while (at_ < text_.size() && text_[at_] == ' ') {
            ++at_;
        }
    }
    [[nodiscard]] std::unexpected<Error> wrong(const std::string& expected) const {
        return fail(Code::kParse, "query: expected " + expected + " at character " + std::to_string(at_ + 1));
    }

    std::string_view text_;
    std::size_t at_ = 0;
};

bool holds(const Condition& condition, std::string_view value) {
    if (condition.relation == Relation::kExists) {
        return true;
    }
    if (condition.relation == Relation::kContains) {
        return value.find(condition.value) != std::string_view::npos;
    }
    // Texts have no order here: a quoted number is compared as a number.
    const bool text = condition.kind == ValueKind::kText;
    if (text && condition.relation == Relation::kEqual) {
        return value == condition.value;
    }
    const std::optional<std::strong_ordering> order =
        compare(text ? ValueKind::kNumber : condition.kind, value, condition.value);
    if (!order) {
        return false;
    }
    switch (condition.relation) {
        case Relation::kLess:
            return *order < 0;
        case Relation::kLessOrEqual:
            return *order <= 0;
        case Relation::kGreater:
            return *order > 0;
        case Relation::kGreaterOrEqual:
            return *order >= 0;
        default:
            return *order == 0;
    }
}

bool event_holds(const Condition& condition, const StoredEvent& event) {
    const std::string_view key = condition.key;
    if (!key.starts_with(event.type)) {
        return false;
    }
    if (key.size() == event.type.size()) {
        return condition.relation == Relation::kExists;
    }
    return key[event.type.size()] == '.' &&
           std::ranges::any_of(event.attributes, [&](const StoredAttribute& attribute) {
               return key.substr(event.type.size() + 1) == attribute.key &&
                      attribute.value.size() <= kMaxIndexedValueBytes && holds(condition, attribute.value);
           });
}

// Milliseconds since 1970 as the text that `compare` reads.
std::string time_text(BlockTime time) {
    namespace chrono = std::chrono;
    const chrono::sys_time<chrono::milliseconds> point{
        chrono::milliseconds{static_cast<std::int64_t>(std::min(time.value(), kLastMs))}};
    const auto day = chrono::floor<chrono::days>(point);
    const chrono::year_month_day date{day};
    const chrono::hh_mm_ss clock{point - day};
    std::array<char, 64> out{};
    std::snprintf(out.data(), out.size(), "%04d-%02u-%02uT%02d:%02d:%02d.%03dZ", static_cast<int>(date.year()),
                  static_cast<unsigned>(date.month()), static_cast<unsigned>(date.day()),
                  static_cast<int>(clock.hours().count()), static_cast<int>(clock.minutes().count()),
                  static_cast<int>(clock.seconds().count()), static_cast<int>(clock.subseconds().count()));
    return out.data();
}

std::string upper(std::string text) {
    std::ranges::transform(text, text.begin(), [](unsigned char c) { return static_cast<char>(std::toupper(c)); });
    return text;
}

}  // namespace

Result<std::vector<Condition>> parse_conditions(std::string_view text) {
    if (text.size() > kMaxQueryBytes) {
        return fail(Code::kParse, "query: longer than " + std::to_string(kMaxQueryBytes) + " bytes");
    }
    return Parser{text}.conditions();
}

std::string to_text(const std::vector<Condition>& conditions) {
    std::string out;
    for (const Condition& condition : conditions) {
        out += out.empty() ? "" : " AND ";
        out += condition.key;
        const auto* const found = std::ranges::find(kOperators, condition.relation, &Operator::relation);
        const bool word = std::isalpha(static_cast<unsigned char>(found->text.front())) != 0;
        out += (word ? " " : "") + std::string{found->text};
        if (condition.relation != Relation::kExists) {
            out += word ? " " : "";
            out += condition.kind == ValueKind::kText   ? "'" + condition.value + "'"
                   : condition.kind == ValueKind::kTime ? "TIME " + condition.value
                                                        : condition.value;
        }
    }
    return out;
}

bool matches(const std::vector<Condition>& conditions, const Subject& subject) {
    return std::ranges::all_of(conditions, [&](const Condition& condition) {
        if (condition.key == "tm.event") {
            return subject.kind.empty() || holds(condition, subject.kind);
        }
        if (condition.key == "tx.hash") {
            return subject.hash != nullptr && holds({.key = {},
                                                     .relation = condition.relation,
                                                     .value = upper(condition.value),
                                                     .kind = condition.kind},
                                                    to_hex_upper(view_of(*subject.hash)));
        }
        if (condition.key == "tx.height" || condition.key == "block.height") {
            const bool there = condition.key == "block.height" || subject.hash != nullptr;
            return there && holds(condition, std::to_string(subject.height.value()));
        }
        if (condition.key == "block.time") {
            return subject.time && holds(condition, time_text(*subject.time));
        }
        return subject.events != nullptr && std::ranges::any_of(*subject.events, [&](const StoredEvent& event) {
                   return event_holds(condition, event);
               });
    });
}

}  // namespace sublet::store
