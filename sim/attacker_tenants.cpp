// attacker_tenants.cpp: tenants who want machines for nothing: dust, a leaver, a mute, hopeless orders.
#include "attackers.hpp"
#include "net/quiet.hpp"
#include "renter.hpp"

namespace sublet::sim {

using market::LeaseState;
using net::Task;

namespace {

std::string file_with(const std::string& image) {
    return R"yaml(
version: "2.0"
services:
  web:
    image: )yaml" +
           image + R"yaml(
profiles:
  compute:
    small:
      resources:
        cpu: {units: 0.25}
        memory: {size: 256Mi}
        storage: {size: 256Mi}
  placement:
    anywhere:
      pricing:
        small: {denom: ucredit, amount: 0.004}
deployment:
  web: {anywhere: {profile: small, count: 1}}
)yaml";
}
const std::string kFile = file_with("web:1");
const std::string kFileWithoutImage = file_with("nowhere:1");

constexpr std::uint64_t kTenantsNode = 1;

class HostileTenant : public Attacker, protected Renter {
public:
    using Renter::Renter;
    void begin() override { Renter::start(); }

protected:
    // Orders, hands the manifest in where that is wanted, and looks every few seconds; `act` says whether to look on.
    virtual market::MsgCreateDeployment terms(const Hash& nonce) = 0;
    virtual Task<> act(DeploymentId id, market::Lease lease) = 0;
    [[nodiscard]] virtual bool gives_manifest() { return true; }
    [[nodiscard]] virtual std::uint64_t look_ms() { return dice_.between(2'000, 8'000); }

    Task<> live() override {
        co_await process_.clock.sleep(dice_.between(1'000, 90'000));
        while (!world_.closing()) {
            const Hash nonce = new_nonce();
            Task<Result<DeploymentId>> opening = open(terms(nonce));
            const Result<DeploymentId> opened = co_await std::move(opening);
            if (opened) {
                co_await follow(*opened, nonce);
            }
            co_await process_.clock.sleep(dice_.between(5'000, 180'000));
        }
    }
    Task<> close(DeploymentId id) {
        Task<Result<client::TxOutcome>> closing = submit(client::pack(market::MsgCloseDeployment{signer_->text(), id}));
        (void)co_await std::move(closing);
    }

private:
    Task<> follow(DeploymentId id, Hash nonce) {
        LeaseId given;
        const bool gives = gives_manifest();
        while (!world_.closing()) {
            co_await process_.clock.sleep(look_ms());
            Task<Result<std::optional<market::Lease>>> looking = lease_of(id);
            const Result<std::optional<market::Lease>> lease = co_await std::move(looking);
            if (!lease && lease.error().code == Code::kNotFound) {
                co_return;
            }
            if (!lease || !*lease) {
                continue;
            }
            if ((*lease)->state == LeaseState::kAssigned && given != (*lease)->id && gives) {
                Task<Result<>> putting = put_manifest(**lease, nonce, false);
                const Result<> put = co_await std::move(putting);
                given = put ? (*lease)->id : given;
            }
            Task<> acting = act(id, **lease);
            co_await std::move(acting);
        }
    }
};

// T2, T3: every amount is the least that is taken, and each is tried one unit below before.
class Dust final : public HostileTenant {
public:
    using HostileTenant::HostileTenant;

private:
    // A limit near what the machines cost makes the money end soon after the ten minutes that it must last.
    market::MsgCreateDeployment terms(const Hash& nonce) override {
        market::MsgCreateDeployment out = order_for(nonce);
        market::ResourceUnit& unit = out.groups.front().units.front();
        unit.max_rate = Rate{dice_.between(3'050'000, 3'500'000)};
        least_ = escrow::cost_ceil(unit.max_rate, Millis{kMinFundingMs});
        out.deposit = least_;
        pays_ = dice_.chance(800);
        return out;
    }

    Task<> live() override {
        market::MsgCreateDeployment too_little = terms(new_nonce());
        too_little.deposit = Amount{least_.value() - 1};
        Task<Result<DeploymentId>> opening = open(std::move(too_little));
        const Result<DeploymentId> opened = co_await std::move(opening);
        if (opened) {
            world_.mark("BROKEN: a deposit below the least was taken");
        }
        co_await HostileTenant::live();
    }

