// node.cpp: look-ups in the tree and the core schema of plain scalars.
// Spec: docs/spec/deployment-files.md (YAML dialect).
#include "sdl/node.hpp"

#include <charconv>
#include <cmath>
#include <cstdlib>
#include <limits>
#include <optional>

namespace sublet::sdl {
namespace {

bool is_digit(char c) { return c >= '0' && c <= '9'; }

int digit_value(char c) {
    if (is_digit(c)) {
        return c - '0';
    }
    if (c >= 'a' && c <= 'f') {
        return c - 'a' + 10;
    }
    return c >= 'A' && c <= 'F' ? c - 'A' + 10 : 16;
}

// js-yaml's integers: sign, 0b 0o 0x or decimal, underscores between digits; a leading zero stays decimal.
std::optional<double> integer(std::string_view text) {
    bool negative = false;
    if (!text.empty() && (text[0] == '-' || text[0] == '+')) {
        negative = text[0] == '-';
        text.remove_prefix(1);
    }
    int base = 10;
    if (text.size() > 1 && text[0] == '0' && (text[1] == 'b' || text[1] == 'o' || text[1] == 'x')) {
        base = text[1] == 'b' ? 2 : text[1] == 'o' ? 8 : 16;
        text.remove_prefix(2);
    }
    if (text.empty() || text.front() == '_' || text.back() == '_') {
        return std::nullopt;
    }
    double value = 0;
    std::string digits;
    for (const char c : text) {
        if (c == '_') {
            continue;
        }
        if (digit_value(c) >= base) {
            return std::nullopt;
        }
        digits += c;
        value = value * base + digit_value(c);
    }
    if (base == 10) {  // correctly rounded, which the sum above is not beyond 2^53
        value = std::strtod(digits.c_str(), nullptr);
    }
    return negative ? -value : value;
}

std::size_t skip_digits(std::string_view text, std::size_t at, bool underscores) {
    while (at < text.size() && (is_digit(text[at]) || (underscores && text[at] == '_'))) {
        ++at;
    }
    return at;
}

bool looks_like_float(std::string_view text) {
    std::size_t at = 0;
    if (at < text.size() && text[at] == '.') {  // ".5": no sign allowed, at least one digit or underscore
        const std::size_t end = skip_digits(text, 1, true);
        if (end == 1) {
            return false;
        }
        at = end;
    } else {
        at += !text.empty() && (text[0] == '-' || text[0] == '+') ? 1U : 0U;
        if (at >= text.size() || !is_digit(text[at])) {
            return false;
        }
        at = skip_digits(text, at, true);
        if (at < text.size() && text[at] == '.') {
            at = skip_digits(text, at + 1, true);
        }
    }
    if (at < text.size() && (text[at] == 'e' || text[at] == 'E')) {
        ++at;
        at += at < text.size() && (text[at] == '-' || text[at] == '+') ? 1U : 0U;
        const std::size_t end = skip_digits(text, at, false);
        if (end == at) {
            return false;
        }
        at = end;
    }
    return at == text.size() && text.back() != '_';
}

std::optional<double> floating(std::string_view text) {
    constexpr double kInfinity = std::numeric_limits<double>::infinity();
    std::string_view body = text;
    if (!body.empty() && (body[0] == '-' || body[0] == '+')) {
        body.remove_prefix(1);
    }
    if (body == ".inf" || body == ".Inf" || body == ".INF") {
        return text[0] == '-' ? -kInfinity : kInfinity;
    }
    if (text == ".nan" || text == ".NaN" || text == ".NAN") {
        return std::numeric_limits<double>::quiet_NaN();
    }
    if (!looks_like_float(text)) {
        return std::nullopt;
    }
    std::string digits;
    for (const char c : text) {
        if (c != '_') {
            digits += c;
        }
    }
    return std::strtod(digits.c_str(), nullptr);
}

bool matches(std::string_view text, std::string_view pattern) {  // '0' stands for any digit
    if (text.size() < pattern.size()) {
        return false;
    }
    for (std::size_t i = 0; i < pattern.size(); ++i) {
        if (pattern[i] == '0' ? !is_digit(text[i]) : text[i] != pattern[i]) {
            return false;
        }
    }
    return true;
}

// js-yaml turns 2001-12-14 and 2001-12-14T21:59:43Z into dates, which are no text.
bool is_timestamp(std::string_view text) {
    if (matches(text, "0000-00-00") && text.size() == 10) {
        return true;
    }
    const std::size_t day_end = skip_digits(text, 0, false);
    if (day_end != 4 || text.size() < 14) {
        return false;
    }
    std::size_t at = 5;
    at = skip_digits(text, at, false);
    if (text[4] != '-' || at >= text.size() || text[at] != '-') {
        return false;
    }
    at = skip_digits(text, at + 1, false);
    if (at >= text.size() || (text[at] != 'T' && text[at] != 't' && text[at] != ' ' && text[at] != '\t')) {
        return false;
    }
    at = skip_digits(text, text.find_first_not_of(" \t", at + (text[at] == 'T' || text[at] == 't' ? 1 : 0)), false);
    return at < text.size() && matches(text.substr(at), ":00:00");
}

}  // namespace

bool Node::is_integer() const { return kind == Kind::kNumber && std::isfinite(number) && std::trunc(number) == number; }

const Node* Node::find(std::string_view key) const {
    for (const Entry& entry : entries) {
        if (entry.key == key) {
            return &entry.value;
        }
    }
    return nullptr;
}

std::string text_of(const Node* node) { return node != nullptr && node->is(Kind::kText) ? node->text : std::string{}; }

std::string_view kind_name(Kind kind) {
    switch (kind) {
        case Kind::kNull:
            return "empty (null)";
        case Kind::kBool:
            return "true or false";
        case Kind::kNumber:
            return "a number";
        case Kind::kText:
            return "text";
        case Kind::kTimestamp:
            return "a date";
        case Kind::kList:
            return "a list";
        case Kind::kMap:
            return "a map";
    }
    return "unknown";
}

std::string js_number(double value) {
    if (std::isnan(value)) {
        return "NaN";
    }
    if (std::isinf(value)) {
        return value < 0 ? "-Infinity" : "Infinity";
    }
    if (value == 0) {
        return "0";
    }
    char buffer[64];
    const double magnitude = std::fabs(value);
    const bool fixed = magnitude >= 1e-6 && magnitude < 1e21;
    const auto end = std::to_chars(buffer, buffer + sizeof buffer, value,
                                   fixed ? std::chars_format::fixed : std::chars_format::scientific);
    std::string out(buffer, end.ptr);
    if (!fixed) {  // 1e-07 → 1e-7
        const std::size_t exponent = out.find('e') + 2;
        while (exponent + 1 < out.size() && out[exponent] == '0') {
            out.erase(exponent, 1);
        }
    }
    return out;
}

std::string plain_text(const Node& node) {
    switch (node.kind) {
        case Kind::kNull:
            return "null";
        case Kind::kBool:
            return node.boolean ? "true" : "false";
        case Kind::kNumber:
            return js_number(node.number);
        case Kind::kText:
        case Kind::kTimestamp:
            return node.text;
        case Kind::kList:
        case Kind::kMap:
            return {};
    }
    return {};
}

Node resolve_plain(const std::string& text, Mark mark) {
    Node node;
    node.mark = mark;
    node.text = text;
    node.kind = Kind::kText;
    if (text.empty() || text == "~" || text == "null" || text == "Null" || text == "NULL") {
        node.kind = Kind::kNull;
    } else if (text == "true" || text == "True" || text == "TRUE") {
        node.kind = Kind::kBool;
        node.boolean = true;
    } else if (text == "false" || text == "False" || text == "FALSE") {
        node.kind = Kind::kBool;
    } else if (const auto whole = integer(text)) {
        node.kind = Kind::kNumber;
        node.number = *whole;
    } else if (const auto fraction = floating(text)) {
        node.kind = Kind::kNumber;
        node.number = *fraction;
    } else if (is_timestamp(text)) {
        node.kind = Kind::kTimestamp;
    }
    return node;
}

}  // namespace sublet::sdl
