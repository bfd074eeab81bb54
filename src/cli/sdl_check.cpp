// sdl_check.cpp: `sublet sdl check`: what is wrong with deployment files, for people and for programs.
#include "cli/deployment_file.hpp"
#include "cli/format.hpp"
#include "cli/sdl_verbs.hpp"
#include "sdl/akash_record.hpp"
#include "sdl/sdl.hpp"

namespace sublet::cli {
namespace {

struct CheckOptions {
    std::vector<std::string> files;
    bool strict = false;      // words of docker compose are mistakes
    bool akash_json = false;  // Akash's rules alone, answered as its compiler answers
};

// One record a line and a file.
Result<int> print_records(const std::vector<std::string>& files) {
    int code = kExitOk;
    for (const std::string& file : files) {
        TRY(text, read_text(file));
        const auto verdict = sdl::parse_official(text, file);
        code = verdict ? code : kExitFailed;
        print_json(sdl::akash_record(file, verdict));
    }
    return code;
}

Result<int> check(Context& context, const CheckOptions& options) {
    if (options.akash_json) {
        return print_records(options.files);
    }
    int code = kExitOk;
    for (const std::string& file : options.files) {
        Result<sdl::Deployment> deployment = read_deployment_file(context, file, {.strict = options.strict});
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
            fmt::print("{}\n", sdl::to_text(file, note));
        }
    }
    return code;
}

}  // namespace

void add_sdl_check(CLI::App* sdl, Session& session) {
    auto options = std::make_shared<CheckOptions>();
    CLI::App* command = sdl->add_subcommand("check", "Every broken rule with its place and its fix");
    command->add_option("files", options->files, "Deployment files")->required();
    command->add_flag("--strict", options->strict, "Words of docker compose are mistakes, not warnings");
    command->add_flag("--akash-json", options->akash_json,
                      "One JSON record a file, by Akash's strict rules and in its compiler's shape; - is standard "
                      "input; 0 only if every file is ok");
    on_chosen(command, session, options, check);
}

}  // namespace sublet::cli
