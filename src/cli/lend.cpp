// lend.cpp: `sublet lend`: this machine as a provider, and its owner's word to it.
#include "agent/crash.hpp"
#include "cli/examine.hpp"
#include "cli/format.hpp"
#include "cli/lend_process.hpp"
#include "cli/log_format.hpp"
#include "cli/service_loop.hpp"
#include "cli/verbs.hpp"
#include "client/loose_json.hpp"
#include "client/passphrase.hpp"

namespace sublet::cli {
namespace {

namespace loose = client::loose;
constexpr std::uint64_t kControlTimeoutMs = 30'000;

struct LendArguments {
    std::string config;
    std::string data;
    std::string log_format;
    bool keep = false;
    bool no_swarm = false;
    bool skip_doctor = false;
    bool list_crash_points = false;
};

std::filesystem::path data_of(const Context& context, const LendArguments& arguments, const LendSettings& settings) {
    if (!arguments.data.empty()) {
        return std::filesystem::absolute(arguments.data);
    }
    return settings.data.empty() ? context.home() / "lend" : std::filesystem::absolute(settings.data);
}

Result<LendSettings> settings_of(Context& context, const LendArguments& arguments) {
    LendSettings out;
    if (!arguments.config.empty()) {
        TRY(read, read_lend_config(arguments.config));
        out = std::move(read);
    }
    out.swarm = out.swarm && !arguments.no_swarm;
    out.data = data_of(context, arguments, out);
    out.log_format = arguments.log_format.empty() ? out.log_format : arguments.log_format;
    return out;
}

// A service never asks a person: the passphrase comes from the file or the environment.
Result<client::UnlockedKey> unlock(Context& context, const LendSettings& settings, const std::string& name) {
    if (settings.passphrase_file.empty()) {
        return context.unlock(name);
    }
    client::PassphraseSource source;
    source.file = settings.passphrase_file;
    source.use_terminal = false;
    TRY(passphrase, client::read_passphrase(*context.files, source));
    return context.keyring().unlock(name, passphrase);
}

Result<LendKeys> keys_of(Context& context, const LendSettings& settings) {
    TRY(hot, unlock(context, settings, settings.operator_key));
    LendKeys out{hot.secret, std::nullopt, {}};
    if (!settings.owner.empty()) {
        TRY(owner, crypto::parse_address(settings.owner));
        out.owner = owner;
        return out;
    }
    TRY(cold, unlock(context, settings, settings.owner_key));
    out.owner = cold.info.address;
    out.owner_secret = cold.secret;
    return out;
}

Result<client::Chain*> chain_of(Context& context, const LendSettings& settings, std::unique_ptr<client::Chain>& own) {
    if (settings.node.empty() || !context.globals.node.empty()) {
        return context.chain();
    }
    TRY(endpoint, net::parse_endpoint(settings.node));
    own = std::make_unique<client::Chain>(*context.transport, *context.clock, endpoint);
    return own.get();
}

Result<int> lend(Context& context, const LendArguments& arguments) {
    if (arguments.list_crash_points) {
        fmt::print("{}\n", fmt::join(agent::crash_points(), "\n"));
        return kExitOk;
    }
    TRY(settings, settings_of(context, arguments));
    TRY_OK(set_log_format(settings.log_format));
    if (!arguments.skip_doctor) {
        runtime::DoctorOptions doctor;
        doctor.engine = engine_options(settings);
        if (settings.gateway_port != 0) {
            doctor.ports.push_back(settings.gateway_port);
        }
        if (settings.swarm && settings.swarm_port != 0) {
            doctor.ports.push_back(settings.swarm_port);
        }
        if (!examine_machine(context, std::move(doctor), Report::kFailures)) {
            return fail(Code::kEngine, "this machine lacks something that lending needs (see above)");
        }
    }
    std::unique_ptr<client::Chain> own;
    TRY(chain, chain_of(context, settings, own));
    TRY(keys, keys_of(context, settings));
    const std::string owner = crypto::to_bech32(keys.owner);
    TRY(lending, LendProcess::start(context, *chain, settings, std::move(keys)));
    if (context.globals.json) {
        print_json(fmt::format(R"({{"provider":"{}","gateway":{}}})", owner, json_quoted(lending->gateway())));
    } else {
        fmt::print("lending as {} · gateway {} · data in {} · Ctrl-C stops\n", owner, lending->gateway(),
                   settings.data.string());
    }
    std::fflush(stdout);
    log_start("agent", "this machine is lent", {{"provider", owner}, {"gateway", lending->gateway()}});
    (void)serve(context, [] { return std::optional<std::string>{}; });
    const auto progress = context.progress("stopping");
    lending->stop(arguments.keep ? agent::StopMode::kKeep : agent::StopMode::kStopContainers);
    return kExitOk;
}

// The agent of `lend` under this home, else the one of the local network.
Result<std::filesystem::path> control_folder(Context& context, const LendArguments& arguments) {
    TRY(settings, settings_of(context, arguments));
    std::vector<std::filesystem::path> folders{settings.data};
    if (arguments.data.empty() && context.local()) {
        folders.push_back(context.local()->data / "lend");
    }
    for (const std::filesystem::path& folder : folders) {
        if (context.files->exists(folder / "agent.sock")) {
            return folder;
        }
    }
    return fail(Code::kNotFound,
                fmt::format("no agent runs with its data in {}; start it with `sublet lend`, or name its "
                            "folder with --data",
                            settings.data.string()));
}

Result<nlohmann::json> control(Context& context, const LendArguments& arguments, const char* method, const char* path) {
    TRY(folder, control_folder(context, arguments));
    TRY(endpoint, net::parse_endpoint(agent::control_url(folder)));
    net::Request request;
    request.method = method;
    request.target = path;
    TRY(response, context.wait(context.transport->send(endpoint, std::move(request), kControlTimeoutMs)));
    TRY(body, loose::parse(response.body, "the agent"));
    if (response.status >= 300) {
        const std::string hint = loose::text(body, "hint");
        return fail(response.status == 409 ? Code::kConflict : Code::kRefused,
                    loose::text(body, "error") + (hint.empty() ? "" : "; " + hint));
    }
    return body;
}

// One line per entry; nested values as JSON.
void print_entries(const nlohmann::json& body) {
    if (!body.is_object()) {
        fmt::print("{}\n", body.dump());
        return;
    }
    for (const auto& [key, value] : body.items()) {
        fmt::print("{:<16} {}\n", key, value.is_string() ? value.get<std::string>() : value.dump());
    }
}

void add_control(CLI::App* lend_command, Session& session, const std::shared_ptr<LendArguments>& arguments,
                 const char* name, const char* what, const char* method, const char* path) {
    CLI::App* command = lend_command->add_subcommand(name, what);
    on_chosen(command, session, arguments,
              [method, path](Context& context, const LendArguments& chosen) -> Result<int> {
                  TRY(body, control(context, chosen, method, path));
                  if (context.globals.json) {
                      print_json(body.dump());
                  } else {
                      print_entries(body);
                  }
                  return kExitOk;
              });
}

}  // namespace

void add_lend(Session& session) {
    CLI::App* command = session.root->add_subcommand("lend", "Lend this machine");
    auto arguments = std::make_shared<LendArguments>();
    command->add_option("--config", arguments->config, "TOML file (examples/lend.toml)");
    command->add_option("--data", arguments->data, "The agent's folder; else <home>/lend");
    command->add_flag("--keep", arguments->keep,
                      "Let containers run on when the agent stops; the next start adopts them");
    command->add_flag("--no-swarm", arguments->no_swarm, "Have inputs of jobs through the gateway alone");
    command->add_flag("--skip-doctor", arguments->skip_doctor, "Do not examine the machine first");
    command->add_option("--log-format", arguments->log_format, "human, or json: one object a line");
    command->add_flag("--list-crash-points", arguments->list_crash_points, "What SUBLET_CRASH_AT takes: for tests")
        ->group("");
    command->require_subcommand(0, 1);
    add_control(command, session, arguments, "status", "What the agent does now", "GET", "/status");
    add_control(command, session, arguments, "pause", "Take no new leases; what runs goes on", "POST", "/pause");
    add_control(command, session, arguments, "resume", "Take leases again", "POST", "/resume");
    add_control(command, session, arguments, "drain", "Take no new leases and end those that run, with notice", "POST",
                "/drain");
    add_control(command, session, arguments, "earnings", "What was earned, and what can be withdrawn", "GET",
                "/earnings");
    add_stake(command, session);
    on_chosen(command, session, arguments, lend);
}

}  // namespace sublet::cli
