// process.hpp: what happens to validators in each block, beside their messages.
// Deterministic. Spec: docs/spec/stake.md.
#pragma once

#include "ledger/message.hpp"
#include "modules/stake/delegation.hpp"

namespace sublet::stake {

using ledger::Block;
using ledger::Ledger;
using ledger::View;

inline constexpr std::size_t kMaxMisbehaviors = 64;                  // looked at in one block
inline constexpr std::size_t kMinBondedAtEnd = 4;                    // validators with stake, before grants end
inline constexpr std::uint64_t kMaxPower = std::uint64_t{1} << 60U;  // of a set: what the engine takes

// What a change of parameters may not do to the set that there is. Errors: kBadField.
Result<> check_change(const View& view, const Params& after);

// The validators of a genesis; parameters turn up in the state with them. Errors: kBadField, kBadAddress.
Result<> found(Ledger& ledger, const std::vector<Founder>& founders, const Params& params);

// Each of these does nothing on a ledger without validators.
// Before the transactions: who was absent, who voted twice.
void begin_block(Ledger& ledger, const std::vector<Vote>& votes, const std::vector<Misbehavior>& misbehavior,
                 const Block& block);
// What falls due at block.now. Returns how many records were handled.
std::size_t run_timers(Ledger& ledger, const Block& block, std::size_t budget);
// What the block's transactions paid, to those that were in the set.
void share_out(Ledger& ledger, Amount fees);
// After the transactions: the set as it now is, as changes of the last one; ascending keys.
std::vector<Update> update_set(Ledger& ledger, const Block& block);

// Σ shares, Σ stakes, Σ rewards, the set. The first that is broken as a sentence; empty: none is.
std::string broken_stakes(const View& view);

}  // namespace sublet::stake
