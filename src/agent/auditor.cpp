// auditor.cpp: which seats this provider has, and what it says in each.
#include "agent/auditor.hpp"

#include <fmt/format.h>

#include "agent/job_files.hpp"
#include "agent/worker.hpp"
#include "jobs/blender.hpp"
#include "jobs/profile.hpp"
#include "net/log.hpp"

namespace sublet::agent {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t kMaxScriptBytes = 1U << 20U;
constexpr std::uint64_t kAuditMargin_ms = 5'000;  // of a seat's time, for the word itself

std::string name_of(const audit::Audit& audit) {
    return fmt::format("audit of job {}, task {}, attempt {}", audit.job.value(), audit.task, audit.attempt);
}

}  // namespace

bool can_audit(const KeptJob& job, audit::How how, const JobStore& store) {
    if (how == audit::How::kWhole) {
        return true;
    }
    const Result<Bytes> script = read_file(store.input_folder(job.id) / "render.py", 0, kMaxScriptBytes);
    return job.package.audit && job.package.session && script && jobs::is_known_script(*script) &&
           jobs::is_known_command(job.package.command);
}

Task<> Auditor::look() {
    const std::uint64_t now_ms = core_.parts.clock.monotonic_ms();
    if (now_ms - looked_ms_ < kAuditLook_ms && looked_ms_ != 0) {
        co_return;
    }
    looked_ms_ = now_ms;
    const Result<std::vector<audit::Audit>> asked = co_await core_.parts.ledger.audits_in_hand(core_.options.owner);
    for (const audit::Audit& each : asked ? *asked : std::vector<audit::Audit>{}) {
        take_up(each);
    }
}

void Auditor::take_up(const audit::Audit& audit) {
    for (std::size_t i = 0; i < audit.seats.size(); ++i) {
        const audit::Seat& seat = audit.seats[i];
        const Which which{audit.job, audit.task};
        const bool renders = seat.state == audit::SeatState::kDrawn;
        if (seat.auditor != core_.options.owner || !audit::is_open(seat) || busy_.contains(which) ||
            (renders && rendering_.size() >= kMaxAuditsAtOnce)) {
            continue;
        }
        seen_ms_.try_emplace(which, core_.parts.clock.monotonic_ms());
        busy_.insert(which);
        if (renders) {
            rendering_.insert(which);
        }
        core_.tasks.spawn(sit({audit, i}));
        return;
    }
}

Task<> Auditor::sit(Seat seat) {
    const Which which{seat.audit.job, seat.audit.task};
    const audit::SeatState state = seat.mine().state;
    if (state == audit::SeatState::kDrawn) {
        co_await find_out(std::move(seat));
    } else if (state == audit::SeatState::kCommitted) {
        Seat judged = seat;
        Task<Judgement> judging = judge(std::move(judged));
        Judgement what = co_await std::move(judging);
        if (!core_.stopping) {
            co_await tell_verdict(std::move(seat), std::move(what));
        }
    } else if (state == audit::SeatState::kJudged) {
        co_await show(std::move(seat));
    }
    rendering_.erase(which);
    busy_.erase(which);
    worker_.wake();
}

// What does not work is tried again, and then said to be this side's fault: it is held against nobody.
Task<> Auditor::find_out(Seat seat) {
    const audit::Audit audit = seat.audit;
    const Which which{audit.job, audit.task};
    const KeptJob* kept = worker_.store().find(audit.job);
    const std::uint64_t waited_ms = core_.parts.clock.monotonic_ms() - seen_ms_[which];
    const bool ready = kept != nullptr && kept->complete && worker_.has_image(audit.job, kept->package.image);
    if (!ready && waited_ms < kInputPatience_ms) {
        co_return;
    }
    Result<> found = fail(Code::kNotFound, "neither its input nor its image came here");
    if (ready) {
        Seat rendered = seat;
        Task<Result<>> rendering = render(std::move(rendered));
        found = co_await std::move(rendering);
    }
    const Result<Hash> answer = found ? answer_of(audit) : std::unexpected{found.error()};
    const Result<std::optional<Outcome>> own =
        worker_.store().outcome(audit_attempt(audit.job, audit.task, audit.attempt, true));
    if (core_.stopping) {
        co_return;
    }
    if (answer && own && *own) {
        const Hash commitment = audit::answer_commitment(*answer, core_.options.owner, audit, (*own)->nonce);
        const std::string self = crypto::to_bech32(core_.parts.ledger.operator_address());
        Message message = audit::MsgCommitAudit{self, audit.job, audit.task, audit.attempt, Bytes{view_of(commitment)}};
        co_await tell(std::move(message));
        co_return;
    }
    const Error why = answer ? Error{Code::kStoreDamaged, "what was found is gone"} : answer.error();
    net::log(net::LogLevel::kWarning, "auditor", name_of(audit) + ": " + why.message);
    if (!ready || why.code == Code::kTimeout || ++failed_[which] >= kMaxAuditTries) {
        co_await tell_verdict(std::move(seat), {audit::Verdict::kInconclusive, 0, why.message});
    }
}

