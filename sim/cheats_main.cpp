// cheats_main.cpp: `sublet-cheats`: who earns what while 0 to 60 % of all owners cheat; one line of JSON for each
// market, for tools/cheats.py. With --check it fails where the rules do not hold what docs/spec/audits.md says.
#include <fmt/format.h>
#include <CLI/CLI.hpp>

#include "cheat_market.hpp"

namespace {

using sublet::sim::Cheat;
using sublet::sim::CheatMarket;
using sublet::sim::CheatOutcome;

// To cheat earns less than to be honest wherever honest owners have most of the stake; nobody honest is punished.
std::string wrong_with(const CheatMarket& market, const CheatOutcome& outcome) {
    if (!outcome.broken.empty()) {
        return outcome.broken;
    }
    const bool minority = market.cheats_percent <= (market.cheat == Cheat::kTogether ? 20U : 40U);
    if (minority && outcome.honest_slashed > 0) {
        return fmt::format("{} honest owners lost their stake", outcome.honest_slashed);
    }
    if (minority && market.cheats_percent > 0 && outcome.cheat_gain > 0 && market.cheat != Cheat::kLazy &&
        market.cheat != Cheat::kLate) {
        return fmt::format("a cheat earns {:.0f} ucredit", outcome.cheat_gain);
    }
    if (minority && market.cheats_percent > 0 && outcome.cheat_gain >= outcome.honest_gain) {
        return fmt::format("a cheat earns {:.0f} ucredit, an honest owner {:.0f}", outcome.cheat_gain,
                           outcome.honest_gain);
    }
    return "";
}

}  // namespace

int main(int argc, char** argv) {
    CLI::App root{"who earns what while some owners cheat: docs/spec/audits.md"};
    CheatMarket market;
    std::uint32_t most = 60;
    std::uint32_t step = 10;
    bool check = false;
    root.add_option("--seed", market.seed, "Of the blocks' hashes")->capture_default_str();
    root.add_option("--owners", market.owners, "Who work and audit")->check(CLI::Range(10, 200))->capture_default_str();
    root.add_option("--tasks", market.tasks, "Of the job")->check(CLI::Range(10, 100'000))->capture_default_str();
    root.add_option("--most", most, "Percent of cheats, at most")->check(CLI::Range(0, 90))->capture_default_str();
    root.add_option("--step", step, "Percent from one market to the next")
        ->check(CLI::Range(1, 90))
        ->capture_default_str();
    root.add_flag("--check", check, "Fail where a rule does not hold");
    CLI11_PARSE(root, argc, argv);
    int failed = 0;
    for (const Cheat cheat : {Cheat::kAlone, Cheat::kLate, Cheat::kLazy, Cheat::kTogether, Cheat::kAgain}) {
        for (std::uint32_t percent = 0; percent <= most; percent += step) {
            market.cheat = cheat;
            market.cheats_percent = percent;
            const CheatOutcome out = run(market);
            fmt::print(
                R"({{"cheat":"{}","percent":{},"honest":{:.1f},"cheats":{:.1f},"right":{},"wrong":{},"audits":{},)"
                R"("honest_slashed":{},"cheats_slashed":{},"undecided":{},"found_after":{:.2f}}})"
                "\n",
                to_name(cheat), percent, out.honest_gain, out.cheat_gain, out.right, out.wrong, out.audits,
                out.honest_slashed, out.cheats_slashed, out.undecided, out.found_after);
            std::fflush(stdout);
            if (const std::string why = wrong_with(market, out); check && !why.empty()) {
                fmt::print("not ok {} with {} % of cheats: {}\n", to_name(cheat), percent, why);
                failed = 1;
            }
        }
    }
    return failed;
}
