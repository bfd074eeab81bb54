// lifecycle.hpp: the steps of a lease's and an order's life that messages, timers and clocks share.
// Deterministic. Spec: docs/spec/market.md (leases), docs/spec/money.md.
#pragma once

#include "modules/market/market.hpp"

namespace sublet::market {

using ledger::Block;
using ledger::Ledger;
using ledger::View;

// Makes the next dense id of a table.
enum class Counter : std::uint8_t { kOffer = 1, kDeployment = 2, kLease = 3 };
std::uint64_t next_id(Ledger& ledger, Counter counter);

// Money that a group's order locks, ucredit: the tenant's share or min_funding_ms × its highest rate (T3, T7).
Amount order_lock(const Deployment& deployment, std::size_t group, const Block& block);

// The group on this offer at this rate: makes the lease, moves its money into escrow, takes the capacity.
void assign(Ledger& ledger, Deployment& deployment, std::size_t group, Offer& offer, Rate rate, const Block& block);

// A running lease whose money is used up: pauses it, or begins to close it when its grace is used up too. True when it
// did.
bool pause_if_exhausted(Ledger& ledger, Lease& lease, const Block& block);

struct Ending {
    CloseReason reason = CloseReason::kNone;
    Party caused_by = Party::kNobody;
};
// Ends any lease that is not over yet. A running one on a beating machine waits for its tail (kClosing), others finish
// at once.
void begin_close(Ledger& ledger, Lease lease, const Ending& ending, const Block& block);
// The heartbeat that a closing lease waited for came, or will not come.
void finish_close(Ledger& ledger, Lease lease, const Block& block);

// Closes orders and leases and gives the bond back once nothing is left.
void close_deployment(Ledger& ledger, Deployment deployment, const Block& block);
// Ends an open order: its money goes back.
void end_order(Ledger& ledger, Deployment& deployment, std::size_t group, OrderState state);
// No open or matched order is left: the deployment closes itself. True when it did.
bool close_if_done(Ledger& ledger, DeploymentId id, const Block& block);

ledger::Event lease_event(std::string_view fact, const Lease& lease);
ledger::Event deployment_event(std::string_view fact, const Deployment& deployment);

}  // namespace sublet::market
