// node.cpp: look-ups in the tree and the core schema of plain scalars.
// Spec: docs/spec/deployment-files.md (YAML dialect).
#include "sdl/node.hpp"

#include <charconv>
#include <cmath>
#include <cstdlib>
#include <limits>
#include <optional>

#include "sdl/letters.hpp"

namespace sublet::sdl {
namespace {

int digit_value(char c) {
    if (is_digit(c)) {
        return c - '0';
    }
    if (c >= 'a' && c <= 'f') {
        return c - 'a' + 10;
    }
    return c >= 'A' && c <= 'F' ? c - 'A' + 10 : 16;
}

// Sign and decimal digits (a leading zero stays decimal), or 0o and 0x without a sign.
std::optional<double> integer(std::string_view text) {
    std::string_view body = text;
    const bool sign = !text.empty() && (text[0] == '-' || text[0] == '+');
    body.remove_prefix(sign ? 1 : 0);
    int base = 10;
    if (!sign && body.size() > 2 && body[0] == '0' && (body[1] == 'o' || body[1] == 'x')) {
        base = body[1] == 'o' ? 8 : 16;
        body.remove_prefix(2);
    }
    double value = 0;
    for (const char c : body) {
        if (digit_value(c) >= base) {
            return std::nullopt;
        }
        value = value * base + digit_value(c);
    }
    if (body.empty()) {
        return std::nullopt;
    }
    // strtod rounds correctly beyond 2^53, which the sum does not
    return base == 10 ? std::strtod(std::string(text).c_str(), nullptr) : value;
}

std::size_t skip_digits(std::string_view text, std::size_t at) {
    while (at < text.size() && is_digit(text[at])) {
        ++at;
    }
    return at;
}

// [-+]? ( .digits | digits [. digits*] ) ( e [-+]? digits )?
bool looks_like_float(std::string_view text) {
    std::size_t at = !text.empty() && (text[0] == '-' || text[0] == '+') ? 1U : 0U;
    const std::size_t whole_end = skip_digits(text, at);
    const bool has_whole = whole_end > at;
    at = whole_end;
    if (at < text.size() && text[at] == '.') {
        const std::size_t end = skip_digits(text, at + 1);
        if (!has_whole && end == at + 1) {
            return false;
        }
        at = end;
    } else if (!has_whole) {
        return false;
    }
    if (at < text.size() && (text[at] == 'e' || text[at] == 'E')) {
        ++at;
        at += at < text.size() && (text[at] == '-' || text[at] == '+') ? 1U : 0U;
        const std::size_t end = skip_digits(text, at);
        if (end == at) {
            return false;
        }
        at = end;
    }
    return at == text.size();
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
    return looks_like_float(text) ? std::optional{std::strtod(std::string(text).c_str(), nullptr)} : std::nullopt;
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
    char buffer[64];  // the shortest digits that read as this value: d.ddde±xx
    const auto end = std::to_chars(buffer, buffer + sizeof buffer, std::fabs(value), std::chars_format::scientific);
    const std::string text(buffer, end.ptr);
    const std::size_t mark = text.find('e');
    const int exponent = std::atoi(text.c_str() + mark + 1);
    const std::string sign = value < 0 ? "-" : "";
    if (exponent < -6 || exponent >= 21) {
        return sign + text.substr(0, mark) + (exponent < 0 ? "e-" : "e+") + std::to_string(std::abs(exponent));
    }
    std::string digits = text.substr(0, 1) + (mark > 2 ? text.substr(2, mark - 2) : "");
    if (exponent < 0) {
        return sign + "0." + std::string(static_cast<std::size_t>(-exponent - 1), '0') + digits;
    }
    const auto whole = static_cast<std::size_t>(exponent) + 1;
    if (digits.size() <= whole) {
        return sign + digits.append(whole - digits.size(), '0');
    }
    return sign + digits.substr(0, whole) + "." + digits.substr(whole);
}

namespace {

// As JavaScript joins a list: nothing for null, inner lists without brackets.
std::string joined(const Node& list) {
    std::string out;
    for (const Node& item : list.items) {
        out += &item == list.items.data() ? "" : ",";
        out += item.is(Kind::kNull) ? "" : plain_text(item);
    }
    return out;
}

}  // namespace

std::string plain_text(const Node& node) {
    switch (node.kind) {
        case Kind::kNull:
            return "null";
        case Kind::kBool:
            return node.boolean ? "true" : "false";
        case Kind::kNumber:
            return js_number(node.number);
        case Kind::kText:
            return node.text;
        case Kind::kList:
            return joined(node);
        case Kind::kMap:
            return "[object Object]";
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
    } else {
        auto number = integer(text);
        number = number ? number : floating(text);
        const bool spelled_out = text.find_first_of("iI") != std::string::npos;  // .inf; what overflows is text
        if (number && (!std::isinf(*number) || spelled_out)) {
            node.kind = Kind::kNumber;
            node.number = *number;
        }
    }
    return node;
}

}  // namespace sublet::sdl
