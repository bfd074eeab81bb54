// timers.cpp: what falls due for audits: seeds, elements that did not come, draws, silence, stakes that leave.
// Deterministic. Spec: docs/spec/audits.md (timers).
#include "base/must.hpp"
#include "crypto/sha256.hpp"
#include "modules/audit/keys.hpp"
#include "modules/audit/process.hpp"

namespace sublet::audit {
namespace {

constexpr std::uint64_t kBlocksUntilSeed = 3;  // block h + 3 knows the app hash that block h + 2 left

bool late_enough(const Audit& audit, const Block& block) {
    return block.height.value() >= audit.since.value() + kBlocksUntilSeed;
}

void take_app_hash(Ledger& ledger, Audit& audit, const Block& block) {
    if (!late_enough(audit, block)) {
        audit.due = after(block.now, Millis{1});
        return;
    }
    audit.seed = block.app_hash;
    const std::optional<Chain> chain = find_chain(ledger, audit.job);
    if (!chain) {
        seed(ledger, audit, {}, block);
        return;
    }
    audit.stage = Stage::kElement;
    audit.since = block.height;
    audit.due = after(block.now, Millis{block.params.audit_silence_ms});
}

void look_again(Ledger& ledger, Audit& audit, const Block& block) {
    if (!late_enough(audit, block)) {
        audit.due = after(block.now, Millis{1});
        return;
    }
    crypto::Sha256 hasher;
    const Hash dice = hasher.update(view_of(block.app_hash)).update(view_of(audit.seed)).update("again").finish();
    if (!falls(dice, block.params.audit_again_permille)) {
        finish(ledger, audit, Outcome::kPass, block);
        return;
    }
    audit.stage = Stage::kSeats;
    audit.round = Round::kAgain;
    audit.since = block.height;
    advance(ledger, audit, block);
}

void work_on_seats(Ledger& ledger, Audit& audit, const Block& block) {
    for (Seat& each : audit.seats) {
        if (is_open(each) && each.due <= block.now) {
            pass_over(ledger, audit, each);
        }
    }
    advance(ledger, audit, block);  // too many silent ones may be the end
    if (audit.stage != Stage::kSeats || missing(audit) == 0) {
        return;
    }
    if (draw(ledger, audit, block)) {
        advance(ledger, audit, block);
        return;
    }
    const bool second_look =
        audit.round == Round::kAgain && missing(audit) == 1 && std::ranges::none_of(audit.seats, [](const Seat& each) {
            return has_judged(each) && each.verdict == Verdict::kFail;
        });
    if (second_look) {
        finish(ledger, audit, Outcome::kPass, block);  // there is nobody else to look
    } else {
        finish(ledger, audit, audit.round == Round::kFirst ? Outcome::kTooFew : Outcome::kUndecided, block);
    }
}

void on_audit(Ledger& ledger, const AuditId& what, const Block& block) {
    Audit audit = must(find_audit(ledger, what));
    switch (audit.stage) {
        case Stage::kSeed:
            take_app_hash(ledger, audit, block);
            break;
        case Stage::kElement:
            ledger.emit(audit_event("element_missing", audit));
            seed(ledger, audit, {}, block);
            break;
        case Stage::kSeats:
            work_on_seats(ledger, audit, block);
            break;
        case Stage::kLookAgain:
            look_again(ledger, audit, block);
            break;
        case Stage::kOver:
        case Stage::kSettled:
            SUBLET_UNREACHABLE();
    }
    save(ledger, audit);
}

void on_stake(Ledger& ledger, const Address& owner) {
    Standing standing = standing_of(ledger, owner);
    bank::release(ledger, owner, standing.leaving);
    ledger.emit({"sublet.audit.stake_left",
                 {{"owner", crypto::to_bech32(owner)}, {"amount", std::to_string(standing.leaving.value())}}});
    standing.leaving = Amount{};
    standing.leaves_at = LedgerTime{};
    save(ledger, standing);
}

}  // namespace

std::size_t run_timers(Ledger& ledger, const Block& block, std::size_t budget) {
    std::size_t handled = 0;
    for (; handled < budget; ++handled) {
        Bytes key;
        ledger.visit_index(timers(), timers(), [&](BytesView first, BytesView) {
            key = first;
            return false;
        });
        if (key.empty() || read_be64(BytesView{key}.substr(2)) > block.now.value()) {
            break;
        }
        if (static_cast<Timer>(key[2 + 8]) == Timer::kAudit) {
            on_audit(ledger, id_at_end(key), block);
        } else {
            on_stake(ledger, Address{*fixed_from<20>(BytesView{key}.substr(2 + 8 + 1))});
        }
    }
    return handled;
}

}  // namespace sublet::audit
