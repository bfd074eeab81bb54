// seeds.cpp: an audit's beginning: its seed, which nobody could know when the result was made, and the dice.
// Deterministic. Spec: docs/spec/audits.md (seeds, probability), T23, T25.
#include <algorithm>
#include <array>

#include "base/must.hpp"
#include "crypto/sha256.hpp"
#include "modules/audit/keys.hpp"
#include "modules/audit/process.hpp"

namespace sublet::audit {
namespace {

// 1.5 / k^0.7 in thousandths after k audited passes in a row, rounded up (reference: docs/spec/audits.md).
constexpr std::array<std::uint16_t, 64> kRamp = {
    1000, 1000, 1000, 1000, 1000, 487, 428, 385, 350, 323, 300, 280, 264, 250, 237, 226, 216, 207, 199, 191, 185, 179,
    173,  168,  163,  158,  154,  150, 146, 143, 139, 136, 133, 130, 128, 125, 123, 120, 118, 116, 114, 112, 110, 108,
    107,  105,  103,  102,  100,  99,  98,  96,  95,  94,  92,  91,  90,  89,  88,  87,  86,  85,  84,  83};

// v / (0.9 (v + S)): with less at stake than that, to cheat would pay. v is all that this worker has in hand, not one
// task: sixty-four cheats at once lose the stake once.
std::uint64_t by_value(Amount exposed, Amount at_stake) {
    const u128 all = (u128{exposed.value()} + at_stake.value()) * 9;
    const u128 permille = all == 0 ? 0 : (u128{exposed.value()} * 10'000 + all - 1) / all;
    return static_cast<std::uint64_t>(std::min<u128>(permille, kMaxPermille));
}

}  // namespace

void open_chain(Ledger& ledger, const Chain& chain) { ledger::save(ledger, chain_key(chain.job), chain); }

void archive_chain(Ledger& ledger, JobId job) {
    if (find_chain(ledger, job)) {
        ledger.archive(chain_key(job));
    }
}

void begin(Ledger& ledger, const Request& request, const Block& block) {
    const std::optional<Audit> earlier = find_audit(ledger, {request.job, request.task, request.attempt});
    SUBLET_ASSERT(!earlier || earlier->stage == Stage::kSettled);
    Audit audit;
    audit.job = request.job;
    audit.task = request.task;
    audit.attempt = request.attempt;
    audit.creator = request.creator;
    audit.worker = request.worker;
    audit.how = request.terms.how;
    audit.engine = request.terms.engine;
    audit.pay = request.pay;
    audit.task_timeout = request.task_timeout;
    audit.digest = request.digest;
    audit.collateral = request.collateral;
    audit.floor_permille = request.terms.floor_permille;
    audit.forced = request.forced;
    audit.unstable = request.terms.unstable;
    audit.disputed = request.disputed;
    audit.evidence = request.evidence;
    audit.since = block.height;
    audit.due = after(block.now, Millis{1});
    ledger.emit(audit_event("audit_begun", audit));
    if (!request.funded) {
        finish(ledger, audit, Outcome::kNoMoney, block);
    }
    save(ledger, audit);
}

bool falls(const Hash& dice, std::uint64_t permille) {
    return u128{read_be64(view_of(dice))} * kMaxPermille < (u128{permille} << 64U);
}

std::uint32_t probability_permille(const View& view, const Audit& audit, bool doubled) {
    if (audit.forced || audit.disputed) {
        return kMaxPermille;
    }
    const Standing worker = standing_of(view, audit.worker);
    const std::uint64_t ramp = kRamp.at(std::min<std::uint64_t>(worker.passes, kRamp.size() - 1));
    const std::uint64_t value = by_value(worker.exposure, saturating_add(worker.stake, audit.collateral));
    const std::uint64_t most = std::max({ramp, value, std::uint64_t{audit.floor_permille}});
    return static_cast<std::uint32_t>(std::min<std::uint64_t>(doubled ? 2 * most : most, kMaxPermille));
}

void seed(Ledger& ledger, Audit& audit, BytesView element, const Block& block) {
    Bytes where;  // results that are the same, shown in one block, have seeds of their own
    append_be64(where, audit.job.value());
    append_be32(where, audit.task);
    append_be32(where, audit.attempt);
    crypto::Sha256 hasher;
    hasher.update(element).update(view_of(audit.seed)).update(where).update(view_of(audit.digest));
    audit.seed = hasher.finish();
    // Without its creator's element whoever makes blocks could have a word in it: it is looked at twice as often.
    audit.probability_permille = probability_permille(ledger, audit, element.empty());
    crypto::Sha256 dice;
    const bool drawn = falls(dice.update(view_of(audit.seed)).update("drawn").finish(), audit.probability_permille);
    ledger::Event event = audit_event("audit_seeded", audit);
    event.attributes.push_back({"probability_permille", std::to_string(audit.probability_permille)});
    event.attributes.push_back({"drawn", drawn ? "yes" : "no"});
    ledger.emit(std::move(event));
    if (!drawn) {
        finish(ledger, audit, Outcome::kNotDrawn, block);
        return;
    }
    const auto may = [&](const Address& owner) {
        const Standing standing = standing_of(ledger, owner);
        return standing.stake >= least_stake(audit, block.params) && audits(standing, audit.engine) ? 1U : 0U;
    };
    const std::size_t own = may(audit.worker) + (audit.creator == audit.worker ? 0 : may(audit.creator));
    const std::size_t needed = kMinAuditors + own;
    if (count_auditors(ledger, audit.engine, least_stake(audit, block.params), needed) < needed) {
        finish(ledger, audit, Outcome::kTooFew, block);
        return;
    }
    audit.stage = Stage::kSeats;
    audit.round = audit.disputed ? Round::kArbiters : Round::kFirst;
    audit.since = block.height;
    audit.due = after(block.now, Millis{1});
}

}  // namespace sublet::audit
