// msg_commit_probe.cpp: a drawn provider has found how much work a job's probe tasks are.
// Deterministic. Spec: docs/spec/jobs.md (probes), T20.
#include <algorithm>

#include "base/assert.hpp"
#include "modules/job/life.hpp"
#include "modules/job/messages.hpp"

namespace sublet::job {

Result<> check_static(const MsgCommitProbe& message) {
    TRY(operator_address, account::parse(message.operator_address, "operator_address"));
    (void)operator_address;
    if (message.commitment.size() != 32 || *fixed_from<32>(message.commitment) == Hash{}) {
        return fail(Code::kBadField, "commitment has 32 bytes, not all of them zero");
    }
    return {};
}

Result<> check_state(const MsgCommitProbe& message, const View& view, const Block& /*block*/) {
    TRY(drawn, require_probe(view, message.operator_address, message.job));
    if (drawn.probe.commitment != Hash{}) {
        return fail(Code::kNotDrawn, "this provider has committed to its probe of job " +
                                         std::to_string(message.job.value()) + " already");
    }
    return {};
}

void apply(const MsgCommitProbe& message, Ledger& ledger, const Block& /*block*/) {
    Result<Drawn> found = require_probe(ledger, message.operator_address, message.job);
    SUBLET_ASSERT(found.has_value());
    Job job = std::move(found->job);
    Probe& mine = *std::ranges::find(job.probes, found->probe.worker, &Probe::worker);
    mine.commitment = *fixed_from<32>(message.commitment);
    ledger::Event event = job_event("probe_committed", job);
    event.attributes.push_back({"worker", crypto::to_bech32(mine.worker)});
    ledger.emit(std::move(event));
    save(ledger, job);
}

}  // namespace sublet::job
