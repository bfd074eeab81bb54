// net.cpp: `sublet net`: a replicated network on this machine.
#include <unistd.h>

#include "cli/log_format.hpp"
#include "cli/net_join.hpp"
#include "cli/service_loop.hpp"
#include "cli/verbs.hpp"
#include "runtime/process.hpp"

namespace sublet::cli {
namespace {

constexpr std::uint64_t kStart_ms = 60'000;  // from the first process to the first block
constexpr std::uint64_t kLook_ms = 200;

struct InitOptions {
    std::string folder;
    NetPlan plan;
    std::string genesis;
};

struct UpNetOptions {
    std::string folder;
    std::string log_format;
};

std::filesystem::path net_folder(const Context& context, const std::string& given) {
    return given.empty() ? context.home() / "net" : std::filesystem::absolute(given);
}

std::string nodes_json(const std::vector<NetNode>& nodes) {
    std::string out = "[";
    for (const NetNode& each : nodes) {
        out +=
            fmt::format(R"({}{{"name":{},"url":{},"config":{}}})", out.size() == 1 ? "" : ",", json_quoted(each.name),
                        json_quoted(each.url), json_quoted((each.folder / "node.toml").string()));
    }
    return out + "]";
}

Result<int> init(Context& context, InitOptions options) {
    options.plan.folder = net_folder(context, options.folder);
    options.plan.genesis = options.genesis;
    TRY(nodes, make_net(context, options.plan));
    if (context.globals.json) {
        print_json(nodes_json(nodes));
        return kExitOk;
    }
    for (const NetNode& each : nodes) {
        fmt::print("{}  {}  {}\n", each.name, each.url, (each.folder / "node.toml").string());
    }
    fmt::print("start all of them: sublet net up{}\n",
               options.folder.empty() ? "" : " --folder " + options.plan.folder.string());
    return kExitOk;
}

struct JoinOptions {
    std::string folder;
    JoinPlan plan;
};

Result<int> join(Context& context, JoinOptions options) {
    options.plan.folder = options.folder.empty() ? context.home() / "node" : std::filesystem::absolute(options.folder);
    TRY(joined, join_net(context, options.plan));
    const std::string config = (joined.node.folder / "node.toml").string();
    if (context.globals.json) {
        print_json(fmt::format(R"({{"chain_id":{},"url":{},"config":{},"key_file":{},"peers":{},"from_height":{}}})",
                               json_quoted(joined.chain_id), json_quoted(joined.node.url), json_quoted(config),
                               json_quoted(joined.key_file().string()), joined.peers,
                               joined.from ? fmt::format("\"{}\"", joined.from->height) : "null"));
        return kExitOk;
    }
    fmt::print("{}: {} peers, {}\nstart the node: sublet node --config {}\n", joined.chain_id, joined.peers,
               joined.from ? fmt::format("begins with a snapshot, verified from block {}", joined.from->height)
                           : "executes every block",
               config);
    fmt::print("let it validate, once it follows: sublet validator create LET --name NAME --key-file {}\n",
               joined.key_file().string());
    return kExitOk;
}

struct Running {
    NetNode node;
    std::unique_ptr<runtime::Child> process;
    bool told = false;  // that it has ended

