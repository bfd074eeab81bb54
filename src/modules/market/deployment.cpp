// deployment.cpp: deployments' records and what they index.
// Deterministic. Spec: docs/spec/market.md (deployments and orders).
#include "modules/market/deployment.hpp"

#include "modules/keys.hpp"

namespace sublet::market {

Rate max_rate(const GroupSpec& spec) {
    Rate sum;
    for (const ResourceUnit& unit : spec.units) {
        sum = saturating_add(sum, Rate{unit.max_rate.value() * unit.count});
    }
    return sum;
}
static_assert(kMaxUnitPrice * kMaxCount < (1ULL << 60U), "count × max_rate fits");

Bytes deployment_prefix() { return keys::table(5, 2); }
Bytes deployment_key(DeploymentId id) { return keys::with(deployment_prefix(), id.value()); }

std::optional<Deployment> find_deployment(const ledger::View& view, DeploymentId id) {
    return ledger::load<Deployment>(view, deployment_key(id));
}

ledger::IndexEntries index_entries(const Deployment& deployment, const ledger::Params& params) {
    ledger::IndexEntries entries;
    const std::uint64_t id = deployment.id.value();
    entries.emplace(keys::with(keys::with(keys::table(5, 2), deployment.owner), id), "1");
    for (std::size_t i = 0; i < deployment.groups.size(); ++i) {
        const Order& order = deployment.groups[i].order;
        if (order.state == OrderState::kOpen) {
            entries.emplace(keys::timer(order.expires_at, keys::Timer::kOrderExpiry, id, i), "1");
            entries.emplace(keys::with(keys::with(keys::with(keys::table(5, 6), order.created_at.value()), id), i),
                            "1");
        }
    }
    if (deployment.state == DeploymentState::kClosed) {
        const LedgerTime due = after(deployment.closed_at, Millis{params.archive_after_ms});
        entries.emplace(keys::timer(due, keys::Timer::kArchiveDeployment, id), "1");
    }
    return entries;
}

void save(ledger::Ledger& ledger, const Deployment& deployment) {
    const ledger::Params& params = ledger.params();
    const std::optional<Deployment> before = find_deployment(ledger, deployment.id);
    ledger::save(ledger, deployment_key(deployment.id), deployment);
    ledger::replace_index(ledger, before ? index_entries(*before, params) : ledger::IndexEntries{},
                          index_entries(deployment, params));
}

}  // namespace sublet::market
