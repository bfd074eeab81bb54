// sdl.cpp: `sublet sdl`: check and explain deployment files without a network.
#include "sdl/sdl.hpp"

#include "cli/format.hpp"
#include "cli/rent_plan.hpp"
#include "cli/verbs.hpp"

namespace sublet::cli {
namespace {

struct CheckOptions {
    std::vector<std::string> files;
};

Result<int> check(Context& context, const CheckOptions& options) {
    int code = kExitOk;
    for (const std::string& file : options.files) {
        Result<sdl::Deployment> deployment = read_deployment_file(context, file);
        if (!deployment && deployment.error().code == Code::kParse) {
            code = kExitFailed;  // the findings are printed
            continue;
        }
        if (!deployment) {
            return std::unexpected{std::move(deployment).error()};
        }
        if (context.globals.json) {
            print_json(fmt::format(R"({{"file":{},"ok":true,"version":"{}","manifest_hash":"{}"}})", json_quoted(file),
                                   deployment->version, to_hex(view_of(deployment->hash))));
            continue;
        }
        fmt::print("{}: {} (version {}, manifest {})\n", file, paint(fmt::terminal_color::green, "ok"),
                   deployment->version, to_hex(view_of(deployment->hash)));
        for (const sdl::Note& note : deployment->notes) {
            fmt::print("{}:{}:{}: note: {}\n", file, note.line, note.column, note.message);
        }
    }
    return code;
}

Result<int> explain(Context& context, const CheckOptions& options) {
    TRY(deployment, read_deployment_file(context, options.files.front()));
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

void add_sdl(Session& session) {
    CLI::App* sdl = session.root->add_subcommand("sdl", "Deployment files: check and explain");
    sdl->require_subcommand(1);
    auto options = std::make_shared<CheckOptions>();
    CLI::App* command = sdl->add_subcommand("check", "Every broken rule with its place and its fix");
    command->add_option("files", options->files, "Deployment files")->required();
    on_chosen(command, session, options, check);
    command = sdl->add_subcommand("explain", "What would run, in plain words");
    command->add_option("file", options->files, "A deployment file")->required()->expected(1);
    on_chosen(command, session, options, explain);
}

}  // namespace sublet::cli