    [[nodiscard]] std::filesystem::path log() const { return node.folder / "node.log"; }
};

Result<std::vector<Running>> start_all(const std::vector<NetNode>& nodes) {
    const std::filesystem::path program = std::filesystem::read_symlink("/proc/self/exe");
    std::vector<Running> out;
    for (const NetNode& each : nodes) {
        Running running{each, std::make_unique<runtime::Child>(), false};
        runtime::ProcessRequest request;
        request.argv = {program.string(), "node", "--config", (each.folder / "node.toml").string()};
        TRY_OK(running.process->start(request, running.log().string()));
        out.push_back(std::move(running));
    }
    return out;
}

bool answers(Context& context, const NetNode& node) {
    const Result<net::Endpoint> endpoint = net::parse_endpoint(node.url);
    net::Request request;
    request.target = "/health";
    net::Task<Result<net::Response>> asking = context.transport->send(*endpoint, std::move(request), kLook_ms);
    const Result<net::Response> answer = context.wait(std::move(asking));
    return answer && answer->status < 400;
}

Result<> wait_for_all(Context& context, std::vector<Running>& running) {
    const auto progress = context.progress("starting " + std::to_string(running.size()) + " nodes");
    const std::uint64_t until = context.clock->monotonic_ms() + kStart_ms;
    for (Running& each : running) {
        while (!answers(context, each.node)) {
            if (!each.process->running()) {
                return fail(Code::kEngine, each.node.name + " has ended: " + each.log().string() + " says why");
            }
            if (context.clock->monotonic_ms() > until) {
                return fail(Code::kTimeout, each.node.name + " does not answer: " + each.log().string() + " says why");
            }
            context.wait(context.clock->sleep(kLook_ms));
        }
    }
    return {};
}

// One that ends is told of once; the others go on, and it may be started again by hand.
std::optional<std::string> look_after(std::vector<Running>& running) {
    std::size_t alive = 0;
    for (Running& each : running) {
        if (each.process->running()) {
            ++alive;
        } else if (!each.told) {
            each.told = true;
            net::log(net::LogLevel::kWarning, "net",
                     each.node.name + " has ended; its log says why, `sublet node --config` starts it again",
                     {{"log", each.log().string()}, {"exit_code", std::to_string(each.process->exit_code())}});
        }
    }
    return alive == 0 ? std::optional<std::string>{"all nodes have ended"} : std::nullopt;
}

Result<int> up_net(Context& context, const UpNetOptions& options) {
    TRY_OK(set_log_format(options.log_format));
    const std::filesystem::path folder = net_folder(context, options.folder);
    TRY(nodes, nodes_of(folder));
    TRY(running, start_all(nodes));
    TRY_OK(wait_for_all(context, running));
    LocalNetwork network;
    network.node = nodes.front().url;
    network.data = folder;
    network.pid = ::getpid();
    TRY_OK(write_local_network(*context.files, context.home(), network));
    if (context.globals.json) {
        print_json(nodes_json(nodes));
    } else {
        for (const NetNode& each : nodes) {
            fmt::print("{}  {}\n", each.name, each.url);
        }
        fmt::print("up: {} nodes · data in {} · Ctrl-C stops\n", nodes.size(), folder.string());
    }
    std::fflush(stdout);
    const std::optional<std::string> trouble = serve(context, [&running] { return look_after(running); });
    {
        const auto progress = context.progress("stopping the nodes");
        for (Running& each : running) {
            each.process->ask_to_stop();
        }
        running.clear();
    }
    return trouble ? Result<int>{fail(Code::kEngine, *trouble)} : Result<int>{kExitOk};
}

void add_join(CLI::App* net, Session& session) {
    CLI::App* command =
        net->add_subcommand("join", "Make keys and configuration of a node of a network that others run");
    auto options = std::make_shared<JoinOptions>();
    JoinPlan& plan = options->plan;
    command->add_option("node", plan.node, "URL of one of its nodes")->required();
    command->add_option("--folder", options->folder, "Where; else <home>/node");
    command->add_option("--name", plan.name, "What others see it as; else node");
    command->add_option("--witness", plan.witnesses, "URL of another node, which must show the same; repeatable");
    command->add_option("--trust", plan.trust,
                        "HEIGHT:HASH of a block that you know from somebody you trust: begins with a snapshot that is "
                        "verified from it on; else with the first block");
    command->add_option("--address", plan.address, "Of its API; else 127.0.0.1");
    command->add_option("--port", plan.port, "Of its API; else 26657");
    command->add_option("--p2p-address", plan.p2p_address, "Where other nodes reach it; else 0.0.0.0:26656");
    command->footer("Example: sublet net join http://node.example:26657 --trust 1200:5F3A…");
    on_chosen(command, session, options, join);
}

}  // namespace

void add_net(Session& session) {
    CLI::App* net =
        session.root->add_subcommand("net", "A replicated network, on CometBFT: one here, or a node of another");
    net->require_subcommand(1);
    CLI::App* make = net->add_subcommand("init", "Make keys, genesis and configuration of its nodes");
    auto options = std::make_shared<InitOptions>();
    make->add_option("--folder", options->folder, "Where; else <home>/net");
    make->add_option("--validators", options->plan.validators, "How many nodes; else 4");
    make->add_option("--chain-id", options->plan.chain_id, "Name of the chain; else a fresh one");
    make->add_option("--genesis", options->genesis, "File with balances and parameters; else those of `sublet up`");
    make->add_option("--first-address", options->plan.first_address, "Of the first node; else 127.0.0.2");
    make->add_option("--port", options->plan.port, "Of every node's API; else 26657");
    make->add_option("--p2p-port", options->plan.p2p_port, "Of every node's CometBFT; else 26656");
    make->add_flag("--check-invariants", options->plan.check_invariants, "Nodes recompute every sum after each block");
    on_chosen(make, session, options, init);
    CLI::App* start = net->add_subcommand("up", "Run all its nodes, until Ctrl-C");
    auto up = std::make_shared<UpNetOptions>();
    start->add_option("--folder", up->folder, "Where `net init` put it; else <home>/net");
    start->add_option("--log-format", up->log_format, "human, or json: one object a line");
    on_chosen(start, session, up, up_net);
    add_join(net, session);
}

}  // namespace sublet::cli
