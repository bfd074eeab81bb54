// instructions.cpp: one block of 16 transactions of the kind that is named, for callgrind to count what `measured`
// costs.
#include <algorithm>
#include <cstdio>
#include <map>
#include <string>
#include <vector>

#include "crypto/sha256.hpp"
#include "modules/bank/messages.hpp"
#include "modules/market/messages_lease.hpp"
#include "modules/market/messages_offer.hpp"
#include "modules/provider/messages.hpp"
#include "support/market_state.hpp"

using namespace sublet;
using namespace sublet::bench;
using scenario::World;

// What a node does with a block: every transaction checked as it comes, then executed, then committed.
extern "C" [[gnu::noinline]] std::uint64_t measured(app::App& app, const app::BlockRequest& request) {
    std::uint64_t refused = 0;
    for (const Bytes& each : request.transactions) {
        refused += app.check_tx(each).code == Code::kOk ? 0U : 1U;
    }
    refused += static_cast<std::uint64_t>(std::ranges::count_if(
        app.finalize_block(request).transactions, [](const app::TxResult& each) { return each.code != Code::kOk; }));
    (void)app.commit();
    return refused;
}

namespace {

constexpr std::size_t kParties = 16;

ledger::Any registration(std::size_t i) {
    provider::MsgRegister message;
    message.owner = World::address(provider_name(i));
    message.operator_address = World::address(agent_name(i));
    message.gateway_uri = "https://" + provider_name(i) + ".example:8443";
    message.tls_pin = Bytes{view_of(crypto::sha256(provider_name(i)))};
    message.machines = {"machine0"};
    return wrap(message);
}

// Small: four orders fill one, and the matcher has to look again for the fifth.
ledger::Any offer(std::size_t i) {
    market::MsgPostOffer message;
    message.operator_address = World::address(agent_name(i));
    message.capacity = {4'000, 8ULL << 30U, 100ULL << 30U, {}};
    message.price = {100'000'000 + i, 50'000'000, 0, 0};
    return wrap(message);
}
ledger::Any order(std::size_t i) { return order_message(i, i); }

struct Bench {
    World world;

    Bench() {
        world.restart_every = 0;
        world.params.hold_window_ms = 60'000;
        for (std::size_t i = 0; i < kParties; ++i) {
            world.give(provider_name(i), 1'000'000'000, "ucredit");
            world.give(tenant_name(i), 1'000'000'000, "ucredit");
            world.give(agent_name(i), 1'000'000'000, "ucredit");
        }
        world.start();
    }

    template <class Make>
    std::vector<Bytes> signed_by(std::string (*name)(std::size_t), const Make& make) const {
        std::vector<Bytes> out;
        for (std::size_t i = 0; i < kParties; ++i) {
            out.push_back(world.sign(name(i), {make(i)}));
        }
        return out;
    }
    void setup(const std::vector<Bytes>& transactions, Millis passed = Millis{1'000}) {
        for (const app::TxResult& each : world.block(passed, transactions).transactions) {
            if (each.code != Code::kOk) {
                throw scenario::Failure("setup: " + each.log);
            }
        }
    }
    static ledger::Any beat(std::size_t i) { return wrap(provider::MsgHeartbeat{World::address(agent_name(i)), {}}); }
    static ledger::Any payment(std::size_t i) {
        bank::MsgSend message{World::address(tenant_name(i)), World::address(tenant_name((i + 1) % kParties)), {}};
        message.amount.push_back(bank::coin_of(Amount{1'000 + i}, "ucredit"));
        return wrap(message);
    }

    // The state that the message needs, and the transactions of the measured block.
    std::vector<Bytes> prepared(const std::string& kind) {
        setup(signed_by(provider_name, registration));
        setup(signed_by(agent_name, beat));
        if (kind == "send") {
            return signed_by(tenant_name, payment);
        }
        if (kind == "heartbeat") {
            return signed_by(agent_name, beat);
        }
        if (kind == "offer") {
            return signed_by(agent_name, offer);
        }
        setup(signed_by(agent_name, offer));
        if (kind == "order") {
            return signed_by(tenant_name, order);
        }
        return leased(kind);
    }

    // Lease i belongs to the provider that the matcher chose; the parties are looked up, not assumed.
    std::vector<Bytes> leased(const std::string& kind) {
        setup(signed_by(tenant_name, order));
        std::map<Address, std::string> names;
        for (std::size_t i = 0; i < kParties; ++i) {
            names[World::raw_address(tenant_name(i))] = tenant_name(i);
            names[World::raw_address(provider_name(i))] = agent_name(i);
        }
        const auto each_lease = [&](bool by_tenant, const auto& make) {
            std::vector<Bytes> out;
            std::map<std::string, std::uint64_t> sent;
            for (std::uint64_t i = 1; i <= kParties; ++i) {
                const std::optional<market::Lease> lease = market::find_lease(world.view(), LeaseId{i});
                if (!lease) {
                    throw scenario::Failure("setup: there is no lease " + std::to_string(i));
                }
                const std::string& who = names.at(by_tenant ? lease->tenant : lease->provider);
                out.push_back(world.sign(who, {make(World::address(who), LeaseId{i})}, {}, sent[who]++));
            }
            return out;
        };
        setup(each_lease(false, [](const std::string& me, LeaseId id) { return wrap(market::MsgLeaseReady{me, id}); }));
        for (int i = 0; i < 8; ++i) {
            setup(signed_by(agent_name, beat), Millis{30'000});
        }
        if (kind == "close") {
            return each_lease(true,
                              [](const std::string& me, LeaseId id) { return wrap(market::MsgCloseLease{me, id}); });
        }
        return each_lease(false, [](const std::string& me, LeaseId id) { return wrap(market::MsgWithdraw{me, {id}}); });
    }
};

}  // namespace

int main(int argc, char** argv) {
    try {
        Bench bench;
        const std::vector<Bytes> transactions = bench.prepared(argc > 1 ? argv[1] : "send");
        app::App& app = bench.world.app();
        const app::BlockRequest request{Height{app.committed()->height.value() + 1},
                                        saturating_add(app.committed()->time, BlockTime{1'000}), transactions};
        if (const app::TxResult first = simulate(*app.committed(), transactions.front()); first.code != Code::kOk) {
            std::fprintf(stderr, "instructions: the first transaction would be refused: %s\n", first.log.c_str());
            return 1;
        }
        if (const std::uint64_t refused = measured(app, request); refused != 0) {
            std::fprintf(stderr, "instructions: %llu of the measured transactions were refused\n",
                         static_cast<unsigned long long>(refused));
            return 1;
        }
        std::printf("%zu\n", transactions.size());
        return 0;
    } catch (const scenario::Failure& failure) {
        std::fprintf(stderr, "instructions: %s\n", failure.what());
        return 1;
    }
}
