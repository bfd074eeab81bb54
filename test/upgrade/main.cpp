// main.cpp: one of the two builds of the rehearsal: opens a ledger's folder, lets its one validator plan the upgrade,
// and makes blocks until number 20. Prints where it is; status 3 when this build may not go on.
#include <cstdio>

#include "engine/core.hpp"
#include "engine/testing/world.hpp"
#include "modules/gov/messages.hpp"

namespace sublet::engine {
namespace {

constexpr std::uint64_t kBlocks = 20;
constexpr std::uint64_t kUpgradeAt = 12;
constexpr std::uint64_t kBlockMs = 1'000;
constexpr int kHalted = 3;

app::Genesis rehearsal_genesis() {
    const testing::Key& founder = testing::rich();
    app::Genesis out = testing::small_genesis(founder);
    out.balances.push_back({founder.address, "ulet", Amount{1'000'000'000}});
    out.validators.push_back({founder.address, Bytes(32, 'k'), 10, "alone"});
    gov::Params& votes = out.gov.emplace();
    votes.voting_ms = 2 * kBlockMs;
    votes.upgrade_notice_blocks = 1;
    return out;
}

template <class Message>
Result<> act(Core& core, const Message& message, std::uint64_t sequence) {
    const testing::Draft draft{.chain_id = core.genesis().chain_id,
                               .account_number = 1,
                               .sequence = sequence,
                               .gas_limit = 300'000,
                               .fee = "1000"};
    const Submitted sent = core.submit(testing::signed_tx(testing::rich(), message, draft));
    return sent.check.code == Code::kOk ? Result<>{} : fail(sent.check.code, sent.check.log);
}

Result<> go_on(Core& core, testing::HandClock& clock) {
    const std::string& me = testing::rich().address;
    do {  // one block at least: a folder that is there already shows whether it may go on
        if (core.committed()->height.is_zero()) {
            TRY_OK(act(core, gov::MsgPropose{me, "rehearsal", {}, "rehearsal", Height{kUpgradeAt}}, 0));
            TRY_OK(act(core, gov::MsgVote{me, gov::ProposalId{1}, gov::Choice::kYes}, 1));
        }
        clock.now = core.committed()->time.value() + kBlockMs;
        TRY(made, core.make_block());
        (void)made;
    } while (core.committed()->height.value() < kBlocks);
    return {};
}

int rehearse(const char* folder) {
    testing::HandClock clock;
    const auto store = store::Store::open(folder);
    if (!store) {
        std::fprintf(stderr, "%s\n", store.error().message.c_str());
        return 1;
    }
    const auto core = Core::open(**store, clock, rehearsal_genesis(), {.check_invariants = true});
    if (!core) {
        std::fprintf(stderr, "%s\n", core.error().message.c_str());
        return 1;
    }
    const Result<> done = go_on(**core, clock);
    const auto at = (*core)->committed();
    std::printf("height %llu root %s\n", static_cast<unsigned long long>(at->height.value()),
                to_hex(view_of(at->app_hash)).c_str());
    if (!done) {
        std::printf("%s\n", done.error().message.c_str());
    }
    return done ? 0 : done.error().code == Code::kUnsupported ? kHalted : 1;
}

}  // namespace
}  // namespace sublet::engine

int main(int count, char** arguments) {
    if (count != 2) {
        std::fprintf(stderr, "usage: %s FOLDER\n", arguments[0]);
        return 64;
    }
    return sublet::engine::rehearse(arguments[1]);
}
