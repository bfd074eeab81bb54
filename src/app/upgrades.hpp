// upgrades.hpp: the upgrades whose rules this build knows.
// Deterministic. Spec: docs/spec/governance.md (upgrades).
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "ledger/ledger.hpp"

namespace sublet::app {

bool knows_upgrade(std::string_view name);

// The upgrade that is planned, where this build will stop at it: what is to be done before.
std::optional<std::string> unknown_plan(const ledger::View& view);

// Why this build may not execute block `next` on that state, and what to do: it is the first of an upgrade, or one
// after it, that the build does not know. Nothing: it may.
std::optional<std::string> unknown_upgrade(const ledger::View& view, Height next);

}  // namespace sublet::app
