// batch.cpp: `sublet batch`: one command over many tasks, on strangers' machines.
#include "cli/new_job.hpp"
#include "cli/verbs.hpp"

namespace sublet::cli {
namespace {

struct BatchOptions {
    std::string image;
    std::string array = "0-0";
    std::string in;
    std::vector<std::string> env;
    std::vector<std::string> command;
    JobTerms terms;
};

Result<int> batch(Context& context, const BatchOptions& options) {
    jobs::Package package;
    package.image = options.image;
    package.command = options.command;
    package.env = options.env;
    package.salt = Bytes(jobs::kSaltBytes, '\0');
    TRY_OK(fill_package(package, options.terms, "--array", options.array));
    if (const Result<Bytes> shape = jobs::to_json(package); !shape) {  // before anything is packed
        return fail(Code::kUsage, shape.error().message);
    }
    std::filesystem::path input;
    if (!options.in.empty()) {
        TRY(packed, pack_input(context, package, options.in));
        input = packed;
    }
    return run_new_job(context, std::move(package), input, options.terms);
}

}  // namespace

void add_batch(Session& session) {
    CLI::App* command = session.root->add_subcommand(
        "batch", "Run a command many times, each with its own $TASK, on machines of the market");
    auto options = std::make_shared<BatchOptions>();
    command->add_option("--image", options->image, "Container image that the command runs in")->required();
    command->add_option("--array", options->array, "Values of $TASK: FIRST-LAST or FIRST-LAST:STEP")
        ->capture_default_str();
    command->add_option("--in", options->in, "Folder that tasks read at in/ (/task/in)");
    command->add_option("--env", options->env, "NAME=VALUE, for every task")->allow_extra_args(false);
    add_terms(command, options->terms);
    add_audit_terms(command, options->terms.audit, false);
    command->add_option("command", options->command, "What to run; no network; in/ is read-only, out/ is fetched")
        ->required();
    command->footer(
        "Example: sublet batch --image debian:12 --array 1-500 --in photos --out small -- "
        "sh -c 'convert in/$TASK.png -resize 50% out/$TASK.jpg'");
    on_chosen(command, session, options, batch);
}

}  // namespace sublet::cli
