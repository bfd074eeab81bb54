// yaml_lint.hpp: a look at the text before yaml-cpp reads it, for the mistakes that yaml-cpp forgives and js-yaml does
// not. Spec: docs/spec/deployment-files.md (YAML dialect).
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "sdl/node.hpp"

namespace sublet::sdl {

struct YamlProblem {
    Mark mark;
    std::string message;
    std::string fix;
};

// The first problem of the text, if any: bytes that are no UTF-8 or not printable, tabs as indentation.
std::optional<YamlProblem> lint_yaml(std::string_view text);

}  // namespace sublet::sdl
