// market.hpp: the market's stored types and the work that the block does for it: timers, exhaustion, matching.
// Deterministic. Spec: docs/spec/market.md.
#pragma once

#include "modules/market/lease.hpp"

namespace sublet::market {

inline constexpr std::size_t kMaxDue = 1'000;          // timers and exhaustions per block (T2)
inline constexpr std::size_t kMaxMatchOrders = 256;    // orders looked at per block; as many of those that stand
inline constexpr std::size_t kMaxOffersVisited = 256;  // offers looked at in vain per order
inline constexpr std::size_t kMaxOffersPerOwner = 4;   // of them, of one owner (T7)

// Timers due at block.now: start_timeout, grace, expiry, pending terms, tails, payouts, archiving. Returns how many
// were handled.
std::size_t run_timers(ledger::Ledger& ledger, const ledger::Block& block, std::size_t budget);
// A provider's clock moved: settles what ran out and what was waiting for its tail. Returns how many were handled.
std::size_t run_clock(ledger::Ledger& ledger, const Address& provider, const ledger::Block& block, std::size_t budget);
// All open orders that the block touched, together: by (rate, score, age, id).
void match(ledger::Ledger& ledger, const ledger::Block& block);
// What an order would get now, were it alone.
struct Match {
    OfferId offer;
    Rate rate;
};
std::optional<Match> find_match(const ledger::Ledger& ledger, const Deployment& deployment, std::size_t group,
                                LedgerTime now);
// Standing orders wait for the next block: it is owed at once.
bool has_more_to_match(const ledger::View& view);

// Why an offer does not take a group, for people: empty when it does. `fix` is the smallest change that would help.
enum class Subject : std::uint8_t {
    kAttribute,
    kCpu,
    kGpu,
    kMemory,
    kNotice,
    kOffer,  // it is paused, silent or over
    kPrice,
    kSignedBy,
    kStorage
};
struct Mismatch {
    Subject subject = Subject::kOffer;
    std::string attribute;  // "key = value" where the subject is one
    std::string why;
    std::string fix;
};
std::vector<Mismatch> mismatches(const GroupSpec& spec, const Offer& offer, const provider::Provider& provider,
                                 LedgerTime now);

// Ids of the objects of an owner, ascending, from `after` on, at most `limit`. Closed ones included until archived.
std::vector<DeploymentId> deployments_of(const ledger::View& view, const Address& owner, DeploymentId after,
                                         std::size_t limit);
std::vector<LeaseId> leases_of_tenant(const ledger::View& view, const Address& tenant, LeaseId after,
                                      std::size_t limit);
std::vector<LeaseId> leases_of_provider(const ledger::View& view, const Address& owner, LeaseId after,
                                        std::size_t limit);
std::vector<OfferId> offers_of_provider(const ledger::View& view, const Address& owner);
std::vector<OfferId> all_offers(const ledger::View& view, OfferId after, std::size_t limit);
std::vector<provider::Provider> all_providers(const ledger::View& view, std::size_t limit);

}  // namespace sublet::market
