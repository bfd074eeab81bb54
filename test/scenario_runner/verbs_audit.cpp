// verbs_audit.cpp: the verbs of work stakes, audits and disputes, one function each.
#include "crypto/sha256.hpp"
#include "modules/audit/messages.hpp"
#include "modules/job/messages.hpp"
#include "verb.hpp"

namespace sublet::scenario {
namespace {

// The chain's tip is the word "chain" hashed so many times.
Hash hashed(std::uint64_t times) {
    Hash out = crypto::sha256("chain");
    for (std::uint64_t i = 1; i < times; ++i) {
        out = crypto::sha256(view_of(out));
    }
    return out;
}

ledger::Any stake(Call& call) {
    audit::MsgStakeWork message;
    message.owner = call.me();
    message.amount = Amount{amount(call.args.need("amount"))};
    message.engines = split(call.args.take("engines", "blender-3.4-cpu"), ',');
    return wrap(message);
}
ledger::Any unstake(Call& call) {
    return wrap(audit::MsgUnstakeWork{call.me(), Amount{amount(call.args.need("amount"))}});
}
// element=N: the chain's word hashed N times.
ledger::Any reveal(Call& call) {
    const JobId job = id<JobId>(call, "job");
    return wrap(audit::MsgRevealSeed{call.me(), job, Bytes{view_of(hashed(number(call.args.need("element"))))}});
}

template <class M>
M seat(Call& call) {
    M message;
    message.operator_address = call.me();
    message.job = id<JobId>(call, "job");
    message.task = small(call.args.need("task"));
    message.attempt = small(call.args.take("attempt", "1"));
    return message;
}
Hash answer_of(Call& call) { return crypto::sha256(call.args.take("answer", "right")); }

ledger::Any commit_audit(Call& call) {
    auto message = seat<audit::MsgCommitAudit>(call);
    const audit::Audit where{.job = message.job, .task = message.task, .attempt = message.attempt};
    const Address auditor = World::raw_address(call.args.take("auditor", call.name));
    const Hash answer = answer_of(call);
    message.commitment = Bytes{view_of(audit::answer_commitment(answer, auditor, where, nonce_of(call)))};
    return wrap(message);
}
ledger::Any judge(Call& call) {
    auto message = seat<audit::MsgJudgeAudit>(call);
    const std::string verdict = call.args.need("verdict");
    for (std::uint8_t i = 0; audit::valid(audit::Verdict{i}); ++i) {
        message.verdict = audit::to_name(audit::Verdict{i}) == verdict ? audit::Verdict{i} : message.verdict;
    }
    message.wrong = small(call.args.take("wrong", "0"));
    return wrap(message);
}
ledger::Any show(Call& call) {
    auto message = seat<audit::MsgShowAudit>(call);
    message.answer = Bytes{view_of(answer_of(call))};
    message.nonce = nonce_of(call);
    return wrap(message);
}
ledger::Any dispute(Call& call) {
    const JobId job = id<JobId>(call, "job");
    return wrap(job::MsgDisputeTask{call.me(), job, small(call.args.need("task")), {}});
}

constexpr Verb kAuditVerbs[] = {
    {"stake-work", false, stake},         {"unstake-work", false, unstake}, {"reveal", false, reveal},
    {"commit-audit", true, commit_audit}, {"judge", true, judge},           {"show", true, show},
    {"dispute", false, dispute},
};

}  // namespace

std::span<const Verb> audit_verbs() { return kAuditVerbs; }

std::optional<audit::Terms> audit_terms(Args& args) {
    const std::string how = args.take("audit", "");
    if (how.empty()) {
        return std::nullopt;
    }
    audit::Terms terms;
    terms.how = how == "crops" ? audit::How::kCrops : audit::How::kWhole;
    terms.engine = args.take("audit_engine", "blender-3.4-cpu");
    terms.share_permille = small(args.take("share", "100"));
    terms.floor_permille = small(args.take("floor", "143"));
    terms.unstable = args.take("unstable", "no") == "yes";
    const std::uint64_t chain = number(args.take("seeds", "0"));
    terms.tip = chain == 0 ? Bytes{} : Bytes{view_of(hashed(chain))};
    return terms;
}

}  // namespace sublet::scenario
