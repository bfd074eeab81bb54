// cli.cpp: puts the verbs together, runs the chosen one, and says what went wrong.
#include "cli/cli.hpp"

#include <unistd.h>

#include <csignal>
#include <cstdio>

#include "app/app.hpp"
#include "cli/log_format.hpp"
#include "cli/verbs.hpp"

namespace sublet::cli {
namespace {

void add_globals(CLI::App& root, Globals& globals) {
    root.add_flag("--json", globals.json, "Answer in JSON");
    root.add_option("--node", globals.node, "The node's URL (else SUBLET_NODE, else the local network's)");
    root.add_option("--home", globals.home,
                    "Folder of keys and deployments (else SUBLET_HOME, else ~/.local/share/sublet)");
    root.add_option("--key", globals.key, "The key to act with (else SUBLET_KEY, else the only one, else tenant)");
    root.add_option("--passphrase-file", globals.passphrase_file,
                    "Unlock the key with the first line of this file (else SUBLET_PASSPHRASE, else ask)");
}

void print_error(const Error& error, bool json) {
    const std::string hint = hint_of(error.code);
    if (json_logs()) {
        net::log(net::LogLevel::kError, "cli", error.message,
                 {{"code", std::string{code_name(error.code)}}, {"hint", hint}});
        return;
    }
    if (json) {
        fmt::print(stderr, "{{\"error\":{},\"code\":\"{}\",\"hint\":{}}}\n", json_quoted(error.message),
                   code_name(error.code), json_quoted(hint));
        return;
    }
    const bool red = ::isatty(STDERR_FILENO) == 1 && std::getenv("NO_COLOR") == nullptr;
    fmt::print(stderr, "{}error:{} {} [{}]\n", red ? "\033[31m" : "", red ? "\033[0m" : "", error.message,
               code_name(error.code));
    if (!hint.empty()) {
        fmt::print(stderr, "  {}\n", hint);
    }
}

int act(Session& session) {
    log_to_stderr();
    Context context{session.globals};
    const Result<int> done = session.action(context);
    std::fflush(stdout);
    if (done) {
        return *done;
    }
    if (!done.error().message.empty()) {
        print_error(done.error(), session.globals.json);
    }
    return exit_of(done.error().code);
}

}  // namespace

int run(int argc, char** argv) {
    std::signal(SIGPIPE, SIG_IGN);
    CLI::App root{"sublet: rent and lend computing power on an open market", "sublet"};
    Session session;
    session.root = &root;
    root.fallthrough();
    root.require_subcommand(1);
    root.set_version_flag("--version", std::string{app::kVersion});
    root.failure_message(CLI::FailureMessage::simple);
    root.footer(
        "Exit codes: 0 done, 1 failed, 2 usage, 3 refused by the ledger, 4 not found, 5 timed out, 6 no offer "
        "matches, 7 this machine lacks something.");
    add_globals(root, session.globals);
    add_up(session);
    add_rent(session);
    add_lease(session);
    add_batch(session);
    add_render(session);
    add_job(session);
    add_market(session);
    add_wallet(session);
    add_query(session);
    add_lend(session);
    add_node(session);
    add_net(session);
    add_validator(session);
    add_gov(session);
    add_sdl(session);
    add_tx(session);
    add_chain_info(session);
    add_doctor(session);
    add_completion(session);
    add_version(session);
    try {
        root.parse(argc, argv);
    } catch (const CLI::ParseError& error) {
        return root.exit(error) == 0 ? kExitOk : kExitUsage;
    }
    try {
        return act(session);
    } catch (const std::exception& error) {
        print_error(Error{Code::kInternal, std::string{"unexpected: "} + error.what()}, session.globals.json);
        return kExitFailed;
    }
}

}  // namespace sublet::cli
