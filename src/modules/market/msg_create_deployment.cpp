// msg_create_deployment.cpp: a tenant's groups, each put up as an instant order.
// Deterministic. Spec: docs/spec/market.md (deployments and orders).
#include <algorithm>

#include "modules/market/lifecycle.hpp"
#include "modules/market/messages.hpp"
#include "modules/market/parties.hpp"

namespace sublet::market {
namespace {

Result<> check_group(const GroupSpec& spec) {
    if (spec.name.empty() || spec.name.size() > kMaxNameBytes) {
        return fail(Code::kBadField, "a group's name has 1 to 64 bytes");
    }
    if (spec.signed_by_all_of.size() > kMaxSignedBy || spec.signed_by_any_of.size() > kMaxSignedBy) {
        return fail(Code::kBadField, "group '" + spec.name + "': at most 16 auditors in signedBy");
    }
    for (const auto* list : {&spec.signed_by_all_of, &spec.signed_by_any_of}) {
        if (std::ranges::any_of(*list, [](const std::string& each) { return each.size() > 128; })) {
            return fail(Code::kBadField, "group '" + spec.name + "': an auditor's name has at most 128 bytes");
        }
    }
    TRY_OK(provider::check_attributes(spec.attributes));
    return check_units(spec.units);
}

// The record as apply will store it, without ids, so that check_state can price its locks.
Deployment draft(const MsgCreateDeployment& message, const Block& block) {
    Deployment deployment;
    deployment.owner = account::parsed(message.owner);
    deployment.commitment = *fixed_from<32>(message.commitment);
    deployment.deposit = message.deposit;
    deployment.deposit_time =
        message.deposit_time.is_zero() ? Millis{block.params.default_deposit_ms} : message.deposit_time;
    deployment.start_timeout =
        message.start_timeout.is_zero() ? Millis{block.params.start_timeout_min_ms} : message.start_timeout;
    const Millis life = message.order_life.is_zero() ? Millis{block.params.order_life_max_ms} : message.order_life;
    for (const std::string& each : message.depositors) {
        deployment.depositors.push_back(account::parsed(each));
    }
    for (const GroupSpec& spec : message.groups) {
        Group group;
        group.spec = spec;
        group.order.created_at = block.now;
        group.order.expires_at = after(block.now, life);
        deployment.groups.push_back(std::move(group));
    }
    for (std::size_t i = 0; i < deployment.groups.size(); ++i) {
        deployment.groups[i].order.locked = order_lock(deployment, i, block);
    }
    deployment.created_at = block.now;
    deployment.bond = block.params.object_bond;
    return deployment;
}

Amount all_locks(const Deployment& deployment) {
    Amount sum = deployment.bond;
    for (const Group& group : deployment.groups) {
        sum = saturating_add(sum, group.order.locked);
    }
    return sum;
}

Result<> check_times(const MsgCreateDeployment& message, const Block& block) {
    const ledger::Params& params = block.params;
    const std::uint64_t start = message.start_timeout.value();
    if (start != 0 && (start < params.start_timeout_min_ms || start > params.start_timeout_max_ms)) {
        return fail(Code::kOutOfRange, "start_timeout: " + std::to_string(params.start_timeout_min_ms) + " to " +
                                           std::to_string(params.start_timeout_max_ms) + " ms");
    }
    if (message.order_life.value() > params.order_life_max_ms) {
        return fail(Code::kOutOfRange, "order_life: at most " + std::to_string(params.order_life_max_ms) + " ms");
    }
    if (!message.deposit_time.is_zero() && message.deposit_time.value() < params.min_funding_ms) {
        return fail(Code::kDepositTooSmall, "deposit_time: at least " + std::to_string(params.min_funding_ms) + " ms");
    }
    return {};
}

}  // namespace

Result<> check_static(const MsgCreateDeployment& message) {
    TRY(owner, account::parse(message.owner, "owner"));
    (void)owner;
    TRY_OK(check_commitment(message.commitment));
    if (message.groups.empty() || message.groups.size() > kMaxGroups) {
        return fail(Code::kBadField, "groups: 1 to 20 are expected");
    }
    for (std::size_t i = 0; i < message.groups.size(); ++i) {
        TRY_OK(check_group(message.groups[i]));
        for (std::size_t j = 0; j < i; ++j) {
            if (message.groups[j].name == message.groups[i].name) {
                return fail(Code::kBadField, "groups: the name '" + message.groups[i].name + "' is there twice");
            }
        }
    }
    if (message.depositors.size() > kMaxDepositors) {
        return fail(Code::kBadField, "depositors: at most 15 besides the owner");
    }
    for (const std::string& each : message.depositors) {
        TRY(depositor, account::parse(each, "depositors"));
        (void)depositor;
    }
    return {};
}

Result<> check_state(const MsgCreateDeployment& message, const View& view, const Block& block) {
    TRY_OK(check_times(message, block));
    const Deployment deployment = draft(message, block);
    if (deployments_of(view, deployment.owner, DeploymentId{}, kMaxDeploymentsPerOwner).size() >=
        kMaxDeploymentsPerOwner) {
        return fail(Code::kTooManyDeployments, "an owner has at most 1,000 deployments; closed ones leave after a day");
    }
    for (const Group& group : deployment.groups) {
        const Amount least = escrow::cost_ceil(max_rate(group.spec), Millis{block.params.min_funding_ms});
        if (group.order.locked < least) {
            return fail(Code::kDepositTooSmall,
                        "group '" + group.spec.name + "' would get " + std::to_string(group.order.locked.value()) +
                            " ucredit of the deposit, at least " + std::to_string(least.value()) + " are needed");
        }
    }
    return bank::require(view, deployment.owner, all_locks(deployment));
}

void apply(const MsgCreateDeployment& message, Ledger& ledger, const Block& block) {
    Deployment deployment = draft(message, block);
    deployment.id = DeploymentId{next_id(ledger, Counter::kDeployment)};
    bank::hold(ledger, deployment.owner, all_locks(deployment));
    save(ledger, deployment);
    ledger.emit(deployment_event("deployment_created", deployment));
}

}  // namespace sublet::market
