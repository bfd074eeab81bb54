// yaml_lint.cpp: looks at the text beside yaml-cpp, for the mistakes that yaml-cpp forgives and js-yaml does not.
// Spec: docs/spec/deployment-files.md (YAML dialect).
#include "sdl/yaml_lint.hpp"

#include <algorithm>
#include <charconv>
#include <cstdio>

namespace sublet::sdl {
namespace {

bool is_blank(char c) { return c == ' ' || c == '\t'; }

// Length of the UTF-8 sequence at `at` and its code point; 0 if it is none.
struct Decoded {
    std::size_t length = 0;
    std::uint32_t point = 0;
};

Decoded decode(std::string_view text, std::size_t at) {
    const auto byte = [&](std::size_t i) { return static_cast<std::uint32_t>(static_cast<unsigned char>(text[i])); };
    const std::uint32_t first = byte(at);
    if (first < 0x80) {
        return {1, first};
    }
    const std::size_t length = first >= 0xf0 ? 4 : first >= 0xe0 ? 3 : first >= 0xc2 ? 2 : 0;
    if (length == 0 || first > 0xf4 || at + length > text.size()) {
        return {};
    }
    std::uint32_t point = first & (0x7fU >> length);
    for (std::size_t i = 1; i < length; ++i) {
        if ((byte(at + i) & 0xc0U) != 0x80U) {
            return {};
        }
        point = point << 6U | (byte(at + i) & 0x3fU);
    }
    constexpr std::uint32_t kLeast[] = {0, 0, 0x80, 0x800, 0x10000};
    const bool fine = point >= kLeast[length] && point <= 0x10ffff && (point < 0xd800 || point > 0xdfff);
    return fine ? Decoded{length, point} : Decoded{};
}

bool is_printable(std::uint32_t point) {
    return point == '\t' || point == '\n' || (point >= 0x20 && point < 0x7f) || point == 0x85 ||
           (point >= 0xa0 && point != 0xfffe && point != 0xffff);
}

// "%YAML …" must be followed by "---" before anything else.
std::optional<YamlProblem> lint_directives(std::string_view text) {
    bool directive = false;
    bool content = false;
    std::size_t line = 0;
    for (std::size_t start = 0; start < text.size(); start = text.find('\n', start) + 1) {
        ++line;
        const std::string_view rest = text.substr(start, text.find('\n', start) - start);
        const bool idle = rest.find_first_not_of(" \t") == std::string_view::npos || rest[0] == '#';
        if (rest.starts_with('%')) {
            if (content || rest.size() == 1 || is_blank(rest[1])) {
                return YamlProblem{{line, 1}, "a line with % that is no directive", "remove it, or quote the text"};
            }
            directive = true;
        } else if (!idle && !content) {
            if (directive && !rest.starts_with("---")) {
                return YamlProblem{{line, 1}, "a directive (%) without --- after it", "remove the line with %"};
            }
            content = true;
        }
        if (text.find('\n', start) == std::string_view::npos) {
            break;
        }
    }
    return std::nullopt;
}

// Walks over one quoted text or bracketed collection.
class Walker {
public:
    Walker(std::string_view text, Mark mark, std::size_t at, std::ptrdiff_t indent)
        : text_(text), at_(at), line_(mark.line), line_start_(at + 1 - mark.column), indent_(indent) {}

    std::optional<YamlProblem> value() {
        skip_properties();
        if (at_ >= text_.size()) {
            return std::nullopt;
        }
        const char c = text_[at_];
        if (c == '"' || c == '\'') {
            quoted();
        } else if (c == '[' || c == '{') {
            brackets();
        } else if (c == '|' || c == '>') {
            at_ = std::min(text_.find_first_not_of("|>+-0123456789", at_), text_.size());
        } else {
            return std::nullopt;
        }
        if (!problem_ && at_ < text_.size() && text_[at_] == '#') {
            complain("a comment must be set apart by a space", "put a space before #");
        }
        return problem_;
    }

    // A key with nothing behind it; `? key` needs no colon on its line.
    std::optional<YamlProblem> key() {
        const std::string_view before = text_.substr(line_start_, at_ - line_start_);
        if (before.find('?') != std::string_view::npos) {
            return std::nullopt;
        }
        skip_properties();
        if (at_ < text_.size() && (text_[at_] == '"' || text_[at_] == '\'')) {
            quoted();
        }
        const std::string_view rest = text_.substr(at_, text_.find('\n', at_) - at_);
        const bool colon = rest.ends_with(':') || rest.find(": ") != std::string_view::npos ||
                           rest.find(":\t") != std::string_view::npos;
        if (!problem_ && !colon) {
            complain("a key without a colon", "write key: value");
        }
        return problem_;
    }

private:
    void complain(std::string message, std::string fix) {
        if (!problem_) {
            problem_ = YamlProblem{{line_, at_ - line_start_ + 1}, std::move(message), std::move(fix)};
        }
    }

