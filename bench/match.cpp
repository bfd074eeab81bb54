// match.cpp: one order against a million open offers: the matcher, beside a scan of all offers that knows no index.
#include <map>
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

// A quarter asks for what one machine in 5,000 has, so that rule T7's limits do not end the matcher's scan.
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

unsigned magnitude(std::uint64_t amount) {
    unsigned bits = 0;
    for (; amount > 0; amount /= 2) {
        ++bits;
    }
    return bits;
}
// Whether rule 16 lets the matcher see all that could do: at most 256 offers in buckets not below the order's, at most
// 4 of one owner. (The offers have fewer buckets than the 512 that may be visited and passed over.)
bool unbound(const Everything& all, const Want& want) {
    std::size_t count = 0;
    std::map<Address, std::size_t> of_owner;
    for (const market::Offer& offer : all.offers) {
        const market::Capacity& free = offer.free;
        if (magnitude(free.cpu_milli) >= magnitude(want.cpu_milli) &&
            magnitude(free.memory_bytes) >= magnitude(want.memory) &&
            magnitude(free.storage_bytes) >= magnitude(want.storage) &&
            magnitude(offer.notice.value()) >= magnitude(want.notice_ms)) {
            if (++count > 256 || ++of_owner[offer.provider] > 4) {
                return false;
            }
        }
    }
    return true;
}

struct Tally {
    std::vector<double> match_us;
    std::vector<double> scan_us;
    std::size_t unbound = 0;
    std::size_t unbound_equal = 0;
    std::size_t bound = 0;
    std::size_t bound_equal = 0;
    std::size_t bound_none = 0;  // the scan finds one, the matcher does not
    std::vector<double> dearer;  // how many times the best rate is paid
};

class Bench {
public:
    explicit Bench(const State& state) : all_(state), ledger_(state.tree, app::rebuild_index(state.tree)) {
        block_ = {Height{2}, state.time, app::ledger_time(ledger_), state.genesis.params, state.genesis.chain_id};
    }
    [[nodiscard]] std::size_t offers() const { return all_.offers.size(); }
    void order(std::size_t number, Tally& tally) {
        const Want want = make_want(dice_, number);
        const ledger::Ledger::Mark mark = ledger_.mark();
        const app::AnyMessage message = need(app::Messages::decode(message_of(want, number % kTenants, number)));
        need(app::check_state_of(message, ledger_, block_));
        app::apply_of(message, ledger_, block_);
        Timer::time_point start = Timer::now();
        market::match(ledger_, block_);
        tally.match_us.push_back(seconds_since(start) * 1e6);
        Found matched;
        if (const std::optional<market::Lease> lease = market::find_lease(ledger_, LeaseId{1})) {
            matched = {lease->offer.value(), lease->account.rate.value()};
        }
        ledger_.revert(mark);
        start = Timer::now();
        const Found best = scan(all_, want);
        tally.scan_us.push_back(seconds_since(start) * 1e6);
        count(tally, want, matched, best);
    }

private:
    void count(Tally& tally, const Want& want, const Found& matched, const Found& best) const {
        if (unbound(all_, want)) {
            ++tally.unbound;
            tally.unbound_equal += matched == best ? 1U : 0U;
            return;
        }
        ++tally.bound;
        tally.bound_equal += matched == best ? 1U : 0U;
        if (matched.offer == 0) {
            tally.bound_none += best.offer != 0 ? 1U : 0U;
        } else {
            tally.dearer.push_back(static_cast<double>(matched.rate) / static_cast<double>(best.rate));
        }
    }
    Everything all_;
    ledger::Ledger ledger_;
    ledger::Block block_;
    std::mt19937_64 dice_{11};
};

void report(const Tally& all, const std::vector<double>& match_us, const std::vector<double>& scan_us) {
    print({.name = "match against 1 M offers, p50",
           .value = median(match_us),
           .unit = "µs",
           .against = "its p99",
           .against_value = quantile(all.match_us, 0.99),
           .goal = 10,
           .goal_of_ratio = false,
           .lower_is_better = true,
           .curve = {}});
    print({.name = "match against 1 M offers, matches",
           .value = 1e6 / median(match_us),
           .unit = "/s",
           .against = "a scan of all offers, decoded in memory",
           .against_value = 1e6 / median(scan_us),
           .goal = 500,
           .goal_of_ratio = true,
           .lower_is_better = false,
           .curve = {}});
    print({.name = "match: same as the scan where T7's limits do not bind",
           .value = static_cast<double>(all.unbound_equal),
           .unit = "orders",
           .against = "such orders",
           .against_value = static_cast<double>(all.unbound),
           .goal = 1,
           .goal_of_ratio = true,
           .lower_is_better = false,
           .curve = {}});
    print({.name = "match: same as the scan where they bind",
           .value = static_cast<double>(all.bound_equal),
           .unit = "orders",
           .against = "such orders",
           .against_value = static_cast<double>(all.bound),
           .goal = {},
           .goal_of_ratio = false,
           .lower_is_better = false,
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
    std::size_t number = 0;
    for (; number < 20; ++number) {
        bench.order(number, warm);
    }
    Tally all;
    std::vector<double> match_us;
    std::vector<double> scan_us;
    for (int round = 0; round < kRounds; ++round) {
        const std::size_t done = all.match_us.size();
        for (std::size_t i = 0; i < kOrders; ++i, ++number) {
            bench.order(number, all);
        }
        match_us.push_back(median(since(all.match_us, done)));
        scan_us.push_back(median(since(all.scan_us, done)));
        tell("round " + std::to_string(round + 1) + ": match " + std::to_string(match_us.back()) + " µs, scan " +
             std::to_string(scan_us.back()) + " µs");
    }
    if (!all.dearer.empty()) {
        tell("where the limits bind: " + std::to_string(all.bound_none) + " orders of " + std::to_string(all.bound) +
             " stay open though an offer would do; the others pay " + std::to_string(median(all.dearer)) +
             " times the best rate (median), at most " + std::to_string(quantile(all.dearer, 1)) + " times");
    }
    report(all, match_us, scan_us);
}

}  // namespace

int main() { return guarded("match", run); }
