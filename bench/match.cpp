// match.cpp: one order against a million open offers: the matcher, beside a scan of all offers that knows no index.
#include <random>

#include "app/rebuild.hpp"
#include "crypto/sha256.hpp"
#include "market_state.hpp"
#include "modules/market/market.hpp"
#include "modules/market/messages.hpp"
#include "support/node.hpp"

using namespace sublet;
using namespace sublet::bench;
using scenario::World;

namespace {

constexpr std::size_t kProviders = 62'500;
constexpr std::size_t kTenants = 64;
constexpr int kRounds = 5;
constexpr std::size_t kOrders = 100;  // a round

struct Want {
    std::uint64_t cpu_milli = 0;
    std::uint64_t memory = 0;
    std::uint64_t storage = 0;
    std::uint64_t max_rate = 0;
    std::uint64_t notice_ms = 0;
    std::string region;  // empty: any
};

// A quarter asks for what one machine in 5,000 has.
Want make_want(std::mt19937_64& dice, std::size_t number) {
    Want want;
    want.cpu_milli = number % 4 == 0 ? 33'000 + dice() % 31'000 : 500 + dice() % 15'500;
    want.memory = (number % 4 == 0 ? 1ULL << 38U : 1ULL << 29U) + dice() % (1ULL << 33U);
    want.storage = dice() % 2 == 0 ? 0 : 1ULL << (30U + dice() % 8);
    want.notice_ms = dice() % 4 == 0 ? 30'000 : 0;
    want.region = dice() % 4 == 0 ? "eu" : "";
    // Some find nothing cheap enough.
    const std::uint64_t gib = want.memory >> 30U;
    want.max_rate = want.cpu_milli * (60'000 + dice() % 90'000) + gib * (20'000'000 + dice() % 40'000'000);
    return want;
}

ledger::Any message_of(const Want& want, std::size_t tenant, std::uint64_t number) {
    market::MsgCreateDeployment message;
    message.owner = World::address(tenant_name(tenant));
    message.commitment = Bytes{view_of(crypto::sha256(std::to_string(number)))};
    market::ResourceUnit unit;
    unit.cpu_milli = want.cpu_milli;
    unit.memory_bytes = want.memory;
    if (want.storage > 0) {
        unit.volumes.push_back({"", want.storage, false, ""});
    }
    unit.count = 1;
    unit.max_rate = Rate{want.max_rate};
    market::GroupSpec group;
    group.name = "web";
    group.units = {unit};
    group.min_notice = Millis{want.notice_ms};
    if (!want.region.empty()) {
        group.attributes.push_back({"region", want.region});
    }
    message.groups = {group};
    return wrap(message);
}

// Every offer decoded and in memory, in the order of ids: the best that can be done without an index.
struct Everything {
    std::vector<market::Offer> offers;

