// compose_values.cpp: scalars, commands and environments as docker compose writes them.
// Spec: docs/spec/compose.md (values).
#include "sdl/compose_values.hpp"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <cstdlib>

#include "sdl/letters.hpp"

namespace sublet::sdl {
namespace {

constexpr double kLargestExact = 9007199254740992.0;  // 2^53
constexpr std::size_t kMaxNumberText = 40;

bool is_space(char c) { return c == ' ' || c == '\t' || c == '\n' || c == '\r'; }

// A decimal at the start of the text, cut off from it.
std::optional<double> take_decimal(std::string_view& text) {
    std::size_t end = 0;
    while (end < text.size() && (is_digit(text[end]) || text[end] == '.')) {
        ++end;
    }
    const std::string digits{text.substr(0, end)};
    if (digits.size() > kMaxNumberText || std::ranges::none_of(digits, is_digit) ||
        std::ranges::count(digits, '.') > 1) {
        return std::nullopt;
    }
    text.remove_prefix(end);
    return std::strtod(digits.c_str(), nullptr);
}

}  // namespace

std::optional<std::uint64_t> read_duration_ms(std::string_view text) {
    struct Unit {
        std::string_view name;
        double ms;
    };
    constexpr Unit kUnits[] = {{"ns", 1e-6}, {"us", 1e-3},   {"ms", 1},       {"s", 1e3},
                               {"m", 6e4},   {"h", 3'600e3}, {"d", 86'400e3}, {"w", 604'800e3}};
    if (text == "0") {
        return 0;
    }
    double ms = 0;
    while (!text.empty()) {
        const auto number = take_decimal(text);
        if (!number) {
            return std::nullopt;
        }
        const std::size_t end = std::min(text.find_first_of("0123456789."), text.size());
        const auto unit = std::ranges::find(kUnits, text.substr(0, end), &Unit::name);
        if (unit == std::end(kUnits)) {
            return std::nullopt;
        }
        ms += *number * unit->ms;
        text.remove_prefix(end);
    }
    return ms > 0 && ms < kLargestExact ? std::optional{static_cast<std::uint64_t>(ms)} : std::nullopt;
}

std::optional<std::uint64_t> read_docker_bytes(std::string_view text) {
    const auto number = take_decimal(text);
    if (!number) {
        return std::nullopt;
    }
    std::string suffix = lower(text);
    suffix.erase(0, suffix.starts_with(' ') ? 1 : 0);
    double scale = 1;
    constexpr std::string_view kScales = "kmgtp";
    const std::size_t step = suffix.empty() ? std::string_view::npos : kScales.find(suffix[0]);
    if (step != std::string_view::npos) {
        scale = std::pow(1024.0, static_cast<double>(step + 1));
        suffix.erase(0, 1);
        suffix.erase(0, suffix.starts_with('i') ? 1 : 0);
    }
    suffix.erase(0, suffix.starts_with('b') ? 1 : 0);
    const double bytes = *number * scale;
    return suffix.empty() && bytes < kLargestExact ? std::optional{static_cast<std::uint64_t>(bytes)} : std::nullopt;
}

std::optional<std::uint64_t> read_docker_bytes(const Node& node) {
    const auto text = scalar_text(node);
    return text ? read_docker_bytes(*text) : std::nullopt;
}

std::optional<std::vector<std::string>> split_command(std::string_view text) {
    std::vector<std::string> words;
    std::string word;
    bool open = false;  // a word has begun, perhaps an empty one in quotes
    char quote = '\0';
    for (std::size_t i = 0; i < text.size(); ++i) {
        const char c = text[i];
        if (quote == '\'') {
            quote = c == '\'' ? '\0' : quote;
            word += c == '\'' ? "" : std::string{c};
        } else if (c == '\\' && i + 1 < text.size()) {
            const char next = text[++i];
            const bool escapes = quote == '\0' || next == '"' || next == '\\' || next == '$' || next == '`';
            open = true;
            if (next != '\n') {
                word += escapes ? std::string{next} : std::string{c, next};
            }
        } else if (c == quote) {
            quote = '\0';
        } else if (quote == '\0' && (c == '"' || c == '\'')) {
            quote = c;
            open = true;
        } else if (quote == '\0' && is_space(c)) {
            if (open) {
                words.push_back(std::move(word));
                word.clear();
                open = false;
            }
        } else {
            word += c;
            open = true;
        }
    }
    if (quote != '\0') {
        return std::nullopt;
    }
    if (open) {
        words.push_back(std::move(word));
    }
    return words;
}

std::optional<std::string> scalar_text(const Node& node) {
    switch (node.kind) {
        case Kind::kText:
            return node.text;
        case Kind::kBool:
            return node.boolean ? "true" : "false";
        case Kind::kNumber:
            // Long whole numbers (identifiers, timestamps) do not survive a double.
            return std::ranges::all_of(node.text, is_digit) && !(node.text.size() > 1 && node.text[0] == '0')
                       ? node.text
                       : js_number(node.number);
        case Kind::kNull:
        case Kind::kList:
        case Kind::kMap:
            return std::nullopt;
    }
    return std::nullopt;
}

std::optional<std::uint64_t> read_whole(const Node& node) {
    const auto text = scalar_text(node);
    std::uint64_t value = 0;
    if (!text || text->empty()) {
        return std::nullopt;
    }
    const auto [end, problem] = std::from_chars(text->data(), text->data() + text->size(), value);
    return problem == std::errc{} && end == text->data() + text->size() ? std::optional{value} : std::nullopt;
}

void ComposeReader::refuse(Mark mark, const std::string& path, std::string message, std::string fix) const {
    report.find(mark, path, {.rule = "compose", .message = std::move(message), .fix = std::move(fix)});
}

std::vector<std::string> read_command(const ComposeReader& reader, const Node& node, const std::string& path) {
    if (node.is(Kind::kText)) {
        auto words = split_command(node.text);
        if (!words) {
            reader.refuse(node.mark, path, "a quote in the command is never closed", "close it, or write a list");
            return {};
        }
        return std::move(*words);
    }
    std::vector<std::string> out;
    for (const Node& item : node.items) {
        if (const auto text = scalar_text(item)) {
            out.push_back(*text);
        } else {
            reader.refuse(item.mark, path, "a command is text or a list of texts", "put the word in quotes");
        }
    }
    if (node.is(Kind::kMap) || node.is(Kind::kNumber) || node.is(Kind::kBool)) {
        reader.refuse(node.mark, path, "a command is text or a list of texts", "write [\"program\", \"argument\"]");
    }
    return out;
}

void add_environment(std::vector<std::string>& entries, const std::string& entry) {
    const std::string key = entry.substr(0, entry.find('='));
    const auto same =
        std::ranges::find_if(entries, [&](const std::string& each) { return each.substr(0, each.find('=')) == key; });
    if (same == entries.end()) {
        entries.push_back(entry);
    } else {
        *same = entry;
    }
}

std::vector<std::string> read_environment(const ComposeReader& reader, const Node& node, const std::string& path) {
    std::vector<std::string> out;
    // A key without a value is passed on from where the file is used, and left out where it has none.
    const auto pass_on = [&](const std::string& key) {
        if (reader.variables == nullptr) {
            add_environment(out, key + "=");
        } else if (const auto found = reader.variables->find(key); found != reader.variables->end()) {
            add_environment(out, key + "=" + found->second);
        }
    };
    for (const Node& item : node.items) {
        const auto text = scalar_text(item);
        if (!text || text->empty() || text->front() == '=') {
            reader.refuse(item.mark, path, "an entry of environment is KEY=value", "put it in quotes: \"KEY=value\"");
        } else if (text->find('=') == std::string::npos) {
            pass_on(*text);
        } else {
            add_environment(out, *text);
        }
    }
    for (const Entry& entry : node.entries) {
        const auto text = scalar_text(entry.value);
        if (text) {
            add_environment(out, entry.key + "=" + *text);
        } else if (entry.value.is(Kind::kNull)) {
            pass_on(entry.key);
        } else {
            reader.refuse(entry.mark, path, "the variable " + entry.key + " is a list or map", "write it as text");
        }
    }
    if (!node.is(Kind::kList) && !node.is(Kind::kMap) && !node.is(Kind::kNull)) {
        reader.refuse(node.mark, path, "environment is a list or a map", "write KEY: value lines below it");
    }
    return out;
}

}  // namespace sublet::sdl
