// sdl_compose.cpp: `sublet sdl from-compose`: the deployment file that a docker compose file becomes.
#include "cli/deployment_file.hpp"
#include "cli/sdl_verbs.hpp"

namespace sublet::cli {
namespace {

struct FromComposeOptions {
    std::string file;
    bool empty_folders = false;
};

Result<int> from_compose(Context& context, const FromComposeOptions& options) {
    TRY(made, read_compose_file(context, options.file, {.empty_folders = options.empty_folders}));
    if (context.globals.json) {
        print_json(fmt::format(R"({{"file":{},"deployment_file":{},"manifest_hash":"{}","notes":{}}})",
                               json_quoted(options.file), json_quoted(made.text), to_hex(view_of(made.deployment.hash)),
                               notes_json(made.deployment.notes)));
        return kExitOk;
    }
    print_notes(options.file, made.deployment.notes);
    fmt::print("{}", made.text);
    return kExitOk;
}

}  // namespace

void add_sdl_from_compose(CLI::App* sdl, Session& session) {
    auto options = std::make_shared<FromComposeOptions>();
    CLI::App* command = sdl->add_subcommand("from-compose", "The deployment file that a docker compose file becomes");
    command->add_option("file", options->file, "A compose file")->required();
    command->add_flag("--empty-folders", options->empty_folders,
                      "Folders of this machine that it mounts become volumes that start empty");
    command->footer("Example: sublet sdl from-compose compose.yml > deploy.yaml");
    on_chosen(command, session, options, from_compose);
}

}  // namespace sublet::cli
