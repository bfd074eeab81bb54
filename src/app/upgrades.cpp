// upgrades.cpp: the list. A name is never taken off it: a build knows all that its rules went through.
// Deterministic. Spec: docs/spec/governance.md (upgrades).
#include "app/upgrades.hpp"

#include <algorithm>
#include <array>

#include "modules/gov/process.hpp"

// One more name, for the rehearsal of an upgrade: cmake -DSUBLET_EXTRA_UPGRADE=rehearsal.
#ifndef SUBLET_EXTRA_UPGRADE
#define SUBLET_EXTRA_UPGRADE ""
#endif

namespace sublet::app {
namespace {

constexpr std::array<std::string_view, 1> kUpgrades = {SUBLET_EXTRA_UPGRADE};

std::string advice(const gov::Upgrade& upgrade, Height durable) {
    return "block " + std::to_string(upgrade.height.value()) + " is the first of upgrade '" + upgrade.name +
           "', which this build does not know. Block " + std::to_string(durable.value()) +
           " is stored and nothing is lost: stop this program, install a build that knows '" + upgrade.name +
           "', and start it with the same data folder";
}

}  // namespace

bool knows_upgrade(std::string_view name) {
    return !name.empty() && std::ranges::find(kUpgrades, name) != kUpgrades.end();
}

std::optional<std::string> unknown_plan(const ledger::View& view) {
    const std::optional<gov::Upgrade> plan = gov::plan(view);
    if (!plan || knows_upgrade(plan->name)) {
        return std::nullopt;
    }
    return "upgrade '" + plan->name + "' begins with block " + std::to_string(plan->height.value()) +
           ", and this build does not know it: the node stops there. A build that knows '" + plan->name +
           "' may take its place at any time before, with the same data folder";
}

std::optional<std::string> unknown_upgrade(const ledger::View& view, Height next) {
    const Height durable{next.value() - 1};
    for (const gov::Upgrade& each : gov::upgrades_done(view)) {
        if (!knows_upgrade(each.name)) {
            return advice(each, durable);
        }
    }
    const std::optional<gov::Upgrade> plan = gov::plan(view);
    return plan && plan->height <= next && !knows_upgrade(plan->name) ? std::optional{advice(*plan, durable)}
                                                                      : std::nullopt;
}

}  // namespace sublet::app
