// audit_model_against.cpp: what the rules of docs/spec/audits.md forbid, with the rule's number.
#include <algorithm>

#include "audit_model.hpp"
#include "base/bytes.hpp"
#include "crypto/sha256.hpp"

namespace sublet::sim {
namespace {

// Rule 9. Addresses are hex here.
std::string answer_promise(const AuditAct& act) {
    const auto& [job, task, attempt] = act.name;
    Bytes all = act.answer + *from_hex(act.who);
    append_be64(all, job);
    append_be32(all, task);
    append_be32(all, attempt);
    return Bytes{view_of(crypto::sha256(all + act.nonce))};
}

}  // namespace

std::string AuditModel::against(const AuditAct& act) const {
    using Kind = AuditAct::Kind;
    const auto known = standings.find(act.who);
    const ModelStanding owner = known == standings.end() ? ModelStanding{} : known->second;
    switch (act.kind) {
        case Kind::kStake: {
            const auto purse = money_.balances.find(act.who);
            if (!money_.providers.contains(act.who) || owner.stake + act.amount < rules.least_stake) {
                return "only a provider's owner stakes, and not less than the least (3)";
            }
            return purse != money_.balances.end() && purse->second >= act.amount ? "" : "there is not the money (3)";
        }
        case Kind::kUnstake: {
            const Wide rest = owner.stake - act.amount;
            return rest == 0 || rest >= rules.least_stake ? "" : "so much is not at stake, or too little stays (3)";
        }
        case Kind::kReveal: {
            const auto chain = chains.find(std::get<0>(act.name));
            if (chain == chains.end() || chain->second.first != act.who) {
                return "the job has no chain of seeds, or is another's (5)";
            }
            const bool waits = std::ranges::any_of(audits, [&](const auto& each) {
                return std::get<0>(each.first) == std::get<0>(act.name) && each.second.step == AuditStep::kElement;
            });
            const bool next = Bytes{view_of(crypto::sha256(act.element))} == chain->second.second;
            return waits && next ? "" : "nothing waits for it, or it is not the next element (5)";
        }
        default:
            return against_word(act);
    }
}

// The seat that owes a word.
const ModelSeat* AuditModel::seat_of(const AuditAct& act) const {
    const auto audit = audits.find(act.name);
    if (audit == audits.end()) {
        return nullptr;
    }
    const auto seat = std::ranges::find(audit->second.seats, act.who, &ModelSeat::who);
    return seat != audit->second.seats.end() && seat->due ? &*seat : nullptr;
}

std::string AuditModel::against_word(const AuditAct& act) const {
    const ModelSeat* seat = seat_of(act);
    if (seat == nullptr) {
        return "nobody asked this auditor (8)";
    }
    if (act.kind == AuditAct::Kind::kCommit) {
        return seat->commitment.empty() ? "" : "it has committed (9)";
    }
    if (act.kind == AuditAct::Kind::kJudge) {
        return against_judgement(act, *seat);
    }
    const bool asked = seat->judged() && seat->answer.empty();
    return asked && answer_promise(act) == seat->commitment ? ""
                                                            : "it was not asked, or is bound to another answer (9, 12)";
}

std::string AuditModel::against_judgement(const AuditAct& act, const ModelSeat& seat) const {
    if (seat.word != Word::kNone) {
        return "it has judged (9)";
    }
    if (seat.commitment.empty() && act.word != Word::kInconclusive) {
        return "it has not committed to what it found (9)";
    }
    if (act.word == Word::kUnstable && seat.round != 3) {
        return "arbiters alone find that machines disagree (13)";
    }
    const std::vector<ModelSeat>& seats = audits.at(act.name).seats;
    for (std::size_t i = 0; i < 32; ++i) {
        const bool earlier = i < seats.size() && seats[i].round != 3;
        if ((act.wrong >> i & 1U) != 0 && (seat.round != 3 || !earlier)) {
            return "arbiters alone name seats, those before them (13)";
        }
    }
    return "";
}

}  // namespace sublet::sim