    explicit Everything(const State& state) {
        state.tree.visit(market::offer_prefix(), "", [&](BytesView, BytesView value) {
            offers.push_back(need(codec::decode<market::Offer>(value)));
            return true;
        });
    }
};

struct Found {
    std::uint64_t offer = 0;  // 0: none
    std::uint64_t rate = 0;
    bool operator==(const Found&) const = default;
};

// docs/spec/market.md rules 6, 15 and 17 read anew: nothing of the matcher's is called.
std::uint64_t rate_of(const Want& want, const market::PriceVector& price) {
    constexpr unsigned __int128 kGib = 1ULL << 30U;
    const unsigned __int128 sum = kGib * want.cpu_milli * price.cpu_core +
                                  (unsigned __int128){1'000} * want.memory * price.memory_gib +
                                  (unsigned __int128){1'000} * want.storage * price.storage_gib;
    const unsigned __int128 rate = (sum + 1'000 * kGib - 1) / (1'000 * kGib);
    return rate == 0 ? 1 : static_cast<std::uint64_t>(rate);
}
bool suits(const Want& want, const market::Offer& offer) {
    if (offer.state != market::OfferState::kActive || offer.free.cpu_milli < want.cpu_milli ||
        offer.free.memory_bytes < want.memory || offer.free.storage_bytes < want.storage ||
        offer.notice.value() < want.notice_ms) {
        return false;
    }
    return want.region.empty() || std::ranges::any_of(offer.attributes, [&](const provider::Attribute& each) {
               return each.key == "region" && each.value == want.region;
           });
}
Found scan(const Everything& all, const Want& want) {
    Found best;
    std::uint64_t best_age = 0;
    for (const market::Offer& offer : all.offers) {  // ascending ids: of equals the first stays
        if (!suits(want, offer)) {
            continue;
        }
        const std::uint64_t rate = rate_of(want, offer.price);
        const std::uint64_t age = offer.created_at.value();
        if (rate <= want.max_rate && (best.offer == 0 || std::pair{rate, age} < std::pair{best.rate, best_age})) {
            best = {offer.id.value(), rate};
            best_age = age;
        }
    }
    return best;
}

struct Tally {
    std::vector<double> find_us;   // the order's best offer
    std::vector<double> block_us;  // the end of a block with this order alone: found, assigned, every record written
    std::vector<double> scan_us;
    std::size_t equal = 0;
    std::size_t none = 0;  // neither finds one
};

class Bench {
public:
    explicit Bench(const State& state) : all_(state), ledger_(state.tree, app::rebuild(state.tree)) {
        block_ = {Height{2}, state.time, app::ledger_time(ledger_), state.genesis.params, state.genesis.chain_id};
    }
    [[nodiscard]] std::size_t offers() const { return all_.offers.size(); }
    // Each of the three for all orders in turn: a scan of a million offers leaves nothing in the caches.
    void orders(std::size_t first, std::size_t count, Tally& tally) {
        std::vector<Want> wants;
        std::vector<ledger::Ledger> trials;  // as the blocks before are held on to
        for (std::size_t i = 0; i < count; ++i) {
            wants.push_back(make_want(dice_, first + i));
            trials.push_back(ledger_);
            const app::AnyMessage message =
                need(app::Messages::decode(message_of(wants.back(), i % kTenants, first + i)));
            need(app::check_state_of(message, trials.back(), block_));
            app::apply_of(message, trials.back(), block_);
        }
        std::vector<std::optional<market::Match>> found;
        for (const ledger::Ledger& trial : trials) {
            const market::Deployment deployment = *market::find_deployment(trial, DeploymentId{1});
            const Timer::time_point start = Timer::now();
            found.push_back(market::find_match(trial, deployment, 0, block_.now));
            tally.find_us.push_back(seconds_since(start) * 1e6);
        }
        for (ledger::Ledger& trial : trials) {
            const Timer::time_point start = Timer::now();
            market::match(trial, block_);
            tally.block_us.push_back(seconds_since(start) * 1e6);
        }
        for (std::size_t i = 0; i < count; ++i) {
            const Timer::time_point start = Timer::now();
            const Found best = scan(all_, wants[i]);
            tally.scan_us.push_back(seconds_since(start) * 1e6);
            compare(trials[i], found[i], best, tally);
        }
    }

private:
    static void compare(const ledger::Ledger& trial, const std::optional<market::Match>& found, const Found& best,
                        Tally& tally) {
        Found matched;
        if (const std::optional<market::Lease> lease = market::find_lease(trial, LeaseId{1})) {
            matched = {lease->offer.value(), lease->account.rate.value()};
        }
        if (found.has_value() != (matched.offer != 0) || (found && found->offer.value() != matched.offer)) {
            throw scenario::Failure("an order alone in its block got another offer than it was told");
        }
        tally.equal += matched == best ? 1U : 0U;
        tally.none += best.offer == 0 ? 1U : 0U;
    }
    Everything all_;
    ledger::Ledger ledger_;
    ledger::Block block_;
    std::mt19937_64 dice_{11};
};

struct Medians {  // of the rounds'
    double find_us = 0;
    double block_us = 0;
    double scan_us = 0;
};

void report(const Tally& all, const Medians& medians) {
    print({.name = "match against 1 M offers, p50",
           .value = medians.find_us,
           .unit = "µs",
           .against = "its p99",
           .against_value = quantile(all.find_us, 0.99),
           .goal = 10,
           .goal_of_ratio = false,
           .lower_is_better = true,
           .curve = {}});
    print({.name = "match against 1 M offers, matches",
           .value = 1e6 / medians.find_us,
           .unit = "/s",
           .against = "a scan of all offers, decoded in memory",
           .against_value = 1e6 / medians.scan_us,
           .goal = 500,
           .goal_of_ratio = true,
           .lower_is_better = false,
           .curve = {}});
    print({.name = "match: same offer as the scan's",
           .value = static_cast<double>(all.equal),
           .unit = "orders",
           .against = "all orders",
           .against_value = static_cast<double>(all.scan_us.size()),
           .goal = 1,
           .goal_of_ratio = true,
           .lower_is_better = false,
           .curve = {}});
    print({.name = "match and assign: the end of a block with one order",
           .value = medians.block_us,
           .unit = "µs",
           .against = "the match alone",
           .against_value = medians.find_us,
           .goal = {},
           .goal_of_ratio = false,
           .lower_is_better = true,
           .curve = {}});
}

std::vector<double> since(const std::vector<double>& values, std::size_t first) {
    return {values.begin() + static_cast<std::ptrdiff_t>(first), values.end()};
}

void run() {
    const State state =
        make_state({.tenants = kTenants, .providers = kProviders, .offers_each = 16, .leases = 0, .varied = true});
    Bench bench{state};
    tell(std::to_string(bench.offers()) + " open offers");
    Tally warm;
    bench.orders(0, 20, warm);
    Tally all;
    std::vector<Medians> rounds;
    for (int round = 0; round < kRounds; ++round) {
        const std::size_t done = all.find_us.size();
        bench.orders(20 + done, kOrders, all);
        rounds.push_back(
            {median(since(all.find_us, done)), median(since(all.block_us, done)), median(since(all.scan_us, done))});
        tell("round " + std::to_string(round + 1) + ": match " + std::to_string(rounds.back().find_us) +
             " µs, with its assignment " + std::to_string(rounds.back().block_us) + " µs, scan " +
             std::to_string(rounds.back().scan_us) + " µs");
    }
    tell(std::to_string(all.none) + " orders find nothing, in the scan either");
    const auto of_rounds = [&](double Medians::* part) {
        std::vector<double> values;
        for (const Medians& each : rounds) {
            values.push_back(each.*part);
        }
        return median(values);
    };
    report(all, {of_rounds(&Medians::find_us), of_rounds(&Medians::block_us), of_rounds(&Medians::scan_us)});
}

}  // namespace

int main() { return guarded("match", run); }
