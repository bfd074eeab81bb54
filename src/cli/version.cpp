// version.cpp: `sublet version`.
#include "app/app.hpp"
#include "cli/verbs.hpp"

namespace sublet::cli {
namespace {

Result<int> version(Context& context, const NoOptions&) {
    if (context.globals.json) {
        print_json(fmt::format(R"({{"version":"{}"}})", app::kVersion));
    } else {
        fmt::print("sublet {}\n", app::kVersion);
    }
    return kExitOk;
}

}  // namespace

void add_version(Session& session) {
    CLI::App* command = session.root->add_subcommand("version", "The program's version");
    on_chosen(command, session, std::make_shared<NoOptions>(), version);
}

}  // namespace sublet::cli
