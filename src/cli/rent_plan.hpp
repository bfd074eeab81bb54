// rent_plan.hpp: what a deployment file would cost and who would take it: the part of `rent` before any money moves.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "cli/context.hpp"
#include "cli/deployment_file.hpp"
#include "modules/market/market.hpp"
#include "sdl/manifest.hpp"

namespace sublet::cli {

struct Rejection {
    OfferId offer;
    std::string provider;
    std::vector<market::Mismatch> reasons;
};

struct Quote {
    OfferId offer;
    std::string provider;
    Rate rate;
};

struct GroupPlan {
    market::GroupSpec spec;
    std::vector<Quote> quotes;  // cheapest first
    std::vector<Rejection> rejections;
};

struct RentPlan {
    std::string file;
    sdl::Deployment deployment;
    std::vector<GroupPlan> groups;
    query::StatusReply network;
    std::vector<market::Offer> offers;  // all that were compared

    [[nodiscard]] bool all_match() const;
    [[nodiscard]] Rate cheapest() const;  // of all groups together, one offer each
};

// Lowers the groups' price ceilings so that all together stay within `most`.
void cap_prices(std::vector<market::GroupSpec>& specs, Rate most);

// Reads the ledger and compares the groups with every offer on it.
Result<> quote(Context& context, RentPlan& plan);
// Reads the file and compares it with every offer on the ledger.
Result<RentPlan> make_plan(Context& context, const std::string& file, std::optional<Rate> most, ReadOptions options);

void print_plan(const RentPlan& plan, bool with_rejections);
std::string plan_json(const RentPlan& plan);

}  // namespace sublet::cli
