// audit.cpp: audits: keys, names, where they are listed.
// Deterministic. Spec: docs/spec/audits.md.
#include "modules/audit/audit.hpp"

#include "crypto/sha256.hpp"
#include "modules/audit/keys.hpp"

namespace sublet::audit {

bool valid(Stage stage) { return stage >= Stage::kSeed && stage <= Stage::kSettled; }
std::string_view to_name(Stage stage) {
    switch (stage) {
        case Stage::kSeed:
            return "seed";
        case Stage::kElement:
            return "element";
        case Stage::kSeats:
            return "seats";
        case Stage::kLookAgain:
            return "look_again";
        case Stage::kOver:
            return "over";
        case Stage::kSettled:
            return "settled";
    }
    SUBLET_UNREACHABLE();
}

bool valid(Outcome outcome) { return outcome <= Outcome::kNoMoney; }
std::string_view to_name(Outcome outcome) {
    switch (outcome) {
        case Outcome::kNone:
            return "none";
        case Outcome::kNotDrawn:
            return "not_drawn";
        case Outcome::kPass:
            return "pass";
        case Outcome::kFail:
            return "fail";
        case Outcome::kUnserved:
            return "unserved";
        case Outcome::kUndecided:
            return "undecided";
        case Outcome::kTooFew:
            return "too_few";
        case Outcome::kUnstable:
            return "unstable";
        case Outcome::kNoMoney:
            return "no_money";
    }
    SUBLET_UNREACHABLE();
}

Bytes audit_prefix() { return keys::table(7, 4); }
Bytes audit_key(const AuditId& id) { return with_id(audit_prefix(), id); }

std::optional<Audit> find_audit(const ledger::View& view, const AuditId& id) {
    return ledger::load<Audit>(view, audit_key(id));
}

ledger::IndexEntries index_entries(const Audit& audit) {
    ledger::IndexEntries entries;
    if (audit.stage == Stage::kOver) {
        entries.emplace(over_since(audit.over_at, id_of(audit)), "1");
    }
    if (audit.stage == Stage::kElement) {
        entries.emplace(with_id(waiting_for_element(audit.job), id_of(audit)), "1");
    }
    if (!audit.due.is_zero()) {
        entries.emplace(timer(audit.due, id_of(audit)), "1");
    }
    for (const Seat& each : audit.seats) {
        if (is_open(each)) {
            entries.emplace(with_id(of_auditor(each.auditor), id_of(audit)), "1");
        }
    }
    return entries;
}

void save(ledger::Ledger& ledger, const Audit& audit) {
    const std::optional<Audit> before = find_audit(ledger, id_of(audit));
    ledger::save(ledger, audit_key(id_of(audit)), audit);
    ledger::replace_index(ledger, before ? index_entries(*before) : ledger::IndexEntries{}, index_entries(audit));
}

void erase(ledger::Ledger& ledger, const Audit& audit) {
    const std::optional<Audit> before = find_audit(ledger, id_of(audit));
    if (before) {
        ledger::replace_index(ledger, index_entries(*before), {});
        ledger.erase(audit_key(id_of(audit)));
    }
}

Hash answer_commitment(const Hash& answer, const Address& auditor, const Audit& audit, BytesView nonce) {
    Bytes where;
    append_be64(where, audit.job.value());
    append_be32(where, audit.task);
    append_be32(where, audit.attempt);
    crypto::Sha256 hasher;
    hasher.update(view_of(answer)).update(auditor.view()).update(where).update(nonce);
    return hasher.finish();
}

}  // namespace sublet::audit
