// main.cpp: starts the command line.
#include "cli/cli.hpp"

int main(int argc, char** argv) { return sublet::cli::run(argc, argv); }
