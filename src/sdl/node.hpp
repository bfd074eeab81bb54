// node.hpp: a YAML document as a tree of values, each with its place in the text.
// Spec: docs/spec/deployment-files.md (YAML dialect).
#pragma once

#include <cstdint>
#include <expected>
#include <string>
#include <string_view>
#include <vector>

#include "sdl/manifest.hpp"

namespace sublet::sdl {

inline constexpr std::size_t kMaxDepth = 64;
inline constexpr std::size_t kMaxTreeBytes = 16U << 20U;  // of nodes and texts, aliases expanded

// Lines and columns count from 1.
struct Mark {
    std::size_t line = 0;
    std::size_t column = 0;
};

enum class Kind : std::uint8_t { kNull, kBool, kNumber, kText, kList, kMap };

struct Entry;

struct Node {
    Kind kind = Kind::kNull;
    Mark mark;
    bool boolean = false;
    double number = 0;
    std::string text;  // kText: the value; other scalars: as written
    std::vector<Node> items;
    std::vector<Entry> entries;  // in the order of the file; keys are unique

    [[nodiscard]] bool is(Kind wanted) const { return kind == wanted; }
    [[nodiscard]] bool is_integer() const;  // a number without a fraction
    // The value of a key, or null: also for what is no map, so that look-ups chain.
    [[nodiscard]] const Node* find(std::string_view key) const;
};

struct Entry {
    std::string key;
    Mark mark;
    Node value;
};

inline const Node* find(const Node* node, std::string_view key) { return node == nullptr ? nullptr : node->find(key); }

// Text if it is text, else "".
std::string text_of(const Node* node);

// The value as JavaScript's String() prints it: attribute values are compared in that form. A list gives
// its items with commas between them, a map "[object Object]".
std::string plain_text(const Node& node);
std::string js_number(double value);

// A plain (unquoted) scalar by the rules of YAML 1.2's core schema, as js-yaml 5 has them.
Node resolve_plain(const std::string& text, Mark mark);

// "null", "list", … for messages.
std::string_view kind_name(Kind kind);

// Reads exactly one document; any deviation from the dialect is one finding with rule "yaml".
std::expected<Node, Finding> read_yaml(std::string_view text, const std::string& file_name);

}  // namespace sublet::sdl
