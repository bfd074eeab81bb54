// cheat_market.cpp: owners who work, audit and rule, each by its own idea of what pays.
#include "cheat_market.hpp"

#include <algorithm>
#include <map>
#include <set>

#include "app/rebuild.hpp"
#include "crypto/sha256.hpp"
#include "modules/audit/lists.hpp"
#include "modules/audit/messages.hpp"
#include "modules/job/life.hpp"
#include "modules/job/lists.hpp"
#include "modules/job/messages.hpp"
#include "modules/provider/messages.hpp"

namespace sublet::sim {
namespace {

constexpr std::uint64_t kBlock_ms = 1'000;
constexpr std::uint64_t kMoney = 1'000'000'000;
constexpr std::uint32_t kMaxBlocks = 40'000;
constexpr std::uint64_t kLateAfter = 10;    // passes
constexpr std::uint64_t kCheckEvery = 200;  // blocks
constexpr const char* kEngine = "blender-3.4-cpu";

struct Owner {
    Address address, agent;
    bool cheat = false;
    bool gone = false;  // found, and not back
    std::uint64_t cost = 0, claims = 0;
    std::uint64_t staked = 0;
    std::optional<job::Task> hand;
};

class Market {
public:
    explicit Market(const CheatMarket& market) : market_(market) {
        block_.height = Height{1};
        block_.now = LedgerTime{1'000};
        block_.chain_id = "cheats";
        block_.params.min_work_stake = Amount{1};
        block_.params.object_bond = Amount{1};
        block_.params.gas_price_nano = 0;
        ledger::save(ledger_, ledger::params_key(), block_.params);
        creator_ = account(kMoney * 10);
        for (std::uint32_t i = 0; i < market.owners; ++i) {
            enter(std::uint64_t{i} * 100 < std::uint64_t{market.owners} * market.cheats_percent);
        }
        begin_job();
    }

    CheatOutcome run() {
        for (std::uint32_t i = 0; i < kMaxBlocks && !over(); ++i) {
            next_block();
            for (std::size_t each = 0; each < owners_.size(); ++each) {  // who is found may come back while it goes on
                audit(each);
                work(each);
            }
            approve();
            if (i % kCheckEvery == 0) {
                check();
            }
        }
        check();
        return sum_up();
    }

private:
    Address account(std::uint64_t money) {
        Address out;
        const Hash hash = crypto::sha256("owner " + std::to_string(accounts_++));
        std::copy_n(hash.begin(), out.bytes.size(), out.bytes.begin());
        bank::issue(ledger_, out, Amount{money}, bank::kCredit);
        return out;
    }
    template <class M>
    bool say(const M& message) {
        Result<> ok = check_static(message);
        ok = ok ? check_state(message, ledger_, block_) : ok;
        if (ok) {
            apply(message, ledger_, block_);
        }
        hear();
        return ok.has_value();
    }
    void hear() {
        for (const ledger::Event& event : ledger_.take_events()) {
            out_.undecided += event.type == "sublet.audit.audit_over" &&
                                      std::ranges::find(event.attributes, std::string{"undecided"},
                                                        &ledger::EventAttribute::value) != event.attributes.end()
                                  ? 1U
                                  : 0U;
            out_.audits += event.type == "sublet.job.auditor_paid" ? 1U : 0U;
        }
    }
    void enter(bool cheat) {
        Owner owner{.address = account(kMoney), .agent = account(0), .cheat = cheat};
        provider::MsgRegister message;
        message.owner = crypto::to_bech32(owner.address);
        message.operator_address = crypto::to_bech32(owner.agent);
        message.gateway_uri = "https://localhost:1";
        message.tls_pin = Bytes(32, 'p');
        message.machines = {"m"};
        say(message);
        say(audit::MsgStakeWork{message.owner, Amount{market_.stake}, {kEngine}});
        provider::Provider record = *provider::find(ledger_, owner.address);
        provider::credit_clock(ledger_, record, block_);
        owner.staked = market_.stake;
        owners_.push_back(std::move(owner));
    }
    void begin_job() {
        job::MsgCreateJob message;
        message.owner = crypto::to_bech32(creator_);
        message.kind = "blender";
        message.content = Bytes(32, 'c');
        message.tasks = market_.tasks;
        message.pay = Amount{market_.pay};
        message.start_timeout = Millis{60'000};
        message.task_timeout = Millis{600'000};
        message.window = Millis{3'600'000};
        message.at_once = job::kMaxAtOnce;
        message.audit = audit::Terms{.how = audit::How::kCrops,
                                     .engine = kEngine,
                                     .share_permille = market_.share_permille,
                                     .floor_permille = market_.floor_permille};
        say(message);
    }
    void next_block() {
        block_.height = Height{block_.height.value() + 1};
        block_.now = after(block_.now, Millis{kBlock_ms});
        block_.app_hash = crypto::sha256(std::to_string(market_.seed) + "/" + std::to_string(block_.height.value()));
        for (const Owner& each : owners_) {
            provider::Provider record = *provider::find(ledger_, each.address);
            provider::credit_clock(ledger_, record, block_);
        }
        std::size_t budget = 1'000;
        budget -= audit::run_timers(ledger_, block_, budget);
        job::run_timers(ledger_, block_, budget);
        hear();
    }
    [[nodiscard]] bool over() const {
        const std::optional<job::Job> job = job::find_job(ledger_, kJob);
        return !job || !job->closed_at.is_zero();
    }
    [[nodiscard]] bool cheats_now(const Owner& owner) const {
        const std::uint64_t passes = audit::standing_of(ledger_, owner.address).passes;
        return owner.cheat && market_.cheat != Cheat::kLazy && (market_.cheat != Cheat::kLate || passes >= kLateAfter);
    }
    static Hash right() { return crypto::sha256("right"); }
    [[nodiscard]] Hash cheap(const Owner& owner) const {
        return crypto::sha256(market_.cheat == Cheat::kTogether ? Bytes{"cheap"} : Bytes{owner.address.view()});
    }
    // A claim in one block, the result in the next.
    void work(std::size_t at) {
        Owner& owner = owners_[at];
        if (owner.gone) {
            return;
        }
        const std::string agent = crypto::to_bech32(owner.agent);
        const Bytes nonce(16, 'n');
        if (owner.hand) {
            const job::Task task = *owner.hand;
            owner.hand.reset();
            const bool cheats = cheats_now(owner);
            const Hash digest = cheats ? cheap(owner) : right();
            owner.cost += market_.pay * (cheats ? market_.cheap_permille : market_.cost_permille) / 1'000;
            say(job::MsgCommitTask{agent, kJob, task.index, task.attempt,
                                   Bytes{view_of(job::commitment_of(task, digest, nonce))}});
            say(job::MsgOpenTask{agent, kJob, task.index, task.attempt, Bytes{view_of(digest)}, nonce});
            return;
        }
        if (say(job::MsgClaimTask{agent, kJob, true})) {
            ++owner.claims;
            owner.hand = job::tasks_in_hand(ledger_, owner.address, 1).front();
            return;
        }
        const std::optional<job::Job> job = job::find_job(ledger_, kJob);
        if (job && std::ranges::find(job->barred, owner.address) != job->barred.end()) {
            found(at);
        }
    }
    void found(std::size_t at) {
        owners_[at].gone = true;
        if (owners_[at].cheat) {
            found_claims_ += owners_[at].claims;
            ++found_;
            if (market_.cheat == Cheat::kAgain) {
                enter(true);
            }
        }
    }
    // What an owner says of a result that was drawn to it.
    void audit(std::size_t at) {
        Owner& owner = owners_[at];
        const std::string agent = crypto::to_bech32(owner.agent);
        for (const audit::Audit& each : audit::audits_in_hand(ledger_, owner.address, audit::kMaxSeatsInHand)) {
            const auto seat = std::ranges::find(each.seats, owner.address, &audit::Seat::auditor);
            const bool lazy = owner.cheat && market_.cheat != Cheat::kTogether;
            const bool ours = owner.cheat && market_.cheat == Cheat::kTogether;
            const Hash answer = lazy ? cheap(owner) : ours ? crypto::sha256("cheap") : right();
            const Bytes nonce(16, 'n');
            if (seat->state == audit::SeatState::kDrawn) {
                const std::uint64_t share = lazy || ours ? market_.cheap_permille : market_.cost_permille;
                owner.cost += each.pay.value() * share / 1'000;
                say(audit::MsgCommitAudit{
                    agent, kJob, each.task, each.attempt,
                    Bytes{view_of(audit::answer_commitment(answer, owner.address, each, nonce))}});
            } else if (seat->state == audit::SeatState::kCommitted) {
                const bool fine = lazy || each.digest == (ours ? crypto::sha256("cheap") : right());
                say(audit::MsgJudgeAudit{agent, kJob, each.task, each.attempt,
                                         fine ? audit::Verdict::kPass : audit::Verdict::kFail,
                                         wrong_ones(each, *seat, answer)});
            } else {
                say(audit::MsgShowAudit{agent, kJob, each.task, each.attempt, Bytes{view_of(answer)}, nonce});
            }
        }
    }
    static std::uint32_t wrong_ones(const audit::Audit& audit, const audit::Seat& seat, const Hash& answer) {
        std::uint32_t out = 0;
        for (std::size_t i = 0; i < audit.seats.size() && seat.round == audit::Round::kArbiters; ++i) {
            const audit::Seat& each = audit.seats[i];
            const bool differs = each.state == audit::SeatState::kShown && each.answer != answer;
            out |= each.round != audit::Round::kArbiters && differs ? 1U << i : 0U;
        }
        return out;
    }
    // A creator approves at once what nobody doubted.
    void approve() {
        const std::string me = crypto::to_bech32(creator_);
        for (std::uint32_t from = 0; from < market_.tasks; from += 200) {
            const std::optional<job::Job> job = job::find_job(ledger_, kJob);
            if (!job || job->in_review == 0) {
                return;
            }
            for (const job::Task& each : job::tasks_of(ledger_, kJob, from, 200)) {
                if (each.state != job::TaskState::kReview || each.index >= from + 200) {
                    continue;
                }
                // Whom an auditor doubted he looks at himself; what is wrong he disputes, once.
                const std::optional<audit::Audit> audit = audit::find_audit(ledger_, {kJob, each.index, each.attempt});
                const bool doubted = audit && audit->outcome == audit::Outcome::kUndecided && each.digest != right();
                if (doubted && !audit->disputed) {
                    say(job::MsgDisputeTask{me, kJob, each.index, {}});
                } else {
                    say(job::MsgApproveTasks{me, kJob, each.index, 1});
                }
            }
        }
    }
    void check() {
        if (const auto broken = app::first_broken_invariant(ledger_); broken && out_.broken.empty()) {
            out_.broken = *broken;
        }
    }
    CheatOutcome sum_up() {
        double honest = 0;
        double cheats = 0;
        std::uint64_t honest_count = 0;
        std::uint64_t cheats_count = 0;
        for (const Owner& each : owners_) {
            const audit::Standing standing = audit::standing_of(ledger_, each.address);
            const double has = static_cast<double>(bank::balance(ledger_, each.address).value()) +
                               static_cast<double>(standing.stake.value() + standing.leaving.value());
            const double gain = has - static_cast<double>(kMoney) - static_cast<double>(each.cost);
            (each.cheat ? cheats : honest) += gain;
            ++(each.cheat ? cheats_count : honest_count);
            const bool slashed = standing.slashed.value() * 2 > each.staked;
            out_.honest_slashed += !each.cheat && slashed ? 1U : 0U;
            out_.cheats_slashed += each.cheat && slashed ? 1U : 0U;
        }
        out_.honest_gain = honest_count == 0 ? 0 : honest / static_cast<double>(honest_count);
        out_.cheat_gain = cheats_count == 0 ? 0 : cheats / static_cast<double>(cheats_count);
        out_.found_after = found_ == 0 ? 0 : static_cast<double>(found_claims_) / static_cast<double>(found_);
        for (std::uint32_t index = 0; index < market_.tasks; ++index) {
            const std::optional<job::Task> task = job::find_task(ledger_, kJob, index);
            const bool paid = task && task->state == job::TaskState::kAccepted;
            out_.right += paid && task->digest == right() ? 1U : 0U;
            out_.wrong += paid && task->digest != right() ? 1U : 0U;
        }
        return out_;
    }

    static constexpr JobId kJob{1};
    CheatMarket market_;
    ledger::Ledger ledger_;
    ledger::Block block_;
    Address creator_;
    std::vector<Owner> owners_;
    std::uint64_t accounts_ = 0;
    std::uint64_t found_claims_ = 0, found_ = 0;
    CheatOutcome out_;
};

}  // namespace

std::string_view to_name(Cheat cheat) {
    switch (cheat) {
        case Cheat::kAlone:
            return "alone";
        case Cheat::kLate:
            return "late";
        case Cheat::kLazy:
            return "lazy";
        case Cheat::kTogether:
            return "together";
        case Cheat::kAgain:
            return "again";
    }
    return "?";
}

CheatOutcome run(const CheatMarket& market) { return Market{market}.run(); }

}  // namespace sublet::sim
