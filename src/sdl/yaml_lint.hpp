// yaml_lint.hpp: looks at the text beside yaml-cpp, for the mistakes that yaml-cpp forgives and js-yaml does not.
// Spec: docs/spec/deployment-files.md (YAML dialect).
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "sdl/node.hpp"

namespace sublet::sdl {

struct YamlProblem {
    Mark mark;
    std::string message;
    std::string fix;
};

// Line breaks as \n, one at the end; no byte order mark.
std::string normalise_yaml(std::string_view text);

// Before the parser: bytes that are no UTF-8 or not printable, directives without ---.
std::optional<YamlProblem> lint_yaml(std::string_view text);

// Where something starts whose further lines have rules: what is quoted or in brackets must stay indented deeper than
// the block around it, and a key must be followed by a colon.
struct LayoutSpot {
    enum class What : std::uint8_t { kValue, kKey };
    What what = What::kValue;
    Mark mark;
    std::ptrdiff_t parent_indent = -1;  // columns before the block around it; -1: none
};

// After the parser: the first spot whose layout js-yaml refuses.
std::optional<YamlProblem> check_layout(std::string_view text, const std::vector<LayoutSpot>& spots);

// In this line: JSON's pairs of \uXXXX for one character as \UXXXXXXXX, half a pair as the
// replacement character. yaml-cpp refuses them. Answers whether it changed anything.
bool rewrite_surrogates(std::string& text, std::size_t line);

// Empties the line, and those after it, as long as they hold nothing but white space and comments: yaml-cpp stumbles
// over tabs there. Answers whether it changed anything.
bool blank_idle_lines(std::string& text, std::size_t line);

}  // namespace sublet::sdl
