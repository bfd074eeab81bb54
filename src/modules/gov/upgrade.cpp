// upgrade.cpp: the upgrade that is ahead, and those that were done.
// Deterministic. Spec: docs/spec/governance.md (upgrades).
#include "base/must.hpp"
#include "modules/gov/keys.hpp"
#include "modules/gov/process.hpp"

namespace sublet::gov {

std::optional<Upgrade> plan(const View& view) { return ledger::load<Upgrade>(view, plan_key()); }

void enter_upgrade(Ledger& ledger) {
    const Upgrade upgrade = must(plan(ledger));
    ledger.erase(plan_key());
    ledger::save(ledger, done_prefix() + upgrade.name, upgrade);
    ledger.emit({"sublet.gov.upgraded", {{"name", upgrade.name}, {"height", std::to_string(upgrade.height.value())}}});
}

std::vector<Upgrade> upgrades(const View& view) {
    std::vector<Upgrade> out = upgrades_done(view);
    if (const std::optional<Upgrade> ahead = plan(view)) {
        out.insert(out.begin(), *ahead);
    }
    return out;
}

std::vector<Upgrade> upgrades_done(const View& view) {
    std::vector<Upgrade> out;
    view.visit(done_prefix(), done_prefix(), [&](BytesView, BytesView value) {
        out.push_back(*codec::decode<Upgrade>(value));
        return true;
    });
    return out;
}

}  // namespace sublet::gov
