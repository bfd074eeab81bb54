// msg_open_probe.cpp: what a drawn provider found is shown.
// Deterministic. Spec: docs/spec/jobs.md (probes).
#include <algorithm>

#include "base/assert.hpp"
#include "modules/job/life.hpp"
#include "modules/job/messages.hpp"

namespace sublet::job {

Result<> check_static(const MsgOpenProbe& message) {
    TRY(operator_address, account::parse(message.operator_address, "operator_address"));
    (void)operator_address;
    if (message.nonce.size() < 16 || message.nonce.size() > 32) {
        return fail(Code::kBadField, "nonce has 16 to 32 bytes");
    }
    const bool fits =
        std::ranges::all_of(message.work, [](std::uint64_t each) { return each >= 1 && each <= kMaxWork; });
    if (message.work.empty() || message.work.size() > kMaxProbeTasks || !fits) {
        return fail(Code::kOutOfRange, "work: 1 to 8 numbers, each 1 to 10^12 mRWU");
    }
    return {};
}

Result<> check_state(const MsgOpenProbe& message, const View& view, const Block& /*block*/) {
    TRY(drawn, require_probe(view, message.operator_address, message.job));
    if (!all_committed(drawn.job)) {
        return fail(Code::kTooEarly, "another prober of job " + std::to_string(message.job.value()) +
                                         " has not committed: it could copy this one");
    }
    if (message.work.size() != drawn.job.probe_tasks.size()) {
        return fail(Code::kOutOfRange,
                    "work: one number for each of " + std::to_string(drawn.job.probe_tasks.size()) + " probe tasks");
    }
    if (probe_commitment(drawn.probe.worker, message.job, message.work, message.nonce) != drawn.probe.commitment) {
        return fail(Code::kWrongResult, "work and nonce are not what this provider committed to");
    }
    return {};
}

void apply(const MsgOpenProbe& message, Ledger& ledger, const Block& block) {
    Result<Drawn> found = require_probe(ledger, message.operator_address, message.job);
    SUBLET_ASSERT(found.has_value());
    Job job = std::move(found->job);
    Probe& mine = *std::ranges::find(job.probes, found->probe.worker, &Probe::worker);
    mine.work = message.work;
    ledger::Event event = job_event("probe_shown", job);
    event.attributes.push_back({"worker", crypto::to_bech32(mine.worker)});
    ledger.emit(std::move(event));
    go_on_probing(ledger, std::move(job), block);
}

}  // namespace sublet::job
