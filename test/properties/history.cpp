// history.cpp: what each action does to the App and to the model.
#include "history.hpp"

#include <rapidcheck.h>

#include <cstdlib>

#include "modules/market/messages.hpp"
#include "modules/provider/messages.hpp"

namespace sublet::properties {

using scenario::World;

static constexpr std::size_t kMaxSettled = 64;  // leases that one withdrawal may name

// Many short histories find more than few long ones: at most 24 actions.
bool use_histories(const char* usual) {
    const char* const wanted = std::getenv("SUBLET_HISTORIES");
    const std::string params = "max_size=24 max_success=" + std::string{wanted != nullptr ? wanted : usual};
    return ::setenv("RC_PARAMS", params.c_str(), 0) == 0;
}

History::History(Settling settling, std::uint64_t restart_every) : settling_(settling) {
    for (int i = 0; i < kProviders; ++i) {
        model_.providers[provider_name(static_cast<std::uint32_t>(i))] = {};
    }
    for (const std::string& name : people()) {
        world_.give(name, kRich, "ucredit");
        model_.balances[name] = kRich;
        names_[World::raw_address(name)] = name;
    }
    world_.restart_every = restart_every;
    world_.check_every = 8;
    world_.start();
    model_.begin_block(1'000);
    open_market();
}

std::vector<std::string> History::people() {
    std::vector<std::string> names{"friend"};
    for (std::uint32_t i = 0; i < kProviders; ++i) {
        names.push_back(provider_name(i));
    }
    for (std::uint32_t i = 0; i < kTenants; ++i) {
        names.push_back(tenant_name(i));
    }
    return names;
}

static constexpr std::uint64_t price_of(std::uint32_t provider) {
    return 77'777'777'777ULL + 12'345'678'901ULL * provider;
}

void History::open_market() {
    for (std::uint32_t i = 0; i < kProviders; ++i) {
        const std::string name = provider_name(i);
        provider::MsgRegister message;
        message.owner = World::address(name);
        message.operator_address = World::address(agent_of(name));
        message.gateway_uri = "https://localhost:1";
        message.tls_pin = Bytes(32, 'p');
        message.machines = {"m"};
        block(0, {{name, wrap(message), {}}});
        market::MsgPostOffer offer;
        offer.operator_address = message.operator_address;
        offer.capacity.cpu_milli = 8'000;
        offer.capacity.memory_bytes = 64ULL << 30U;
        offer.price.cpu_core = price_of(i);
        block(0, {{agent_of(name), wrap(offer), [&] { model_.balances[name] -= kBond; }}});
    }
}

void History::block(std::uint32_t passed_ms, const std::vector<Tx>& transactions) {
    std::vector<Bytes> bytes;
    for (const Tx& each : transactions) {
        bytes.push_back(world_.sign(each.signer, {each.message}, {.gas = 5'000'000}, each.before));
    }
    const app::BlockResult result = world_.block(Millis{passed_ms}, bytes);
    model_.begin_block(passed_ms);
    for (std::size_t i = 0; i < transactions.size(); ++i) {
        const Code code = result.transactions[i].code;
        RC_ASSERT(code == Code::kOk || static_cast<std::uint32_t>(code) >= 1000);
        for (const auto& [name, provider] : model_.providers) {
            if (transactions[i].signer == agent_of(name)) {
                model_.heartbeat(name);
                break;
            }
        }
        if (code == Code::kOk && transactions[i].effect) {
            transactions[i].effect();
        }
    }
    model_.end_block();
    take_new_leases();
    compare();
}

// Which offer an order meets is the market's business; at what rate, and with what money, is checked.
void History::take_new_leases() {
    while (const auto lease = market::find_lease(world_.view(), LeaseId{last_lease_ + 1})) {
        ++last_lease_;
        ModelLease model;
        model.deployment = lease->deployment.value();
        model.group = lease->group;
        for (const auto& [id, other] : model_.leases) {  // one billing stream per order, ever
            RC_ASSERT(other.deployment != model.deployment || other.group != model.group ||
                      other.state == State::kClosed);
        }
        model.provider = names_.at(lease->provider);
        const auto [cpu, count] = sizes_.at(model.deployment);
        const Wide price = price_of(static_cast<std::uint32_t>(model.provider.back() - '0'));
        model.rate = ceil_of(fraction(price) * fraction(Wide{cpu}) * fraction(Wide{count}) / 1'000);
        RC_ASSERT(model.rate == Wide{lease->account.rate.value()});
        model_.assign(last_lease_, std::move(model));
    }
}

void History::rent(const Action& action) {
    market::MsgCreateDeployment message;
    const std::string owner = tenant_name(action.a);
    message.owner = World::address(owner);
    const std::uint64_t groups = 1 + action.b % 2;
    market::ResourceUnit unit;
    unit.cpu_milli = 10 + action.c % 3'000;
    unit.memory_bytes = 1ULL << 20U;
    unit.count = 1 + action.c % 2;
    unit.max_rate = Rate{unit.cpu_milli * 110'000'000};
    for (std::uint64_t i = 0; i < groups; ++i) {
        market::GroupSpec spec;
        spec.name = "g" + std::to_string(i);
        spec.units = {unit};
        message.groups.push_back(std::move(spec));
    }
    message.commitment = Bytes(32, 'c');
    message.depositors = {World::address("friend")};
    ModelDeployment model;
    model.owner = owner;
    model.max_rate = Wide{unit.max_rate.value()} * Wide{unit.count};
    model.deposit_time = 600'000 + action.passed_ms * 3;
    message.deposit_time = Millis{static_cast<std::uint64_t>(model.deposit_time)};
    if (action.b % 3 == 0) {
        const Wide least = ceil_of(ModelLease::price_of(model.max_rate, kMinFunding));
        message.deposit = Amount{static_cast<std::uint64_t>(least * Wide{groups}) + action.c % 977};
        model.deposit = Wide{message.deposit.value()};
    }
    block(action.passed_ms % 3'000, {{owner, wrap(message), [&] {
                                          ++last_deployment_;
                                          sizes_[last_deployment_] = {unit.cpu_milli, unit.count};
                                          model_.create(last_deployment_, model, groups);
                                      }}});
}