    Task<> act(DeploymentId id, market::Lease lease) override {
        if (lease.state == LeaseState::kPaused && lease.start_by.is_zero()) {
            world_.mark("dust ran out");
            if (pays_) {
                co_await pay_the_least(id, std::move(lease));
                pays_ = dice_.chance(300);
            }
        } else if (lease.state == LeaseState::kRunning && dice_.chance(6)) {
            Task<bool> paying = top_up(id, escrow::cost_ceil(lease.account.rate, Millis{kLeastTopUpMs}));
            (void)co_await std::move(paying);
        } else if (lease.state == LeaseState::kRunning && dice_.chance(1)) {
            co_await close(id);
        }
    }

    // One unit less than brings the lease back, then the least.
    Task<> pay_the_least(DeploymentId id, market::Lease lease) {
        const Amount least = escrow::cost_ceil(lease.account.rate, Millis{kLeastTopUpMs});
        Task<bool> below = top_up(id, Amount{least.value() - 1});
        if (co_await std::move(below)) {
            world_.mark("BROKEN: a top-up below the least was taken");
        }
        co_await process_.clock.sleep(dice_.between(0, dice_.chance(700) ? 120'000 : 700'000));  // or too late
        const Amount owed = saturating_sub(escrow::earned_floor(lease.account, ServiceClock{}), lease.account.paid);
        const Amount spare = saturating_sub(escrow::held(lease.account), owed);
        const Amount missing = saturating_sub(escrow::cost_ceil(lease.account.rate, Millis{kMinFundingMs}), spare);
        if (missing > least) {  // else the least top-up is enough
            Task<bool> trying = almost(id, lease, missing);
            if (!co_await std::move(trying)) {
                co_return;
            }
        }
        Task<bool> rest = top_up(id, least);
        world_.mark(co_await std::move(rest) ? "dust was topped up to the least" : "dust came too late");
    }

    // One unit less than what brings it back does not. False when it could not be paid.
    Task<bool> almost(DeploymentId id, const market::Lease& lease, Amount missing) {
        Task<bool> paying = top_up(id, Amount{missing.value() - 1});
        if (!co_await std::move(paying)) {
            co_return false;
        }
        Task<Result<std::optional<market::Lease>>> looking = lease_of(id);
        const Result<std::optional<market::Lease>> now = co_await std::move(looking);
        // A payment that was given up earlier may have come late.
        const bool same = now && *now && (*now)->id == lease.id && (*now)->state == LeaseState::kPaused &&
                          (*now)->account.deposited.value() + 1 == lease.account.deposited.value() + missing.value();
        if (same && !(*now)->start_by.is_zero()) {
            world_.mark("BROKEN: a lease is funded one unit below the least");
        }
        co_return true;
    }

    Task<bool> top_up(DeploymentId id, Amount amount) {
        Task<Result<client::TxOutcome>> paying = submit(client::pack(market::MsgTopUp{signer_->text(), id, amount}));
        const Result<client::TxOutcome> paid = co_await std::move(paying);
        co_return paid.has_value();
    }

    static constexpr std::uint64_t kMinFundingMs = 600'000, kLeastTopUpMs = 60'000;
    Amount least_;
    bool pays_ = false;
};

