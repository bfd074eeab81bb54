// batch.cpp: `sublet batch`: one command over many tasks, on strangers' machines.
#include "cli/new_job.hpp"
#include "cli/task_array.hpp"
#include "cli/verbs.hpp"
#include "jobs/archive.hpp"

namespace sublet::cli {
namespace {

constexpr std::uint64_t kMaxInput = 64ULL << 30U;

struct BatchOptions {
    std::string image;
    std::string array = "0-0";
    std::string in;
    std::vector<std::string> env;
    double cores = 1;
    std::string memory = "512Mi";
    std::string output_max = "64Mi";
    std::vector<std::string> command;
    JobTerms terms;
};

Result<int> batch(Context& context, const BatchOptions& options) {
    jobs::Package package;
    TRY(array, parse_array("--array", options.array));
    package.image = options.image;
    package.command = options.command;
    package.env = options.env;
    package.first = array.first;
    package.step = array.step;
    package.tasks = array.tasks;
    package.cpu_milli = static_cast<std::uint32_t>(options.cores * 1'000);
    TRY(memory, parse_size("--memory", options.memory));
    package.memory_bytes = memory;
    TRY(output, parse_size("--output-max", options.output_max));
    package.output_max_bytes = output;
    package.salt = Bytes(32, '\0');
    std::filesystem::path input;
    if (!options.in.empty()) {
        const auto progress = context.progress("packing " + options.in);
        TRY_OK(ensure_folder(*context.files, context.home() / "jobs"));
        input = context.home() / "jobs" / ("input-" + to_hex(context.random->bytes(8)) + ".tar");
        TRY(packed, jobs::pack(options.in, input, {.max_bytes = kMaxInput}));
        package.input = jobs::Input{packed.bytes, packed.sha256};
    }
    const Result<Bytes> shape = jobs::to_json(package);
    if (!shape) {
        return fail(Code::kUsage, shape.error().message);
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
    command->add_option("--env", options->env, "NAME=VALUE, for every task");
    command->add_option("--cores", options->cores, "Cores of a task")->capture_default_str();
    command->add_option("--memory", options->memory, "Memory of a task")->capture_default_str();
    command->add_option("--output-max", options->output_max, "Most that a task may leave in out/ (/task/out)")
        ->capture_default_str();
    add_terms(command, options->terms);
    command->add_option("command", options->command, "What to run; no network; in/ is read-only, out/ is fetched")
        ->required();
    command->footer(
        "Example: sublet batch --image debian:12 --array 1-500 --in photos --out small -- "
        "sh -c 'convert in/$TASK.png -resize 50% out/$TASK.jpg'");
    on_chosen(command, session, options, batch);
}

}  // namespace sublet::cli
