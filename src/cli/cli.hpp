// cli.hpp: the command line of the program. Spec: docs/commands.md.
#pragma once

namespace sublet::cli {

// Runs one command and gives its exit code (exit.hpp).
int run(int argc, char** argv);

}  // namespace sublet::cli
