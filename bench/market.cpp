// market.cpp: the market's mix over many live leases: 40 % offer updates, 20 % orders, 20 % leases made ready, 20 %
// withdrawn or closed; each block of 1,000 checked, executed and durable.
#include <deque>
#include <random>

#include "modules/market/messages.hpp"
#include "support/node.hpp"
#include "support/verify_rate.hpp"

using namespace sublet;
using namespace sublet::bench;
using scenario::World;

namespace {

constexpr std::size_t kLeases = 100'000;
constexpr std::size_t kTenants = 4'000;
constexpr std::size_t kProviders = 1'000;
constexpr std::size_t kOffersEach = 4;
constexpr int kRounds = 5;
constexpr int kBlocks = 20;

struct Mix {
    Node& node;
    Wallets wallets;
    std::mt19937_64 dice{7};
    std::uint64_t orders = kLeases;
    std::uint64_t ready = kLeases;  // leases up to this one are running or in `unready`
    std::deque<std::uint64_t> unready;
    std::uint64_t next_close = 1;  // oldest first
    std::uint64_t next_withdraw = kLeases / 2;
    std::map<Address, std::string> names;
    std::map<std::string, int> in_block;  // an account may have 16 waiting

    Mix(Node& over, const State& state) : node(over), wallets(over.view(), state.genesis.chain_id) {
        for (std::size_t i = 0; i < kTenants; ++i) {
            names[World::raw_address(tenant_name(i))] = tenant_name(i);
        }
        for (std::size_t i = 0; i < kProviders; ++i) {
            names[World::raw_address(provider_name(i))] = agent_name(i);
        }
    }
    market::Lease lease(std::uint64_t id) const {
        std::optional<market::Lease> found = market::find_lease(node.view(), LeaseId{id});
        if (!found) {
            throw scenario::Failure("there is no lease " + std::to_string(id));
        }
        return *found;
    }
    std::pair<std::string, ledger::Any> update() {
        const std::uint64_t id = 1 + dice() % (kProviders * kOffersEach);
        const market::Offer offer = *market::find_offer(node.view(), OfferId{id});
        market::MsgUpdateOffer message;
        const std::string who = names.at(offer.provider);
        message.operator_address = World::address(who);
        message.offer = offer.id;
        message.capacity = offer.capacity;
        message.price = offer.price;
        message.price.cpu_core = 100'000'000 + dice() % 100'000'000;
        return {who, wrap(message)};
    }
    std::vector<Bytes> next() {
        std::vector<std::pair<std::string, ledger::Any>> all;
        in_block.clear();
        const auto add = [&](const std::string& who, ledger::Any message) {
            if (++in_block[who] <= static_cast<int>(app::kMaxPendingPerAccount)) {
                all.emplace_back(who, std::move(message));
            }
        };
        for (int i = 0; i < 200; ++i, ++orders) {
            add(tenant_name(orders % kTenants), order_message(orders % kTenants, orders));
        }
        for (; market::find_lease(node.view(), LeaseId{ready + 1}); ++ready) {
            unready.push_back(ready + 1);
        }
        std::deque<std::uint64_t> later;
        for (const std::uint64_t id : unready) {
            const std::string who = names.at(lease(id).provider);
            if (in_block[who] < static_cast<int>(app::kMaxPendingPerAccount) && all.size() < 400) {
                add(who, wrap(market::MsgLeaseReady{World::address(who), LeaseId{id}}));
            } else {
                later.push_back(id);
            }
        }
        unready = std::move(later);
        for (int i = 0; i < 100; ++i) {
            const std::string tenant = names.at(lease(next_close).tenant);
            add(tenant, wrap(market::MsgCloseLease{World::address(tenant), LeaseId{next_close++}}));
            const std::string who = names.at(lease(next_withdraw).provider);
            add(who, wrap(market::MsgWithdraw{World::address(who), {LeaseId{next_withdraw++}}}));
        }
        while (all.size() < 1'000) {
            auto [who, message] = update();
            add(who, std::move(message));
        }
        std::ranges::shuffle(all, dice);
        std::vector<Bytes> out;
        for (auto& [who, message] : all) {
            out.push_back(wallets.sign(who, std::move(message)));
        }
        return out;
    }
};

void run() {
    const State state =
        make_state({.tenants = kTenants, .providers = kProviders, .offers_each = kOffersEach, .leases = kLeases});
    tell(std::to_string(state.tree.size()) + " keys");
    Node node{state};
    Mix mix{node, state};
    for (int i = 0; i < 3; ++i) {
        node.block(mix.next());
    }
    std::vector<double> rates;
    std::vector<double> blocks;
    std::vector<double> raw;
    for (int round = 0; round < kRounds; ++round) {
        double seconds = 0;
        std::size_t count = 0;
        raw.push_back(verify_rate(10'000));
        for (int i = 0; i < kBlocks; ++i) {
            std::vector<Bytes> made = mix.next();
            count += made.size();
            blocks.push_back(node.block(std::move(made)) * 1'000);
            seconds += blocks.back() / 1'000;
        }
        rates.push_back(static_cast<double>(count) / seconds);
        tell("round " + std::to_string(round + 1) + ": " + std::to_string(static_cast<int>(rates.back())) + " tx/s");
    }
    tell(node.parts());
    print({.name = "market mix over 100,000 live leases",
           .value = median(rates),
           .unit = "tx/s",
           .against = "signature checks alone, all cores",
           .against_value = median(raw),
           .goal = 10'000,
           .goal_of_ratio = false,
           .lower_is_better = false,
           .curve = {}});
    print({.name = "market mix: block of 1,000, p99",
           .value = quantile(blocks, 0.99),
           .unit = "ms",
           .against = "its median",
           .against_value = median(blocks),
           .goal = 150,
           .goal_of_ratio = false,
           .lower_is_better = true,
           .curve = {}});
}

}  // namespace

int main() { return guarded("market", run); }