    // Anchors and tags stand before what they belong to.
    void skip_properties() {
        while (at_ < text_.size() && (text_[at_] == '&' || text_[at_] == '!')) {
            at_ = std::min(text_.find_first_of(" \t\n", at_), text_.size());
            while (at_ < text_.size() && (is_blank(text_[at_]) || text_[at_] == '\n')) {
                if (text_[at_] == '\n') {
                    ++line_;
                    line_start_ = at_ + 1;
                }
                ++at_;
            }
        }
    }

    // At a line break: the next line that says something must be indented deeper than the block around.
    void new_line(bool comments) {
        ++at_;
        ++line_;
        line_start_ = at_;
        const std::size_t end = std::min(text_.find('\n', at_), text_.size());
        const std::size_t content = std::min(text_.find_first_not_of(" \t", at_), text_.size());
        if (content >= end || (comments && text_[content] == '#')) {
            return;
        }
        const std::size_t spaces = text_.find_first_not_of(' ', at_) - at_;
        if (static_cast<std::ptrdiff_t>(spaces) <= indent_) {
            at_ = content;
            complain("this line continues the one before and is not indented deeper than its key", "indent it further");
        }
    }

    void quoted() {
        const char quote = text_[at_++];
        while (at_ < text_.size() && !problem_) {
            const char c = text_[at_];
            if (c == '\n') {
                new_line(false);
            } else if (c == '\\' && quote == '"' && at_ + 1 < text_.size() && text_[at_ + 1] != '\n') {
                at_ += 2;
            } else if (c == quote && quote == '\'' && at_ + 1 < text_.size() && text_[at_ + 1] == quote) {
                at_ += 2;
            } else {
                ++at_;
                if (c == quote) {
                    return;
                }
            }
        }
        complain("a quote that is never closed", std::string("end the text with ") + quote);
    }

    void brackets() {
        std::size_t depth = 0;
        char last = '\0';  // the last character that is no white space
        while (at_ < text_.size() && !problem_) {
            const char c = text_[at_];
            const bool apart = at_ > 0 && (is_blank(text_[at_ - 1]) || text_[at_ - 1] == '\n');
            const bool opens_quote =
                (c == '"' || c == '\'') && (last == '[' || last == '{' || last == ',' || last == ':');
            if (c == '\n') {
                new_line(true);
            } else if (c == '#' && !apart && (last == ',' || last == '[' || last == '{') && last == text_[at_ - 1]) {
                complain("a comment must be set apart by a space", "put a space before #");
            } else if (c == '#' && apart) {
                at_ = std::min(text_.find('\n', at_), text_.size());
            } else if (opens_quote) {
                quoted();
                last = c;
            } else {
                if (c == ',' && (last == ',' || last == '[' || last == '{')) {
                    complain("an entry is missing before the comma", "remove the comma");
                }
                depth += c == '[' || c == '{' ? 1U : 0U;
                const bool closes = c == ']' || c == '}';
                last = is_blank(c) ? last : c;
                ++at_;
                if (closes && --depth == 0) {
                    return;
                }
            }
        }
    }

