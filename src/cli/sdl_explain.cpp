// sdl_explain.cpp: `sublet sdl explain`: what a deployment file would run, in plain words.
#include "cli/format.hpp"
#include "cli/rent_plan.hpp"
#include "cli/sdl_verbs.hpp"
#include "sdl/sdl.hpp"

namespace sublet::cli {
namespace {

struct ExplainOptions {
    std::string file;
};

Result<int> explain(Context& context, const ExplainOptions& options) {
    TRY(deployment, read_deployment_file(context, options.file));
    const std::vector<std::string> lines = sdl::explain(deployment);
    if (context.globals.json) {
        std::string out = "[";
        for (const std::string& each : lines) {
            out += (out.size() == 1 ? "" : ",") + json_quoted(each);
        }
        print_json(out + "]");
        return kExitOk;
    }
    for (const std::string& each : lines) {
        fmt::print("{}\n", each);
    }
    return kExitOk;
}

}  // namespace

void add_sdl_explain(CLI::App* sdl, Session& session) {
    auto options = std::make_shared<ExplainOptions>();
    CLI::App* command = sdl->add_subcommand("explain", "What would run, in plain words");
    command->add_option("file", options->file, "A deployment file")->required();
    on_chosen(command, session, options, explain);
}

}  // namespace sublet::cli
