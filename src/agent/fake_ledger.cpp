// fake_ledger.cpp: a ledger in memory for the agent's tests and the simulator.
#include "agent/fake_ledger.hpp"

namespace sublet::agent {

namespace {

std::unexpected<Error> is_down() { return fail(Code::kIo, "the node is down"); }

Hash hash_of(const Bytes& bytes) {
    const Result<Hash> hash = fixed_from<32>(bytes);
    return hash ? *hash : Hash{};
}

}  // namespace

FakeLedger::FakeLedger(net::Clock& clock, crypto::Address owner, crypto::Address operator_address)
    : clock_(clock), begun_ms_(clock.monotonic_ms()), owner_(owner), operator_(operator_address) {}

LedgerTime FakeLedger::now() const { return LedgerTime{clock_.monotonic_ms() - begun_ms_ + 1'000}; }

market::Lease& FakeLedger::add_lease(LeaseId id, DeploymentId deployment, crypto::Address tenant) {
    market::Lease lease;
    lease.id = id;
    lease.deployment = deployment;
    lease.tenant = tenant;
    lease.provider = owner_;
    lease.created_at = now();
    lease.start_by = LedgerTime{now().value() + 300'000};
    return all_leases[id] = lease;
}

void FakeLedger::wake() {
    if (wake_) {
        wake_();
    }
}

Task<Result<query::StatusReply>> FakeLedger::status() {
    if (down) {
        co_return is_down();
    }
    query::StatusReply out;
    out.chain_id = chain_id;
    out.height = Height{height};
    out.now = now();
    out.params = params;
    co_return out;
}

Task<Result<std::optional<provider::Provider>>> FakeLedger::provider(crypto::Address owner) {
    if (down) {
        co_return is_down();
    }
    co_return owner == owner_ ? record : std::nullopt;
}

Task<Result<std::vector<provider::Provider>>> FakeLedger::providers() {
    if (down) {
        co_return is_down();
    }
    std::vector<provider::Provider> out = others;
    if (record) {
        out.push_back(*record);
    }
    co_return out;
}

Task<Result<std::vector<market::Offer>>> FakeLedger::offers(crypto::Address owner) {
    if (down) {
        co_return is_down();
    }
    std::vector<market::Offer> out;
    for (const auto& [id, offer] : all_offers) {
        if (owner == owner_) {
            out.push_back(offer);
        }
    }
    co_return out;
}

Task<Result<std::vector<market::Lease>>> FakeLedger::leases(crypto::Address owner) {
    if (down) {
        co_return is_down();
    }
    std::vector<market::Lease> out;
    for (const auto& [id, lease] : all_leases) {
        if (lease.provider == owner) {
            out.push_back(lease);
        }
    }
    co_return out;
}

Task<Result<std::optional<market::Lease>>> FakeLedger::lease(LeaseId id) {
    if (down) {
        co_return is_down();
    }
    const auto found = all_leases.find(id);
    co_return found == all_leases.end() ? std::nullopt : std::optional<market::Lease>{found->second};
}

Task<Result<std::optional<market::Deployment>>> FakeLedger::deployment(DeploymentId id) {
    if (down) {
        co_return is_down();
    }
    const auto found = all_deployments.find(id);
    co_return found == all_deployments.end() ? std::nullopt : std::optional<market::Deployment>{found->second};
}

Task<Result<>> FakeLedger::send(Message message) {
    if (down) {
        co_return is_down();
    }
    const Result<> done = std::visit([this](const auto& each) { return take(each); }, message);
    if (done) {
        height += 1;
        taken.push_back(std::move(message));
    }
    co_return done;
}

Task<Result<>> FakeLedger::watch(crypto::Address owner, std::function<void()> wake) {
    static_cast<void>(owner);
    wake_ = std::move(wake);
    watching_ = true;
    while (watching_) {
        co_await clock_.sleep(20);
    }
    co_return fail(Code::kCancelled, "stopped");
}

Task<> FakeLedger::stop_watching() {
    watching_ = false;
    wake_ = nullptr;
    co_return;
}

Result<> FakeLedger::take(const provider::MsgHeartbeat& message) {
    if (!record) {
        return fail(Code::kNotOperator, "no provider");
    }
    for (const provider::MachineChange& change : message.changes) {
        record->machines.at(change.machine).up = change.up;
    }
    for (auto& [id, lease] : all_leases) {
        if (lease.state == market::LeaseState::kClosing) {
            lease.state = market::LeaseState::kClosed;
        }
    }
    return {};
}

Result<> FakeLedger::take(const provider::MsgRegister& message) {
    if (record) {
        return fail(Code::kProviderExists, "registered before");
    }
    provider::Provider made;
    made.owner = owner_;
    made.operator_address = operator_;
    made.gateway_uri = message.gateway_uri;
    made.tls_pin = hash_of(message.tls_pin);
    made.attributes = message.attributes;
    for (const std::string& name : message.machines) {
        provider::Machine machine;
        machine.name = name;
        made.machines.push_back(machine);
    }
    made.beating = true;
    record = made;
    return {};
}

Result<> FakeLedger::take(const provider::MsgUpdate& message) {
    if (!record) {
        return fail(Code::kProviderUnknown, "not registered");
    }
    record->gateway_uri = message.gateway_uri;
    record->tls_pin = hash_of(message.tls_pin);
    record->attributes = message.attributes;
    return {};
}

Result<> FakeLedger::take(const market::MsgPostOffer& message) {
    market::Offer offer;
    offer.id = OfferId{all_offers.size() + 1};
    offer.provider = owner_;
    offer.machine = message.machine;
    offer.capacity = message.capacity;
    offer.free = message.capacity;
    offer.price = message.price;
    offer.notice = message.notice;
    offer.attributes = message.attributes;
    all_offers[offer.id] = offer;
    return {};
}

Result<> FakeLedger::take(const market::MsgUpdateOffer& message) {
    const auto found = all_offers.find(message.offer);
    if (found == all_offers.end()) {
        return fail(Code::kOfferUnknown, "no such offer");
    }
    found->second.state = message.state;
    found->second.capacity = message.capacity;
    found->second.price = message.price;
    return {};
}

Result<> FakeLedger::take(const market::MsgLeaseReady& message) {
    const auto found = all_leases.find(message.lease);
    if (found == all_leases.end()) {
        return fail(Code::kLeaseUnknown, "no such lease");
    }
    market::Lease& lease = found->second;
    const bool resumes = lease.state == market::LeaseState::kPaused && !lease.start_by.is_zero();
    if (lease.state != market::LeaseState::kAssigned && !resumes) {
        return fail(Code::kLeaseNotAssigned, "not waiting for a Ready");
    }
    lease.state = market::LeaseState::kRunning;
    lease.start_by = LedgerTime{};
    return {};
}

Result<> FakeLedger::take(const market::MsgEndLease& message) {
    const auto found = all_leases.find(message.lease);
    if (found == all_leases.end()) {
        return fail(Code::kLeaseUnknown, "no such lease");
    }
    found->second.state = market::LeaseState::kClosed;
    found->second.reason = message.reason;
    return {};
}

Result<> FakeLedger::take(const market::MsgWithdraw& message) {
    static_cast<void>(message);
    return {};
}

}  // namespace sublet::agent
