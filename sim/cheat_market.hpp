// cheat_market.hpp: a market of workers who audit each other, some of them cheats: who earns what. The ledger's own
// handlers, without signatures and wires, as fast as they are. Spec: docs/spec/audits.md.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace sublet::sim {

enum class Cheat : std::uint8_t {
    kAlone,     // gives what costs little, and audits without looking
    kLate,      // honest until it has passed ten audits in a row
    kLazy,      // honest at its tasks, audits without looking
    kTogether,  // all cheats know each other: they pass each other's results and fail everybody else's
    kAgain,     // as alone; who is found begins anew under another name
};
std::string_view to_name(Cheat cheat);

struct CheatMarket {
    std::uint64_t seed = 1;
    Cheat cheat = Cheat::kAlone;
    std::uint32_t owners = 40;
    std::uint32_t cheats_percent = 20;
    std::uint32_t tasks = 2'000;
    std::uint64_t pay = 1'000;          // ucredit of a task
    std::uint64_t stake = 10'000;       // of each owner; ten tasks
    std::uint64_t cost_permille = 600;  // of a task's pay, that doing it costs
    std::uint64_t cheap_permille = 60;  // of the same, that a cheat costs
    std::uint32_t share_permille = 100;
    std::uint32_t floor_permille = 143;
};

// Sums over all owners of a kind; money in ucredit, what it cost to work taken off.
struct CheatOutcome {
    double honest_gain = 0, cheat_gain = 0;                // an owner, on the average
    std::uint64_t right = 0, wrong = 0;                    // results that were paid
    std::uint64_t audits = 0;                              // seats that were paid
    std::uint64_t honest_slashed = 0, cheats_slashed = 0;  // owners, names of cheats that began anew counted each
    std::uint64_t undecided = 0;
    double found_after = 0;  // tasks that a cheat was given until it was found, on the average
    std::string broken;      // an invariant; empty: all hold
};

CheatOutcome run(const CheatMarket& market);

}  // namespace sublet::sim
