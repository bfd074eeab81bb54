// process.hpp: what the end of a vote does: parameters change, an upgrade is planned, deposits come back.
// Deterministic. Spec: docs/spec/governance.md.
#pragma once

#include "ledger/message.hpp"
#include "modules/gov/proposal.hpp"
#include "modules/stake/process.hpp"

namespace sublet::gov {

using ledger::Block;
using ledger::Ledger;
using ledger::View;

// The parameters of all modules, of whom each has names that no other has.
struct AllParams {
    ledger::Params ledger;
    stake::Params stake;
    gov::Params gov;
};
AllParams all_params(const View& view);
// Errors: kUnknownParameter (no such name, or not such a value).
Result<> change(AllParams& params, const Change& what);
// All of them together, as they would be after the changes. Errors: kUnknownParameter, kBadField.
Result<AllParams> changed(const View& view, const std::vector<Change>& changes);

// Votes that end at block.now are counted and what follows is done; what is decided for long leaves. The last thing in
// a block. True: parameters have changed, and what is derived from the state must be made anew.
bool end_block(Ledger& ledger, const Block& block);

// The upgrade that is ahead.
std::optional<Upgrade> plan(const View& view);
// Its height has come: it is done, and remembered.
void enter_upgrade(Ledger& ledger);
// The one that is ahead, if there is one, then those that were done.
std::vector<Upgrade> upgrades(const View& view);
// All that were done, by name.
std::vector<Upgrade> upgrades_done(const View& view);

// Σ deposits, how many proposals are open. Empty: it holds.
std::string broken_proposals(const View& view);
// ulet
u128 deposits(const View& view);

}  // namespace sublet::gov
