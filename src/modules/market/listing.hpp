// listing.hpp: what stands on the board that the matcher searches: an offer that could be matched now, and what a group
// looks for. Deterministic. Spec: docs/spec/market.md (matching).
#pragma once

#include "ledger/board.hpp"
#include "modules/market/deployment.hpp"
#include "modules/market/offer.hpp"

namespace sublet::market {

// Nothing when the offer is not to be had: paused, its provider silent, its machine down.
std::optional<ledger::Listing> listing_of(const Offer& offer, const provider::Provider& provider);
// Every listing that could take the group at a rate it accepts is found by this; some that cannot are found too.
// Nothing when no machine could be large enough or nobody could sign for it.
std::optional<ledger::Search> search_for(const GroupSpec& spec, LedgerTime now);

// Brings the board up to what the records say of this offer, which may be gone. The listing when it is there and
// something about it changed.
std::optional<ledger::Listing> relist(ledger::Ledger& ledger, OfferId id);
// Every offer of a state.
ledger::Board make_board(const ledger::View& view);

}  // namespace sublet::market
