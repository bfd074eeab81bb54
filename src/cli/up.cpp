// up.cpp: `sublet up`: a whole network on this machine: node, provider and funded demo accounts in one process tree.
#include <unistd.h>

#include "api/node.hpp"
#include "cli/examine.hpp"
#include "cli/lend_process.hpp"
#include "cli/local_genesis.hpp"
#include "cli/log_format.hpp"
#include "cli/service_loop.hpp"
#include "cli/verbs.hpp"

namespace sublet::cli {
namespace {

constexpr std::uint16_t kUsualPort = 26657;
constexpr std::uint64_t kHandlersEndMs = 100;

struct UpOptions {
    std::string data;
    std::optional<std::uint16_t> port;
    std::string log_format;
    std::string engine;
    std::string registries;
    bool own_engine = false;
    bool no_isolation = false;
    bool skip_doctor = false;
};

LendSettings lend_settings(const UpOptions& options, const std::filesystem::path& data) {
    LendSettings out;
    out.data = data / "lend";
    out.engine_socket = options.engine;
    out.registries_conf = options.registries;
    out.own_engine = options.own_engine;
    out.require_isolation = !options.no_isolation;
    return out;
}

// The port of the last time, so that everything that knew it goes on; another one where it is taken.
Result<std::unique_ptr<api::Node>> start_node(Context& context, const UpOptions& options,
                                              const std::filesystem::path& data, const app::Genesis& genesis) {
    std::uint16_t port = kUsualPort;
    if (const std::optional<LocalNetwork> last = read_local_network(*context.files, data)) {
        if (const Result<net::Endpoint> endpoint = net::parse_endpoint(last->node)) {
            port = endpoint->port;
        }
    }
    api::NodeOptions node;
    node.data = data / "node";
    node.genesis = genesis;
    node.port = options.port.value_or(port);
    TRY_OK(ensure_folder(*context.files, node.data));
    Result<std::unique_ptr<api::Node>> started = api::Node::start(context.loop, node);
    if (!started && started.error().code == Code::kIo && !options.port) {
        node.port = 0;
        started = api::Node::start(context.loop, node);
    }
    return started;
}

Result<LendKeys> lend_keys(const LocalKeys& keys) {
    LendKeys out{keys.operator_key, keys.lender, keys.lender_address};
    return out;
}

void announce(const Context& context, const LocalNetwork& network) {
    if (context.globals.json) {
        print_json(fmt::format(R"({{"node":{},"gateway":{},"data":{}}})", json_quoted(network.node),
                               json_quoted(network.gateway), json_quoted(network.data.string())));
    } else {
        fmt::print(
            "up: node {} · provider {} · keys tenant, lender in {} · try `sublet rent examples/web.yaml` · Ctrl-C "
            "stops\n",
            network.node, network.gateway, network.keys().string());
    }
    std::fflush(stdout);
}

Result<int> up(Context& context, const UpOptions& options) {
    TRY_OK(set_log_format(options.log_format));
    const std::filesystem::path data =
        options.data.empty() ? context.home() / "local" : std::filesystem::absolute(options.data);
    TRY_OK(ensure_folder(*context.files, data));
    const LendSettings settings = lend_settings(options, data);
    if (!options.skip_doctor) {
        runtime::DoctorOptions doctor;
        doctor.engine = engine_options(settings);
        doctor.run_container = !context.files->exists(data / "genesis.json");  // once: the first start
        if (!examine_machine(context, std::move(doctor), Report::kFailures)) {
            return fail(Code::kEngine, "this machine lacks something that a local network needs (see above)");
        }
    }
    TRY(keys, local_keys(context, data));
    TRY(genesis, local_genesis(context, data, keys));
    TRY(node, start_node(context, options, data, genesis));
    LocalNetwork network;
    network.node = node->url();
    network.data = data;
    network.pid = ::getpid();
    TRY(endpoint, net::parse_endpoint(network.node));
    client::Chain chain{*context.transport, *context.clock, endpoint};
    TRY(who, lend_keys(keys));
    Result<std::unique_ptr<LendProcess>> lending = LendProcess::start(context, chain, settings, std::move(who));
    if (!lending) {
        node->stop();
        return std::unexpected{std::move(lending).error()};
    }
    network.gateway = (*lending)->gateway();
    TRY_OK(write_local_network(*context.files, data, network));
    TRY_OK(write_local_network(*context.files, context.home(), network));
    announce(context, network);
    log_start("node", "the network is up", {{"url", network.node}, {"gateway", network.gateway}});

    const std::optional<std::string> trouble = serve(context, [&node] { return node->halted(); });
    {
        const auto progress = context.progress("stopping containers, provider and node");
        (*lending)->stop(agent::StopMode::kStopContainers);
        node->stop();
        context.wait(context.clock->sleep(kHandlersEndMs));
    }
    if (trouble) {
        return fail(Code::kStoreDamaged, "the node stopped by itself: " + *trouble);
    }
    if (!json_logs()) {
        fmt::print(stderr, "stopped; the next `sublet up` goes on from here\n");
    }
    return kExitOk;
}

}  // namespace

void add_up(Session& session) {
    CLI::App* command =
        session.root->add_subcommand("up", "A whole network on this machine: node, provider, funded keys");
    auto options = std::make_shared<UpOptions>();
    command->add_option("--data", options->data, "Folder for everything; else <home>/local");
    command->add_option("--port", options->port, "The node's port; 0: any free one; else the last one, or 26657");
    command->add_option("--engine", options->engine, "Socket of the container engine; else podman's or docker's");
    command->add_option("--registries-conf", options->registries,
                        "Image registries of the engine that is started here");
    command->add_flag("--own-engine", options->own_engine, "Start an engine even where one answers");
    command->add_flag("--no-isolation", options->no_isolation,
                      "Do without the firewall (a machine that is fenced off)");
    command->add_flag("--skip-doctor", options->skip_doctor, "Do not examine the machine first");
    command->add_option("--log-format", options->log_format, "human, or json: one object a line");
    on_chosen(command, session, options, up);
}

}  // namespace sublet::cli
