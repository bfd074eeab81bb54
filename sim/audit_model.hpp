// audit_model.hpp: an independent, naive prediction of every audit, stake and slash, from docs/spec/audits.md alone:
// words are kept as they were said and weighed anew each time, draws walk a plain list; nothing of the ledger's code is
// used.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <tuple>
#include <vector>

#include "money_model.hpp"

namespace sublet::sim {

using AuditName = std::tuple<std::uint64_t, std::uint32_t, std::uint32_t>;  // job, task, attempt

// In the order in which the ledger numbers them.
enum class AuditStep { kHash = 1, kElement, kSeats, kDice, kOver, kSettled };
enum class Word { kNone, kPass, kFail, kInconclusive, kUnserved, kUnstable };
enum class Found { kNothing, kNotDrawn, kPass, kFail, kUnserved, kUndecided, kTooFew, kUnstable, kNoMoney };

// Of the chain: docs/spec/audits.md does not fix them.
struct AuditRules {
    properties::Wide least_stake = 0;
    properties::Time unlock = 0, silence = 0;
    std::uint64_t again_permille = 0;
};

struct AuditTerms {
    std::string engine, tip;  // the tip raw; empty: no chain
    properties::Wide share_permille = 0, floor_permille = 0;
    bool unstable = false;
    // What an auditor of a task gets, and what is set aside for the tasks that so much is for (1, 2).
    [[nodiscard]] properties::Wide pay(properties::Wide cap) const;
    [[nodiscard]] properties::Wide fund(properties::Wide for_tasks) const;
};

struct ModelSeat {
    std::string who;
    int round = 1;                   // 1 looks first, 2 looks again, 3 is an arbiter
    std::string commitment, answer;  // raw; empty: not said
    Word word = Word::kNone;
    std::uint32_t wrong = 0;
    bool silent = false;
    std::optional<properties::Time> due;  // of a word that it owes
    properties::Wide paid = 0;
    [[nodiscard]] bool gone() const { return silent || word == Word::kInconclusive || word == Word::kUnserved; }
    [[nodiscard]] bool judged() const { return !gone() && word != Word::kNone; }
};

struct ModelAudit {
    std::string creator, worker, digest, seed;
    AuditTerms terms;  // as they were when it began
    properties::Wide pay = 0, collateral = 0, probability = 0;
    properties::Time task_timeout = 0;
    bool forced = false, disputed = false;
    AuditStep step = AuditStep::kHash;
    std::uint64_t since = 0;  // the block in which this step began
    std::optional<properties::Time> due;
    int round = 1;
    std::vector<ModelSeat> seats;
    Found found = Found::kNothing;
    properties::Time over_at = 0;
    properties::Wide made_good = 0;  // of what was slashed, for the job
};

struct ModelStanding {
    properties::Wide stake = 0, leaving = 0, exposure = 0, slashed = 0;
    std::optional<properties::Time> leaves_at, failed_at;
    std::vector<std::string> engines;
    std::uint64_t passes = 0, right = 0, wrong = 0, given = 0, silent = 0, outvoted = 0;
};

// What a message about audits asks for; `who` is an owner, of a provider or of the job. Bytes are raw.
struct AuditAct {
    enum class Kind { kStake, kUnstake, kReveal, kCommit, kJudge, kShow };
    Kind kind = Kind::kStake;
    std::string who;
    AuditName name;  // of a revealed element the job alone
    properties::Wide amount = 0;
    std::vector<std::string> engines;
    std::string element, commitment, answer, nonce;
    Word word = Word::kNone;
    std::uint32_t wrong = 0;
};

class AuditModel {
public:
    AuditModel(properties::Model& money, std::map<std::string, std::uint64_t>& marks) : money_(money), marks_(marks) {}
    AuditModel(const AuditModel&) = delete;
    AuditModel& operator=(const AuditModel&) = delete;

    AuditRules rules;
    std::map<AuditName, ModelAudit> audits;  // each that was begun and that the dice did not pass by
    std::map<std::string, ModelStanding> standings;
    std::vector<std::string> line;                                        // who may be drawn, in the ledger's order
    std::map<std::uint64_t, std::pair<std::string, std::string>> chains;  // of a job: its owner, the tip

    // What fell due by now. `before`: the app hash of the state before this block, raw.
    void begin_block(std::uint64_t height, std::string before);
    // The rule of docs/spec/audits.md that is against it, or "".
    [[nodiscard]] std::string against(const AuditAct& act) const;
    // Something that nothing is against.
    void apply(const AuditAct& act);
    // A result was shown, or is contested; `funded`: what is set aside does for an auditor.
    void begin(const AuditName& name, ModelAudit audit, bool funded);
    // One that is over and from which nothing has followed yet; the longest first.
    [[nodiscard]] std::optional<AuditName> next_over() const;
    void settle(const AuditName& name);

private:
    using Wide = properties::Wide;
    [[nodiscard]] const ModelSeat* seat_of(const AuditAct& act) const;
    [[nodiscard]] std::string against_word(const AuditAct& act) const;
    [[nodiscard]] std::string against_judgement(const AuditAct& act, const ModelSeat& seat) const;
    [[nodiscard]] Wide needed_stake(const ModelAudit& audit) const;
    [[nodiscard]] bool has_enough(const ModelAudit& audit, const std::string& who) const;
    [[nodiscard]] bool may_sit(const ModelAudit& audit, const std::string& who) const;
    [[nodiscard]] std::optional<std::string> drawn(const ModelAudit& audit) const;
    [[nodiscard]] Wide probability_of(const ModelAudit& audit, bool without_element) const;
    bool run_one_timer();
    void fall_due(const AuditName& name);
    void sow(const AuditName& name, const std::string& element);
    void go_on(const AuditName& name);
    void fill_seats(const AuditName& name);
    void roll_for_another_look(const AuditName& name);
    void finish(const AuditName& name, Found found);
    Wide take(const std::string& who, Wide amount);
    void set_stake(const std::string& who, Wide stake);

    properties::Model& money_;
    std::map<std::string, std::uint64_t>& marks_;
    std::uint64_t height_ = 0;
    std::string before_;
};

}  // namespace sublet::sim
