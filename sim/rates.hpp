// rates.hpp: what a group costs at a price, and the most that it pays, in fractions: the auditor's arithmetic.
#pragma once

#include "modules/market/messages.hpp"
#include "money_model.hpp"

namespace sublet::sim {

// Rule 6 of docs/spec/market.md: everything is added up, then one ceiling.
properties::Wide rate_of(const market::GroupSpec& group, const market::PriceVector& price);
properties::Wide highest_rate(const market::GroupSpec& group);

}  // namespace sublet::sim
