// audit.hpp: whether a result is what was asked for, found by others who do it, or pieces of it, once more.
// Deterministic. Spec: docs/spec/audits.md, T21 to T25.
#pragma once

#include "modules/audit/seat.hpp"

namespace sublet::audit {

inline constexpr std::size_t kMaxSeats = 16;
inline constexpr std::size_t kMaxInconclusive = 3;  // then arbiters are drawn (T22)
inline constexpr std::size_t kMaxSilent = 6;        // then nobody knows
inline constexpr std::size_t kUnservedSeats = 2;    // that could not have the result: then it is void (T22)
inline constexpr std::size_t kArbiterSeats = 3;
// That could be drawn: three that look and three that rule. Fewer, and the creator looks himself (T21 says five, with
// whom no arbitration can be held).
inline constexpr std::size_t kMinAuditors = 6;
inline constexpr std::size_t kMaxSeatsInHand = 16;  // of an auditor, then it is not drawn
inline constexpr std::size_t kMaxEvidence = 8;      // places that a creator points at

enum class Stage : std::uint8_t {
    kSeed = 1,       // for the app hash two blocks after the result was shown
    kElement = 2,    // for the creator's next element
    kSeats = 3,      // auditors work
    kLookAgain = 4,  // it passed; whether another looks is drawn two blocks later
    kOver = 5,       // for the job to take it
    kSettled = 6,
};
bool valid(Stage stage);
std::string_view to_name(Stage stage);

enum class Outcome : std::uint8_t {
    kNone = 0,
    kNotDrawn = 1,
    kPass = 2,
    kFail = 3,       // after arbiters said so: stakes are lost
    kUnserved = 4,   // void: somebody else does the task
    kUndecided = 5,  // nobody knows: its creator looks
    kTooFew = 6,     // the same: fewer than six could be drawn
    kUnstable = 7,   // machines disagree: nobody is punished
    kNoMoney = 8,    // what was set aside for audits is used up
};
bool valid(Outcome outcome);
std::string_view to_name(Outcome outcome);

// The result that is audited: each attempt of a task has a record of its own, so that what became of a void one stays.
struct AuditId {
    JobId job;
    std::uint32_t task = 0;
    std::uint32_t attempt = 0;
    friend auto operator<=>(const AuditId&, const AuditId&) = default;
};

struct Audit {
    std::uint32_t version = 1;
    JobId job;
    std::uint32_t task = 0;
    std::uint32_t attempt = 0;
    Address creator;
    Address worker;
    How how = How::kCrops;
    std::string engine;
    Amount pay;           // of an auditor
    Millis task_timeout;  // an auditor has so long, and audit_silence_ms
    Hash digest{};        // of the result
    Amount collateral;    // what the claim staked
    std::uint32_t floor_permille = 0;
    bool forced = false;                  // drawn whatever the dice say
    bool unstable = false;                // its job is known to be: nobody is punished
    bool disputed = false;                // its creator asked for arbiters
    std::vector<std::uint32_t> evidence;  // x, y in pixels of the places that he points at

    Stage stage = Stage::kSeed;
    Height since;    // the block in which this stage began
    LedgerTime due;  // of the next step; zero: none
    Hash seed{};     // of the crops; while it waits for an element: the app hash
    std::uint32_t probability_permille = 0;
    Round round = Round::kFirst;
    std::vector<Seat> seats;
    Outcome outcome = Outcome::kNone;
    LedgerTime over_at;
    Amount from_loser;  // of what was slashed, to make up for what auditors cost

    static constexpr auto fields() {
        using codec::field;
        return codec::list(
            field(1, "version", &Audit::version), field(2, "job", &Audit::job), field(3, "task", &Audit::task),
            field(4, "attempt", &Audit::attempt), field(5, "creator", &Audit::creator),
            field(6, "worker", &Audit::worker), field(7, "how", &Audit::how), field(8, "engine", &Audit::engine),
            field(9, "pay", &Audit::pay), field(10, "task_timeout", &Audit::task_timeout),
            field(11, "digest", &Audit::digest), field(12, "collateral", &Audit::collateral),
            field(13, "floor_permille", &Audit::floor_permille), field(14, "forced", &Audit::forced),
            field(15, "unstable", &Audit::unstable), field(16, "disputed", &Audit::disputed),
            field(17, "evidence", &Audit::evidence), field(18, "stage", &Audit::stage),
            field(19, "since", &Audit::since), field(20, "due", &Audit::due), field(21, "seed", &Audit::seed),
            field(22, "probability_permille", &Audit::probability_permille), field(23, "round", &Audit::round),
            field(24, "seats", &Audit::seats), field(25, "outcome", &Audit::outcome),
            field(26, "over_at", &Audit::over_at), field(27, "from_loser", &Audit::from_loser));
    }
};

Bytes audit_prefix();
Bytes audit_key(const AuditId& id);
inline AuditId id_of(const Audit& audit) { return {audit.job, audit.task, audit.attempt}; }
std::optional<Audit> find_audit(const ledger::View& view, const AuditId& id);
void save(ledger::Ledger& ledger, const Audit& audit);
void erase(ledger::Ledger& ledger, const Audit& audit);
ledger::IndexEntries index_entries(const Audit& audit);

// What an auditor commits to, so that nobody can take it for its own.
Hash answer_commitment(const Hash& answer, const Address& auditor, const Audit& audit, BytesView nonce);

}  // namespace sublet::audit
