// sdl_verbs.hpp: the verbs below `sublet sdl`, each in a source of its own.
#pragma once

#include "cli/verbs.hpp"

namespace sublet::cli {

void add_sdl_check(CLI::App* sdl, Session& session);
void add_sdl_explain(CLI::App* sdl, Session& session);
void add_sdl_from_compose(CLI::App* sdl, Session& session);

}  // namespace sublet::cli
