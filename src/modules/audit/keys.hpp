// keys.hpp: where audits and standings stand in state and index, and their timers.
// Deterministic. Spec: docs/spec/transactions.md (keys), docs/spec/audits.md.
#pragma once

#include "modules/audit/audit.hpp"
#include "modules/keys.hpp"

namespace sublet::audit {

// State: 7/1 standings by owner, 7/2 nodes of weights, 7/3 their count and total, 7/4 audits by job, task and
// attempt, 7/5 chains of seeds by job. Index: 7/1 owners by number, 7/2 owners by engine, 7/3 audits by auditor, 7/4
// audits of a job that wait for an element of its chain; 9/3 timers, 9/4 audits that are over, for whoever asked for
// them.
inline Bytes weight_node(std::uint64_t number) { return keys::with(keys::table(7, 2), number); }
inline Bytes weights_key() { return keys::table(7, 3); }

inline Bytes by_number(std::uint64_t number) { return keys::with(keys::table(7, 1), number); }
inline Bytes of_engine(std::string_view engine) {
    Bytes key = keys::table(7, 2);
    key += engine;
    key += '\0';  // no name has it: one engine's owners are not among those of a longer name
    return key;
}

inline Bytes with_task(Bytes key, JobId job, std::uint32_t task) {
    key = keys::with(std::move(key), job.value());
    append_be32(key, task);
    return key;
}
inline Bytes with_id(Bytes key, const AuditId& id) {
    key = with_task(std::move(key), id.job, id.task);
    append_be32(key, id.attempt);
    return key;
}
inline Bytes of_auditor(const Address& auditor) { return keys::with(keys::table(7, 3), auditor); }
inline Bytes waiting_for_element(JobId job) { return keys::with(keys::table(7, 4), job.value()); }

enum class Timer : std::uint8_t { kAudit = 1, kStake = 2 };
inline Bytes timers() { return keys::table(9, 3); }
inline Bytes timer(LedgerTime due, const AuditId& id) {
    Bytes key = keys::with(timers(), due.value());
    key += static_cast<char>(Timer::kAudit);
    return with_id(std::move(key), id);
}
inline Bytes timer(LedgerTime due, const Address& owner) {
    Bytes key = keys::with(timers(), due.value());
    key += static_cast<char>(Timer::kStake);
    return keys::with(std::move(key), owner);
}

// Audits that are over, the longest first. Due at once.
inline Bytes over() { return keys::table(9, 4); }
inline Bytes over_since(LedgerTime when, const AuditId& id) { return with_id(keys::with(over(), when.value()), id); }

// The one with which such a key ends.
inline AuditId id_at_end(BytesView key) {
    const BytesView end = key.substr(key.size() - 16);
    const std::uint64_t last = read_be64(end.substr(8));
    return {JobId{read_be64(end)}, static_cast<std::uint32_t>(last >> 32U), static_cast<std::uint32_t>(last)};
}

}  // namespace sublet::audit
