// auditor_audits.cpp: messages about audits as the model takes them, and what must be equal after every block.
#include "auditor.hpp"
#include "told.hpp"

#include "modules/audit/audit.hpp"
#include "modules/audit/messages.hpp"

namespace sublet::sim {
namespace {

// Of an auditor; `who` is its operator.
std::optional<AuditAct> word_of(const ledger::Any& any) {
    using Kind = AuditAct::Kind;
    AuditAct out;
    const auto says = [&](Kind kind, const auto& m) {
        out.kind = kind;
        out.who = told::name_of(m.operator_address);
        out.name = {m.job.value(), m.task, m.attempt};
    };
    const bool known = told::on<audit::MsgCommitAudit>(any,
                                                       [&](const audit::MsgCommitAudit& m) {
                                                           says(Kind::kCommit, m);
                                                           out.commitment = m.commitment;
                                                       }) ||
                       told::on<audit::MsgJudgeAudit>(any,
                                                      [&](const audit::MsgJudgeAudit& m) {
                                                          says(Kind::kJudge, m);
                                                          out.word = static_cast<Word>(m.verdict);
                                                          out.wrong = m.wrong;
                                                      }) ||
                       told::on<audit::MsgShowAudit>(any, [&](const audit::MsgShowAudit& m) {
                           says(Kind::kShow, m);
                           out.answer = m.answer;
                           out.nonce = m.nonce;
                       });
    return known ? std::optional{out} : std::nullopt;
}

// Of an owner that stakes, or a creator who has a chain.
std::optional<AuditAct> act_of_owner(const ledger::Any& any) {
    using Kind = AuditAct::Kind;
    AuditAct out;
    const auto is = [&](Kind kind, const std::string& owner) {
        out.kind = kind;
        out.who = told::name_of(owner);
    };
    const bool known = told::on<audit::MsgStakeWork>(any,
                                                     [&](const audit::MsgStakeWork& m) {
                                                         is(Kind::kStake, m.owner);
                                                         out.amount = m.amount.value();
                                                         out.engines = m.engines;
                                                     }) ||
                       told::on<audit::MsgUnstakeWork>(any,
                                                       [&](const audit::MsgUnstakeWork& m) {
                                                           is(Kind::kUnstake, m.owner);
                                                           out.amount = m.amount.value();
                                                       }) ||
                       told::on<audit::MsgRevealSeed>(any, [&](const audit::MsgRevealSeed& m) {
                           is(Kind::kReveal, m.owner);
                           out.name = {m.job.value(), 0, 0};
                           out.element = m.element;
                       });
    return known ? std::optional{out} : std::nullopt;
}

std::string title_of(const AuditName& name) {
    const auto& [job, task, attempt] = name;
    return "the audit of job " + std::to_string(job) + ", task " + std::to_string(task) + ", attempt " +
           std::to_string(attempt);
}

int state_of(const ModelSeat& seat) {
    if (seat.silent) {
        return 6;
    }
    return seat.gone() ? 5 : !seat.answer.empty() ? 4 : seat.judged() ? 3 : !seat.commitment.empty() ? 2 : 1;
}

std::string digits(auto value) { return std::to_string(static_cast<std::uint64_t>(value)); }

// Who, in which round, what was said, by when more is due, what is paid; both sides as one line.
std::string line_of(const ModelSeat& seat) {
    return seat.who + " round " + digits(seat.round) + " state " + digits(state_of(seat)) + " word " +
           digits(seat.word) + " wrong " + digits(seat.wrong) + " answer " + to_hex(seat.answer) + " due " +
           digits(seat.due.value_or(0)) + " paid " + digits(seat.paid);
}

std::string line_of(const audit::Seat& seat) {
    return told::name_of(seat.auditor) + " round " + digits(seat.round) + " state " + digits(seat.state) + " word " +
           digits(seat.verdict) + " wrong " + digits(seat.wrong) + " answer " +
           (seat.answer == Hash{} ? "" : to_hex(view_of(seat.answer))) + " due " + digits(seat.due.value()) + " paid " +
           digits(seat.paid.value());
}

}  // namespace

// ───── messages ─────

// Nothing if it is about something else.
std::optional<AuditAct> Auditor::audit_act(const ledger::Any& any) const {
    std::optional<AuditAct> act = word_of(any);
    if (!act) {
        return act_of_owner(any);
    }
    const auto provider = operators_.find(act->who);
    act->who = provider == operators_.end() ? "" : provider->second;
    return act;
}

std::optional<std::uint64_t> Auditor::job_of_word(const ledger::Any& any) const {
    const std::optional<AuditAct> act = word_of(any);
    return act && operators_.contains(act->who) ? std::optional{std::get<0>(act->name)} : std::nullopt;
}

bool Auditor::of_audit(const ledger::Any& any) {
    const std::optional<AuditAct> act = audit_act(any);
    if (!act) {
        return false;
    }
    if (const std::string rule = jobs_.audits.against(*act); !rule.empty()) {
        complain(any.type_url + " in " + title_of(act->name) + " was accepted: " + rule);
    } else {
        jobs_.audits.apply(*act);
    }
    return true;
}

// A transaction of one message, so that nothing before it in the same one can be the reason.
void Auditor::refused_about_audit(const ledger::Transaction& decoded, const store::StoredTx& tx) {
    const std::optional<AuditAct> act = audit_act(decoded.body.messages.front());
    if (act && !act->who.empty() && decoded.body.messages.size() == 1 && jobs_.audits.against(*act).empty()) {
        complain(decoded.body.messages.front().type_url + " in " + title_of(act->name) + " was refused with code " +
                 std::to_string(tx.code) + ", and no rule is against it");
    }
}

// ───── after a block ─────

void Auditor::compare_audits(const ledger::View& after) {
    const AuditModel& model = jobs_.audits;
    for (const auto& [name, audit] : model.audits) {
        if (audit.step != AuditStep::kSettled || !audits_over_.contains(name)) {
            compare_audit(name, audit, after);
        }
        audit.step == AuditStep::kSettled ? void(audits_over_.insert(name)) : void(audits_over_.erase(name));
    }
    for (const auto& [owner, standing] : model.standings) {
        compare_standing(owner, standing, after);
    }
    for (const auto& [job, chain] : model.chains) {
        const std::optional<audit::Chain> there = audit::find_chain(after, JobId{job});
        if (!there || told::name_of(there->owner) != chain.first || Bytes{view_of(there->tip)} != chain.second) {
            complain("job " + std::to_string(job) + " has not the chain that is predicted");
        }
    }
    after.visit(audit::audit_prefix(), audit::audit_prefix(), [&](BytesView, BytesView value) {
        const auto there = codec::decode<audit::Audit>(value);
        if (!there || !model.audits.contains({there->job.value(), there->task, there->attempt})) {
            complain("an audit that nobody began is there");
        }
        return !problem_;
    });
}

void Auditor::compare_audit(const AuditName& name, const ModelAudit& audit, const ledger::View& after) {
    const auto& [job, task, attempt] = name;
    const std::optional<audit::Audit> there = audit::find_audit(after, {JobId{job}, task, attempt});
    if (!there) {
        complain(title_of(name) + " is gone");
        return;
    }
    const auto same = [&](const std::string& what, const std::string& is, const std::string& predicted) {
        if (is != predicted) {
            complain(title_of(name) + ": " + what + " is " + is + ", " + predicted + " is predicted");
        }
    };
    // Its end first: what else differs follows from it.
    same("its outcome", digits(there->outcome), digits(audit.found));
    for (std::size_t i = 0; i < std::max(there->seats.size(), audit.seats.size()); ++i) {
        same("seat " + digits(i), i < there->seats.size() ? line_of(there->seats[i]) : "not there",
             i < audit.seats.size() ? line_of(audit.seats[i]) : "none");
    }
    same("its step", digits(there->stage), digits(audit.step));
    same("its round", digits(there->round), digits(audit.round));
    same("an auditor's pay", digits(there->pay.value()), digits(audit.pay));
    same("its probability", digits(there->probability_permille), digits(audit.probability));
    same("its due time", digits(there->due.value()), digits(audit.due.value_or(0)));
    same("what it makes good", digits(there->from_loser.value()), digits(audit.made_good));
    same("its seed", there->seed == Hash{} ? "" : to_hex(view_of(there->seed)), to_hex(audit.seed));
}

void Auditor::compare_standing(const std::string& owner, const ModelStanding& standing, const ledger::View& after) {
    const auto there = audit::standing_of(after, crypto::Address{*fixed_from<20>(*from_hex(owner))});
    const auto equal = [&](const char* what, std::uint64_t is, Wide predicted) {
        if (Wide{is} != predicted) {
            complain("the standing of " + owner + ": " + what + " is " + std::to_string(is) + ", " +
                     text_of(predicted) + " is predicted");
        }
    };
    equal("at stake", there.stake.value(), standing.stake);
    equal("leaving", there.leaving.value(), standing.leaving);
    equal("leaves at", there.leaves_at.value(), Wide{standing.leaves_at.value_or(0)});
    equal("the exposure", there.exposure.value(), standing.exposure);
    equal("the passes", there.passes, Wide{standing.passes});
    equal("slashed", there.slashed.value(), standing.slashed);
    equal("failed at", there.failed_at.value(), Wide{standing.failed_at.value_or(0)});
    equal("results found right", there.results_right, Wide{standing.right});
    equal("results found wrong", there.results_wrong, Wide{standing.wrong});
    equal("audits given", there.audits_given, Wide{standing.given});
    equal("audits kept silent in", there.audits_silent, Wide{standing.silent});
    equal("audits judged otherwise", there.audits_wrong, Wide{standing.outvoted});
    const std::vector<std::string>& line = jobs_.audits.line;
    const auto place = std::ranges::find(line, owner);
    equal("the place in draws", there.number, place == line.end() ? 0 : Wide{place - line.begin()} + 1);
    if (there.engines != standing.engines) {
        complain("the standing of " + owner + " has other engines than are predicted");
    }
}

}  // namespace sublet::sim
