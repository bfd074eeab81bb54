// verbs_job.cpp: the verbs of jobs, one function each.
#include "crypto/sha256.hpp"
#include "modules/job/messages.hpp"
#include "verb.hpp"

namespace sublet::scenario {
namespace {

// "0,5,9"
std::vector<std::uint64_t> numbers(std::string_view text) {
    std::vector<std::uint64_t> out;
    for (std::size_t from = 0; from <= text.size();) {
        const std::size_t comma = std::min(text.find(',', from), text.size());
        out.push_back(number(text.substr(from, comma - from)));
        from = comma + 1;
    }
    return out;
}

ledger::Any create(Call& call) {
    job::MsgCreateJob message;
    message.owner = call.me();
    message.kind = call.args.take("kind", "batch");
    message.content = Bytes{view_of(crypto::sha256(call.args.take("content", "input")))};
    message.tasks = small(call.args.need("tasks"));
    message.price = amount(call.args.take("price", "0"));
    message.pay = Amount{amount(message.price == 0 ? call.args.need("pay") : "0")};
    message.pay_cap = Amount{amount(call.args.take("pay_cap", "0"))};
    message.stake = Amount{amount(call.args.take("stake", "0"))};
    message.start_timeout = duration(call.args.take("start_timeout", "1m"));
    message.task_timeout = duration(call.args.take("task_timeout", "10m"));
    message.window = duration(call.args.take("window", "1h"));
    message.at_once = small(call.args.take("at_once", "8"));
    message.budget = Amount{amount(call.args.take("budget", "0"))};
    if (message.price != 0) {
        message.cores = small(call.args.take("cores", "1"));
        message.engine = call.args.take("engine", "blender-3.4-cpu");
        message.probe_pay = Amount{amount(call.args.take("probe_pay", "100"))};
        for (const std::uint64_t each : numbers(call.args.need("probe_tasks"))) {
            message.probe_tasks.push_back(static_cast<std::uint32_t>(each));
        }
    }
    message.audit = audit_terms(call.args);
    return wrap(message);
}

ledger::Any pause(Call& call) { return wrap(job::MsgPauseJob{call.me(), id<JobId>(call, "job"), true}); }
ledger::Any resume(Call& call) { return wrap(job::MsgPauseJob{call.me(), id<JobId>(call, "job"), false}); }
ledger::Any cancel(Call& call) { return wrap(job::MsgCancelJob{call.me(), id<JobId>(call, "job")}); }

ledger::Any approve(Call& call) {
    const JobId job = id<JobId>(call, "job");
    const std::uint32_t first = small(call.args.need("first"));
    return wrap(job::MsgApproveTasks{call.me(), job, first, small(call.args.take("count", "1"))});
}
ledger::Any reject(Call& call) {
    const JobId job = id<JobId>(call, "job");
    return wrap(job::MsgRejectTask{call.me(), job, small(call.args.need("task"))});
}
ledger::Any retry(Call& call) {
    const JobId job = id<JobId>(call, "job");
    return wrap(job::MsgRetryTask{call.me(), job, small(call.args.need("task"))});
}

ledger::Any claim(Call& call) {
    const JobId job = id<JobId>(call, "job");
    return wrap(job::MsgClaimTask{call.me(), job, call.args.take("ready", "no") == "yes"});
}

// The attempt that a message is about.
template <class M>
M attempt(Call& call) {
    M message;
    message.operator_address = call.me();
    message.job = id<JobId>(call, "job");
    message.task = small(call.args.need("task"));
    message.attempt = small(call.args.take("attempt", "1"));
    return message;
}
ledger::Any start(Call& call) { return wrap(attempt<job::MsgStartTask>(call)); }
ledger::Any give_up(Call& call) {
    auto message = attempt<job::MsgFailTask>(call);
    message.exit_code = small(call.args.take("exit", "1"));
    message.too_long = call.args.take("too_long", "no") == "yes";
    return wrap(message);
}

Hash result_of(Call& call) { return crypto::sha256(call.args.take("result", "result")); }

// worker=NAME: as if it were that provider's, which it is not.
ledger::Any commit(Call& call) {
    auto message = attempt<job::MsgCommitTask>(call);
    job::Task task{.job = message.job, .index = message.task, .attempt = message.attempt};
    task.worker = World::raw_address(call.args.take("worker", call.name));
    const Hash digest = result_of(call);
    message.commitment = Bytes{view_of(job::commitment_of(task, digest, nonce_of(call)))};
    return wrap(message);
}
ledger::Any open(Call& call) {
    auto message = attempt<job::MsgOpenTask>(call);
    message.digest = Bytes{view_of(result_of(call))};
    message.nonce = nonce_of(call);
    return wrap(message);
}

ledger::Any post_rate(Call& call) {
    job::MsgPostRate message;
    message.operator_address = call.me();
    message.engine = call.args.take("engine", "blender-3.4-cpu");
    message.rate = number(call.args.need("rate"));
    message.digest = Bytes{view_of(crypto::sha256("pictures"))};
    return wrap(message);
}
ledger::Any commit_probe(Call& call) {
    const JobId job = id<JobId>(call, "job");
    const std::vector<std::uint64_t> work = numbers(call.args.need("work"));
    const Address worker = World::raw_address(call.args.take("worker", call.name));
    return wrap(
        job::MsgCommitProbe{call.me(), job, Bytes{view_of(job::probe_commitment(worker, job, work, nonce_of(call)))}});
}
ledger::Any open_probe(Call& call) {
    const JobId job = id<JobId>(call, "job");
    std::vector<std::uint64_t> work = numbers(call.args.need("work"));
    return wrap(job::MsgOpenProbe{call.me(), job, std::move(work), nonce_of(call)});
}
ledger::Any confirm(Call& call) {
    const JobId job = id<JobId>(call, "job");
    const Amount budget{amount(call.args.take("budget", "0"))};
    return wrap(job::MsgConfirmJob{call.me(), job, budget, duration(call.args.take("task_timeout", "0s"))});
}
ledger::Any fund(Call& call) {
    const JobId job = id<JobId>(call, "job");
    return wrap(job::MsgFundJob{call.me(), job, Amount{amount(call.args.need("amount"))}});
}

constexpr Verb kJobVerbs[] = {
    {"post-rate", true, post_rate},
    {"commit-probe", true, commit_probe},
    {"open-probe", true, open_probe},
    {"confirm-job", false, confirm},
    {"fund-job", false, fund},
    {"create-job", false, create},
    {"pause-job", false, pause},
    {"resume-job", false, resume},
    {"cancel-job", false, cancel},
    {"approve", false, approve},
    {"reject", false, reject},
    {"retry", false, retry},
    {"claim", true, claim},
    {"start", true, start},
    {"give-up", true, give_up},
    {"commit", true, commit},
    {"open", true, open},
};

}  // namespace

std::span<const Verb> job_verbs() { return kJobVerbs; }

}  // namespace sublet::scenario
