// job_verify.cpp: `sublet job verify`: pictures of two folders compared as an audit compares them, without a network.
#include "cli/exit.hpp"
#include "cli/verbs.hpp"
#include "cli/verify_folders.hpp"

namespace sublet::cli {
namespace {

struct VerifyOptions {
    std::string folder;
    std::string against;
    std::string picture;
};

Result<int> verify_pictures(Context& context, const VerifyOptions& options) {
    if (!options.picture.empty() && !options.picture.ends_with(".png") && !options.picture.ends_with(".html")) {
        return fail(Code::kUsage, "--picture: \"" + options.picture + "\" ends neither in .png nor in .html");
    }
    const auto progress = context.progress("comparing pictures");
    TRY(found, verify_folders(options.folder, options.against));
    if (!options.picture.empty()) {
        TRY_OK(draw_differences(found, options.folder, options.against, options.picture));
    }
    if (context.globals.json) {
        print_json(verified_json(found));
    } else {
        fmt::print("{}", verified_table(found));
    }
    return all_pass(found) ? kExitOk : kExitFailed;
}

}  // namespace

void add_job_verify(CLI::App* parent, Session& session) {
    CLI::App* command = parent->add_subcommand("verify", "Compare the pictures of two folders as an audit does");
    auto options = std::make_shared<VerifyOptions>();
    command->add_option("folder", options->folder, "Folder with pictures, or one of them")->required();
    command->add_option("--against", options->against, "Folder with what they should be, or one file")->required();
    command->add_option("--picture", options->picture,
                        "Where to show what differs: .png (the first that does) or .html (all of them)");
    command->footer(
        "Ends with 0 where all are the same, else with 1.\n"
        "Example: sublet job verify frames --against again --picture differences.html");
    on_chosen(command, session, options, verify_pictures);
}

}  // namespace sublet::cli
