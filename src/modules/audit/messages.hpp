// messages.hpp: the messages of audits, and those of work stakes. Those of auditors are free, as those of workers are.
// Deterministic. Spec: docs/spec/audits.md.
#pragma once

#include "modules/audit/messages_stake.hpp"
#include "modules/audit/process.hpp"

namespace sublet::audit {

// The next element of a job's chain: what waits for it is seeded (T23). Errors: kBadField, kAuditUnknown (the job has
// no chain), kNotJobOwner, kWrongElement, kTooEarly (nothing waits).
struct MsgRevealSeed {
    static constexpr std::string_view kTypeUrl = "/sublet.audit.v1.MsgRevealSeed";
    static constexpr std::uint64_t kGas = 200'000;
    static constexpr FeeClass kFeeClass = FeeClass::kPaid;
    std::string owner;
    JobId job;
    Bytes element;  // 32 bytes
    static constexpr auto fields() {
        using codec::field;
        return codec::list(field(1, "owner", &MsgRevealSeed::owner), field(2, "job", &MsgRevealSeed::job),
                           codec::raw_field(3, "element", &MsgRevealSeed::element));
    }
    [[nodiscard]] const std::string& signer() const { return owner; }
};
Result<> check_static(const MsgRevealSeed& message);
Result<> check_state(const MsgRevealSeed& message, const View& view, const Block& block);
void apply(const MsgRevealSeed& message, Ledger& ledger, const Block& block);

// The auditor has found what the result should be, and has not seen it (T21). Errors: kBadField, kNotOperator,
// kAuditUnknown, kNotAuditor.
struct MsgCommitAudit {
    static constexpr std::string_view kTypeUrl = "/sublet.audit.v1.MsgCommitAudit";
    static constexpr std::uint64_t kGas = 40'000;
    static constexpr FeeClass kFeeClass = FeeClass::kFreeForOperator;
    std::string operator_address;
    JobId job;
    std::uint32_t task = 0;
    std::uint32_t attempt = 0;
    Bytes commitment;  // 32 bytes: answer_commitment()
    static constexpr auto fields() {
        using codec::field;
        return codec::list(field(1, "operator_address", &MsgCommitAudit::operator_address),
                           field(2, "job", &MsgCommitAudit::job), field(3, "task", &MsgCommitAudit::task),
                           field(4, "attempt", &MsgCommitAudit::attempt),
                           codec::raw_field(5, "commitment", &MsgCommitAudit::commitment));
    }
    [[nodiscard]] const std::string& signer() const { return operator_address; }
};
Result<> check_static(const MsgCommitAudit& message);
Result<> check_state(const MsgCommitAudit& message, const View& view, const Block& block);
void apply(const MsgCommitAudit& message, Ledger& ledger, const Block& block);

// What the auditor thinks of the result; inconclusive may be said before a commitment. Errors: kNotOperator,
// kOutOfRange (no verdict; `wrong` names a seat that was not before the arbiters), kAuditUnknown, kNotAuditor,
// kTooEarly (it has not committed).
struct MsgJudgeAudit {
    static constexpr std::string_view kTypeUrl = "/sublet.audit.v1.MsgJudgeAudit";
    static constexpr std::uint64_t kGas = 80'000;
    static constexpr FeeClass kFeeClass = FeeClass::kFreeForOperator;
    std::string operator_address;
    JobId job;
    std::uint32_t task = 0;
    std::uint32_t attempt = 0;
    Verdict verdict = Verdict::kNone;
    std::uint32_t wrong = 0;  // arbiters: a bit for each earlier seat whose pieces are wrong or not to be had
    static constexpr auto fields() {
        using codec::field;
        return codec::list(field(1, "operator_address", &MsgJudgeAudit::operator_address),
                           field(2, "job", &MsgJudgeAudit::job), field(3, "task", &MsgJudgeAudit::task),
                           field(4, "attempt", &MsgJudgeAudit::attempt), field(5, "verdict", &MsgJudgeAudit::verdict),
                           field(6, "wrong", &MsgJudgeAudit::wrong));
    }
    [[nodiscard]] const std::string& signer() const { return operator_address; }
};
Result<> check_static(const MsgJudgeAudit& message);
Result<> check_state(const MsgJudgeAudit& message, const View& view, const Block& block);
void apply(const MsgJudgeAudit& message, Ledger& ledger, const Block& block);

// What it was committed to; asked for where several have judged. Errors: kBadField, kNotOperator, kAuditUnknown,
// kNotAuditor, kTooEarly (it was not asked), kWrongResult.
struct MsgShowAudit {
    static constexpr std::string_view kTypeUrl = "/sublet.audit.v1.MsgShowAudit";
    static constexpr std::uint64_t kGas = 80'000;
    static constexpr FeeClass kFeeClass = FeeClass::kFreeForOperator;
    std::string operator_address;
    JobId job;
    std::uint32_t task = 0;
    std::uint32_t attempt = 0;
    Bytes answer;  // 32 bytes
    Bytes nonce;   // 16 to 32 bytes
    static constexpr auto fields() {
        using codec::field;
        return codec::list(
            field(1, "operator_address", &MsgShowAudit::operator_address), field(2, "job", &MsgShowAudit::job),
            field(3, "task", &MsgShowAudit::task), field(4, "attempt", &MsgShowAudit::attempt),
            codec::raw_field(5, "answer", &MsgShowAudit::answer), codec::raw_field(6, "nonce", &MsgShowAudit::nonce));
    }
    [[nodiscard]] const std::string& signer() const { return operator_address; }
};
Result<> check_static(const MsgShowAudit& message);
Result<> check_state(const MsgShowAudit& message, const View& view, const Block& block);
void apply(const MsgShowAudit& message, Ledger& ledger, const Block& block);

struct SeatAt {
    Audit audit;
    std::size_t seat = 0;  // its place in audit.seats
};
struct SeatOf {
    std::string_view operator_address;
    JobId job;
    std::uint32_t task = 0;
    std::uint32_t attempt = 0;
};
// The seat of this operator's provider that owes a word.
Result<SeatAt> require_seat(const View& view, const SeatOf& whose);

}  // namespace sublet::audit
