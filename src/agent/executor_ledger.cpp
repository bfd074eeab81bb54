// executor_ledger.cpp: does the steps of a plan that speak to the ledger or forget a lease.
#include "agent/executor.hpp"

namespace sublet::agent {

namespace {

// The ledger says that the lease is already past this step; reading it again is all there is to do.
bool already_past(Code code) {
    return code == Code::kLeaseNotAssigned || code == Code::kLeaseClosed || code == Code::kLeaseUnknown ||
           code == Code::kLeaseNotFunded;
}

}  // namespace

Task<Result<>> Executor::ready(LeaseId lease) {
    const std::string signer = crypto::to_bech32(core_.parts.ledger.operator_address());
    Message message = market::MsgLeaseReady{signer, lease};
    Task<Result<>> sending = core_.parts.ledger.send(std::move(message));
    const Result<> sent = co_await std::move(sending);
    core_.ledger_dirty = true;
    if (sent) {
        core_.note(lease, "ready", "every service runs; billing starts");
        co_return Result<>{};
    }
    if (already_past(sent.error().code)) {
        co_return Result<>{};
    }
    co_return sent;
}

Task<Result<>> Executor::end(Step step) {
    const std::string signer = crypto::to_bech32(core_.parts.ledger.operator_address());
    const std::string reason{market::to_name(step.reason)};
    Message message = market::MsgEndLease{signer, step.lease, step.reason};
    Task<Result<>> sending = core_.parts.ledger.send(std::move(message));
    const Result<> sent = co_await std::move(sending);
    core_.ledger_dirty = true;
    if (sent) {
        core_.note(step.lease, "end", "ended with reason " + reason + ": " + step.why);
        co_return Result<>{};
    }
    if (already_past(sent.error().code)) {
        co_return Result<>{};
    }
    co_return sent;
}

Task<Result<>> Executor::forget(LeaseId lease) {
    core_.workloads.erase(lease);
    CO_TRY_OK(core_.state->forget(lease, core_.parts.clock.unix_ms()));
    core_.note(lease, "removed", "containers, network and volumes are gone");
    co_return Result<>{};
}

}  // namespace sublet::agent
