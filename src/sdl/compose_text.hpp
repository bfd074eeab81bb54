// compose_text.hpp: what happens to a compose file's text before it means anything: ${VARIABLES}, files of variables,
// merge keys. Spec: docs/spec/compose.md (variables).
#pragma once

#include "sdl/compose_values.hpp"

namespace sublet::sdl {

inline constexpr std::size_t kMaxVariables = 4096;
inline constexpr std::size_t kMaxSubstitutionDepth = 8;

// Takes in what "<<" names, key by key, where the map has no such key. The tree stays within kMaxTreeBytes.
void merge_keys(Report& report, Node& root);

// Puts variables into every text of the tree: $NAME ${NAME} ${NAME:-default} ${NAME-default} ${NAME:?words}
// ${NAME?words} ${NAME:+other} ${NAME+other}, $$ for a dollar. Unset ones become empty, with a warning.
void substitute(Report& report, Node& root, const Variables& variables);

// A file of NAME=value lines (.env, env_file), in order. Quotes, comments, "export"; values see earlier lines and
// `variables`. Lines that are none of this are findings at `mark`.
std::vector<std::pair<std::string, std::string>> read_variables(Report& report, std::string_view text,
                                                                const std::string& name, Mark mark,
                                                                const Variables& variables);

}  // namespace sublet::sdl
