// messages_worker.hpp: the messages of who computes; all are free while the job has messages paid for, then within the
// operator's quota.
// Deterministic. Spec: docs/spec/jobs.md.
#pragma once

#include "ledger/message.hpp"
#include "modules/job/task.hpp"

namespace sublet::job {

using ledger::Block;
using ledger::FeeClass;
using ledger::Ledger;
using ledger::View;

// Asks for a task of this job; the ledger picks it (T19) and the event task_claimed tells which. Errors: kNotOperator,
// kProviderDown, kJobUnknown, kJobClosed, kWrongJobState (paused), kBarred, kTooManyClaims, kNoTask,
// kInsufficientFunds (the owner's stake).
struct MsgClaimTask {
    static constexpr std::string_view kTypeUrl = "/sublet.job.v1.MsgClaimTask";
    static constexpr std::uint64_t kGas = 50'000;
    static constexpr FeeClass kFeeClass = FeeClass::kFreeForOperator;
    std::string operator_address;
    JobId job;
    bool ready = false;  // the worker has what it needs: the time for the task begins, as by MsgStartTask
    static constexpr auto fields() {
        using codec::field;
        return codec::list(field(1, "operator_address", &MsgClaimTask::operator_address),
                           field(2, "job", &MsgClaimTask::job), field(3, "ready", &MsgClaimTask::ready));
    }
    [[nodiscard]] const std::string& signer() const { return operator_address; }
};
Result<> check_static(const MsgClaimTask& message);
Result<> check_state(const MsgClaimTask& message, const View& view, const Block& block);
void apply(const MsgClaimTask& message, Ledger& ledger, const Block& block);

// The worker has what it needs: the time for the task begins (T19). Errors: kNotOperator, kJobUnknown,
// kTaskUnknown, kWrongAttempt, kWrongTaskState.
struct MsgStartTask {
    static constexpr std::string_view kTypeUrl = "/sublet.job.v1.MsgStartTask";
    static constexpr std::uint64_t kGas = 40'000;
    static constexpr FeeClass kFeeClass = FeeClass::kFreeForOperator;
    std::string operator_address;
    JobId job;
    std::uint32_t task = 0;
    std::uint32_t attempt = 0;  // as task_claimed told it
    static constexpr auto fields() {
        using codec::field;
        return codec::list(field(1, "operator_address", &MsgStartTask::operator_address),
                           field(2, "job", &MsgStartTask::job), field(3, "task", &MsgStartTask::task),
                           field(4, "attempt", &MsgStartTask::attempt));
    }
    [[nodiscard]] const std::string& signer() const { return operator_address; }
};
Result<> check_static(const MsgStartTask& message);
Result<> check_state(const MsgStartTask& message, const View& view, const Block& block);
void apply(const MsgStartTask& message, Ledger& ledger, const Block& block);

// It does not work out: the stake comes back, the owner has had its try. Errors: kNotOperator, kJobUnknown,
// kTaskUnknown, kWrongAttempt, kWrongTaskState, kTooEarly (too_long, and it is not so long yet).
struct MsgFailTask {
    static constexpr std::string_view kTypeUrl = "/sublet.job.v1.MsgFailTask";
    static constexpr std::uint64_t kGas = 40'000;
    static constexpr FeeClass kFeeClass = FeeClass::kFreeForOperator;
    std::string operator_address;
    JobId job;
    std::uint32_t task = 0;
    std::uint32_t attempt = 0;    // as task_claimed told it
    std::uint32_t exit_code = 0;  // of the program; 0: it never ran
    bool too_long = false;        // it has taken 1.5 times what was predicted: no try is counted (T18)
    static constexpr auto fields() {
        using codec::field;
        return codec::list(field(1, "operator_address", &MsgFailTask::operator_address),
                           field(2, "job", &MsgFailTask::job), field(3, "task", &MsgFailTask::task),
                           field(4, "attempt", &MsgFailTask::attempt), field(5, "exit_code", &MsgFailTask::exit_code),
                           field(6, "too_long", &MsgFailTask::too_long));
    }
    [[nodiscard]] const std::string& signer() const { return operator_address; }
};
Result<> check_static(const MsgFailTask& message);
Result<> check_state(const MsgFailTask& message, const View& view, const Block& block);
void apply(const MsgFailTask& message, Ledger& ledger, const Block& block);

// There is a result, which nobody can see yet (T20): the stake comes back. Errors: kNotOperator, kJobUnknown,
// kTaskUnknown, kWrongAttempt, kWrongTaskState, kBadField.
struct MsgCommitTask {
    static constexpr std::string_view kTypeUrl = "/sublet.job.v1.MsgCommitTask";
    static constexpr std::uint64_t kGas = 40'000;
    static constexpr FeeClass kFeeClass = FeeClass::kFreeForOperator;
    std::string operator_address;
    JobId job;
    std::uint32_t task = 0;
    std::uint32_t attempt = 0;  // as task_claimed told it
    Bytes commitment;           // 32 bytes: commitment_of()
    static constexpr auto fields() {
        using codec::field;
        return codec::list(field(1, "operator_address", &MsgCommitTask::operator_address),
                           field(2, "job", &MsgCommitTask::job), field(3, "task", &MsgCommitTask::task),
                           field(4, "attempt", &MsgCommitTask::attempt),
                           codec::raw_field(5, "commitment", &MsgCommitTask::commitment));
    }
    [[nodiscard]] const std::string& signer() const { return operator_address; }
};
Result<> check_static(const MsgCommitTask& message);
Result<> check_state(const MsgCommitTask& message, const View& view, const Block& block);
void apply(const MsgCommitTask& message, Ledger& ledger, const Block& block);

// Shows the result: the creator's window begins. Errors: kNotOperator, kJobUnknown,
// kTaskUnknown, kWrongAttempt, kWrongTaskState, kWrongResult, kBadField.
struct MsgOpenTask {
    static constexpr std::string_view kTypeUrl = "/sublet.job.v1.MsgOpenTask";
    static constexpr std::uint64_t kGas = 50'000;
    static constexpr FeeClass kFeeClass = FeeClass::kFreeForOperator;
    std::string operator_address;
    JobId job;
    std::uint32_t task = 0;
    std::uint32_t attempt = 0;  // as task_claimed told it
    Bytes digest;               // 32 bytes
    Bytes nonce;                // 16 to 32 bytes
    static constexpr auto fields() {
        using codec::field;
        return codec::list(
            field(1, "operator_address", &MsgOpenTask::operator_address), field(2, "job", &MsgOpenTask::job),
            field(3, "task", &MsgOpenTask::task), field(4, "attempt", &MsgOpenTask::attempt),
            codec::raw_field(5, "digest", &MsgOpenTask::digest), codec::raw_field(6, "nonce", &MsgOpenTask::nonce));
    }
    [[nodiscard]] const std::string& signer() const { return operator_address; }
};
Result<> check_static(const MsgOpenTask& message);
Result<> check_state(const MsgOpenTask& message, const View& view, const Block& block);
void apply(const MsgOpenTask& message, Ledger& ledger, const Block& block);

}  // namespace sublet::job