    std::string_view text_;
    std::size_t at_;
    std::size_t line_;
    std::size_t line_start_;
    std::ptrdiff_t indent_;
    std::optional<YamlProblem> problem_;
};

// A document's end before any document says nothing, and yaml-cpp reads an empty document there.
void blank_early_ends(std::string& text) {
    std::size_t start = 0;
    while (start < text.size()) {
        const std::size_t end = text.find('\n', start);
        const std::size_t content = std::min(text.find_first_not_of(" \t", start), end);
        const bool marker =
            text.compare(start, 3, "...") == 0 && std::min(text.find_first_not_of(" \t", start + 3), end) == end;
        if (!marker && content < end && text[content] != '#') {
            return;
        }
        if (marker) {
            text.replace(start, 3, "   ");
        }
        start = end + 1;
    }
}

// The value of \uXXXX at a place, if that is what stands there.
std::optional<std::uint32_t> escaped_unit(std::string_view text, std::size_t at) {
    if (at + 6 > text.size() || text[at] != '\\' || text[at + 1] != 'u') {
        return std::nullopt;
    }
    std::uint32_t value = 0;
    const auto [end, problem] = std::from_chars(text.data() + at + 2, text.data() + at + 6, value, 16);
    return problem == std::errc{} && end == text.data() + at + 6 ? std::optional{value} : std::nullopt;
}

}  // namespace

std::string normalise_yaml(std::string_view text) {
    if (text.starts_with("\xef\xbb\xbf")) {
        text.remove_prefix(3);
    }
    std::string out;
    out.reserve(text.size() + 1);
    for (std::size_t i = 0; i < text.size(); ++i) {
        const bool carriage_return = text[i] == '\r';
        out += carriage_return ? '\n' : text[i];
        i += carriage_return && i + 1 < text.size() && text[i + 1] == '\n' ? 1U : 0U;
    }
    if (!out.ends_with('\n')) {
        out += '\n';
    }
    if (out.starts_with("\xef\xbb\xbf")) {  // the second one is part of the first key
        out.insert(0, 1, '\n');
    }
    blank_early_ends(out);
    return out;
}

bool rewrite_surrogates(std::string& text, std::size_t line) {
    std::size_t start = 0;
    for (std::size_t i = 1; i < line && start != std::string::npos; ++i) {
        start = text.find('\n', start + (i > 1 ? 1 : 0));
    }
    if (start == std::string::npos) {
        return false;
    }
    bool changed = false;
    std::string out = text.substr(0, start);
    const std::size_t end = std::min(text.find('\n', start + 1), text.size());
    for (std::size_t at = start; at < end;) {
        if (text[at] != '\\' || at + 1 >= end) {
            out += text[at++];
            continue;
        }
        const auto high = escaped_unit(text, at);
        if (!high || *high < 0xd800 || *high > 0xdfff) {
            out.append(text, at, 2);
            at += 2;
            continue;
        }
        const auto low = escaped_unit(text, at + 6);
        const bool pair = *high < 0xdc00 && low && *low >= 0xdc00 && *low <= 0xdfff;
        char buffer[16];
        std::snprintf(buffer, sizeof buffer, "\\U%08x",
                      pair ? 0x10000 + ((*high - 0xd800) << 10U) + (*low - 0xdc00) : 0xfffdU);
        out += buffer;
        at += pair ? 12 : 6;
        changed = true;
    }
    text = out.append(text, end);
    return changed;
}

std::optional<YamlProblem> lint_yaml(std::string_view text) {
    Mark mark{1, 1};
    for (std::size_t at = 0; at < text.size();) {
        const Decoded decoded = decode(text, at);
        if (decoded.length == 0) {
            return YamlProblem{mark, "a byte that is no UTF-8", "save the file as UTF-8"};
        }
        if (!is_printable(decoded.point)) {
            return YamlProblem{mark, "a character that cannot be printed", "remove it, or write it as \"\\x..\""};
        }
        mark = decoded.point == '\n' ? Mark{mark.line + 1, 1} : Mark{mark.line, mark.column + decoded.length};
        at += decoded.length;
    }
    return lint_directives(text);
}

std::optional<YamlProblem> check_layout(std::string_view text, const std::vector<LayoutSpot>& spots) {
    std::vector<std::size_t> lines{0};
    for (std::size_t at = text.find('\n'); at != std::string_view::npos; at = text.find('\n', at + 1)) {
        lines.push_back(at + 1);
    }
    for (const LayoutSpot& spot : spots) {
        const std::size_t at = lines[std::min(spot.mark.line, lines.size()) - 1] + spot.mark.column - 1;
        if (at >= text.size()) {
            continue;
        }
        Walker walker(text, spot.mark, at, spot.parent_indent);
        auto problem = spot.what == LayoutSpot::What::kValue ? walker.value() : walker.key();
        if (problem) {
            return problem;
        }
    }
    return std::nullopt;
}

bool blank_idle_lines(std::string& text, std::size_t line) {
    std::size_t start = 0;
    for (std::size_t i = 1; i < line; ++i) {
        start = text.find('\n', start);
        if (start == std::string::npos) {
            return false;
        }
        ++start;
    }
    bool changed = false;
    while (start < text.size()) {
        const std::size_t end = std::min(text.find('\n', start), text.size());
        const std::size_t content = std::min(text.find_first_not_of(" \t", start), end);
        if (content < end && text[content] != '#') {
            break;
        }
        for (std::size_t i = start; i < end; ++i) {
            changed = changed || text[i] != ' ';
            text[i] = ' ';
        }
        start = end + 1;
    }
    return changed;
}

}  // namespace sublet::sdl
