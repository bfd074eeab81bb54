// money_model.cpp: docs/spec/money.md, rule by rule.
#include "money_model.hpp"

#include <algorithm>
#include <utility>

namespace sublet::properties {

using boost::multiprecision::cpp_int;

Fraction fraction(Wide whole) { return Fraction{cpp_int{whole}}; }

Wide floor_of(const Fraction& value) { return static_cast<Wide>(cpp_int{numerator(value) / denominator(value)}); }

Wide ceil_of(const Fraction& value) {
    const Wide down = floor_of(value);
    return fraction(down) == value ? down : down + 1;
}

// A rate is nano-ucredit per second, a length milliseconds.
Fraction ModelLease::price_of(Wide rate, Time length) {
    const Fraction per_second = fraction(rate) / 1'000'000'000;
    return per_second * fraction(length) / 1'000;
}

Wide ModelLease::funds() const {
    Wide sum = 0;
    for (const Deposit& deposit : deposits) {
        sum += deposit.amount;
    }
    return sum;
}

Time ModelLease::time() const {
    Time sum = 0;
    for (const Interval& interval : served) {
        sum += interval.to - interval.from;
    }
    return sum;
}

// One more millisecond could not be paid for.
bool ModelLease::exhausted() const { return exact(time() + 1) > fraction(funds()); }

Time ModelLease::affordable() const { return static_cast<Time>(floor_of(fraction(funds()) / exact(1))); }

void ModelLease::truncate() {
    Wide over = Wide{time()} - affordable();
    while (over > 0) {
        Interval& last = served.back();
        const Time piece = static_cast<Time>(std::min<Wide>(over, last.to - last.from));
        last.to -= piece;
        over -= piece;
        if (last.to == last.from) {
            served.pop_back();
        }
    }
}

bool Model::beating(const ModelProvider& provider) const {
    return provider.last_heartbeat && now - *provider.last_heartbeat <= kCover;
}

Wide Model::lock_of(const ModelDeployment& deployment, std::size_t group) const {
    if (deployment.deposit == 0) {
        return ceil_of(ModelLease::price_of(deployment.max_rate, kMinFunding));
    }
    const Wide groups = static_cast<Wide>(deployment.orders.size());
    const Wide share = floor_of(fraction(deployment.deposit) / fraction(groups));  // all groups have one rate here
    return group + 1 < deployment.orders.size() ? share : deployment.deposit - share * (groups - 1);
}

void Model::begin_block(Time passed, const std::function<void(Time)>& before) {
    now += std::min<Time>(passed, 30'000);
    while (run_one_timer(before)) {
    }
    for (auto& [name, provider] : providers) {
        provider.beat_in_block = false;
    }
}

// The earliest thing that is due; false when nothing is.
bool Model::run_one_timer(const std::function<void(Time)>& before) {
    struct Due {
        Time at;
        bool order;
        std::uint64_t id;
        std::size_t group;
        auto operator<=>(const Due&) const = default;
    };
    std::optional<Due> first;
    const auto offer = [&](const Due& due) {
        if (due.at <= now && (!first || due < *first)) {
            first = due;
        }
    };
    for (const auto& [id, lease] : leases) {
        switch (lease.state) {
            case State::kAssigned:
                offer({lease.start_by, false, id, 0});
                break;
            case State::kPaused:
                offer({lease.funded ? lease.start_by : lease.grace_ends, false, id, 0});
                break;
            case State::kClosing:
                offer({lease.tail_until + 1, false, id, 0});
                break;
            case State::kClosed:
                if (lease.due > 0) {
                    offer({lease.closed_at + kHold, false, id, 0});
                }
                break;
            case State::kRunning:
                break;
        }
    }
    for (const auto& [id, deployment] : deployments) {
        for (std::size_t i = 0; i < deployment.orders.size(); ++i) {
            if (deployment.orders[i].open) {
                offer({deployment.orders[i].expires_at, true, id, i});
            }
        }
    }
    if (!first) {
        return false;
    }
    if (before) {
        before(first->at);
    }
    if (first->order) {
        ModelOrder& order = deployments[first->id].orders[first->group];
        order.open = false;
        balances[deployments[first->id].owner] += std::exchange(order.locked, 0);
        close_if_done(first->id);
        return true;
    }
    ModelLease& lease = leases[first->id];
    if (lease.state == State::kClosed) {
        balances[lease.provider] += std::exchange(lease.due, 0);
    } else if (lease.state == State::kClosing) {
        finish(first->id);
    } else {
        end(first->id, lease.state == State::kAssigned || lease.funded, false);
    }
    return true;
}

void Model::heartbeat(const std::string& name) {
    ModelProvider& provider = providers[name];
    if (beating(provider) && provider.up) {
        for (auto& [id, lease] : leases) {
            const bool streams = lease.state == State::kRunning || lease.state == State::kClosing;
            const Time from = std::max(*provider.last_heartbeat, lease.running_since);
            const Time to = lease.state == State::kClosing ? std::min(now, lease.closed_at) : now;
            if (lease.provider == name && streams && to > from) {
                lease.served.push_back({from, to});
            }
        }
    }
    provider.last_heartbeat = now;
    provider.beat_in_block = true;
}

void Model::end_block() {
    for (auto& [name, provider] : providers) {
        if (!provider.beat_in_block) {
            continue;
        }
        std::vector<std::uint64_t> mine;
        for (auto& [id, lease] : leases) {
            if (lease.provider == name) {
                mine.push_back(id);
            }
        }
        for (const std::uint64_t id : mine) {
            if (leases[id].state == State::kRunning && leases[id].exhausted()) {
                pause(id);
            }
        }
        for (const std::uint64_t id : mine) {
            if (leases[id].state == State::kClosing) {
                finish(id);
            }
        }
    }
}

void Model::create(std::uint64_t id, ModelDeployment deployment, std::size_t groups) {
    deployment.orders.resize(groups);
    for (std::size_t i = 0; i < groups; ++i) {
        ModelOrder& order = deployment.orders[i];
        order.locked = lock_of(deployment, i);
        order.expires_at = now + kDay;
        balances[deployment.owner] -= order.locked;
    }
    balances[deployment.owner] -= kBond;
    deployments[id] = std::move(deployment);
}

void Model::assign(std::uint64_t id, ModelLease lease) {
    ModelDeployment& deployment = deployments[lease.deployment];
    ModelOrder& order = deployment.orders[lease.group];
    const Wide wanted = deployment.deposit > 0
                            ? order.locked
                            : std::min(lease.cost(deployment.deposit_time), order.locked + balances[deployment.owner]);
    balances[deployment.owner] -= wanted - order.locked;
    lease.deposits = {{deployment.owner, wanted}};
    lease.start_by = now + kStartTimeout;
    order.locked = 0;
    order.open = false;
    order.matched = true;
    order.lease = id;
    leases[id] = std::move(lease);
}

void Model::ready(std::uint64_t id) {
    ModelLease& lease = leases[id];
    lease.state = State::kRunning;
    lease.running_since = now;
    lease.funded = false;
    if (!lease.ready_at) {
        lease.ready_at = now;
    }
}

void Model::pause(std::uint64_t id) {
    ModelLease& lease = leases[id];
    lease.truncate();
    if (!lease.last_pause || now - *lease.last_pause >= kDay) {
        lease.grace_used = 0;
    }
    lease.last_pause = now;
    lease.state = State::kPaused;
    lease.funded = false;
    lease.stopped_at = now;
    lease.grace_ends = now + std::max<Time>(0, kGrace - lease.grace_used);
    if (lease.grace_ends == now) {
        end(id, false, false);
    }
}

void Model::top_up(const std::string& who, std::uint64_t id, Wide amount) {
    balances[who] -= amount;
    std::vector<std::uint64_t> open;
    Wide rates = 0;
    for (const auto& [lease_id, lease] : leases) {
        if (lease.deployment == id && lease.state != State::kClosing && lease.state != State::kClosed) {
            open.push_back(lease_id);
            rates += lease.rate;
        }
    }
    std::vector<Wide> shares;
    Wide left = amount;
    for (const std::uint64_t each : open) {
        shares.push_back(floor_of(fraction(amount) * fraction(leases[each].rate) / fraction(rates)));
        left -= shares.back();
    }
    shares.front() += left;
    for (std::size_t i = 0; i < open.size(); ++i) {
        ModelLease& lease = leases[open[i]];
        if (lease.state == State::kRunning && lease.exhausted()) {
            pause(open[i]);
        }
        if (lease.state == State::kClosed) {
            balances[who] += shares[i];
            continue;
        }
        lease.deposits.push_back({who, shares[i]});
        const bool enough = lease.funds() - lease.earned(lease.time()) >= lease.cost(kMinFunding);
        if (lease.state == State::kPaused && !lease.funded && enough) {
            lease.grace_used += now - lease.stopped_at;
            lease.funded = true;
            lease.start_by = now + kStartTimeout;
        }
    }
}

void Model::withdraw(const std::vector<std::uint64_t>& ids) {
    for (const std::uint64_t id : ids) {
        ModelLease aged = leases[id];
        aged.truncate();
        const bool streams = aged.state == State::kRunning;
        const Time young = streams ? kHold : std::max<Time>(0, kHold - (now - aged.stopped_at));
        const Wide amount = aged.earned(std::max<Time>(0, aged.time() - young)) - aged.paid;
        if (amount > 0) {
            leases[id].paid += amount;
            balances[aged.provider] += amount;
        }
    }
}

void Model::end(std::uint64_t id, bool by_provider, bool penalty) {
    ModelLease& lease = leases[id];
    const ModelProvider& provider = providers[lease.provider];
    lease.by_provider = by_provider;
    lease.penalty = penalty;
    lease.closed_at = now;
    if (lease.state == State::kRunning && beating(provider) && provider.up && now > *provider.last_heartbeat) {
        lease.state = State::kClosing;
        lease.tail_until = *provider.last_heartbeat + kCover;
        return;
    }
    finish(id);
}

std::vector<Wide> Model::remaining(const ModelLease& lease) {
    Wide taken = lease.paid + lease.burnt;
    std::vector<Wide> out;
    for (const Deposit& deposit : lease.deposits) {
        const Wide piece = std::min(taken, deposit.amount);
        taken -= piece;
        out.push_back(deposit.amount - piece);
    }
    return out;
}

void Model::finish(std::uint64_t id) {
    ModelLease& lease = leases[id];
    lease.truncate();
    lease.state = State::kClosed;
    Time billed = lease.time();
    if (lease.penalty && !lease.ready_at) {
        lease.burnt = std::min(lease.cost(kMinute), lease.held());
        burnt += lease.burnt;
    }
    if (lease.ready_at && !lease.by_provider) {
        billed = std::max(billed, std::min(kMinute, lease.affordable()));
    }
    lease.due = lease.earned(billed) - lease.paid;
    lease.paid += lease.due;
    const std::vector<Wide> rest = remaining(lease);
    for (std::size_t i = 0; i < rest.size(); ++i) {
        balances[lease.deposits[i].who] += rest[i];
        lease.refunded += rest[i];
    }
    settle_order(lease);
}

// A provider's fault puts the order up again, when its tenant can pay for it.
void Model::settle_order(ModelLease& lease) {
    ModelDeployment& deployment = deployments[lease.deployment];
    ModelOrder& order = deployment.orders[lease.group];
    order.matched = false;
    const Wide lock = lock_of(deployment, lease.group);
    if (lease.by_provider && !deployment.closed && order.excluded < 16 && balances[deployment.owner] >= lock) {
        balances[deployment.owner] -= lock;
        order.locked = lock;
        order.open = true;
        order.expires_at = now + kDay;
        ++order.excluded;
        return;
    }
    close_if_done(lease.deployment);
}

void Model::close_if_done(std::uint64_t id) {
    ModelDeployment& deployment = deployments[id];
    for (const ModelOrder& order : deployment.orders) {
        if (order.open || order.matched) {
            return;
        }
    }
    if (!deployment.closed) {
        deployment.closed = true;
        balances[deployment.owner] += kBond;
    }
}

void Model::close_deployment(std::uint64_t id) {
    for (std::size_t i = 0; i < deployments[id].orders.size(); ++i) {
        ModelOrder& order = deployments[id].orders[i];
        if (order.open) {
            order.open = false;
            balances[deployments[id].owner] += std::exchange(order.locked, 0);
        } else if (order.matched && leases[order.lease].state != State::kClosing) {
            end(order.lease, false, false);
        }
    }
    close_if_done(id);
}

}  // namespace sublet::properties
