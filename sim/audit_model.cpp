// audit_model.cpp: what words and time do to an audit, rule by rule of docs/spec/audits.md.
#include "audit_model.hpp"

#include <algorithm>

#include "audit_reading.hpp"

namespace sublet::sim {

using properties::fraction;
using properties::Time;

namespace {

constexpr std::size_t kMostDue = 1'000;  // timers of a block
constexpr std::uint64_t kBlocksToWait = 3;
constexpr properties::Wide kThousand = 1'000;

properties::Wide rounded_up(properties::Wide above, properties::Wide below) {
    return properties::ceil_of(fraction(above) / fraction(below));
}

// Rules 10 and 16.
properties::Wide hundredth_of(const ModelStanding& owner) { return (owner.stake + owner.leaving + 99) / 100; }

}  // namespace

properties::Wide AuditTerms::pay(properties::Wide cap) const {
    return std::max<properties::Wide>(1, rounded_up(cap * share_permille, kThousand));
}

properties::Wide AuditTerms::fund(properties::Wide for_tasks) const {
    return std::max<properties::Wide>(1, rounded_up(for_tasks * rounded_up(share_permille * 5, 4), kThousand));
}

// ───── stakes ─────

// Rule 8: the one behind the last gets the place of who leaves.
void AuditModel::set_stake(const std::string& who, Wide stake) {
    standings[who].stake = stake;
    const auto place = std::ranges::find(line, who);
    if (stake > 0 && place == line.end()) {
        line.push_back(who);
    } else if (stake == 0 && place != line.end()) {
        *place = line.back();
        line.pop_back();
    }
}

// Of the stake first, then of what is leaving.
AuditModel::Wide AuditModel::take(const std::string& who, Wide amount) {
    ModelStanding& owner = standings[who];
    const Wide taken = std::min(amount, owner.stake + owner.leaving);
    const Wide from_stake = std::min(taken, owner.stake);
    owner.leaving -= taken - from_stake;
    if (owner.leaving == 0) {
        owner.leaves_at.reset();
    }
    owner.slashed += taken;
    set_stake(who, owner.stake - from_stake);
    return taken;
}

// ───── messages ─────

void AuditModel::apply(const AuditAct& act) {
    using Kind = AuditAct::Kind;
    if (act.kind == Kind::kStake) {
        money_.balances[act.who] -= act.amount;
        standings[act.who].engines = act.engines;
        set_stake(act.who, standings[act.who].stake + act.amount);
        return;
    }
    if (act.kind == Kind::kUnstake) {
        ModelStanding& owner = standings[act.who];
        owner.leaving += act.amount;
        owner.leaves_at = money_.now + rules.unlock;
        set_stake(act.who, owner.stake - act.amount);
        return;
    }
    if (act.kind == Kind::kReveal) {
        const std::uint64_t job = std::get<0>(act.name);
        chains.at(job).second = act.element;
        std::vector<AuditName> waiting;
        for (const auto& [name, audit] : audits) {
            if (std::get<0>(name) == job && audit.step == AuditStep::kElement) {
                waiting.push_back(name);
            }
        }
        for (const AuditName& each : waiting) {
            sow(each, act.element);
        }
        return;
    }
    ModelSeat& seat = *std::ranges::find(audits.at(act.name).seats, act.who, &ModelSeat::who);
    seat.due.reset();
    if (act.kind == Kind::kCommit) {
        seat.commitment = act.commitment;
        seat.due = money_.now + rules.silence;
    } else if (act.kind == Kind::kJudge) {
        seat.word = act.word;
        seat.wrong = act.wrong;
    } else {
        seat.answer = act.answer;
    }
    go_on(act.name);
}

// ───── beginnings ─────

void AuditModel::begin(const AuditName& name, ModelAudit audit, bool funded) {
    audit.since = height_;
    audit.due = money_.now + 1;
    audits.insert_or_assign(name, std::move(audit));
    if (!funded) {
        ++marks_["an audit began without money"];
        finish(name, Found::kNoMoney);
    }
}

// As many as lack; where nobody can be found that is the end.
void AuditModel::fill_seats(const AuditName& name) {
    ModelAudit& audit = audits.at(name);
    while (audit.step == AuditStep::kSeats && read_seats(audit).next == Reading::Next::kDraw) {
        const std::optional<std::string> who = drawn(audit);
        if (!who) {
            ++marks_["nobody could be drawn"];
            finish(name, found_without(audit));
            return;
        }
        ModelSeat& seat = audit.seats.emplace_back();
        seat.who = *who;
        seat.round = audit.round;
        seat.due = money_.now + rules.silence + audit.task_timeout;
    }
    go_on(name);
}

// ───── words ─────

// As far as what is there says.
void AuditModel::go_on(const AuditName& name) {
    ModelAudit& audit = audits.at(name);
    while (audit.step == AuditStep::kSeats) {
        const Reading reading = read_seats(audit);
        switch (reading.next) {
            case Reading::Next::kOver:
                finish(name, reading.found);
                return;
            case Reading::Next::kPassed:
                audit.step = AuditStep::kDice;
                audit.since = height_;
                audit.due = money_.now + 1;
                return;
            case Reading::Next::kFailed:
                audit.round = 2;
                continue;
            case Reading::Next::kArbiters:
                if (audit.terms.unstable) {  // rule 14
                    ++marks_["no arbiters were called: the job is unstable"];
                    finish(name, Found::kUndecided);
                    return;
                }
                ++marks_["arbiters were called"];
                audit.round = 3;
                std::ranges::for_each(audit.seats, [](ModelSeat& each) { each.due.reset(); });
                continue;
            case Reading::Next::kDraw:
                audit.due = money_.now + 1;
                return;
            case Reading::Next::kShow:
                for (ModelSeat& each : audit.seats) {
                    const bool bound = each.judged() && each.answer.empty() && (each.round == 3) == (audit.round == 3);
                    each.due = bound && !each.due ? std::optional{money_.now + rules.silence} : each.due;
                }
                break;
            case Reading::Next::kWait:
                break;
        }
        audit.due.reset();
        for (const ModelSeat& each : audit.seats) {
            audit.due = each.due && (!audit.due || *each.due < *audit.due) ? each.due : audit.due;
        }
        return;
    }
}

// ───── the end ─────

// Rules 15 to 17.
void AuditModel::finish(const AuditName& name, Found found) {
    ModelAudit& audit = audits.at(name);
    audit.found = found;
    Wide slashed = 0;
    Wide cost = 0;
    for (std::size_t i = 0; i < audit.seats.size(); ++i) {
        ModelSeat& seat = audit.seats[i];
        ModelStanding& auditor = standings[seat.who];
        const Due due = due_to(audit, i);
        seat.due.reset();
        if (due == Due::kPay) {
            seat.paid = audit.pay;
            ++auditor.given;
            cost += seat.round == 1 ? 0 : audit.pay;
        } else if (due != Due::kNothing) {
            ++auditor.outvoted;
            ++marks_[due == Due::kAll ? "an auditor lost all its stake" : "an auditor lost a hundredth of its stake"];
            slashed += take(seat.who, due == Due::kAll ? auditor.stake + auditor.leaving : hundredth_of(auditor));
        }
    }
    ModelStanding& worker = standings[audit.worker];
    if (found == Found::kPass) {
        ++worker.passes;
        ++worker.right;
    } else if (found == Found::kFail || found == Found::kUnserved) {
        worker.passes = 0;
    }
    if (found == Found::kFail) {
        ++worker.wrong;
        worker.failed_at = money_.now;
        slashed += take(audit.worker, worker.stake + worker.leaving);
    }
    audit.made_good = std::min(slashed, cost);
    money_.burnt += slashed - audit.made_good;
    audit.step = AuditStep::kOver;
    audit.over_at = money_.now;
    audit.due.reset();
}

std::optional<AuditName> AuditModel::next_over() const {
    std::optional<std::pair<Time, AuditName>> first;
    for (const auto& [name, audit] : audits) {
        const std::pair this_one{audit.over_at, name};
        if (audit.step == AuditStep::kOver && (!first || this_one < *first)) {
            first = this_one;
        }
    }
    return first ? std::optional{first->second} : std::nullopt;
}

void AuditModel::settle(const AuditName& name) {
    audits.at(name).made_good = 0;
    audits.at(name).step = AuditStep::kSettled;
    if (audits.at(name).found == Found::kNotDrawn) {
        audits.erase(name);
    }
}

// ───── time ─────

void AuditModel::begin_block(std::uint64_t height, std::string before) {
    height_ = height;
    before_ = std::move(before);
    for (std::size_t i = 0; i < kMostDue && run_one_timer(); ++i) {
    }
}

// The earliest thing that is due, audits before stakes; false when nothing is.
bool AuditModel::run_one_timer() {
    std::optional<std::pair<Time, AuditName>> first;
    for (const auto& [name, audit] : audits) {
        const std::pair this_one{audit.due.value_or(0), name};
        if (audit.due && *audit.due <= money_.now && (!first || this_one < *first)) {
            first = this_one;
        }
    }
    std::optional<std::pair<Time, std::string>> leaves;
    for (const auto& [who, owner] : standings) {
        if (owner.leaves_at && *owner.leaves_at <= money_.now && (!leaves || *owner.leaves_at < leaves->first)) {
            leaves = {*owner.leaves_at, who};
        }
    }
    if (first && (!leaves || first->first <= leaves->first)) {
        fall_due(first->second);
    } else if (leaves) {
        ++marks_["a work stake came back"];
        ModelStanding& owner = standings[leaves->second];
        money_.balances[leaves->second] += owner.leaving;
        owner.leaving = 0;
        owner.leaves_at.reset();
    }
    return first || leaves;
}

void AuditModel::fall_due(const AuditName& name) {
    ModelAudit& audit = audits.at(name);
    if (audit.step == AuditStep::kElement) {
        ++marks_["an element of a chain never came"];
        sow(name, "");
    } else if (audit.step == AuditStep::kSeats) {
        for (ModelSeat& each : audit.seats) {
            if (each.due && *each.due <= money_.now) {  // rule 10
                ++marks_["an auditor was silent"];
                ++standings[each.who].silent;
                money_.burnt += take(each.who, hundredth_of(standings[each.who]));
                each.silent = true;
                each.due.reset();
            }
        }
        go_on(name);
        fill_seats(name);
    } else if (height_ < audit.since + kBlocksToWait) {
        audit.due = money_.now + 1;
    } else if (audit.step == AuditStep::kDice) {
        roll_for_another_look(name);
    } else if (chains.contains(std::get<0>(name))) {
        audit.seed = before_;
        audit.step = AuditStep::kElement;
        audit.since = height_;
        audit.due = money_.now + rules.silence;
    } else {
        audit.seed = before_;
        sow(name, "");
    }
}

}  // namespace sublet::sim
