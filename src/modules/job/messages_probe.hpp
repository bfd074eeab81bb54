// messages_probe.hpp: what a job's tasks are worth: rates, probes, the quote and its money.
// Deterministic. Spec: docs/spec/jobs.md (probes), T18.
#pragma once

#include "ledger/message.hpp"
#include "modules/job/task.hpp"

namespace sublet::job {

using ledger::Block;
using ledger::FeeClass;
using ledger::Ledger;
using ledger::View;

// How fast this provider is; a later one takes the place of the same engine's. Errors: kBadField, kOutOfRange,
// kNotOperator, kProviderDown, kTooManyClaims (eight engines).
struct MsgPostRate {
    static constexpr std::string_view kTypeUrl = "/sublet.job.v1.MsgPostRate";
    static constexpr std::uint64_t kGas = 40'000;
    static constexpr FeeClass kFeeClass = FeeClass::kFreeForOperator;
    std::string operator_address;
    std::string engine;        // 1 to 32 of a–z, 0–9, - and .
    std::uint64_t rate = 0;    // mRWU a second on one core, 1..kMaxRate
    std::uint64_t height = 0;  // the block whose hash chose what was computed
    Bytes digest;              // 32 bytes: of what came out
    static constexpr auto fields() {
        using codec::field;
        return codec::list(field(1, "operator_address", &MsgPostRate::operator_address),
                           field(2, "engine", &MsgPostRate::engine), field(3, "rate", &MsgPostRate::rate),
                           field(4, "height", &MsgPostRate::height),
                           codec::raw_field(5, "digest", &MsgPostRate::digest));
    }
    [[nodiscard]] const std::string& signer() const { return operator_address; }
};
Result<> check_static(const MsgPostRate& message);
Result<> check_state(const MsgPostRate& message, const View& view, const Block& block);
void apply(const MsgPostRate& message, Ledger& ledger, const Block& block);

// A drawn provider knows the work, which nobody can see yet (T20). Errors: kBadField, kNotOperator, kJobUnknown,
// kWrongJobState, kNotDrawn (or it has committed).
struct MsgCommitProbe {
    static constexpr std::string_view kTypeUrl = "/sublet.job.v1.MsgCommitProbe";
    static constexpr std::uint64_t kGas = 40'000;
    static constexpr FeeClass kFeeClass = FeeClass::kFreeForOperator;
    std::string operator_address;
    JobId job;
    Bytes commitment;  // 32 bytes: probe_commitment()
    static constexpr auto fields() {
        using codec::field;
        return codec::list(field(1, "operator_address", &MsgCommitProbe::operator_address),
                           field(2, "job", &MsgCommitProbe::job),
                           codec::raw_field(3, "commitment", &MsgCommitProbe::commitment));
    }
    [[nodiscard]] const std::string& signer() const { return operator_address; }
};
Result<> check_static(const MsgCommitProbe& message);
Result<> check_state(const MsgCommitProbe& message, const View& view, const Block& block);
void apply(const MsgCommitProbe& message, Ledger& ledger, const Block& block);

// Shows the work once all that were drawn have committed. Errors: kBadField, kOutOfRange, kNotOperator, kJobUnknown,
// kWrongJobState, kNotDrawn, kTooEarly, kWrongResult.
struct MsgOpenProbe {
    static constexpr std::string_view kTypeUrl = "/sublet.job.v1.MsgOpenProbe";
    static constexpr std::uint64_t kGas = 60'000;
    static constexpr FeeClass kFeeClass = FeeClass::kFreeForOperator;
    std::string operator_address;
    JobId job;
    std::vector<std::uint64_t> work;  // mRWU of each probe task, 1..kMaxWork
    Bytes nonce;                      // 16 to 32 bytes
    static constexpr auto fields() {
        using codec::field;
        return codec::list(field(1, "operator_address", &MsgOpenProbe::operator_address),
                           field(2, "job", &MsgOpenProbe::job), field(3, "work", &MsgOpenProbe::work),
                           codec::raw_field(4, "nonce", &MsgOpenProbe::nonce));
    }
    [[nodiscard]] const std::string& signer() const { return operator_address; }
};
Result<> check_static(const MsgOpenProbe& message);
Result<> check_state(const MsgOpenProbe& message, const View& view, const Block& block);
void apply(const MsgOpenProbe& message, Ledger& ledger, const Block& block);

// The creator takes the quote: its tasks are given out. Errors: kJobUnknown, kNotJobOwner, kJobClosed, kWrongJobState,
// kOutOfRange, kInsufficientFunds.
struct MsgConfirmJob {
    static constexpr std::string_view kTypeUrl = "/sublet.job.v1.MsgConfirmJob";
    static constexpr std::uint64_t kGas = 50'000;
    static constexpr FeeClass kFeeClass = FeeClass::kPaid;
    std::string owner;
    JobId job;
    Amount budget;        // the dearest task's cap to all that the job may cost; zero: all
    Millis task_timeout;  // 10 s to 24 h; zero: as the job was made with
    static constexpr auto fields() {
        using codec::field;
        return codec::list(field(1, "owner", &MsgConfirmJob::owner), field(2, "job", &MsgConfirmJob::job),
                           field(3, "budget", &MsgConfirmJob::budget),
                           field(4, "task_timeout", &MsgConfirmJob::task_timeout));
    }
    [[nodiscard]] const std::string& signer() const { return owner; }
};
Result<> check_static(const MsgConfirmJob& message);
Result<> check_state(const MsgConfirmJob& message, const View& view, const Block& block);
void apply(const MsgConfirmJob& message, Ledger& ledger, const Block& block);

// More money for a job whose budget does not do. Errors: kJobUnknown, kNotJobOwner, kJobClosed, kWrongJobState,
// kOutOfRange (more than it lacks), kInsufficientFunds.
struct MsgFundJob {
    static constexpr std::string_view kTypeUrl = "/sublet.job.v1.MsgFundJob";
    static constexpr std::uint64_t kGas = 40'000;
    static constexpr FeeClass kFeeClass = FeeClass::kPaid;
    std::string owner;
    JobId job;
    Amount amount;  // at least 1
    static constexpr auto fields() {
        using codec::field;
        return codec::list(field(1, "owner", &MsgFundJob::owner), field(2, "job", &MsgFundJob::job),
                           field(3, "amount", &MsgFundJob::amount));
    }
    [[nodiscard]] const std::string& signer() const { return owner; }
};
Result<> check_static(const MsgFundJob& message);
Result<> check_state(const MsgFundJob& message, const View& view, const Block& block);
void apply(const MsgFundJob& message, Ledger& ledger, const Block& block);

}  // namespace sublet::job
