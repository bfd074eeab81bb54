// job_follow_audits.cpp: a creator's part in audits of its results: the next element, when one is waited for.
// Spec: docs/spec/audits.md (seeds).
#include "cli/job_audit.hpp"
#include "cli/job_follow.hpp"
#include "modules/audit/messages.hpp"

namespace sublet::cli {
namespace {

constexpr std::uint64_t kRevealEvery_ms = 1'000;
constexpr std::size_t kMaxLookedAt = 4;  // audits, each time: those of one moment wait for one element

}  // namespace

// Without it audits wait for ten minutes, and then for nobody.
net::Task<Result<>> JobFollower::reveal() {
    const std::uint64_t now_ms = context_.clock->monotonic_ms();
    if (!saved_.chain || audits_.waiting.empty() || now_ms - audits_.revealed_ms < kRevealEvery_ms) {
        co_return Result<>{};
    }
    audits_.revealed_ms = now_ms;
    bool waits = false;
    std::size_t asked = 0;
    for (const audit::AuditId& each : audits_.waiting) {
        if (waits || ++asked > kMaxLookedAt) {
            break;
        }
        const Result<std::optional<audit::Audit>> found = co_await chain_->audit(each);
        waits = found && *found && (*found)->stage == audit::Stage::kElement;
    }
    audits_.waiting.clear();
    if (!waits) {
        co_return Result<>{};
    }
    const Result<audit::Chain> chain = co_await chain_->chain_of(saved_.id);
    const std::optional<Hash> element = chain ? next_element(*saved_.chain, chain->tip) : std::nullopt;
    if (!element) {
        co_return Result<>{};  // used up, or no answer: the hash alone does after ten minutes
    }
    std::vector<client::TxMessage> messages{
        client::pack(audit::MsgRevealSeed{signer_->text(), saved_.id, Bytes{view_of(*element)}})};
    net::Task<Result<client::TxOutcome>> sending = chain_->submit(*signer_, std::move(messages));
    const Result<client::TxOutcome> sent = co_await std::move(sending);
    const bool harmless = !sent && (sent.error().code == Code::kTooEarly || sent.error().code == Code::kWrongElement ||
                                    sent.error().code == Code::kTimeout || sent.error().code == Code::kIo);
    co_return sent || harmless ? Result<>{} : std::unexpected{sent.error()};
}

net::Task<> JobFollower::consider_approving(job::Task task, Progress& progress) {
    const std::pair<std::uint32_t, std::uint32_t> which{task.index, task.attempt};
    if (count_.job.audit && !audits_.trusted.contains(which)) {
        const Result<std::optional<audit::Audit>> found = co_await chain_->audit({saved_.id, task.index, task.attempt});
        if (!found) {
            co_return;  // with the next look
        }
        const bool doubted = *found && std::ranges::any_of((*found)->seats, [](const audit::Seat& each) {
            return each.verdict == audit::Verdict::kFail || each.verdict == audit::Verdict::kUnserved;
        });
        if (doubted && audits_.doubtful.insert(which).second) {
            progress.note(
                fmt::format("task {}: an auditor says that it is wrong, and too few were there to rule: look at "
                            "it, then sublet job dispute or approve {} {}",
                            task.index, saved_.id.value(), task.index));
        }
        if (doubted) {
            co_return;
        }
        audits_.trusted.insert(which);
    }
    to_approve_.insert(task.index);
}

}  // namespace sublet::cli
