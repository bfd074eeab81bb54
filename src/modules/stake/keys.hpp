// keys.hpp: where validators and their delegations stand in state and index, and their timers.
// Deterministic. Spec: docs/spec/transactions.md (keys), docs/spec/stake.md.
#pragma once

#include "modules/keys.hpp"
#include "modules/stake/consensus.hpp"

namespace sublet::stake {

// State: 8/1 parameters, 8/2 the pool, 8/3 the engine's set, 8/4 validators by operator, 8/5 delegations by operator
// and delegator, 8/6 what leaves, by operator and delegator. Index: 8/1 who may be in the set, the most power first;
// 8/2 operators by consensus address, 8/3 validators by delegator, 8/4 validators whom something leaves, by delegator;
// 9/5 timers.
inline Bytes ranks() { return keys::table(8, 1); }
inline Bytes rank(std::uint64_t power, std::uint64_t number) { return keys::with(keys::with(ranks(), ~power), number); }
inline Bytes by_consensus(const ConsensusAddress& address) {
    Bytes key = keys::table(8, 2);
    key += view_of(address);
    return key;
}
inline Bytes of_delegator(const Address& delegator) { return keys::with(keys::table(8, 3), delegator); }
inline Bytes leaving_of(const Address& delegator) { return keys::with(keys::table(8, 4), delegator); }

enum class Timer : std::uint8_t { kUnbonding = 1, kRetire = 2 };
inline Bytes timers() { return keys::table(9, 5); }
inline Bytes timer(LedgerTime due, Timer kind, const Address& operator_address) {
    Bytes key = keys::with(timers(), due.value());
    key += static_cast<char>(kind);
    return keys::with(std::move(key), operator_address);
}

}  // namespace sublet::stake
