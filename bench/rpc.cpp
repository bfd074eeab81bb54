// rpc.cpp: broadcast_tx_sync a second with 64 connections: signed transfers to our node, 250-byte transactions to
// another server that takes any. bench/rpc.sh runs both servers.
//
// usage: rpc genesis FILE | rpc PORT [OTHER_PORT]
#include <random>

#include "modules/bank/messages.hpp"
#include "support/load.hpp"
#include "support/node.hpp"

using namespace sublet;
using namespace sublet::bench;
using scenario::World;

namespace {

constexpr std::size_t kConnections = 64;
constexpr std::size_t kAccounts = 64 * kConnections;
constexpr std::size_t kCalls = 200;  // a connection and round
constexpr int kRounds = 5;
constexpr std::size_t kPlainBytes = 250;

using Load = std::vector<std::deque<Call>>;

// Each account belongs to one connection: its transactions come in order.
class Transfers {
public:
    Transfers() : app_(need(app::App::from_genesis(tenants_genesis(kAccounts)))) {
        (void)app_->commit();
        wallets_.emplace(app_->committed()->view, std::string{scenario::kChainId});
    }
    Load round() {
        Load out(kConnections);
        for (std::size_t i = 0; i < kCalls; ++i, ++turn_) {
            for (std::size_t c = 0; c < kConnections; ++c) {
                const std::size_t from = (turn_ * kConnections + c) % kAccounts;
                bank::MsgSend message{
                    World::address(tenant_name(from)), World::address(tenant_name((from * 7 + turn_) % kAccounts)), {}};
                message.amount.push_back(bank::coin_of(Amount{1 + turn_}, "ucredit"));
                out[c].push_back(broadcast(wallets_->sign(tenant_name(from), wrap(message))));
            }
        }
        return out;
    }

private:
    std::unique_ptr<app::App> app_;
    std::optional<Wallets> wallets_;
    std::size_t turn_ = 0;
};

// key=value, no two alike, as CometBFT's kvstore takes them.
class Plain {
public:
    Load round() {
        Load out(kConnections);
        for (std::deque<Call>& calls : out) {
            for (std::size_t i = 0; i < kCalls; ++i) {
                std::string transaction = "key" + std::to_string(number_++) + "=";
                while (transaction.size() < kPlainBytes) {
                    transaction.push_back(static_cast<char>('a' + dice_() % 26));
                }
                calls.push_back(broadcast(transaction));
            }
        }
        return out;
    }

private:
    std::mt19937_64 dice_{13};
    std::uint64_t number_ = 0;
};

void measure(std::uint16_t ours, std::optional<std::uint16_t> other) {
    Transfers transfers;
    Plain plain;
    std::vector<double> rates;
    std::vector<double> other_rates;
    for (int round = -1; round < kRounds; ++round) {  // one to warm up
        const double rate = call_rate(ours, transfers.round());
        const double other_rate = other ? call_rate(*other, plain.round()) : 0;
        if (round >= 0) {
            rates.push_back(rate);
            other_rates.push_back(other_rate);
            tell("round " + std::to_string(round + 1) + ": " + std::to_string(static_cast<int>(rate)) +
                 " calls/s, the other " + std::to_string(static_cast<int>(other_rate)));
        }
    }
    print({.name = "broadcast_tx_sync of signed transfers, 64 connections",
           .value = median(rates),
           .unit = "calls/s",
           .against = other ? "CometBFT v0.38.25, kvstore in its process, 250 bytes" : "",
           .against_value = median(other_rates),
           .goal = other ? std::optional{1.0} : std::nullopt,
           .goal_of_ratio = true,
           .lower_is_better = false,
           .curve = {}});
}

}  // namespace

int main(int argc, char** argv) {
    return guarded("rpc", [&] {
        const std::vector<std::string> words(argv + 1, argv + argc);
        const auto port = [&](std::size_t i) { return static_cast<std::uint16_t>(std::stoul(words.at(i))); };
        if (!words.empty() && words.front() == "genesis") {
            need(engine::write_genesis(words.at(1), tenants_genesis(kAccounts)));
        } else {
            measure(port(0), words.size() > 1 ? std::optional{port(1)} : std::nullopt);
        }
    });
}
