// market.cpp: who does what in the seeded market.
#include "market.hpp"

#include <cstdio>

#include "modules/market/messages.hpp"
#include "modules/provider/messages.hpp"
#include "values.hpp"

namespace sublet::determinism {
namespace {

using scenario::World;
constexpr std::uint64_t kProviders = 6;
constexpr std::uint64_t kTenants = 8;
constexpr std::uint64_t kOpenings = 2 * kProviders;  // a registration and an offer each
constexpr std::uint64_t kRich = 1'000'000'000'000;
// Of validators: a few blocks are enough for each of their rules.
constexpr std::uint64_t kGranted = 1'000;  // power
constexpr std::uint64_t kLeastBond = 1'000'000;
constexpr std::uint64_t kSoon_ms = 30'000;

template <class M>
ledger::Any wrap(const M& message) {
    return {std::string{M::kTypeUrl}, codec::encode(message)};
}
std::string named(const char* what, std::uint64_t number) { return what + std::to_string(number); }

}  // namespace

Market::Market(MarketOptions options) : bent_at_(options.bent_at), state_(options.dice) {
    for (std::uint64_t i = 0; i < kProviders; ++i) {
        world_.give(named("provider", i), kRich, "ucredit");
    }
    for (std::uint64_t i = 0; i < kTenants; ++i) {
        world_.give(named("tenant", i), kRich, "ucredit");
    }
    for (std::uint64_t i = 0; i < options.crowd; ++i) {
        world_.give(crowd_name(i), kRich, "ucredit");
    }
    if (options.validators > 0) {
        world_.stakes = {.min_self_bond = Amount{kLeastBond},
                         .unbonding_ms = kSoon_ms,
                         .signed_blocks_window = stake::kBuckets,
                         .jail_ms = kSoon_ms,
                         .evidence_max_blocks = stake::kBuckets};
    }
    for (std::uint64_t i = 0; i < 2 * options.validators; ++i) {
        world_.give(validator_name(i), kRich, "ucredit");
        world_.give(validator_name(i), kRich, "ulet");
        if (i < options.validators) {
            world_.found(validator_name(i), kGranted);
        }
    }
    world_.restart_every = 0;
    world_.check_every = 100;  // as often as a run of 10,000 can afford
    world_.start();
}

void Market::open() {
    for (; opened_ < kOpenings; ++opened_) {
        Step step = opening(opened_);
        block(step.passed, std::move(step.transactions));
    }
}

Step Market::draw() { return opened_ < kOpenings ? opening(opened_++) : usual(); }

app::BlockResult Market::execute(const Step& step) {
    app::BlockResult result = world_.block(step.passed, step.transactions);
    count(result);
    return result;
}

void Market::step() {
    Step step = usual();
    count(block(step.passed, std::move(step.transactions)));
}

// Three transactions of a provider, a tenant and a tenant, each from another key.
Step Market::usual() {
    ++steps_;
    const std::uint64_t provider = dice(kProviders);
    const std::uint64_t tenant = dice(kTenants);
    std::vector<Bytes> transactions{sign(named("agent", provider), for_provider(provider)),
                                    sign(named("tenant", tenant), for_tenant(tenant))};
    const std::uint64_t payer = (tenant + 1) % kTenants;
    const std::uint64_t payee = dice(kTenants);
    const std::uint64_t amount = 1 + dice(1'000) + (steps_ == bent_at_ ? 1U : 0U);
    bank::MsgSend send{World::address(named("tenant", payer)),
                       World::address(named("tenant", payee)),
                       {{"ucredit", std::to_string(amount)}}};
    transactions.push_back(sign(named("tenant", payer), wrap(send)));
    return {Millis{500 + dice(20'000)}, std::move(transactions)};
}

void Market::count(const app::BlockResult& result) {
    for (const app::TxResult& each : result.transactions) {
        (each.code == Code::kOk ? taken_ : refused_) += 1;
    }
    while (market::find_lease(world_.view(), LeaseId{leases_ + 1})) {
        ++leases_;
    }
}

app::BlockResult Market::block(Millis passed, std::vector<Bytes> transactions) {
    if (follower_ == nullptr) {
        return world_.block(passed, transactions);
    }
    std::erase_if(transactions, [&](const Bytes& each) { return !follower_->take(each); });
    if (transactions.empty()) {
        return {};
    }
    app::BlockResult result = world_.block(passed, transactions);
    if (const std::string other = follower_->finish(passed); other != root()) {
        throw scenario::Failure("the other executor's root is " + other + ", not " + root());
    }
    return result;
}

void Market::print_sums() const {
    std::printf("%llu taken, %llu refused, %llu leases\n", static_cast<unsigned long long>(taken_),
                static_cast<unsigned long long>(refused_), static_cast<unsigned long long>(leases_));
}

// Knuth's MMIX generator: the same everywhere.
std::uint64_t Market::dice(std::uint64_t sides) {
    state_ = state_ * 6'364'136'223'846'793'005ULL + 1'442'695'040'888'963'407ULL;
    return (state_ >> 33U) % sides;
}

Bytes Market::sign(const std::string& who, const ledger::Any& message) const {
    return world_.sign(who, {message}, {.gas = 5'000'000});
}

Step Market::opening(std::uint64_t number) const {
    const std::uint64_t which = number / 2;
    provider::MsgRegister message;
    message.owner = World::address(named("provider", which));
    message.operator_address = World::address(named("agent", which));
    message.gateway_uri = "https://localhost:1";
    message.tls_pin = Bytes(32, 'p');
    message.machines = {"m"};
    if (number % 2 == 0) {
        return {Millis{1'000}, {sign(named("provider", which), wrap(message))}};
    }
    market::MsgPostOffer offer;
    offer.operator_address = message.operator_address;
    offer.capacity.cpu_milli = 32'000;
    offer.capacity.memory_bytes = 64ULL << 30U;
    offer.price.cpu_core = 77'777'777'777ULL + 12'345'678'901ULL * which;
    return {Millis{1'000}, {sign(named("agent", which), wrap(offer))}};
}

ledger::Any Market::for_provider(std::uint64_t number) {
    const std::string agent = World::address(named("agent", number));
    const LeaseId lease{leases_ == 0 ? 1 : 1 + leases_ - 1 - dice(std::min<std::uint64_t>(leases_, 30))};
    switch (dice(8)) {
        case 0:
            return wrap(market::MsgEndLease{agent, lease, market::CloseReason::kUnstable});
        case 1:
        case 2:
            return wrap(market::MsgLeaseReady{agent, lease});
        default:
            return wrap(provider::MsgHeartbeat{agent, {}});
    }
}

ledger::Any Market::for_tenant(std::uint64_t number) {
    const std::string owner = World::address(named("tenant", number));
    const std::uint64_t lately = leases_ == 0 ? 1 : leases_ - dice(std::min<std::uint64_t>(leases_, 30));
    switch (dice(5)) {
        case 0:
            return wrap(market::MsgCloseLease{owner, LeaseId{lately}});
        case 1:
            return wrap(market::MsgTopUp{owner, DeploymentId{lately}, Amount{1 + dice(100'000'000)}});
        case 2:
            return wrap(market::MsgCloseDeployment{owner, DeploymentId{lately}});
        default:
            return create(owner);
    }
}

ledger::Any Market::create(const std::string& owner) {
    market::MsgCreateDeployment message;
    message.owner = owner;
    market::GroupSpec group;
    group.name = "g";
    market::ResourceUnit unit;
    unit.cpu_milli = 10 + dice(3'000);
    unit.memory_bytes = 1ULL << 20U;
    unit.count = 1 + static_cast<std::uint32_t>(dice(2));
    unit.max_rate = Rate{unit.cpu_milli * 160'000'000};
    group.units = {unit};
    message.groups = {group};
    message.commitment = Bytes(32, 'c');
    message.deposit = Amount{1'000'000 + dice(500'000'000)};
    return wrap(message);
}

}  // namespace sublet::determinism
