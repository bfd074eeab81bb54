// deployment_file.hpp: reads what a person names on the command line: a deployment file or a docker compose file.
#pragma once

#include <string>

#include "cli/context.hpp"
#include "sdl/compose.hpp"

namespace sublet::cli {

// The text of a file, "-" is standard input; what is longer than a deployment file may be is cut off behind one byte
// more, so that its reader refuses it. Errors: kUsage (cannot read it).
Result<std::string> read_text(const std::string& file);

// Errors of both: kUsage (cannot read it), kParse with an empty message (every finding was printed to stderr).
struct ReadOptions {
    bool strict = false;         // words of docker compose, and compose files, are mistakes
    bool empty_folders = false;  // folders that a compose file mounts become volumes that start empty
};
Result<sdl::Deployment> read_deployment_file(Context& context, const std::string& file, ReadOptions options = {});
// A compose file only.
Result<sdl::FromCompose> read_compose_file(Context& context, const std::string& file, ReadOptions options);

// Warnings and remarks to stderr, one a line.
void print_notes(const std::string& file, const std::vector<sdl::Note>& notes);
// [{"line":…,"column":…,"rule":…,"message":…,"fix":…},…]
std::string notes_json(const std::vector<sdl::Note>& notes);

}  // namespace sublet::cli
