// unmet.hpp: what a group asks for that no offer on the ledger has.
#pragma once

#include <string>
#include <vector>

#include "cli/rent_plan.hpp"

namespace sublet::cli {

struct Unmet {
    std::string what;  // "attribute", "cpu", "memory", "storage", "gpu", "auditor", "price", "notice", "offer"
    std::string why;   // "250 cores are asked for; the largest offer has 2 free"
    std::string fix;
};

// Empty when some offer takes the group. A demand that every offer fails is named by itself; where each is met by some
// offer and no offer meets all, the closest offer is named.
std::vector<Unmet> unmet_demands(const GroupPlan& group, const std::vector<market::Offer>& offers);

}  // namespace sublet::cli
