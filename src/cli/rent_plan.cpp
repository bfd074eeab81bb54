// rent_plan.cpp: quotes for a deployment file, and why an offer does not take it.
#include "cli/rent_plan.hpp"

#include <algorithm>
#include <map>

#include "cli/format.hpp"
#include "sdl/sdl.hpp"
#include "sdl/to_ledger.hpp"

namespace sublet::cli {
namespace {

std::string unit_text(const market::ResourceUnit& unit) {
    std::uint64_t disk = 0;
    for (const market::Volume& volume : unit.volumes) {
        disk += volume.bytes;
    }
    std::string out = fmt::format("{} × {} cores, {} memory, {} storage", unit.count, cores_text(unit.cpu_milli),
                                  bytes_text(unit.memory_bytes), bytes_text(disk));
    if (unit.gpu_units > 0) {
        out += fmt::format(", {} GPU", unit.gpu_units);
    }
    if (unit.endpoints > 0) {
        out += fmt::format(", {} outside {}", unit.endpoints, unit.endpoints == 1 ? "port" : "ports");
    }
    return out;
}

void compare(GroupPlan& plan, const std::vector<market::Offer>& offers,
             const std::map<Address, provider::Provider>& providers, LedgerTime now) {
    for (const market::Offer& offer : offers) {
        const auto owner = providers.find(offer.provider);
        if (owner == providers.end() || offer.state == market::OfferState::kClosed) {
            continue;
        }
        const std::string address = crypto::to_bech32(offer.provider);
        std::vector<market::Mismatch> reasons = market::mismatches(plan.spec, offer, owner->second, now);
        if (reasons.empty()) {
            plan.quotes.push_back({offer.id, address, market::rate_ceil(plan.spec.units, offer.price)});
        } else {
            plan.rejections.push_back({offer.id, address, std::move(reasons)});
        }
    }
    std::ranges::stable_sort(plan.quotes, {}, &Quote::rate);
}

}  // namespace

bool RentPlan::all_match() const {
    return std::ranges::none_of(groups, [](const GroupPlan& each) { return each.quotes.empty(); });
}

Rate RentPlan::cheapest() const {
    Rate sum;
    for (const GroupPlan& each : groups) {
        sum = saturating_add(sum, each.quotes.empty() ? Rate{} : each.quotes.front().rate);
    }
    return sum;
}

void cap_prices(std::vector<market::GroupSpec>& specs, Rate most) {
    Rate sum;
    for (const market::GroupSpec& spec : specs) {
        sum = saturating_add(sum, market::max_rate(spec));
    }
    if (sum <= most) {
        return;
    }
    for (market::GroupSpec& spec : specs) {
        for (market::ResourceUnit& unit : spec.units) {
            const u128 scaled = u128{unit.max_rate.value()} * most.value() / sum.value();
            unit.max_rate = Rate{static_cast<std::uint64_t>(scaled)};
        }
    }
}

Result<RentPlan> make_plan(Context& context, const std::string& file, std::optional<Rate> most, ReadOptions options) {
    RentPlan plan;
    plan.file = file;
    TRY(deployment, read_deployment_file(context, file, options));
    plan.deployment = std::move(deployment);
    if (!context.globals.json) {
        print_notes(file, plan.deployment.notes);
    }
    TRY(specs, sdl::to_group_specs(plan.deployment));
    if (most) {
        cap_prices(specs, *most);
    }
    for (market::GroupSpec& spec : specs) {
        plan.groups.push_back({std::move(spec), {}, {}});
    }
    TRY_OK(quote(context, plan));
    return plan;
}

Result<> quote(Context& context, RentPlan& plan) {
    TRY(chain, context.chain());
    const auto progress = context.progress("reading offers");
    TRY(network, context.wait(chain->status()));
    plan.network = network;
    TRY(offers, context.wait(chain->offers()));
    plan.offers = std::move(offers);
    TRY(list, context.wait(chain->providers()));
    std::map<Address, provider::Provider> providers;
    for (const provider::Provider& each : list) {
        providers.emplace(each.owner, each);
    }
    for (GroupPlan& group : plan.groups) {
        compare(group, plan.offers, providers, plan.network.now);
    }
    return {};
}

void print_plan(const RentPlan& plan, bool with_rejections) {
    fmt::print("file      {} (version {})\n", plan.file, plan.deployment.version);
    fmt::print("manifest  sha256 {}\n", to_hex(view_of(plan.deployment.hash)));
    for (const GroupPlan& group : plan.groups) {
        fmt::print("\ngroup {}\n", group.spec.name);
        for (const market::ResourceUnit& unit : group.spec.units) {
            fmt::print("  {}, at most {} credits per hour each\n", unit_text(unit),
                       rate_number_ceil(unit.max_rate, kSecondsPerHour));
        }
        for (const provider::Attribute& each : group.spec.attributes) {
            fmt::print("  wants {} = {}\n", each.key, each.value);
        }
        for (std::size_t i = 0; i < group.quotes.size(); ++i) {
            const Quote& quote = group.quotes[i];
            fmt::print("  offer {} of {}: {}{}\n", quote.offer.value(), short_address(quote.provider),
                       price_line(quote.rate), i == 0 ? "  ← cheapest" : "");
        }
        if (group.quotes.empty()) {
            fmt::print("  {}\n", paint(fmt::terminal_color::red,
                                       group.rejections.empty() ? "there are no offers yet" : "no offer matches"));
        }
        if (!with_rejections) {
            continue;
        }
        for (const Rejection& each : group.rejections) {
            fmt::print("  offer {} of {} does not match:\n", each.offer.value(), short_address(each.provider));
            for (const market::Mismatch& reason : each.reasons) {
                fmt::print("    - {}{}{}\n", reason.why, reason.fix.empty() ? "" : "; would match: ", reason.fix);
            }
        }
    }
    if (plan.all_match()) {
        fmt::print("\nprice     {}\n", price_line(plan.cheapest()));
    }
}

std::string plan_json(const RentPlan& plan) {
    std::string groups = "[";
    for (const GroupPlan& group : plan.groups) {
        std::string quotes;
        for (const Quote& each : group.quotes) {
            quotes += fmt::format(R"({}{{"offer":"{}","provider":"{}","rate":"{}"}})", quotes.empty() ? "" : ",",
                                  each.offer.value(), each.provider, each.rate.value());
        }
        std::string rejections;
        for (const Rejection& each : group.rejections) {
            std::string reasons;
            for (const market::Mismatch& reason : each.reasons) {
                reasons += fmt::format(R"({}{{"why":{},"fix":{}}})", reasons.empty() ? "" : ",",
                                       json_quoted(reason.why), json_quoted(reason.fix));
            }
            rejections += fmt::format(R"({}{{"offer":"{}","provider":"{}","reasons":[{}]}})",
                                      rejections.empty() ? "" : ",", each.offer.value(), each.provider, reasons);
        }
        groups += fmt::format(R"({}{{"spec":{},"matching":[{}],"not_matching":[{}]}})", groups.size() == 1 ? "" : ",",
                              codec::to_json(group.spec), quotes, rejections);
    }
    return fmt::format(R"({{"file":{},"manifest_hash":"{}","notes":{},"groups":{}],"matches":{},"rate":"{}"}})",
                       json_quoted(plan.file), to_hex(view_of(plan.deployment.hash)), notes_json(plan.deployment.notes),
                       groups, plan.all_match(), plan.cheapest().value());
}

}  // namespace sublet::cli
