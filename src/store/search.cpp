// search.cpp: the query language of CometBFT's clients, and whether events answer it.
#include "store/search.hpp"

#include <algorithm>
#include <array>
#include <cctype>
#include <charconv>

namespace sublet::store {

namespace {

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
        Condition out{.key = std::string{text_.substr(begin, at_ - begin)}, .relation = {}, .value = {}};
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
        TRY(read, value());
        out.value = std::move(read);
        return out;
    }

    Result<std::string> value() {
        skip_spaces();
        if (take("'")) {
            const std::size_t end = text_.find('\'', at_);
            if (end == std::string_view::npos) {
                return wrong("a closing quote");
            }
            std::string out{text_.substr(at_, end - at_)};
            at_ = end + 1;
            if (out.find('\0') != std::string::npos) {
                return wrong("text without NUL");
            }
            return out;
        }
        const std::size_t begin = at_;
        while (at_ < text_.size() && (std::isdigit(static_cast<unsigned char>(text_[at_])) != 0 || text_[at_] == '-')) {
            ++at_;
        }
        return at_ > begin ? Result<std::string>{std::string{text_.substr(begin, at_ - begin)}}
                           : wrong("a value in single quotes or a number");
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

bool is_number(std::string_view text, std::int64_t& out) {
    const auto [end, problem] = std::from_chars(text.data(), text.data() + text.size(), out);
    return problem == std::errc{} && end == text.data() + text.size();
}

bool holds(const Condition& condition, std::string_view value) {
    switch (condition.relation) {
        case Relation::kExists:
            return true;
        case Relation::kEqual:
            return value == condition.value;
        case Relation::kContains:
            return value.find(condition.value) != std::string_view::npos;
        default:
            break;
    }
    std::int64_t left = 0;
    std::int64_t right = 0;
    if (!is_number(value, left) || !is_number(condition.value, right)) {
        return false;
    }
    switch (condition.relation) {
        case Relation::kLess:
            return left < right;
        case Relation::kLessOrEqual:
            return left <= right;
        case Relation::kGreater:
            return left > right;
        default:
            return left >= right;
    }
}

bool any_holds(const Condition& condition, const std::vector<StoredEvent>* events) {
    if (events == nullptr) {
        return false;
    }
    const std::string_view key = condition.key;
    return std::ranges::any_of(*events, [&](const StoredEvent& event) {
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
    });
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
            out += (word ? " '" : "'") + condition.value + "'";
        }
    }
    return out;
}

bool matches(const std::vector<Condition>& conditions, const Subject& subject) {
    return std::ranges::all_of(conditions, [&](const Condition& condition) {
        if (condition.key == "tm.event") {
            return true;
        }
        if (condition.key == "tx.hash") {
            return subject.hash != nullptr &&
                   holds({.key = {}, .relation = condition.relation, .value = upper(condition.value)},
                         to_hex_upper(view_of(*subject.hash)));
        }
        if (condition.key == "tx.height" || condition.key == "block.height") {
            return holds(condition, std::to_string(subject.height.value()));
        }
        return any_holds(condition, subject.events) || any_holds(condition, subject.more_events);
    });
}

}  // namespace sublet::store
