// sdl.cpp: `sublet sdl`: work on deployment files without a network.
#include "cli/sdl_verbs.hpp"

namespace sublet::cli {

void add_sdl(Session& session) {
    CLI::App* sdl = session.root->add_subcommand("sdl", "Deployment files: check and explain");
    sdl->require_subcommand(1);
    add_sdl_check(sdl, session);
    add_sdl_explain(sdl, session);
    add_sdl_from_compose(sdl, session);
}

}  // namespace sublet::cli
