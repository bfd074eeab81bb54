// faults.cpp: what validators did wrong: blocks that they did not sign, and heights at which they voted twice.
// Deterministic. Spec: docs/spec/stake.md (absence, evidence).
#include <algorithm>
#include <numeric>

#include "base/must.hpp"
#include "modules/bank/bank.hpp"
#include "modules/stake/process.hpp"

namespace sublet::stake {
namespace {

constexpr std::uint64_t kAll = 1'000;  // thousandths

// Counts are kept in tenths of the window, so that they are never of more blocks than it has.
void count_miss(Validator& validator, const Params& rules, Height height) {
    const std::uint64_t bucket = height.value() / (rules.signed_blocks_window / kBuckets);
    const std::uint64_t passed = bucket - std::min(validator.missed_bucket, bucket);
    validator.missed.insert(validator.missed.begin(), std::min(passed, kBuckets), 0);
    if (validator.missed.empty()) {
        validator.missed.push_back(0);
    }
    validator.missed.resize(std::min<std::size_t>(validator.missed.size(), kBuckets));
    validator.missed_bucket = bucket;
    ++validator.missed.front();
}

bool missed_too_many(const Validator& validator, const Params& rules) {
    const std::uint64_t missed = std::accumulate(validator.missed.begin(), validator.missed.end(), std::uint64_t{0});
    const u128 may_miss = u128{rules.signed_blocks_window} * (kAll - rules.min_signed_permille);
    return u128{missed} * kAll > may_miss;
}

void on_absence(Ledger& ledger, const Vote& vote, const Params& rules, const Block& block) {
    std::optional<Validator> found = find_by_key(ledger, vote.address);
    if (!found || found->jailed) {
        return;
    }
    Validator validator = *std::move(found);
    count_miss(validator, rules, block.height);
    if (missed_too_many(validator, rules)) {
        validator.jailed = true;
        validator.jailed_until = after(block.now, Millis{rules.jail_ms});
        validator.missed.clear();
        validator.missed_bucket = 0;
        ledger.emit({"sublet.stake.validator_jailed",
                     {{"operator", crypto::to_bech32(validator.operator_address)},
                      {"until", std::to_string(validator.jailed_until.value())}}});
    }
    save(ledger, validator);
}

// As the engine has it: old by blocks and by time.
bool is_too_old(const Misbehavior& what, const Params& rules, const Block& block) {
    const std::uint64_t blocks = block.height.value() - what.height.value();
    const std::uint64_t ms = block.time > what.time ? block.time.value() - what.time.value() : 0;
    return blocks > rules.evidence_max_blocks && ms > rules.unbonding_ms;
}

void on_misbehavior(Ledger& ledger, const Misbehavior& what, const Params& rules, const Block& block) {
    std::optional<Validator> found = find_by_key(ledger, what.address);
    if (!found || what.offence == Offence::kUnknown || what.height >= block.height || is_too_old(what, rules, block)) {
        return;
    }
    if (is_struck(*found)) {  // its stake has paid; what left before is looked at from the first offence on
        if (what.height < found->offence_at) {
            found->offence_at = what.height;
            save(ledger, *found);
        }
        return;
    }
    const bool counted = counts(*found);
    Validator validator = settled(ledger, *std::move(found));
    const u128 burnt = (u128{validator.stake.value()} * rules.double_sign_permille + kAll - 1) / kAll;  // rounded up
    const Amount amount{static_cast<std::uint64_t>(burnt)};
    validator.stake = must(checked_sub(validator.stake, amount));
    validator.jailed = true;
    validator.struck_at = block.height;
    validator.offence_at = what.height;
    validator.struck_permille = rules.double_sign_permille;
    validator.grant = 0;
    validator.retires_at = LedgerTime{};
    save(ledger, validator);
    Pool all = pool(ledger);
    all.bonded = must(checked_sub(all.bonded, amount));
    all.validators -= counted ? 1U : 0U;
    save(ledger, all);
    bank::burn_held(ledger, amount, bank::kLet);
    ledger.emit({"sublet.stake.validator_struck",
                 {{"operator", crypto::to_bech32(validator.operator_address)},
                  {"height", std::to_string(what.height.value())},
                  {"burnt", std::to_string(amount.value())}}});
}

}  // namespace

void begin_block(Ledger& ledger, const std::vector<Vote>& votes, const std::vector<Misbehavior>& misbehavior,
                 const Block& block) {
    if ((votes.empty() && misbehavior.empty()) || !has_validators(ledger)) {
        return;
    }
    const Params rules = params(ledger);
    for (std::size_t i = 0; i < std::min(misbehavior.size(), kMaxMisbehaviors); ++i) {
        on_misbehavior(ledger, misbehavior[i], rules, block);
    }
    for (std::size_t i = 0; i < std::min<std::size_t>(votes.size(), kMaxSet); ++i) {
        if (!votes[i].present) {
            on_absence(ledger, votes[i], rules, block);
        }
    }
}

}  // namespace sublet::stake