// T3: has the machine start, and is gone before the first minute is over.
class Leaver final : public HostileTenant {
public:
    using HostileTenant::HostileTenant;

private:
    market::MsgCreateDeployment terms(const Hash& nonce) override {
        market::MsgCreateDeployment out = order_for(nonce);
        out.deposit_time = Millis{kMinFundingMs};
        return out;
    }
    std::uint64_t look_ms() override { return dice_.between(1'000, 4'000); }
    Task<> act(DeploymentId id, market::Lease lease) override {
        if (lease.state != LeaseState::kRunning) {
            co_return;
        }
        co_await process_.clock.sleep(dice_.between(0, 40'000));
        if (dice_.chance(500)) {
            co_await close(id);
            co_return;
        }
        Task<Result<client::TxOutcome>> closing =
            submit(client::pack(market::MsgCloseLease{signer_->text(), lease.id}));
        (void)co_await std::move(closing);
    }
    static constexpr std::uint64_t kMinFundingMs = 600'000;
};

// T8: no manifest, or one whose image nobody has.
class Mute final : public HostileTenant {
public:
    Mute(World& world, const std::string& name, bool speaks)
        : HostileTenant(world, name, kTenantsNode, kFileWithoutImage), speaks_(speaks) {}

private:
    market::MsgCreateDeployment terms(const Hash& nonce) override {
        speaks_ = !speaks_;
        market::MsgCreateDeployment out = order_for(nonce);
        out.deposit_time = Millis{dice_.between(600'000, 1'200'000)};
        return out;
    }
    bool gives_manifest() override { return speaks_; }
    std::uint64_t look_ms() override { return dice_.between(8'000, 15'000); }
    Task<> act(DeploymentId id, market::Lease lease) override {
        if (lease.state == LeaseState::kRunning && dice_.chance(50)) {  // a liar's lease runs without a manifest
            co_await close(id);
        }
    }
    bool speaks_;
};

// T7: orders that nothing fits, by the dozen; now and then more than a block looks at.
class Hopeless final : public Attacker, private Renter {
public:
    Hopeless(World& world, const std::string& name) : Renter(world, name, kTenantsNode, kFile) {}
    void begin() override { Renter::start(); }

private:
    Task<> live() override {
        co_await process_.clock.sleep(dice_.between(1'000, 60'000));
        const bool flood = dice_.chance(200);
        const std::uint64_t deployments = flood ? 14 : 2;
        std::vector<DeploymentId> mine;
        for (std::uint64_t i = 0; i < deployments && !world_.closing(); ++i) {
            Task<Result<DeploymentId>> opening = open(orders());
            const Result<DeploymentId> opened = co_await std::move(opening);
            if (opened) {
                mine.push_back(*opened);
            }
        }
        world_.mark(flood ? "more hopeless orders than a block looks at" : "hopeless orders stood");
        if (!flood) {
            co_return co_await wait_for_the_end();
        }
        co_await process_.clock.sleep(kFloodMs);
        for (const DeploymentId id : mine) {
            Task<Result<client::TxOutcome>> closing =
                submit(client::pack(market::MsgCloseDeployment{signer_->text(), id}));
            (void)co_await std::move(closing);
        }
        co_await wait_for_the_end();
    }
    Task<> wait_for_the_end() {
        while (!world_.closing()) {
            co_await process_.clock.sleep(30'000);
        }
    }
    // Twenty groups: too large for every machine, or so cheap that nobody takes them.
    market::MsgCreateDeployment orders() {
        market::MsgCreateDeployment out = order_for(new_nonce());
        const market::GroupSpec one = out.groups.front();
        out.groups.assign(market::kMaxGroups, one);
        for (std::size_t i = 0; i < out.groups.size(); ++i) {
            out.groups[i].name = "g" + std::to_string(i);
            out.groups[i].units.front().max_rate = Rate{1};
            if (i % 2 == 0) {
                out.groups[i].units.front().cpu_milli = 300'000;
            }
        }
        return out;
    }
    static constexpr std::uint64_t kFloodMs = 45'000;
};

}  // namespace

std::unique_ptr<Attacker> make_dust(World& world, const std::string& name) {
    return std::make_unique<Dust>(world, name, kTenantsNode, kFile);
}
std::unique_ptr<Attacker> make_leaver(World& world, const std::string& name) {
    return std::make_unique<Leaver>(world, name, kTenantsNode, kFile);
}
std::unique_ptr<Attacker> make_mute(World& world, const std::string& name) {
    return std::make_unique<Mute>(world, name, world.dice().fork(name + "'s voice").chance(500));
}
std::unique_ptr<Attacker> make_hopeless(World& world, const std::string& name) {
    return std::make_unique<Hopeless>(world, name);
}

}  // namespace sublet::sim
