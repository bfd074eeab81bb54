// auditor_jobs.cpp: messages about jobs as the model takes them, and what must be equal after every block.
#include "auditor.hpp"
#include "told.hpp"

#include "modules/job/messages.hpp"
#include "modules/provider/provider.hpp"

namespace sublet::sim {
namespace {

constexpr std::uint32_t kLookedAtMore = 200;  // tasks of a job that did not change, after every block

JobTerms terms_of(const job::MsgCreateJob& m) {
    JobTerms out;
    out.tasks = m.tasks;
    out.at_once = m.at_once;
    out.pay = m.pay.value();
    out.pay_cap = m.pay_cap.is_zero() ? m.pay.value() : m.pay_cap.value();
    out.stake = m.stake.value();
    out.start_timeout = static_cast<properties::Time>(m.start_timeout.value());
    out.task_timeout = static_cast<properties::Time>(m.task_timeout.value());
    out.window = static_cast<properties::Time>(m.window.value());
    if (m.audit) {
        out.audit = AuditTerms{m.audit->engine, m.audit->tip, m.audit->share_permille, m.audit->floor_permille,
                               m.audit->unstable};
    }
    return out;
}

// A message of the job's owner.
std::optional<JobAct> act_of_creator(const ledger::Any& any) {
    using Kind = JobAct::Kind;
    JobAct out;
    const auto is = [&](Kind kind, const std::string& owner, JobId job, std::uint32_t task = 0) {
        out.kind = kind;
        out.who = told::name_of(owner);
        out.job = job.value();
        out.task = task;
    };
    const bool known =
        told::on<job::MsgCreateJob>(any,
                                    [&](const job::MsgCreateJob& m) {
                                        is(Kind::kCreate, m.owner, JobId{});
                                        out.terms = terms_of(m);
                                    }) ||
        told::on<job::MsgPauseJob>(
            any, [&](const auto& m) { is(m.paused ? Kind::kPause : Kind::kResume, m.owner, m.job); }) ||
        told::on<job::MsgCancelJob>(any, [&](const auto& m) { is(Kind::kCancel, m.owner, m.job); }) ||
        told::on<job::MsgRejectTask>(any, [&](const auto& m) { is(Kind::kReject, m.owner, m.job, m.task); }) ||
        told::on<job::MsgDisputeTask>(any, [&](const auto& m) { is(Kind::kDispute, m.owner, m.job, m.task); }) ||
        told::on<job::MsgRetryTask>(any, [&](const auto& m) { is(Kind::kRetry, m.owner, m.job, m.task); }) ||
        told::on<job::MsgApproveTasks>(any, [&](const job::MsgApproveTasks& m) {
            is(Kind::kApprove, m.owner, m.job, m.first);
            out.count = m.count;
        });
    return known ? std::optional{out} : std::nullopt;
}

// A message of a worker; `who` is its operator.
std::optional<JobAct> act_of_worker(const ledger::Any& any) {
    using Kind = JobAct::Kind;
    JobAct out;
    const auto report = [&](Kind kind, const auto& m) {
        out.kind = kind;
        out.who = told::name_of(m.operator_address);
        out.job = m.job.value();
        out.task = m.task;
        out.attempt = m.attempt;
    };
    const bool known = told::on<job::MsgClaimTask>(any,
                                                   [&](const job::MsgClaimTask& m) {
                                                       out.kind = Kind::kClaim;
                                                       out.who = told::name_of(m.operator_address);
                                                       out.job = m.job.value();
                                                       out.ready = m.ready;
                                                   }) ||
                       told::on<job::MsgStartTask>(any, [&](const auto& m) { report(Kind::kStart, m); }) ||
                       told::on<job::MsgFailTask>(any, [&](const auto& m) { report(Kind::kFail, m); }) ||
                       told::on<job::MsgCommitTask>(any,
                                                    [&](const job::MsgCommitTask& m) {
                                                        report(Kind::kCommit, m);
                                                        out.commitment = m.commitment;
                                                    }) ||
                       told::on<job::MsgOpenTask>(any, [&](const job::MsgOpenTask& m) {
                           report(Kind::kOpen, m);
                           out.digest = m.digest;
                           out.nonce = m.nonce;
                       });
    return known ? std::optional{out} : std::nullopt;
}

// Jobs that are paid by their work, and such as their money does not do for, have rules that the model has not.
bool is_beyond_the_model(const ledger::Any& any) {
    bool beyond = false;
    told::on<job::MsgCreateJob>(any, [&](const auto& m) { beyond = m.price != 0 || !m.budget.is_zero(); });
    told::on<job::MsgFailTask>(any, [&](const auto& m) { beyond = m.too_long; });
    return beyond;
}

// A hash that is not there is zeros.
std::string hex_of(const Hash& hash) { return hash == Hash{} ? "" : to_hex(view_of(hash)); }

}  // namespace

// ───── messages ─────

// Nothing if it is about something else. Who is no provider's operator has a worker's name that nobody has.
std::optional<JobAct> Auditor::job_act(const ledger::Any& any) const {
    if (std::optional<JobAct> act = act_of_creator(any)) {
        return act;
    }
    std::optional<JobAct> act = act_of_worker(any);
    if (act) {
        const auto provider = operators_.find(act->who);
        act->who = provider == operators_.end() ? "" : provider->second;
    }
    return act;
}

// The job that all messages of a worker's or an auditor's transaction are about (rule 1).
std::optional<std::uint64_t> Auditor::job_of_all(const ledger::Transaction& decoded) const {
    std::optional<std::uint64_t> out;
    for (const ledger::Any& any : decoded.body.messages) {
        std::optional<std::uint64_t> job = job_of_word(any);
        if (const std::optional<JobAct> act = act_of_worker(any); act && operators_.contains(act->who)) {
            job = act->job;
        }
        if (!job || (out && *out != *job)) {
            return std::nullopt;
        }
        out = job;
    }
    return out;
}

bool Auditor::of_job(const ledger::Any& any, const store::StoredTx& tx) {
    const std::optional<JobAct> act = job_act(any);
    if (!act) {
        return false;
    }
    if (is_beyond_the_model(any)) {
        complain(any.type_url + ": the model has only jobs with a price a task and all their money (1)");
        return true;
    }
    if (const std::string rule = jobs_.against(*act); !rule.empty()) {
        complain(any.type_url + " about job " + std::to_string(act->job) + " was accepted: " + rule);
        return true;
    }
    if (act->kind == JobAct::Kind::kCreate) {
        const std::string id = told::attribute_of(tx.events, "sublet.job.job_created", "job");
        if (told::number_of(id) != jobs_.next_id()) {
            complain("a job got the number " + id + ", " + std::to_string(jobs_.next_id()) + " is the next");
        }
    }
    jobs_.apply(*act);
    return true;
}

// A transaction of one message, so that nothing before it in the same one can be the reason.
void Auditor::refused(const ledger::Transaction& decoded, const store::StoredTx& tx) {
    const std::optional<JobAct> act = job_act(decoded.body.messages.front());
    refused_about_audit(decoded, tx);
    if (act && !act->who.empty() && decoded.body.messages.size() == 1 && jobs_.against(*act).empty()) {
        complain(decoded.body.messages.front().type_url + " about job " + std::to_string(act->job) +
                 " was refused with code " + std::to_string(tx.code) + ", and no rule is against it");
    }
}

// ───── after a block ─────

void Auditor::compare_jobs(const ledger::View& after) {
    for (const auto& [id, job] : jobs_.jobs) {
        if (!jobs_over_.contains(id)) {
            compare_job(id, after);
            compare_tasks(id, after);
        }
    }
    compare_audits(after);
    if (job::find_job(after, JobId{jobs_.next_id()})) {
        complain("job " + std::to_string(jobs_.next_id()) + " was never created");
    }
    for (const auto& [name, worker] : jobs_.workers) {
        const auto there = provider::find(after, crypto::Address{*fixed_from<20>(*from_hex(name))});
        if (!there || there->counters.tasks_accepted != worker.accepted ||
            there->counters.tasks_failed != worker.failed || there->counters.tasks_timed_out != worker.timed_out) {
            complain("provider " + name + " has not the counters of tasks that are predicted");
        }
    }
    jobs_.changed.clear();
}

void Auditor::compare_job(std::uint64_t id, const ledger::View& after) {
    const ModelJob& job = jobs_.jobs.at(id);
    const std::optional<job::Job> there = job::find_job(after, JobId{id});
    const std::string name = "job " + std::to_string(id);
    if (!there) {
        complain(name + " is gone");
        return;
    }
    const auto equal = [&](const char* what, std::uint64_t is, Wide predicted) {
        if (Wide{is} != predicted) {
            complain(name + ": " + what + " is " + std::to_string(is) + ", " + text_of(predicted) + " is predicted");
        }
    };
    equal("its state", static_cast<std::uint64_t>(there->state), Wide{static_cast<int>(job.step)});
    equal("deposited", there->deposited.value(), job.deposited);
    equal("paid", there->paid.value(), job.paid);
    equal("refunded", there->refunded.value(), job.refunded);
    equal("left for auditors", there->audit_fund.value(), job.audit_fund);
    equal("unstable", there->audit && there->audit->unstable ? 1 : 0, job.terms.audit && job.terms.audit->unstable);
    equal("the bond", there->bond.value(), job.bond);
    equal("claimed at least once", there->fresh, Wide{job.tasks.size()});
    equal("waiting", there->waiting, Wide{job.waiting.size()});
    equal("active", there->active, Wide{job.in_hand.size()});
    equal("in review", there->in_review, Wide{job.in_review.size()});
    equal("in audit", there->in_audit, Wide{job.in_audit.size()});
    equal("accepted", there->accepted, Wide{job.accepted});
    equal("failed", there->failed, Wide{job.failed});
    equal("may reject", there->may_reject ? 1 : 0, job.may_reject ? 1 : 0);
    equal("free messages", there->free_messages, Wide{job.free_messages});
    equal("closes at", there->closes_at.value(), Wide{job.closes_at.value_or(0)});
    equal("closed at", there->closed_at.value(), Wide{job.closed_at.value_or(0)});
    std::vector<std::string> barred;
    for (const crypto::Address& each : there->barred) {
        barred.push_back(told::name_of(each));
    }
    if (barred != job.barred) {
        complain(name + " bars others than are predicted");
    }
}

// Those that the model changed, some of the others, and all of a job that is over, once.
void Auditor::compare_tasks(std::uint64_t id, const ledger::View& after) {
    const ModelJob& job = jobs_.jobs.at(id);
    const auto count = static_cast<std::uint32_t>(job.tasks.size());
    for (auto each = jobs_.changed.lower_bound({id, 0}); each != jobs_.changed.end() && each->first == id; ++each) {
        compare_task(id, each->second, after);
    }
    const std::uint32_t most = job.closed_at ? count : std::min(count, kLookedAtMore);
    std::uint32_t& next = looked_at_next_[id];
    for (std::uint32_t i = 0; i < most; ++i) {
        next = next >= count ? 0 : next;
        compare_task(id, next++, after);
    }
    if (job::find_task(after, JobId{id}, count)) {
        complain("job " + std::to_string(id) + ": task " + std::to_string(count) + " was never claimed");
    }
    if (job.closed_at) {
        jobs_over_.insert(id);
    }
}

void Auditor::compare_task(std::uint64_t id, std::uint32_t index, const ledger::View& after) {
    const ModelTask& task = jobs_.jobs.at(id).tasks.at(index);
    const std::string name = "job " + std::to_string(id) + ", task " + std::to_string(index);
    const std::optional<job::Task> there = job::find_task(after, JobId{id}, index);
    if (!there) {
        complain(name + " is gone");
        return;
    }
    const auto equal = [&](const char* what, std::uint64_t is, Wide predicted) {
        if (Wide{is} != predicted) {
            complain(name + ": " + what + " is " + std::to_string(is) + ", " + text_of(predicted) + " is predicted");
        }
    };
    const auto same = [&](const char* what, const std::string& is, const std::string& predicted) {
        if (is != predicted) {
            complain(name + ": " + what + " is " + is + ", " + predicted + " is predicted");
        }
    };
    equal("its state", static_cast<std::uint64_t>(there->state), Wide{static_cast<int>(task.step)});
    equal("its attempt", there->attempt, Wide{task.attempt});
    equal("its stake", there->stake.value(), task.stake);
    equal("its pay", there->pay.value(), task.pay);
    equal("its deadline", there->deadline.value(), Wide{task.due.value_or(0)});
    same("its worker", told::name_of(there->worker), task.worker);
    same("its commitment", hex_of(there->commitment), to_hex(task.commitment));
    same("its digest", hex_of(there->digest), to_hex(task.digest));
    std::string tried;
    std::string predicted;
    for (const crypto::Address& each : there->tried) {
        tried += told::name_of(each) + " ";
    }
    for (const std::string& each : task.tried) {
        predicted += each + " ";
    }
    same("who tried it", tried, predicted);
    const auto text = [](const std::string& worker, const std::string& digest, const std::string& pay) {
        return worker + " " + digest + " " + pay;
    };
    same("its rejected result",
         there->rejected ? text(told::name_of(there->rejected->worker), hex_of(there->rejected->digest),
                                std::to_string(there->rejected->pay.value()))
                         : "none",
         task.rejected ? text(task.rejected->worker, to_hex(task.rejected->digest), text_of(task.rejected->pay))
                       : "none");
}

}  // namespace sublet::sim
