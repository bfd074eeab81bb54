// node.cpp: `sublet node`: the ledger alone, or one replica of it.
#include <thread>

#include "api/node.hpp"

#include "cli/config.hpp"
#include "cli/log_format.hpp"
#include "cli/service_loop.hpp"
#include "cli/verbs.hpp"
#include "engine/cometbft/comet.hpp"
#include "engine/cometbft/home.hpp"
#include "engine/crash.hpp"
#include "engine/genesis.hpp"
#include "engine/state_file.hpp"
#include "runtime/process.hpp"

namespace sublet::cli {
namespace {

constexpr unsigned kFarewell_ms = 5'000;  // what a vote needs to reach every node, and more

struct NodeArguments {
    std::string config;
    std::string engine;
    std::string cometbft;
    std::string data;
    std::string genesis;
    std::string genesis_state;
    std::string address;
    std::optional<std::uint16_t> port;
    bool check_invariants = false;
    bool list_crash_points = false;
    std::string log_format;
};

Result<NodeSettings> settings_of(const Context& context, const NodeArguments& arguments) {
    NodeSettings out;
    if (!arguments.config.empty()) {
        TRY(read, read_node_config(arguments.config));
        out = std::move(read);
    }
    out.data = arguments.data.empty() ? out.data : std::filesystem::path{arguments.data};
    out.data = out.data.empty() ? context.home() / "node" : out.data;
    out.engine = arguments.engine.empty() ? out.engine : arguments.engine;
    out.cometbft = arguments.cometbft.empty() ? out.cometbft : arguments.cometbft;
    out.genesis = arguments.genesis.empty() ? out.genesis : std::filesystem::path{arguments.genesis};
    out.address = arguments.address.empty() ? out.address : arguments.address;
    out.port = arguments.port.value_or(out.port);
    out.log_format = arguments.log_format.empty() ? out.log_format : arguments.log_format;
    out.check_invariants = out.check_invariants || arguments.check_invariants;
    return out;
}

Result<std::filesystem::path> cometbft_of(const NodeSettings& settings) {
    const std::string found = runtime::find_program(settings.cometbft);
    if (found.empty()) {
        // Where ./run setup puts it, beside the program that ./run build makes.
        std::error_code ignored;
        const std::filesystem::path ours = std::filesystem::read_symlink("/proc/self/exe", ignored).parent_path() /
                                           "cometbft" / "bin" / settings.cometbft;
        if (std::filesystem::exists(ours, ignored)) {
            return ours;
        }
        return fail(Code::kNotFound,
                    "there is no program '" + settings.cometbft +
                        "': ./run setup --with-cometbft puts it into build/cometbft, --cometbft names it");
    }
    return std::filesystem::absolute(found);
}

engine::ReplicaOptions replica_options(const NodeSettings& settings, const app::Genesis& genesis) {
    return {.check_invariants = settings.check_invariants,
            .threads = std::max(1U, std::thread::hardware_concurrency()) - 1,
            .snapshots = engine::SnapshotOptions{.folder = settings.data / "snapshots",
                                                 .every = settings.snapshot_every,
                                                 .keep = settings.snapshot_keep},
            .retain = {.keep_blocks = settings.keep_blocks},
            .genesis = genesis,
            .genesis_state = settings.data / engine::kStateFileOfNode,
            .farewell_ms = kFarewell_ms};
}

// Others may have to come up before there is a block to show.
Result<std::unique_ptr<api::Node>> start_replica(Context& context, const NodeSettings& settings,
                                                 const api::NodeOptions& options) {
    const std::filesystem::path home = std::filesystem::absolute(settings.data) / "cometbft";
    TRY(program, cometbft_of(settings));
    TRY(genesis, engine::read_comet_genesis(home));
    std::unique_ptr<net::Clock> clock = net::system_clock();
    const std::unique_ptr<net::Listener> listener = net::system_listener(context.loop);
    engine::ConsensusOptions consensus{.ledger = settings.data / "ledger",
                                       .home = home,
                                       .program = std::move(program),
                                       .replica = replica_options(settings, genesis)};
    TRY(replicated, engine::start_cometbft(context.loop, *clock, std::move(genesis), std::move(consensus)));
    {
        const auto progress = context.progress("waiting for a block that two thirds of the validators agree on");
        TRY_OK(context.wait(replicated->first_block()));
    }
    return api::Node::serve(context.loop, {std::move(clock), std::move(replicated), *listener}, options);
}

Result<std::unique_ptr<api::Node>> start_node(Context& context, const NodeSettings& settings,
                                              api::NodeOptions options) {
    if (settings.engine == "cometbft") {
        return start_replica(context, settings, options);
    }
    if (settings.engine != "solo") {
        return fail(Code::kUsage, "the engine is solo or cometbft, not '" + settings.engine + "'");
    }
    return api::Node::start(context.loop, std::move(options));
}

Result<int> node(Context& context, const NodeArguments& arguments) {
    if (arguments.list_crash_points) {
        fmt::print("{}\n", fmt::join(engine::kCrashPoints, "\n"));
        return kExitOk;
    }
    TRY(settings, settings_of(context, arguments));
    TRY_OK(set_log_format(settings.log_format));
    api::NodeOptions options;
    options.data = settings.data;
    options.address = settings.address;
    options.port = settings.port;
    options.block_interval_ms = settings.block_interval_ms;
    options.check_invariants = settings.check_invariants;
    if (!settings.genesis.empty()) {
        TRY(genesis, engine::read_genesis(settings.genesis));
        options.genesis = std::move(genesis);
        options.genesis_state = arguments.genesis_state.empty() ? engine::state_file_beside(settings.genesis)
                                                                : std::filesystem::path{arguments.genesis_state};
    }
    TRY_OK(ensure_folder(*context.files, settings.data));
    TRY(running, start_node(context, settings, std::move(options)));
    if (context.globals.json) {
        print_json(fmt::format(R"({{"node":"{}","chain_id":{}}})", running->url(), json_quoted(running->chain_id())));
    } else {
        fmt::print("{} at {} · data in {} · Ctrl-C stops\n", running->chain_id(), running->url(),
                   settings.data.string());
    }
    std::fflush(stdout);
    log_start("node", "the node listens", {{"url", running->url()}, {"chain_id", running->chain_id()}});
    const std::optional<std::string> trouble = serve(context, [&running] { return running->halted(); });
    running->stop();
    context.wait(context.clock->sleep(50));  // handlers end
    if (trouble) {
        return fail(Code::kEngine, "the node stopped by itself: " + *trouble);
    }
    return kExitOk;
}

}  // namespace

void add_node(Session& session) {
    CLI::App* command = session.root->add_subcommand("node", "Run a ledger node");
    auto arguments = std::make_shared<NodeArguments>();
    command->add_option("--config", arguments->config, "TOML file; flags win over it (examples/node.toml)");
    command->add_option("--engine", arguments->engine,
                        "solo: this node alone; cometbft: with others (sublet net init)");
    command->add_option("--cometbft", arguments->cometbft, "The CometBFT program; else the one in PATH");
    command->add_option("--data", arguments->data, "Folder of the ledger; else <home>/node");
    command->add_option("--genesis", arguments->genesis, "Genesis file, for a new folder");
    command->add_option("--genesis-state", arguments->genesis_state,
                        "State that a genesis of `node export` begins with; else the .state file beside it");
    command->add_option("--address", arguments->address, "Address to listen on; else 127.0.0.1");
    command->add_option("--port", arguments->port, "Port; 0: any free one; else 26657");
    command->add_flag("--check-invariants", arguments->check_invariants, "Recompute every sum after each block");
    command->add_option("--log-format", arguments->log_format, "human, or json: one object a line");
    command->add_flag("--list-crash-points", arguments->list_crash_points, "What SUBLET_CRASH_AT takes: for tests")
        ->group("");
    add_node_export(command, session);
    on_chosen(command, session, arguments, node);
}

}  // namespace sublet::cli
