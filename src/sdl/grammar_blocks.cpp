// grammar_blocks.cpp: the building blocks of the grammar: kinds, fields, ranges, and what to do about each mistake.
// Spec: docs/spec/deployment-files.md (grammar).
#include <algorithm>
#include <cmath>

#include "sdl/grammar.hpp"

namespace sublet::sdl {
namespace {

struct ComposeWord {
    std::string_view word;
    std::string_view instead;
};

// Words of docker compose that people write into deployment files, and what does the same here.
constexpr ComposeWord kComposeWords[] = {
    {"depends_on", "remove it: all services start together, so let the service retry"},
    {"depends-on", "remove it: all services start together, so let the service retry"},
    {"restart", "remove it: services are restarted anyway"},
    {"volumes", "give the compute profile a storage entry and mount it with params.storage"},
    {"links", "remove it: services of a lease reach each other by name"},
    {"environment", "write env: with entries \"KEY=value\""},
    {"cmd", "write command: and args:"},
    {"entrypoint", "write command:"},
    {"ports", "write expose: with port:, as: and to:"},
    {"container_name", "remove it: the key of the service is its name"},
    {"placement", "move it one level up: placements do not nest"},
};

// Edit distance up to 2, enough for a slip of the finger; names here are short.
bool nearly(std::string_view a, std::string_view b) {
    const std::size_t most = std::max(a.size(), b.size());
    if (most - std::min(a.size(), b.size()) > 2 || most > 32) {
        return false;
    }
    std::size_t row[33];
    for (std::size_t j = 0; j <= b.size(); ++j) {
        row[j] = j;
    }
    for (std::size_t i = 1; i <= a.size(); ++i) {
        std::size_t diagonal = row[0];
        row[0] = i;
        for (std::size_t j = 1; j <= b.size(); ++j) {
            const std::size_t change = diagonal + (a[i - 1] == b[j - 1] ? 0 : 1);
            diagonal = row[j];
            row[j] = std::min({row[j] + 1, row[j - 1] + 1, change});
        }
    }
    return row[b.size()] <= (most > 4 ? 2U : 1U);
}

std::string fix_for_unknown(std::string_view key, std::span<const Field> fields) {
    for (const Field& field : fields) {
        if (nearly(key, field.name)) {
            return "did you mean \"" + std::string(field.name) + "\"?";
        }
    }
    for (const ComposeWord& word : kComposeWords) {
        if (key == word.word) {
            return std::string(word.instead);
        }
    }
    std::string out = "remove it; allowed here:";
    for (const Field& field : fields) {
        out += " " + std::string(field.name);
    }
    return out;
}

std::string last_part(const std::string& path) {
    const std::size_t slash = path.rfind('/');
    return slash == std::string::npos ? "the file" : "\"" + path.substr(slash + 1) + "\"";
}

std::string quoting_hint(const Node& node, Kind kind) {
    if (kind == Kind::kText && (node.is(Kind::kNumber) || node.is(Kind::kBool))) {
        return "put it in quotes: \"" + node.text + "\"";
    }
    if (node.is(Kind::kNull)) {
        return "give it a value, or remove the line";
    }
    if (kind == Kind::kNumber && node.is(Kind::kText)) {
        return "write a number without quotes";
    }
    if (kind == Kind::kMap && node.is(Kind::kList)) {
        return "write \"key: value\" lines without the leading dashes";
    }
    if (kind == Kind::kText && node.is(Kind::kMap)) {
        return "put the entry in quotes, or write KEY=value";
    }
    return "write " + std::string(kind_name(kind));
}

}  // namespace

bool want(Checker& checker, const Node& node, const std::string& path, Kind kind) {
    if (node.is(kind)) {
        return true;
    }
    checker.report.find(node.mark, path,
                        {.rule = "type",
                         .message = last_part(path) + " is " + std::string(kind_name(node.kind)) + " and should be " +
                                    std::string(kind_name(kind)),
                         .fix = quoting_hint(node, kind)});
    return false;
}

bool check_fields(Checker& checker, const Node& node, const std::string& path, std::span<const Field> fields) {
    if (!want(checker, node, path, Kind::kMap)) {
        return false;
    }
    for (const Entry& entry : node.entries) {
        const auto field = std::ranges::find(fields, std::string_view(entry.key), &Field::name);
        if (field == fields.end()) {
            checker.report.find(entry.mark, path,
                                {.rule = "additionalProperties",
                                 .message = "\"" + entry.key + "\" is not allowed here",
                                 .fix = fix_for_unknown(entry.key, fields)});
        } else if (field->check != nullptr) {
            field->check(checker, entry.value, join(path, entry.key));
        }
    }
    for (const Field& field : fields) {
        if (field.required && node.find(field.name) == nullptr) {
            checker.report.find(node.mark, path,
                                {.rule = "required",
                                 .message = last_part(path) + " lacks \"" + std::string(field.name) + "\"",
                                 .fix = "add " + std::string(field.name) + ":"});
        }
    }
    return true;
}

void check_each_value(Checker& checker, const Node& node, const std::string& path, Check check) {
    if (want(checker, node, path, Kind::kMap)) {
        for (const Entry& entry : node.entries) {
            check(checker, entry.value, join(path, entry.key));
        }
    }
}

void check_each_item(Checker& checker, const Node& node, const std::string& path, Check check) {
    if (!want(checker, node, path, Kind::kList)) {
        return;
    }
    if (node.items.size() > kMaxListItems && checker.rules == Rules::kOurs) {
        checker.report.find(node.mark, path,
                            {.rule = "limit",
                             .message = "the list is longer than " + std::to_string(kMaxListItems) + " entries",
                             .fix = "shorten it"});
        return;
    }
    for (std::size_t i = 0; i < node.items.size(); ++i) {
        check(checker, node.items[i], join(path, i));
    }
}

bool check_integer(Checker& checker, const Node& node, const std::string& path, double least, double most) {
    if (!want(checker, node, path, Kind::kNumber)) {
        return false;
    }
    const bool endless = checker.rules == Rules::kOfficial && std::isinf(node.number);  // officially as good as whole
    if (!endless && !node.is_integer()) {
        checker.report.find(
            node.mark, path,
            {.rule = "type", .message = last_part(path) + " should be a whole number", .fix = "drop the fraction"});
        return false;
    }
    if (node.number < least || node.number > most) {
        checker.report.find(node.mark, path,
                            {.rule = node.number < least ? "minimum" : "maximum",
                             .message = last_part(path) + " is out of range: " + node.text,
                             .fix = "use " + js_number(least) + " to " + js_number(most)});
        return false;
    }
    return true;
}

void check_one_of(Checker& checker, const Node& node, const std::string& path,
                  std::span<const std::string_view> values) {
    if (want(checker, node, path, Kind::kText) &&
        std::ranges::find(values, std::string_view(node.text)) == values.end()) {
        std::string fix = "use one of:";
        for (const std::string_view value : values) {
            fix += " " + std::string(value);
        }
        checker.report.find(
            node.mark, path,
            {.rule = "enum", .message = "\"" + node.text + "\" is not a known " + last_part(path), .fix = fix});
    }
}

void check_text(Checker& checker, const Node& node, const std::string& path) {
    if (want(checker, node, path, Kind::kText) && node.text.size() > kMaxTextBytes && checker.rules == Rules::kOurs) {
        checker.report.find(node.mark, path,
                            {.rule = "limit",
                             .message = "the text is longer than " + std::to_string(kMaxTextBytes) + " bytes",
                             .fix = "put the data into the image or a volume"});
    }
}

void check_text_at_least(Checker& checker, const Node& node, const std::string& path, std::size_t least) {
    check_text(checker, node, path);
    const auto is_continuation = [](char c) { return (static_cast<unsigned char>(c) & 0xC0U) == 0x80U; };
    const std::size_t length =
        node.text.size() - static_cast<std::size_t>(std::ranges::count_if(node.text, is_continuation));
    if (node.is(Kind::kText) && length < least) {
        checker.report.find(node.mark, path,
                            {.rule = "minLength",
                             .message = last_part(path) + " is too short",
                             .fix = "use at least " + std::to_string(least) + " characters"});
    }
}

void check_bool(Checker& checker, const Node& node, const std::string& path) { want(checker, node, path, Kind::kBool); }

void check_any_map(Checker& checker, const Node& node, const std::string& path) {
    want(checker, node, path, Kind::kMap);
}

void check_text_list(Checker& checker, const Node& node, const std::string& path) {
    check_each_item(checker, node, path, check_text);
}

}  // namespace sublet::sdl
