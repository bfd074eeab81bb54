// keys.hpp: the table of keys, so that no two tables meet. Module byte, table byte, then dense big-endian ids or
// addresses. Deterministic. Spec: docs/spec/transactions.md (keys).
#pragma once

#include "base/units.hpp"
#include "ledger/wire_types.hpp"

namespace sublet::keys {

inline Bytes table(std::uint8_t module, std::uint8_t number) {
    return {static_cast<char>(module), static_cast<char>(number)};
}
inline Bytes with(Bytes key, std::uint64_t number) {
    append_be64(key, number);
    return key;
}
inline Bytes with(Bytes key, const Address& address) {
    key += address.view();
    return key;
}

// State: 0 ledger, 1 account, 2 bank, 4 provider, 5 market (1 offers, 2 deployments, 3 leases, 4 counters, 5 where a
// pass over standing orders goes on), 6 job, 7 audit (audit/keys.hpp), 8 stake (stake/keys.hpp), 10 gov (gov/keys.hpp).
// Index: 4/1 provider by operator; 5/1 offers by provider, 5/2 deployments by owner, 5/3 leases by tenant, 5/4 leases
// by provider, 5/6 open orders, 5/7 running leases by c*, 5/8 closing leases by provider; 6 job (job/keys.hpp); 8
// stake; 9/1 timers, 9/2 those of jobs, 9/3 and 9/4 of audits, 9/5 of stakes, 9/6 of votes.
enum class Timer : std::uint8_t {
    kProviderSilence = 1,
    kLease = 2,
    kOrderExpiry = 3,
    kOfferTerms = 4,
    kArchiveDeployment = 5,
};

inline Bytes timers() { return table(9, 1); }
// A timer of an object with a dense id; `sub` tells several of one object apart.
inline Bytes timer(LedgerTime due, Timer kind, std::uint64_t id, std::uint64_t sub = 0) {
    Bytes key = with(timers(), due.value());
    key += static_cast<char>(kind);
    return with(with(std::move(key), id), sub);
}
inline Bytes timer(LedgerTime due, Timer kind, const Address& address) {
    Bytes key = with(timers(), due.value());
    key += static_cast<char>(kind);
    return with(std::move(key), address);
}

}  // namespace sublet::keys
