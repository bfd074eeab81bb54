// verbs.hpp: every verb adds itself to the command line; choosing one sets the session's action.
#pragma once

#include <CLI/CLI.hpp>
#include <functional>

#include "cli/context.hpp"
#include "cli/exit.hpp"

namespace sublet::cli {

// Gives the exit code, or the error that is printed and decides it.
using Action = std::function<Result<int>(Context&)>;

struct Session {
    Globals globals;
    Action action;
    CLI::App* root = nullptr;
};

void add_wallet(Session& session);
void add_rent(Session& session);
void add_lease(Session& session);
void add_batch(Session& session);
void add_render(Session& session);
void add_job(Session& session);
void add_job_verify(CLI::App* parent, Session& session);
void add_job_disputes(CLI::App* parent, Session& session);
void add_stake(CLI::App* lend, Session& session);
void add_market(Session& session);  // offer, provider
void add_up(Session& session);
void add_node(Session& session);
void add_node_export(CLI::App* node, Session& session);
void add_net(Session& session);
void add_validator(Session& session);
void add_gov(Session& session);
void add_lend(Session& session);
void add_query(Session& session);
void add_sdl(Session& session);
void add_doctor(Session& session);
void add_tx(Session& session);
void add_chain_info(Session& session);
void add_completion(Session& session);
void add_version(Session& session);

// Of a verb without arguments.
struct NoOptions {};

// `options` is what the verb's arguments were read into.
template <class Options, class Run>
void on_chosen(CLI::App* command, Session& session, std::shared_ptr<Options> options, Run run) {
    command->callback([&session, options = std::move(options), run] {
        if (!session.action) {  // a subcommand's callback comes before its parent's
            session.action = [options, run](Context& context) -> Result<int> { return run(context, *options); };
        }
    });
}

}  // namespace sublet::cli
