// stakers.cpp: stakes that come and go, and what each kind of owner says of another's result.
#include "stakers.hpp"

#include <algorithm>

#include "crypto/sha256.hpp"
#include "net/quiet.hpp"

namespace sublet::sim {

using audit::SeatState;
using audit::Verdict;
using net::Task;

namespace {

constexpr std::uint64_t kStakers = 9;
constexpr std::uint64_t kMostCheatsPercent = 60;
constexpr std::uint64_t kStakeEveryMs = 25'000;
constexpr std::uint64_t kRecord = 5;  // passes, after which not every result is audited
constexpr std::size_t kAuditNonceBytes = 32;

std::string task_name(JobId job, std::uint32_t task) {
    return "task " + std::to_string(task) + " of job " + std::to_string(job.value());
}

// What cheats who know each other all give.
Hash common_result(JobId job, std::uint32_t task) {
    return crypto::sha256("what friends say of " + task_name(job, task));
}

Hash pieces_of(const Hash& result, const audit::Audit& audit) {
    return crypto::sha256("pieces of " + to_hex(view_of(result)) + " by " + to_hex(view_of(audit.seed)));
}

}  // namespace

std::uint64_t drawn_stakers(std::uint64_t seed) { return Dice{seed}.fork("stakers").chance(220) ? kStakers : 0; }

std::uint64_t drawn_cheats_percent(std::uint64_t seed) {
    return Dice{seed}.fork("cheats").between(0, kMostCheatsPercent);
}

// The first so many of a hundred cheat; most worlds know one way to do it.
Staker::Staker(World& world, std::size_t number)
    : Worker(world, "staker-" + std::to_string(number), number), way_(Way::kHonest) {
    if (number * 100 < world.stakers() * world.cheats_percent()) {
        const std::uint64_t common = world.dice().fork("way to cheat").between(1, 6);
        const std::uint64_t own = world.dice().fork("way of " + name_).between(1, 5);
        way_ = static_cast<Way>(common == 6 ? own : common);
        world.mark("a staker cheats");
    }
}

std::optional<Hash> Staker::cheap_result(const job::Task& task) const {
    const std::string what = name_ + " cheats in " + task_name(task.job, task.index);
    const bool mostly = world_.dice().fork(what).chance(700);
    const bool cheats =
        way_ == Way::kLate ? passes_ >= kRecord : mostly && (way_ == Way::kCheap || way_ == Way::kTogether);
    if (!cheats) {
        return std::nullopt;
    }
    return way_ == Way::kTogether ? common_result(task.job, task.index) : crypto::sha256(what);
}

Task<> Staker::besides() {
    co_await see_to_stake();
    const Result<std::vector<audit::Audit>> audits = co_await chain_->audits_in_hand(owner_->address());
    for (std::size_t i = 0; audits && i < audits->size(); ++i) {
        Task<> speaking = speak((*audits)[i]);
        co_await std::move(speaking);
        if (dice_.chance(30)) {
            Task<> trying = say_what_is_forbidden((*audits)[i]);
            co_await std::move(trying);
        }
    }
}

// ───── stakes ─────

Task<> Staker::see_to_stake() {
    const std::uint64_t now_ms = world_.time().now_ms();
    if (now_ms < stake_at_ms_) {
        co_return;
    }
    stake_at_ms_ = now_ms + kStakeEveryMs;
    const Result<audit::Standing> standing = co_await chain_->standing(owner_->address());
    if (!standing) {
        co_return;
    }
    passes_ = standing->passes;
    if (standing->stake.is_zero()) {
        const bool elsewhere = dice_.chance(60);
        const audit::MsgStakeWork message{owner_->text(), Amount{dice_.between(10'000, 60'000)},
                                          elsewhere ? std::vector<std::string>{"blender-3.4-cpu"}
                                                    : std::vector<std::string>{"batch", "blender-3.4-cpu"}};
        Task<Result<client::TxOutcome>> saying = say(*owner_, message);
        world_.mark(co_await std::move(saying) ? "a staker staked" : "a stake was refused");
    } else if (dice_.chance(40)) {
        const std::uint64_t all = standing->stake.value();
        const Amount amount{dice_.chance(300) ? all : dice_.between(1, all)};
        Task<Result<client::TxOutcome>> saying = say(*owner_, audit::MsgUnstakeWork{owner_->text(), amount});
        const bool done = (co_await std::move(saying)).has_value();
        world_.mark(done ? "a staker took stake out" : "a staker was refused what must stay");
    }
}

// ───── audits ─────

// Drawn by the audit's name, not from its own dice: the same whenever it is asked.
Dice Staker::dice_of(const audit::Audit& audit, const std::string& what) const {
    return world_.dice().fork(what + " in " + task_name(audit.job, audit.task) + " " + std::to_string(audit.attempt));
}

// An honest owner's machine is as others are, unless machines disagree about the task.
void Staker::look(const audit::Audit& audit, const audit::Seat& seat, Plan& plan) {
    const Hash right = result_of(audit.job, audit.task);
    const bool disagree = world_.dice().fork("machines disagree about " + task_name(audit.job, audit.task)).chance(60);
    plan.answer = pieces_of(right, audit);
    plan.verdict = audit.digest == right ? Verdict::kPass : Verdict::kFail;
    if (disagree && seat.round == audit::Round::kArbiters) {
        plan.verdict = Verdict::kUnstable;
    } else if (disagree) {
        plan.answer = crypto::sha256(name_ + to_hex(view_of(plan.answer)));
        plan.verdict = Verdict::kFail;
    }
}

Staker::Plan& Staker::plan_for(const audit::Audit& audit, const audit::Seat& seat) {
    const auto [found, is_new] = plans_.try_emplace(audit.seed);
    Plan& plan = found->second;
    if (!is_new) {
        return plan;
    }
    Dice mine = dice_of(audit, name_);
    plan.nonce = process_->random.bytes(kAuditNonceBytes);
    plan.from_ms = world_.time().now_ms() + mine.between(0, 8'000);
    look(audit, seat, plan);
    const Hash common = common_result(audit.job, audit.task);
    if (way_ == Way::kCheap || way_ == Way::kLazy) {
        plan.answer = crypto::sha256(name_ + " did not look");
        plan.verdict = Verdict::kPass;
    } else if (way_ == Way::kTogether) {
        plan.answer = pieces_of(common, audit);
        plan.verdict = audit.digest == common ? Verdict::kPass : Verdict::kFail;
    } else if (way_ == Way::kLiar) {
        plan.verdict = plan.verdict == Verdict::kPass ? Verdict::kFail : Verdict::kPass;
    } else if (dice_of(audit, "its worker does not serve").chance(90)) {
        plan.verdict = Verdict::kUnserved;
    } else if (mine.chance(30) || dice_of(audit, "nobody can tell").chance(25)) {
        plan.verdict = Verdict::kInconclusive;
        plan.before_commit = mine.chance(500);
    }
    if (mine.chance(30) && !world_.closing()) {
        plan.silent_in = static_cast<SeatState>(mine.between(1, 3));
    }
    return plan;
}

// Who answered otherwise, as an arbiter sees it; where machines disagree nobody can say.
std::uint32_t Staker::wrong_ones(const audit::Audit& audit, const Plan& plan) const {
    std::uint32_t out = 0;
    for (std::size_t i = 0; i < audit.seats.size() && plan.verdict != Verdict::kUnstable; ++i) {
        const audit::Seat& each = audit.seats[i];
        const bool differs = each.state == SeatState::kShown && each.answer != plan.answer;
        out |= each.round != audit::Round::kArbiters && differs ? 1U << i : 0U;
    }
    return out;
}

Task<> Staker::speak(audit::Audit audit) {
    const auto seat = std::ranges::find(audit.seats, owner_->address(), &audit::Seat::auditor);
    if (seat == audit.seats.end()) {
        co_return;
    }
    const Plan& plan = plan_for(audit, *seat);
    if (world_.time().now_ms() < plan.from_ms || (seat->state == plan.silent_in && !world_.closing())) {
        co_return;
    }
    const std::string who = operator_->text();
    std::vector<client::TxMessage> messages;
    if (seat->state == SeatState::kJudged) {
        messages.push_back(client::pack(
            audit::MsgShowAudit{who, audit.job, audit.task, audit.attempt, Bytes{view_of(plan.answer)}, plan.nonce}));
    } else if (seat->state == SeatState::kDrawn && !plan.before_commit) {
        const Hash bound = audit::answer_commitment(plan.answer, owner_->address(), audit, plan.nonce);
        messages.push_back(
            client::pack(audit::MsgCommitAudit{who, audit.job, audit.task, audit.attempt, Bytes{view_of(bound)}}));
    } else {
        const std::uint32_t wrong = seat->round == audit::Round::kArbiters ? wrong_ones(audit, plan) : 0;
        messages.push_back(
            client::pack(audit::MsgJudgeAudit{who, audit.job, audit.task, audit.attempt, plan.verdict, wrong}));
    }
    Task<Result<client::TxOutcome>> saying = say_all(*operator_, std::move(messages));
    world_.mark(co_await std::move(saying) ? "an auditor spoke" : "an auditor's word was refused");
}

// To show what it is not bound to, to judge twice, to commit twice.
Task<> Staker::say_what_is_forbidden(audit::Audit audit) {
    const std::string who = operator_->text();
    const client::TxMessage kinds[] = {
        client::pack(audit::MsgShowAudit{who, audit.job, audit.task, audit.attempt, Bytes(32, 'x'), Bytes(16, 'y')}),
        client::pack(audit::MsgJudgeAudit{who, audit.job, audit.task, audit.attempt, Verdict::kPass, 1U << 31U}),
        client::pack(audit::MsgCommitAudit{who, audit.job, audit.task, audit.attempt + 1, Bytes(32, 'x')}),
    };
    std::vector<client::TxMessage> messages{kinds[dice_.between(0, 2)]};
    Task<Result<client::TxOutcome>> saying = say_all(*operator_, std::move(messages));
    world_.mark(co_await std::move(saying) ? "BROKEN: an auditor said what it may not say"
                                           : "an auditor was refused what it may not say");
}

}  // namespace sublet::sim