std::vector<std::uint64_t> History::open_leases(const std::string& provider) const {
    std::vector<std::uint64_t> ids;
    for (const auto& [id, lease] : model_.leases) {
        if (lease.provider == provider && lease.state != State::kClosing && lease.state != State::kClosed) {
            ids.push_back(id);
        }
    }
    return ids;
}

static ledger::Any withdrawal(const std::string& provider, const std::vector<std::uint64_t>& ids) {
    market::MsgWithdraw message;
    message.operator_address = World::address(agent_of(provider));
    for (const std::uint64_t id : ids) {
        message.leases.push_back(LeaseId{id});
    }
    return wrap(message);
}

ledger::Any History::sign_of_life(const std::string& provider) const {
    const std::vector<std::uint64_t> ids = open_leases(provider);
    if (settling_ != Settling::kAsItComes && !ids.empty() && ids.size() <= kMaxSettled) {
        return withdrawal(provider, ids);
    }
    return wrap(provider::MsgHeartbeat{World::address(agent_of(provider)), {}});
}

void History::beat(std::uint32_t count, std::uint32_t which) {
    for (std::uint32_t i = 0; i < count; ++i) {
        std::vector<Tx> signs;
        for (std::uint32_t p = 0; p < kProviders; ++p) {
            const std::string name = provider_name(p);
            if (p != which % (2 * kProviders)) {  // sometimes one of them is missing
                const std::vector<std::uint64_t> ids = open_leases(name);
                const bool settles = settling_ != Settling::kAsItComes && !ids.empty() && ids.size() <= kMaxSettled;
                const auto effect = [this, ids, settles] {
                    if (settles) {
                        model_.withdraw(ids);
                    }
                };
                signs.push_back({agent_of(name), sign_of_life(name), effect});
                if (settles && settling_ == Settling::kTwice) {
                    signs.push_back({agent_of(name), withdrawal(name, ids), effect, 1});
                }
            }
        }
        block(29'500, signs);
    }
}

// Mostly a lease that the action fits, sometimes any.
std::uint64_t History::pick(const Action& action) const {
    std::vector<std::uint64_t> fitting;
    for (const auto& [id, lease] : model_.leases) {
        const bool waits = lease.state == State::kAssigned || (lease.state == State::kPaused && lease.funded);
        const bool poor = lease.state == State::kPaused && !lease.funded;
        const bool earns = lease.state == State::kPaused || lease.state == State::kRunning;
        if (action.kind == Kind::kReady ? waits : action.kind == Kind::kTopUp ? poor : earns) {
            fitting.push_back(id);
        }
    }
    return fitting.empty() || action.b % 5 == 0 ? 1 + action.a % last_lease_ : fitting[action.a % fitting.size()];
}

void History::for_lease(const Action& action) {
    if (last_lease_ == 0) {
        return;
    }
    const std::uint64_t id = pick(action);
    const ModelLease& lease = model_.leases.at(id);
    const std::string provider = lease.provider;
    const std::string tenant = model_.deployments.at(lease.deployment).owner;
    const std::string agent = World::address(agent_of(provider));
    if (action.kind == Kind::kReady) {
        block(action.passed_ms,
              {{agent_of(provider), wrap(market::MsgLeaseReady{agent, LeaseId{id}}), [&] { model_.ready(id); }}});
    } else if (action.kind == Kind::kTopUp) {
        const std::string who = action.b % 3 == 0 ? "friend" : tenant;
        // Around what a resume needs.
        const std::uint64_t minute = static_cast<std::uint64_t>(lease.cost(kMinute));
        const std::uint64_t amount = minute * (action.c % 25) + 1 + action.c % 1'000;
        const market::MsgTopUp message{World::address(who), DeploymentId{lease.deployment}, Amount{amount}};
        const Tx top_up{who, wrap(message), [&] { model_.top_up(who, lease.deployment, Wide{amount}); }};
        // Behind a heartbeat of the same block, money may come to a lease that has just run out.
        if (action.b % 2 == 0) {
            block(action.passed_ms, {{agent_of(provider), wrap(provider::MsgHeartbeat{agent, {}}), {}}, top_up});
        } else {
            block(action.passed_ms, {top_up});
        }
    } else if (action.kind == Kind::kClose) {
        block(action.passed_ms, {{tenant, wrap(market::MsgCloseLease{World::address(tenant), LeaseId{id}}),
                                  [&] { model_.end(id, false, false); }}});
    } else if (action.kind == Kind::kCloseDeployment) {
        const market::MsgCloseDeployment message{World::address(tenant), DeploymentId{lease.deployment}};
        block(action.passed_ms, {{tenant, wrap(message), [&] { model_.close_deployment(lease.deployment); }}});
    } else if (action.kind == Kind::kWithdraw) {
        block(action.passed_ms, {{agent_of(provider), withdrawal(provider, {id}), [&] { model_.withdraw({id}); }}});
    } else {
        constexpr market::CloseReason kReasons[] = {market::CloseReason::kNoManifest, market::CloseReason::kImageFailed,
                                                    market::CloseReason::kUnstable, market::CloseReason::kDecommission,
                                                    market::CloseReason::kProviderFault};
        const std::size_t reason = action.b % std::size(kReasons);
        block(action.passed_ms, {{agent_of(provider), wrap(market::MsgEndLease{agent, LeaseId{id}, kReasons[reason]}),
                                  [&] { model_.end(id, reason >= 3, reason < 2); }}});
    }
}

void History::act(const Action& action) {
    switch (action.kind) {
        case Kind::kHeartbeats:
            beat(1 + action.a % 24, action.b);
            return;
        case Kind::kSilence:
            for (std::uint32_t i = 0; i <= action.a % 8; ++i) {
                block(action.passed_ms);
            }
            return;
        case Kind::kRent:
            rent(action);
            return;
        case Kind::kMachine: {
            const std::string name = provider_name(action.a);
            provider::MsgHeartbeat message{World::address(agent_of(name)), {{0, action.b % 3 != 0}}};
            block(action.passed_ms,
                  {{agent_of(name), wrap(message), [&] { model_.machine(name, action.b % 3 != 0); }}});
            return;
        }
        default:
            for_lease(action);
    }
}

// Everything is closed, every hold is over: all money is back in balances, or burnt.
void History::finish() {
    for (std::uint64_t id = 1; id <= last_deployment_; ++id) {
        const std::string owner = model_.deployments.at(id).owner;
        block(0, {{owner, wrap(market::MsgCloseDeployment{World::address(owner), DeploymentId{id}}),
                   [&] { model_.close_deployment(id); }}});
    }
    for (int i = 0; i < 26; ++i) {
        block(30'000);
    }
    Wide sum = model_.burnt + kBond * kProviders;
    for (const auto& [name, amount] : balances()) {
        sum += Wide{amount};
    }
    RC_ASSERT(sum == Wide{kRich} * Wide{people().size()});
}

std::map<std::string, std::uint64_t> History::balances() const {
    std::map<std::string, std::uint64_t> out;
    for (const auto& [address, name] : names_) {
        out[name] = bank::balance(world_.view(), address).value();
    }
    return out;
}

void History::compare_lease(std::uint64_t id, const ModelLease& lease) const {
    const auto there = market::find_lease(world_.view(), LeaseId{id});
    if (!there) {
        RC_ASSERT(lease.state == State::kClosed);  // a day later it is archived
        return;
    }
    const escrow::Account& account = there->account;
    RC_ASSERT(static_cast<int>(there->state) == static_cast<int>(lease.state) + 1);
    RC_ASSERT(Wide{account.deposited.value()} == lease.funds());
    RC_ASSERT(Wide{account.paid.value()} == lease.paid);
    RC_ASSERT(Wide{account.burnt.value()} == lease.burnt);
    RC_ASSERT(Wide{account.refunded.value()} == lease.refunded);
    RC_ASSERT(Wide{there->due.value()} == lease.due);
    RC_ASSERT(Wide{escrow::held(account).value()} == lease.held());
    RC_ASSERT(lease.funds() == lease.paid + lease.burnt + lease.refunded + lease.held());
    if (lease.state == State::kClosed) {
        RC_ASSERT(lease.held() == 0);
        return;
    }
    if (lease.state != State::kClosing) {  // there the clock has gone on beyond what will be billed
        const provider::Provider provider = *provider::find(world_.view(), there->provider);
        const ServiceClock clock = provider::machine_clock(provider, there->machine);
        RC_ASSERT(Wide{escrow::earned_floor(account, clock).value()} ==
                  lease.earned(std::min(lease.time(), lease.affordable())));
    }
    const std::vector<Wide> rest = Model::remaining(lease);
    std::size_t at = 0;
    for (const escrow::Deposit& deposit : account.deposits) {
        Wide sum = 0;  // the ledger keeps neighbours of one depositor together
        for (; at < rest.size() && lease.deposits[at].who == names_.at(deposit.depositor); ++at) {
            sum += rest[at];
        }
        RC_ASSERT(Wide{deposit.remaining.value()} == sum);
    }
    RC_ASSERT(at == rest.size());
}

void History::compare() const {
    RC_ASSERT(world_.now().value() == static_cast<std::uint64_t>(model_.now));
    for (const auto& [name, amount] : balances()) {
        RC_ASSERT(Wide{amount} == model_.balances.at(name));
    }
    for (const auto& [id, lease] : model_.leases) {
        compare_lease(id, lease);
    }
    RC_ASSERT(Wide{bank::supply(world_.view()).burnt.value()} == model_.burnt);
}

}  // namespace sublet::properties
