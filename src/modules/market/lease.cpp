// lease.cpp: leases' records and what they index: one timer each, and c* while running.
// Deterministic. Spec: docs/spec/market.md (leases).
#include "modules/market/lease.hpp"

#include "modules/keys.hpp"

namespace sublet::market {
namespace {

LedgerTime timer_of(const Lease& lease, const ledger::Params& params) {
    switch (lease.state) {
        case LeaseState::kAssigned:
            return lease.start_by;
        case LeaseState::kPaused:
            return lease.start_by == LedgerTime{} ? lease.grace_ends : lease.start_by;
        case LeaseState::kClosing:
            return after(lease.tail_until, Millis{1});
        case LeaseState::kClosed:
            return after(lease.closed_at,
                         Millis{lease.due.is_zero() ? params.archive_after_ms : params.hold_window_ms});
        case LeaseState::kRunning:
            break;
    }
    return LedgerTime{};
}

}  // namespace

Bytes lease_prefix() { return keys::table(5, 3); }
Bytes lease_key(LeaseId id) { return keys::with(lease_prefix(), id.value()); }

std::optional<Lease> find_lease(const ledger::View& view, LeaseId id) {
    return ledger::load<Lease>(view, lease_key(id));
}

ledger::IndexEntries index_entries(const Lease& lease, const ledger::Params& params) {
    ledger::IndexEntries entries;
    const std::uint64_t id = lease.id.value();
    entries.emplace(keys::with(keys::with(keys::table(5, 3), lease.tenant), id), "1");
    entries.emplace(keys::with(keys::with(keys::table(5, 4), lease.provider), id), "1");
    if (lease.state == LeaseState::kRunning) {
        Bytes key = keys::with(keys::table(5, 7), lease.provider);
        append_be32(key, lease.machine);
        entries.emplace(keys::with(keys::with(std::move(key), escrow::stops_at(lease.account).value()), id), "1");
    } else {
        entries.emplace(keys::timer(timer_of(lease, params), keys::Timer::kLease, id), "1");
    }
    if (lease.state == LeaseState::kClosing) {
        entries.emplace(keys::with(keys::with(keys::table(5, 8), lease.provider), id), "1");
    }
    return entries;
}

void save(ledger::Ledger& ledger, const Lease& lease) {
    const ledger::Params& params = ledger.params();
    const std::optional<Lease> before = find_lease(ledger, lease.id);
    ledger::save(ledger, lease_key(lease.id), lease);
    ledger::replace_index(ledger, before ? index_entries(*before, params) : ledger::IndexEntries{},
                          index_entries(lease, params));
}

std::string_view shown_state(const Lease& lease, const provider::Provider& provider) {
    if (lease.state == LeaseState::kRunning && (!provider.beating || !provider.machines[lease.machine].up)) {
        return "down";
    }
    return to_name(lease.state);
}

}  // namespace sublet::market
