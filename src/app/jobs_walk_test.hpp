// jobs_walk_test.hpp: for the random histories of jobs: dice, what auditors say, who gained and lost what.
// Deterministic. Spec: docs/spec/audits.md.
#pragma once

#include <charconv>
#include <map>
#include <variant>

#include "crypto/sha256.hpp"
#include "modules/audit/lists.hpp"
#include "modules/audit/messages.hpp"
#include "modules/job/messages.hpp"

namespace sublet::app {

struct Dice {
    std::uint64_t state;
    std::uint64_t operator()(std::uint64_t sides) {
        state = state * 6'364'136'223'846'793'005ULL + 1'442'695'040'888'963'407ULL;
        return (state >> 33U) % sides;
    }
};

// Four elements; the last is the tip.
inline std::vector<Hash> chain() {
    std::vector<Hash> out{crypto::sha256("chain")};
    while (out.size() < 4) {
        out.push_back(crypto::sha256(view_of(out.back())));
    }
    return out;
}

inline audit::Terms terms(Dice& dice, const std::vector<Hash>& chain) {
    audit::Terms out;
    out.how = dice(2) == 0 ? audit::How::kCrops : audit::How::kWhole;
    out.engine = "blender-3.4-cpu";
    out.share_permille = static_cast<std::uint32_t>(1 + dice(300));
    out.floor_permille = static_cast<std::uint32_t>(1 + dice(1'000));
    out.unstable = dice(8) == 0;
    out.tip = dice(2) == 0 ? Bytes{view_of(chain.back())} : Bytes{};
    return out;
}

using Word = std::variant<audit::MsgCommitAudit, audit::MsgJudgeAudit, audit::MsgShowAudit>;

inline audit::Verdict any_verdict(const audit::Audit& audit, Dice& dice) {
    if (dice(8) != 0) {  // mostly the same of all, by what the result is
        return audit.digest == Hash{} ? audit::Verdict::kPass : audit::Verdict::kFail;
    }
    constexpr audit::Verdict kAll[] = {audit::Verdict::kPass, audit::Verdict::kFail, audit::Verdict::kInconclusive,
                                       audit::Verdict::kUnserved, audit::Verdict::kUnstable};
    return kAll[dice(std::size(kAll))];
}

// What an auditor that owes a word says next; now and then what it may not.
inline Word next_word(const audit::Audit& audit, const Address& auditor, const std::string& agent, Dice& dice) {
    const auto seat = std::ranges::find_if(
        audit.seats, [&](const audit::Seat& each) { return each.auditor == auditor && audit::is_open(each); });
    const Bytes nonce(16, 'n');
    // An answer that most agree on; who sits at an odd place may have been lazy.
    const bool lazy = (audit.job.value() + audit.task) % 3 == 0 && seat == audit.seats.begin();
    const Hash answer{static_cast<std::uint8_t>(lazy ? 1 : 0)};
    switch (seat == audit.seats.end() ? audit::SeatState::kDrawn : seat->state) {
        case audit::SeatState::kDrawn:
            return audit::MsgCommitAudit{agent, audit.job, audit.task, audit.attempt,
                                         Bytes{view_of(audit::answer_commitment(answer, auditor, audit, nonce))}};
        case audit::SeatState::kCommitted: {
            const std::uint32_t wrong = audit.round == audit::Round::kArbiters && dice(16) != 0 ? 1U : 0U;
            return audit::MsgJudgeAudit{agent, audit.job, audit.task, audit.attempt, any_verdict(audit, dice), wrong};
        }
        default:
            return audit::MsgShowAudit{agent, audit.job, audit.task, audit.attempt, Bytes{view_of(answer)}, nonce};
    }
}

inline std::uint64_t number(const std::string& text) {
    std::uint64_t out = 0;
    std::from_chars(text.data(), text.data() + text.size(), out);
    return out;
}

// What anybody gains and loses, as the events tell it and nothing else.
struct Purse {
    std::map<std::uint8_t, std::uint64_t> gained, lost;

    template <class Account>
    void hear(const ledger::Event& event, const Account& account) {
        const auto at = [&](std::string_view key) -> std::string {
            for (const ledger::EventAttribute& each : event.attributes) {
                if (each.key == key) {
                    return each.value;
                }
            }
            return "";
        };
        const auto loses = [&](const char* who, const char* what) { lost[account(at(who))] += number(at(what)); };
        const auto gains = [&](const char* who, const char* what) { gained[account(at(who))] += number(at(what)); };
        const std::string_view fact = std::string_view{event.type}.substr(event.type.rfind('.') + 1);
        if (fact == "job_closed") {
            loses("owner", "paid");
        } else if (fact == "job_created" || fact == "job_confirmed") {
            loses("owner", "messages_fee");
        } else if (fact == "task_timed_out" || fact == "task_void") {
            loses("worker", "burnt");
        } else if (fact == "task_paid" || fact == "prober_paid") {
            gains("worker", "amount");
        } else if (fact == "auditor_paid") {
            gains("auditor", "amount");
        } else if (fact == "auditor_silent") {
            loses("auditor", "burnt");
        } else if (fact == "auditor_slashed") {
            loses("auditor", "amount");
        } else if (fact == "worker_slashed") {
            loses("worker", "amount");
        } else if (fact == "audit_over") {
            gains("creator", "from_loser");  // it comes to the job, and what the job pays is counted as its creator's
        }
    }
};

}  // namespace sublet::app
