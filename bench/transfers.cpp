// transfers.cpp: signed bank sends a second, each checked, executed and durable, against raw signature checks of the
// same cores.
#include "modules/bank/messages.hpp"
#include "support/node.hpp"
#include "support/verify_rate.hpp"

using namespace sublet;
using namespace sublet::bench;

namespace {

constexpr std::size_t kAccounts = 4'000;
constexpr std::size_t kPerBlock = 1'000;
constexpr std::size_t kBlocks = 10;
constexpr int kRounds = 5;

void run() {
    const State state = make_state({.tenants = kAccounts, .providers = 0, .offers_each = 0, .leases = 0});
    Node node{state};
    Wallets wallets{node.view(), state.genesis.chain_id};
    std::size_t next = 0;
    const auto make = [&] {
        std::vector<Bytes> out;
        for (std::size_t i = 0; i < kPerBlock; ++i, ++next) {
            const std::string from = tenant_name(next % kAccounts);
            bank::MsgSend message{
                scenario::World::address(from), scenario::World::address(tenant_name((next * 7 + 1) % kAccounts)), {}};
            message.amount.push_back(bank::coin_of(Amount{1 + next % 1'000}, "ucredit"));
            out.push_back(wallets.sign(from, wrap(message)));
        }
        return out;
    };
    node.block(make());
    std::vector<double> rates;
    std::vector<double> raw;
    for (int round = 0; round < kRounds; ++round) {
        std::vector<std::vector<Bytes>> ready;
        for (std::size_t i = 0; i < kBlocks; ++i) {
            ready.push_back(make());
        }
        raw.push_back(verify_rate(kBlocks * kPerBlock));
        const double seconds = node.blocks(std::move(ready));
        rates.push_back(kBlocks * kPerBlock / seconds);
        tell("round " + std::to_string(round + 1) + ": " + std::to_string(static_cast<int>(rates.back())) +
             " transfers/s, " + std::to_string(static_cast<int>(raw.back())) + " checks/s");
    }
    tell(node.parts());
    print({.name = "transfers, signed and durable",
           .value = median(rates),
           .unit = "tx/s",
           .against = "signature checks alone, all cores",
           .against_value = median(raw),
           .goal = 0.6,
           .goal_of_ratio = true,
           .lower_is_better = false,
           .curve = {}});
}

}  // namespace

int main() { return guarded("transfers", run); }
