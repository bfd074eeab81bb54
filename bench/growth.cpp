// growth.cpp: what a transaction costs over 10 thousand to a million live offers and leases: heartbeats, sends, orders
// with their match, closes. Signatures are checked before the clock runs: they cost the same over any state.
#include <cmath>
#include <map>
#include <numeric>
#include <random>

#include "base/must.hpp"
#include "modules/bank/messages.hpp"
#include "modules/market/market.hpp"
#include "modules/market/messages.hpp"
#include "modules/provider/messages.hpp"
#include "support/node.hpp"

using namespace sublet;
using namespace sublet::bench;
using scenario::World;

namespace {

constexpr std::array<std::size_t, 5> kSizes{10'000, 30'000, 100'000, 300'000, 1'000'000};
constexpr std::size_t kPerBlock = 200;
constexpr int kRounds = 7;

// 0 to count − 1 in an order without pattern, over and over.
class Shuffled {
public:
    Shuffled(std::size_t count, std::mt19937_64& dice) : order_(count) {
        std::iota(order_.begin(), order_.end(), std::size_t{0});
        std::ranges::shuffle(order_, dice);
    }
    std::size_t next() { return order_[next_++ % order_.size()]; }

private:
    std::vector<std::size_t> order_;
    std::size_t next_ = 0;
};

// Half of the objects are offers, half are running leases.
class Place {
public:
    explicit Place(std::size_t objects) : sizes_(half_offers_half_leases(objects)) {
        const State state = make_state(sizes_);
        tell(std::to_string(objects) + " objects: " + std::to_string(state.tree.size()) + " keys");
        app_ = need(
            app::App::from_state(state.genesis.chain_id, Height{0}, state.time, state.tree.root_hash(), state.tree));
        for (std::size_t i = 0; i < sizes_.tenants; ++i) {
            tenant_of_[World::raw_address(tenant_name(i))] = tenant_name(i);
        }
        wallets_.emplace(app_->committed()->view, state.genesis.chain_id);
    }
    // Microseconds a transaction, executed and in the root.
    double block(const std::string& kind) {
        const std::shared_ptr<const app::Committed> before = app_->committed();
        app::BlockRequest request{
            Height{before->height.value() + 1}, saturating_add(before->time, BlockTime{10}), {}, {}};
        for (std::size_t i = 0; i < kPerBlock; ++i) {
            request.transactions.push_back(make(kind));
            request.prepared.push_back(app_->prepare(request.transactions.back()));
        }
        const Timer::time_point start = Timer::now();
        const app::BlockResult result = app_->finalize_block(request);
        (void)app_->commit();
        finish_matching();
        const double seconds = seconds_since(start);
        for (const app::TxResult& each : result.transactions) {
            if (each.code != Code::kOk) {
                throw scenario::Failure(kind + ": a transaction was refused: " + each.log);
            }
        }
        if (kind == "order and match") {
            all_matched();
        }
        return seconds * 1e6 / kPerBlock;
    }

private:
    Bytes make(const std::string& kind) {
        if (kind == "heartbeat") {
            const std::string agent = agent_name(next_provider_.next());
            return wallets_->sign(agent, wrap(provider::MsgHeartbeat{World::address(agent), {}}));
        }
        if (kind == "send") {
            const std::string from = tenant_name(next_tenant_.next());
            bank::MsgSend message{World::address(from), World::address(tenant_name(next_tenant_.next())), {}};
            message.amount.push_back(bank::coin_of(Amount{1'000}, "ucredit"));
            return wallets_->sign(from, wrap(message));
        }
        if (kind == "close") {
            const LeaseId id{next_lease_.next() + 1};
            const std::optional<market::Lease> lease = market::find_lease(app_->committed()->view, id);
            const std::string& tenant = tenant_of_.at(must(lease).tenant);
            return wallets_->sign(tenant, wrap(market::MsgCloseLease{World::address(tenant), id}));
        }
        const std::size_t tenant = next_tenant_.next();
        ++ordered_;
        return wallets_->sign(tenant_name(tenant), order_message(tenant, sizes_.leases + ordered_));
    }
    // A burst of orders may take more than one block.
    void finish_matching() {
        while (market::has_more_to_match(app_->committed()->view)) {
            const std::shared_ptr<const app::Committed> before = app_->committed();
            (void)app_->finalize_block(
                {Height{before->height.value() + 1}, saturating_add(before->time, BlockTime{10}), {}, {}});
            (void)app_->commit();
        }
    }
    void all_matched() const {
        if (!market::find_lease(app_->committed()->view, LeaseId{sizes_.leases + ordered_})) {
            throw scenario::Failure("not every order was matched over " + std::to_string(sizes_.leases) +
                                    " leases: lease " + std::to_string(sizes_.leases + ordered_) + " is not there");
        }
    }

    Sizes sizes_;
    std::map<Address, std::string> tenant_of_;
    std::uint64_t ordered_ = 0;
    std::mt19937_64 dice_{5};
    Shuffled next_tenant_{sizes_.tenants, dice_};
    Shuffled next_provider_{sizes_.providers, dice_};
    Shuffled next_lease_{sizes_.leases, dice_};
    std::unique_ptr<app::App> app_;
    std::optional<Wallets> wallets_;
};

using Costs = std::map<std::string, std::map<std::size_t, std::vector<double>>>;

std::string curve_of(const Costs& costs) {
    std::string lines;
    for (const auto& [kind, of_size] : costs) {
        std::string points;
        for (const auto& [size, microseconds] : of_size) {
            points += (points.empty() ? "[" : ", [") + std::to_string(size) + ", " +
                      std::to_string(median(microseconds)) + "]";
        }
        lines += (lines.empty() ? "\"" : ", \"") + kind + "\": [" + points + "]";
    }
    return R"({"name": "growth", "title": "What a transaction costs, executed and hashed", )"
           R"("x": "live offers and leases", "y": "µs a transaction", "log_x": true, "lines": {)" +
           lines + "}}";
}

void run() {
    std::vector<std::pair<std::size_t, std::unique_ptr<Place>>> places;
    for (const std::size_t size : kSizes) {
        places.emplace_back(size, std::make_unique<Place>(size));
    }
    Costs costs;
    for (int round = -1; round < kRounds; ++round) {  // one to warm up
        for (const char* kind : {"heartbeat", "send", "order and match", "close"}) {
            for (const auto& [size, place] : places) {
                const double cost = place->block(kind);
                if (round >= 0) {
                    costs[kind][size].push_back(cost);
                }
            }
        }
    }
    constexpr std::size_t kLeast = kSizes.front();
    constexpr std::size_t kMost = kSizes.back();
    const double logarithm = std::log(double{kMost}) / std::log(double{kLeast});
    for (const auto& [kind, of_size] : costs) {
        for (const auto& [size, microseconds] : of_size) {
            tell(kind + " over " + std::to_string(size) + ": " + std::to_string(median(microseconds)) + " µs");
        }
        print({.name = "growth: " + kind + ", over 1 M offers and leases",
               .value = median(of_size.at(kMost)),
               .unit = "µs/tx",
               .against = "over 10,000",
               .against_value = median(of_size.at(kLeast)),
               .goal = logarithm,
               .goal_of_ratio = true,
               .lower_is_better = true,
               .curve = kind == "send" ? curve_of(costs) : ""});
    }
}

}  // namespace

int main() { return guarded("growth", run); }
