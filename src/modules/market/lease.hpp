// lease.hpp: a lease: one group on one machine, with its escrow account.
// Deterministic. Spec: docs/spec/market.md (leases), docs/spec/money.md.
#pragma once

#include "modules/escrow/escrow.hpp"
#include "modules/market/deployment.hpp"
#include "modules/market/offer.hpp"

namespace sublet::market {

// assigned → running ⇄ paused → closing → closed. `closing` waits for the heartbeat that settles the tail (money.md).
// `down` is not stored: it is what a running lease of a silent provider or a stopped machine is called.
enum class LeaseState : std::uint8_t { kAssigned = 1, kRunning = 2, kPaused = 3, kClosing = 4, kClosed = 5 };
bool valid(LeaseState state);
std::string_view to_name(LeaseState state);

// Never reused; for ever queryable.
enum class CloseReason : std::uint8_t {
    kNone = 0,
    kTenant = 1,          // the tenant closed it
    kFundsExhausted = 2,  // the grace ended without a top-up
    kNoShow = 10,         // the provider did nothing until start_timeout
    kNoManifest = 11,     // no manifest came (tenant)
    kImageFailed = 12,    // the image cannot be pulled (tenant)
    kUnstable = 13,       // the workload does not stay up (tenant)
    kDecommission = 14,   // the provider takes the machine back
    kProviderFault = 15,  // the provider cannot serve it
    kResumeTimeout = 16,  // funded again, but not resumed in time
};
bool valid(CloseReason reason);
std::string_view to_name(CloseReason reason);

enum class Party : std::uint8_t { kNobody = 0, kTenant = 1, kProvider = 2, kLedger = 3 };
bool valid(Party party);
std::string_view to_name(Party party);

struct Lease {
    std::uint32_t version = 1;
    LeaseId id;
    DeploymentId deployment;
    std::uint32_t group = 0;  // position in the deployment
    std::uint32_t order_sequence = 0;
    Address tenant;
    Address provider;
    OfferId offer;
    std::uint32_t machine = 0;
    LeaseState state = LeaseState::kAssigned;
    escrow::Account account;
    LedgerTime created_at;
    LedgerTime start_by;      // assigned, or paused and funded: Ready is due until then
    LedgerTime ready_at;      // first Ready
    LedgerTime stopped_at;    // when the stream last stopped; for the hold window (T9)
    LedgerTime grace_ends;    // paused for want of money: closes then
    LedgerTime grace_window;  // the latest pause: grace_used counts until there was none for 24 h (T3)
    Millis grace_used;
    LedgerTime closed_at;
    CloseReason reason = CloseReason::kNone;
    Party closed_by = Party::kNobody;
    Millis tail;              // closing: time since the last heartbeat, credited if the next one covers it
    LedgerTime tail_until;    // closing: settles without the tail then
    ServiceClock stop_clock;  // closing: the machine's clock at the closing instant, tail included
    Amount due;               // closed: earned, held back until the hold window is over

    static constexpr auto fields() {
        using codec::field;
        return codec::list(field(1, "version", &Lease::version), field(2, "id", &Lease::id),
                           field(3, "deployment", &Lease::deployment), field(4, "group", &Lease::group),
                           field(5, "order_sequence", &Lease::order_sequence), field(6, "tenant", &Lease::tenant),
                           field(7, "provider", &Lease::provider), field(8, "offer", &Lease::offer),
                           field(9, "machine", &Lease::machine), field(10, "state", &Lease::state),
                           field(11, "account", &Lease::account), field(12, "created_at", &Lease::created_at),
                           field(13, "start_by", &Lease::start_by), field(14, "ready_at", &Lease::ready_at),
                           field(15, "stopped_at", &Lease::stopped_at), field(16, "grace_ends", &Lease::grace_ends),
                           field(17, "grace_window", &Lease::grace_window), field(18, "grace_used", &Lease::grace_used),
                           field(19, "closed_at", &Lease::closed_at), field(20, "reason", &Lease::reason),
                           field(21, "closed_by", &Lease::closed_by), field(22, "tail", &Lease::tail),
                           field(23, "tail_until", &Lease::tail_until), field(24, "stop_clock", &Lease::stop_clock),
                           field(25, "due", &Lease::due));
    }
};

Bytes lease_prefix();
Bytes lease_key(LeaseId id);
std::optional<Lease> find_lease(const ledger::View& view, LeaseId id);
void save(ledger::Ledger& ledger, const Lease& lease);
ledger::IndexEntries index_entries(const Lease& lease, const ledger::Params& params);

// What people see: the stored state, or "down" while the machine's clock stands still.
std::string_view shown_state(const Lease& lease, const provider::Provider& provider);

}  // namespace sublet::market