Task<Result<>> Auditor::render(Seat seat) {
    const audit::Audit& audit = seat.audit;
    const KeptJob* kept = worker_.store().find(audit.job);
    if (!can_audit(*kept, audit.how, worker_.store())) {
        co_return fail(Code::kUnsupported, "its program is none that is known here: crops say nothing");
    }
    KeptJob job = *kept;
    Seat first = seat;
    Task<Result<>> rendering = render_as(std::move(first), std::move(job), true);
    Result<> done = co_await std::move(rendering);
    const bool arbiter = seat.mine().round == audit::Round::kArbiters;
    if (done && arbiter && audit.how == audit::How::kCrops) {
        KeptJob again = *kept;
        Task<Result<>> other = render_as(std::move(seat), std::move(again), false);
        done = co_await std::move(other);
    }
    co_return done;
}

// Crops always under the pinned profile, so that all auditors find the same bits; arbiters also as this machine's own
// class has them (T24).
Task<Result<>> Auditor::render_as(Seat seat, KeptJob job, bool pinned) {
    const audit::Audit& audit = seat.audit;
    const AttemptId id = audit_attempt(audit.job, audit.task, audit.attempt, pinned);
    const Result<std::optional<Outcome>> before = worker_.store().outcome(id);
    if (before && *before) {
        co_return Result<>{};
    }
    Redo how{until(seat, kAuditMargin_ms)};
    if (audit.how == audit::How::kCrops) {
        how.crops = crops_of(audit, job);
        how.profile = pinned ? "pinned" : "own";
        job.package.command = jobs::pinned(job.package.command);
        for (std::string& each : pinned ? jobs::class_env(jobs::kPinnedClass) : std::vector<std::string>{}) {
            job.package.env.push_back(std::move(each));
        }
    }
    Task<Result<Outcome>> doing = worker_.redo(id, std::move(job), std::move(how));
    const Result<Outcome> done = co_await std::move(doing);
    co_return done ? Result<>{} : std::unexpected{done.error()};
}

Task<> Auditor::tell_verdict(Seat seat, Judgement what) {
    const audit::Audit& audit = seat.audit;
    net::log(net::LogLevel::kInfo, "auditor",
             fmt::format("{}: {}{}{}", name_of(audit), audit::to_name(what.verdict), what.why.empty() ? "" : ": ",
                         what.why));
    const std::string self = crypto::to_bech32(core_.parts.ledger.operator_address());
    Message message = audit::MsgJudgeAudit{self, audit.job, audit.task, audit.attempt, what.verdict, what.wrong};
    co_await tell(std::move(message));
}

Task<> Auditor::show(Seat seat) {
    const audit::Audit& audit = seat.audit;
    const Result<Hash> answer = answer_of(audit);
    const Result<std::optional<Outcome>> own =
        worker_.store().outcome(audit_attempt(audit.job, audit.task, audit.attempt, true));
    if (!answer || !own || !*own) {
        net::log(net::LogLevel::kWarning, "auditor", name_of(audit) + ": what was found is gone, nothing can be shown");
        co_await core_.parts.clock.sleep(kAuditMargin_ms);
        co_return;
    }
    const std::string self = crypto::to_bech32(core_.parts.ledger.operator_address());
    Message message =
        audit::MsgShowAudit{self, audit.job, audit.task, audit.attempt, Bytes{view_of(*answer)}, (*own)->nonce};
    co_await tell(std::move(message));
}

Task<bool> Auditor::tell(Message message) {
    Task<Result<>> sending = core_.parts.ledger.send(std::move(message));
    const Result<> sent = co_await std::move(sending);
    if (!sent) {
        net::log(net::LogLevel::kDebug, "auditor", sent.error().message);
    }
    co_return sent.has_value();
}

std::uint64_t Auditor::until(const Seat& seat, std::uint64_t left_ms) const {
    const std::uint64_t now = core_.seen.status.now.value();
    const std::uint64_t due = seat.mine().due.value();
    const std::uint64_t gone = due > now ? due - now : 0;
    return core_.parts.clock.monotonic_ms() + (gone > left_ms ? gone - left_ms : gone / 2);
}

fs::path Auditor::scratch(const audit::Audit& audit, const std::string& name) const {
    return worker_.store().job_folder(audit.job) / fmt::format("audit-{}-{}-{}", audit.task, audit.attempt, name);
}

}  // namespace sublet::agent
