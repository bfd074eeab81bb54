// stake.cpp: `sublet lend stake | unstake | standing`: what a provider's owner puts at stake for work and audits.
// Spec: docs/spec/audits.md (standing).
#include "cli/exit.hpp"
#include "cli/format.hpp"
#include "cli/job_audit.hpp"
#include "cli/send_message.hpp"
#include "cli/verbs.hpp"
#include "jobs/benchmark.hpp"
#include "modules/audit/messages_stake.hpp"

namespace sublet::cli {
namespace {

struct StakeOptions {
    std::string credits;
    std::vector<std::string> engines{kBatchEngine, std::string{jobs::kBlenderEngine}};
    std::string who;
};

Result<int> stake(Context& context, const StakeOptions& options) {
    TRY(amount, parse_credits(options.credits));
    audit::MsgStakeWork message{.owner = "", .amount = amount, .engines = options.engines};
    std::ranges::sort(message.engines);
    TRY(sent, send_message(context, std::move(message), &audit::MsgStakeWork::owner));
    (void)sent;
    fmt::print("{} at stake for work: audits of {} may be drawn to this provider\n", credits(amount),
               fmt::join(options.engines, ", "));
    return kExitOk;
}

Result<int> unstake(Context& context, const StakeOptions& options) {
    TRY(amount, parse_credits(options.credits));
    TRY(sent, send_message(context, audit::MsgUnstakeWork{"", amount}, &audit::MsgUnstakeWork::owner));
    (void)sent;
    TRY(chain, context.chain());
    TRY(params, context.wait(chain->params()));
    fmt::print("{} leave the stake: yours again in {}, and can be lost until then\n", credits(amount),
               duration(Millis{params.work_unlock_ms}));
    return kExitOk;
}

Result<int> standing(Context& context, const StakeOptions& options) {
    Address owner;
    if (options.who.empty()) {
        TRY(info, context.key_info());
        owner = info.address;
    } else {
        TRY(address, context.address_of(options.who));
        owner = address;
    }
    TRY(chain, context.chain());
    TRY(found, context.wait(chain->standing(owner)));
    if (context.globals.json) {
        print_json(codec::to_json(found));
        return kExitOk;
    }
    fmt::print(
        "{}\nstake     {}{}, {} lost so far\naudits    {}; {} given, {} wrong, {} not given\n"
        "results   {} audited and right, {} wrong; {} right in a row\n",
        crypto::to_bech32(owner), credits(found.stake),
        found.leaving.is_zero() ? "" : ", " + credits(found.leaving) + " leaving", credits(found.slashed),
        found.engines.empty() ? "nothing" : fmt::format("{}", fmt::join(found.engines, ", ")), found.audits_given,
        found.audits_wrong, found.audits_silent, found.results_right, found.results_wrong, found.passes);
    return kExitOk;
}

}  // namespace

void add_stake(CLI::App* lend, Session& session) {
    auto options = std::make_shared<StakeOptions>();
    CLI::App* in = lend->add_subcommand("stake",
                                        "Put credits at stake for work: audits are drawn by it, and your own "
                                        "results are audited less often; lies and cheats lose it");
    in->add_option("credits", options->credits, "How many, on top of what is there")->required();
    in->add_option("--engines", options->engines, "What this provider audits")->delimiter(',')->capture_default_str();
    on_chosen(in, session, options, stake);
    CLI::App* out = lend->add_subcommand("unstake", "Take stake out; it comes back after a week");
    out->add_option("credits", options->credits, "How many")->required();
    on_chosen(out, session, options, unstake);
    CLI::App* shown = lend->add_subcommand("standing", "What is at stake, and how audits turned out");
    shown->add_option("owner", options->who, "Key or address; else your own");
    on_chosen(shown, session, options, standing);
}

}  // namespace sublet::cli
