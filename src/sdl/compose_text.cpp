// compose_text.cpp: ${VARIABLES}, files of variables and merge keys of compose files.
// Spec: docs/spec/compose.md (variables).
#include "sdl/compose_text.hpp"

#include <algorithm>

namespace sublet::sdl {
namespace {

bool is_name_start(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_'; }
bool is_name(char c) { return is_name_start(c) || (c >= '0' && c <= '9'); }

std::size_t name_length(std::string_view text) {
    if (text.empty() || !is_name_start(text[0])) {
        return 0;
    }
    const auto end = std::ranges::find_if_not(text, is_name);
    return static_cast<std::size_t>(end - text.begin());
}

class Substitution {
public:
    // `lenient`: a dollar that begins no variable stays what it is, as in files of variables.
    Substitution(Report& report, const Variables& variables, std::string path, bool lenient = false)
        : report_(report), variables_(variables), path_(std::move(path)), lenient_(lenient) {}

    std::string apply(std::string_view text, Mark mark, std::size_t depth = 0) {
        std::string out;
        for (std::size_t i = 0; i < text.size();) {
            if (text[i] != '$') {
                out += text[i++];
            } else if (i + 1 < text.size() && text[i + 1] == '$') {
                out += '$';
                i += 2;
            } else if (i + 1 < text.size() && text[i + 1] == '{') {
                const std::size_t end = closing(text, i + 2);
                if (end == std::string_view::npos || depth >= kMaxSubstitutionDepth) {
                    complain(mark, "\"" + std::string{text.substr(i)} + "\" is no variable");
                    return out;
                }
                out += braced(text.substr(i + 2, end - i - 2), mark, depth);
                i = end + 1;
            } else if (const std::size_t length = name_length(text.substr(i + 1)); length > 0) {
                out += value_of(std::string{text.substr(i + 1, length)}, mark);
                i += 1 + length;
            } else if (lenient_) {
                out += text[i++];
            } else {
                complain(mark, "a $ stands alone in \"" + std::string{text.substr(0, 60)} + "\"");
                return out;
            }
            if (out.size() > kMaxTextBytes) {
                complain(mark, "the text grows beyond 128 KiB");
                return out;
            }
        }
        return out;
    }

private:
    void complain(Mark mark, std::string message) {
        report_.find(mark, path_,
                     {.rule = "variable", .message = std::move(message), .fix = "write $$ for a dollar sign"});
    }

    static std::size_t closing(std::string_view text, std::size_t from) {
        std::size_t depth = 1;
        for (std::size_t i = from; i < text.size(); ++i) {
            depth += text[i] == '{' && text[i - 1] == '$' ? 1U : 0U;
            if (text[i] == '}' && --depth == 0) {
                return i;
            }
        }
        return std::string_view::npos;
    }

    std::string value_of(const std::string& name, Mark mark) {
        const auto found = variables_.find(name);
        if (found != variables_.end()) {
            return found->second;
        }
        report_.warn(mark, {.rule = "variable-unset",
                            .message = "the variable " + name + " is not set and becomes empty",
                            .fix = "set it in the environment or in .env"});
        return {};
    }

    // NAME, NAME:-text, NAME-text, NAME:?text, NAME?text, NAME:+text, NAME+text
    std::string braced(std::string_view inner, Mark mark, std::size_t depth) {
        const std::size_t length = name_length(inner);
        const std::string name{inner.substr(0, length)};
        std::string_view rest = inner.substr(length);
        if (length == 0) {
            complain(mark, "\"${" + std::string{inner} + "}\" names no variable");
            return {};
        }
        if (rest.empty()) {
            return value_of(name, mark);
        }
        const bool empty_counts = rest[0] == ':';
        rest.remove_prefix(empty_counts ? 1 : 0);
        const char what = rest.empty() ? '\0' : rest[0];
        if (what != '-' && what != '?' && what != '+') {
            complain(mark, "\"${" + std::string{inner} + "}\" is no variable");
            return {};
        }
        const std::string_view other = rest.substr(1);
        const auto found = variables_.find(name);
        const bool is_set = found != variables_.end() && !(empty_counts && found->second.empty());
        if (what == '+') {
            return is_set ? apply(other, mark, depth + 1) : "";
        }
        if (is_set) {
            return found->second;
        }
        if (what == '-') {
            return apply(other, mark, depth + 1);
        }
        const std::string words = apply(other, mark, depth + 1);
        report_.find(mark, path_,
                     {.rule = "variable",
                      .message = "the variable " + name + " must be set" + (words.empty() ? "" : ": " + words),
                      .fix = "set it in the environment or in .env"});
        return {};
    }

    Report& report_;
    const Variables& variables_;
    std::string path_;
    bool lenient_;
};

void substitute_below(Report& report, Node& node, const Variables& variables, const std::string& path) {
    if (node.is(Kind::kText) && node.text.find('$') != std::string::npos) {
        node.text = Substitution{report, variables, path}.apply(node.text, node.mark);
    }
    for (std::size_t i = 0; i < node.items.size(); ++i) {
        substitute_below(report, node.items[i], variables, join(path, i));
    }
    for (Entry& entry : node.entries) {
        if (!entry.key.starts_with("x-")) {
            substitute_below(report, entry.value, variables, join(path, entry.key));
        }
    }
}

std::size_t weight_of(const Node& node) {
    std::size_t sum = 64 + node.text.size();
    for (const Node& item : node.items) {
        sum += weight_of(item);
    }
    for (const Entry& entry : node.entries) {
        sum += entry.key.size() + weight_of(entry.value);
    }
    return sum;
}

class Merger {
public:
    explicit Merger(Report& report) : report_(report) {}

    void merge(Node& node) {
        for (Node& item : node.items) {
            merge(item);
        }
        for (Entry& entry : node.entries) {
            merge(entry.value);
        }
        const auto at = std::ranges::find(node.entries, "<<", &Entry::key);
        if (!node.is(Kind::kMap) || at == node.entries.end()) {
            return;
        }
        const Entry from = std::move(*at);
        node.entries.erase(at);
        weight_ += weight_of(from.value);
        if (weight_ > kMaxTreeBytes) {
            complain(from.mark, "the file grows beyond its limit with what it merges");
            return;
        }
        if (from.value.is(Kind::kMap)) {
            take(node, from.value);
        }
        for (const Node& item : from.value.items) {
            item.is(Kind::kMap) ? take(node, item) : complain(item.mark, "<< takes maps only");
        }
        if (!from.value.is(Kind::kMap) && !from.value.is(Kind::kList)) {
            complain(from.mark, "<< takes a map or a list of maps");
        }
    }

private:
    static void take(Node& node, const Node& from) {
        for (const Entry& entry : from.entries) {
            if (node.find(entry.key) == nullptr) {
                node.entries.push_back(entry);
            }
        }
    }
    void complain(Mark mark, std::string message) {
        report_.find(mark, "", {.rule = "merge", .message = std::move(message), .fix = "write <<: *name"});
    }

    Report& report_;
    std::size_t weight_ = 0;
};

std::string_view trimmed(std::string_view text) {
    const std::size_t first = text.find_first_not_of(" \t\r");
    const std::size_t last = text.find_last_not_of(" \t\r");
    return first == std::string_view::npos ? std::string_view{} : text.substr(first, last - first + 1);
}

}  // namespace

void merge_keys(Report& report, Node& root) { Merger{report}.merge(root); }

void substitute(Report& report, Node& root, const Variables& variables) {
    substitute_below(report, root, variables, "");
}

std::vector<std::pair<std::string, std::string>> read_variables(Report& report, std::string_view text,
                                                                const std::string& name, Mark mark,
                                                                const Variables& variables) {
    std::vector<std::pair<std::string, std::string>> out;
    Variables seen = variables;
    std::size_t line_number = 0;
    for (std::size_t start = 0; start < text.size() && out.size() < kMaxVariables;) {
        std::size_t end = std::min(text.find('\n', start), text.size());
        std::string_view line = trimmed(text.substr(start, end - start));
        ++line_number;
        start = end + 1;
        if (line.empty() || line[0] == '#') {
            continue;
        }
        if (line.starts_with("export ")) {
            line = trimmed(line.substr(7));
        }
        const std::size_t equals = line.find('=');
        const std::string key{trimmed(line.substr(0, equals))};
        if (key.empty() || key.find_first_of(" \t") != std::string::npos) {
            report.find(mark, "",
                        {.rule = "variable",
                         .message = name + ", line " + std::to_string(line_number) + " is no NAME=value",
                         .fix = "mend that line"});
            continue;
        }
        if (equals == std::string_view::npos) {
            if (const auto found = variables.find(key); found != variables.end()) {
                out.emplace_back(key, found->second);
            }
            continue;
        }
        std::string value{trimmed(line.substr(equals + 1))};
        const char quote = value.empty() ? '\0' : value[0];
        if (quote == '"' || quote == '\'') {
            // A quoted value may go on over lines.
            std::size_t close = value.find(quote, 1);
            while (close == std::string::npos && start < text.size()) {
                end = std::min(text.find('\n', start), text.size());
                value += "\n" + std::string{text.substr(start, end - start)};
                ++line_number;
                start = end + 1;
                close = value.find(quote, 1);
            }
            value = value.substr(1, close == std::string::npos ? close : close - 1);
        } else if (const std::size_t comment = value.find(" #"); comment != std::string::npos) {
            value = std::string{trimmed(std::string_view{value}.substr(0, comment))};
        }
        if (quote != '\'') {
            value = Substitution{report, seen, "", true}.apply(value, mark);
        }
        seen[key] = value;
        out.emplace_back(key, value);
    }
    return out;
}

}  // namespace sublet::sdl
