// plants_audits.cpp: rules of docs/spec/audits.md, broken after the block that one was for.
#include <algorithm>
#include <array>

#include "modules/audit/audit.hpp"
#include "modules/bank/bank.hpp"
#include "plants.hpp"

namespace sublet::sim {
namespace {

using audit::Audit;
using audit::Seat;
using audit::SeatState;

// One from which nothing has followed yet.
std::optional<Audit> audit_of(const ledger::Ledger& ledger, const ledger::Event& event) {
    std::optional<Audit> found =
        audit::find_audit(ledger, {JobId{number_in(event, "job")}, static_cast<std::uint32_t>(number_in(event, "task")),
                                   static_cast<std::uint32_t>(number_in(event, "attempt"))});
    return found && found->stage != audit::Stage::kSettled ? found : std::nullopt;
}

void pay_the_outvoted(ledger::Ledger& ledger, const ledger::Event& event) {
    std::optional<Audit> audit = audit_of(ledger, event);
    for (std::size_t i = 0; audit && i < audit->seats.size(); ++i) {
        if (crypto::to_bech32(audit->seats[i].auditor) == text_in(event, "auditor")) {
            audit->seats[i].paid = audit->pay;
            audit::save(ledger, *audit);
        }
    }
}

void give_back(ledger::Ledger& ledger, const ledger::Event& over) {
    const Amount burnt{number_in(over, "burnt")};
    if (text_in(over, "outcome") != "fail" || burnt.is_zero()) {
        return;
    }
    bank::Supply supply = bank::supply(ledger);
    supply.burnt = saturating_sub(supply.burnt, burnt);
    supply.held = saturating_add(supply.held, burnt);
    ledger::save(ledger, bank::supply_key(bank::kCredit), supply);
    bank::release(ledger, *crypto::parse_address(text_in(over, "worker")), burnt);
}

void let_two_rule(ledger::Ledger& ledger, const ledger::Event& over) {
    std::optional<Audit> audit = audit_of(ledger, over);
    if (!audit || audit->outcome != audit::Outcome::kUndecided) {
        return;
    }
    for (const Seat& each : audit->seats) {
        const auto same = std::ranges::count_if(audit->seats, [&](const Seat& other) {
            return other.round == audit::Round::kArbiters && other.state == SeatState::kShown &&
                   other.verdict == each.verdict && other.answer == each.answer;
        });
        if (each.round == audit::Round::kArbiters && each.state == SeatState::kShown && same == 2) {
            const bool pass = each.verdict == audit::Verdict::kPass;
            audit->outcome = pass ? audit::Outcome::kPass : audit::Outcome::kFail;
            audit::save(ledger, *audit);
            return;
        }
    }
}

void seat_the_worker(ledger::Ledger& ledger, const ledger::Event& drawn) {
    std::optional<Audit> audit = audit_of(ledger, drawn);
    if (audit && !audit->seats.empty() && audit->seats.back().state == SeatState::kDrawn) {
        audit->seats.back().auditor = audit->worker;
        audit::save(ledger, *audit);
    }
}

struct AuditPlant {
    std::string_view name, event;
    void (*act)(ledger::Ledger&, const ledger::Event&);
};
constexpr std::array kAuditPlants{
    AuditPlant{"outvoted-paid", "sublet.audit.auditor_slashed", pay_the_outvoted},
    AuditPlant{"slash-returned", "sublet.audit.audit_over", give_back},
    AuditPlant{"two-rule", "sublet.audit.audit_over", let_two_rule},
    AuditPlant{"worker-audits", "sublet.audit.auditor_drawn", seat_the_worker},
};

}  // namespace

bool breaks_an_audit_rule(const std::string& plant) {
    return std::ranges::find(kAuditPlants, plant, &AuditPlant::name) != kAuditPlants.end();
}

void break_audit_rule(const std::string& plant, ledger::Ledger& ledger, const ledger::Event& event) {
    const auto found = std::ranges::find(kAuditPlants, plant, &AuditPlant::name);
    if (event.type == found->event) {
        found->act(ledger, event);
    }
}

}  // namespace sublet::sim
