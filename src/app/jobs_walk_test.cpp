// jobs_walk_test.cpp: random histories of jobs: whatever anybody says in whatever order, every sum, count and index
// holds after each step, and in the end everybody has what the events say.
#include <gtest/gtest.h>

#include "app/jobs_walk_test.hpp"
#include "app/rebuild.hpp"
#include "modules/job/keys.hpp"
#include "modules/job/life.hpp"
#include "modules/provider/messages.hpp"

namespace sublet::app {
namespace {

constexpr std::uint64_t kBegin = 10'000'000;
constexpr std::uint8_t kCreators = 2, kWorkers = 10;

class Walk {
public:
    explicit Walk(std::uint64_t seed) : dice_{seed} {
        block_.height = Height{1};
        block_.now = LedgerTime{1'000};
        block_.chain_id = "walk";
        block_.params.archive_after_ms = 3'600'000;
        block_.params.min_work_stake = Amount{1'000};
        block_.params.work_unlock_ms = 600'000;
        block_.params.audit_silence_ms = 60'000;
        block_.params.audit_again_permille = 300;
        ledger::save(ledger_, ledger::params_key(), block_.params);
        for (std::uint8_t i = 0; i < kCreators + kWorkers; ++i) {
            bank::issue(ledger_, who(i), Amount{kBegin}, bank::kCredit);
        }
        for (std::uint8_t i = 0; i < kWorkers; ++i) {
            provider::MsgRegister message;
            message.owner = text(worker(i));
            message.operator_address = text(agent(i));
            message.gateway_uri = "https://localhost:1";
            message.tls_pin = Bytes(32, 'p');
            message.machines = {"m"};
            say(message);
        }
    }
    void run(int steps) {
        for (int i = 0; i < steps; ++i) {
            step();
            const auto broken = first_broken_invariant(ledger_);
            ASSERT_FALSE(broken.has_value()) << *broken << " after step " << i;
        }
        // Everything ends: nobody says anything any more but the creators, who cancel.
        for (std::uint64_t id = 1; id <= jobs_; ++id) {
            for (std::uint8_t i = 0; i < kCreators; ++i) {
                say(job::MsgCancelJob{text(i), JobId{id}});
            }
        }
        for (std::uint8_t i = 0; i < kWorkers; ++i) {
            const audit::Standing standing = audit::standing_of(ledger_, who(worker(i)));
            say(audit::MsgUnstakeWork{text(worker(i)), standing.stake});
        }
        for (int i = 0; i < 400; ++i) {
            pass(600'000);
        }
        const auto broken = first_broken_invariant(ledger_);
        ASSERT_FALSE(broken.has_value()) << *broken;
        EXPECT_TRUE(bank::supply(ledger_).held.is_zero());
        for (std::uint64_t id = 1; id <= jobs_; ++id) {
            EXPECT_FALSE(job::find_job(ledger_, JobId{id}).has_value()) << "job " << id << " was not archived";
        }
        for (std::uint8_t i = 0; i < kCreators + kWorkers; ++i) {
            EXPECT_EQ(bank::balance(ledger_, who(i)).value(), kBegin + purse_.gained[i] - purse_.lost[i])
                << "account " << int{i};
        }
    }
    std::map<std::string, int> seen;  // events by name

private:
    static Address who(std::uint8_t number) {
        Address address;
        address.bytes.fill(static_cast<std::uint8_t>(number + 1));
        return address;
    }
    static std::string text(std::uint8_t number) { return crypto::to_bech32(who(number)); }
    static std::uint8_t worker(std::uint8_t i) { return static_cast<std::uint8_t>(kCreators + i); }
    static std::uint8_t agent(std::uint8_t i) { return static_cast<std::uint8_t>(100 + i); }

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
    void pass(std::uint64_t length_ms) {
        block_.height = Height{block_.height.value() + 1};
        block_.now = after(block_.now, Millis{length_ms});
        block_.app_hash.fill(static_cast<std::uint8_t>(dice_(256)));
        for (std::uint8_t i = 0; i < kWorkers; ++i) {
            provider::Provider provider = *provider::find(ledger_, who(worker(i)));
            provider::credit_clock(ledger_, provider, block_);
        }
        std::size_t budget = 1'000;
        budget -= market::run_timers(ledger_, block_, budget);
        budget -= audit::run_timers(ledger_, block_, budget);
        job::run_timers(ledger_, block_, budget);
        hear();
    }
    void hear() {
        const auto account = [](const std::string& name) {
            for (std::uint8_t i = 0; i < kCreators + kWorkers; ++i) {
                if (text(i) == name) {
                    return i;
                }
            }
            return std::uint8_t{255};
        };
        for (const ledger::Event& event : ledger_.take_events()) {
            ++seen[event.type];
            purse_.hear(event, account);
        }
    }
    void step() {
        switch (dice_(22)) {
            case 14:
            case 15:
            case 16:
            case 17:
            case 18:
                auditor_says();
                break;
            case 19:
                stakes();
                break;
            case 20:
            case 21:
                pass(1'000);
                break;
            case 0:
                create();
                break;
            case 12:
            case 13:
                worker_probes();
                break;
            case 1:
                pass(dice_(12) == 0 ? 400'000 : 5'000);
                break;
            case 2:
                creator_says();
                break;
            default:
                worker_says();
        }
    }
    void create() {
        if (jobs_ >= 14) {
            return;
        }
        job::MsgCreateJob message;
        message.owner = text(static_cast<std::uint8_t>(dice_(kCreators)));
        message.kind = "batch";
        message.content = Bytes(32, 'c');
        message.tasks = static_cast<std::uint32_t>(1 + dice_(6));
        message.pay = Amount{1 + dice_(3'000)};
        message.pay_cap = Amount{message.pay.value() * (1 + dice_(3))};
        message.stake = Amount{dice_(message.pay.value() + 1)};
        message.start_timeout = Millis{10'000 + dice_(100'000)};
        message.task_timeout = Millis{10'000 + dice_(300'000)};
        message.window = Millis{1'000 + dice_(600'000)};
        message.at_once = static_cast<std::uint32_t>(1 + dice_(4));
        if (dice_(3) == 0) {
            by_work(message);
        } else if (dice_(3) == 0) {
            message.budget = Amount{message.pay_cap.value() * (1 + dice_(message.tasks))};
        }
        if (dice_(2) == 0) {
            message.audit = terms(dice_, chain_);
        }
        jobs_ += say(message) ? 1U : 0U;
    }
    void by_work(job::MsgCreateJob& message) {
        message.engine = "blender-3.4-cpu";
        message.price = 1 + dice_(2'000'000'000'000);
        message.probe_pay = Amount{1 + dice_(100)};
        message.cores = static_cast<std::uint32_t>(1 + dice_(3));
        message.pay = message.pay_cap = message.stake = Amount{};
        for (std::uint32_t task = 0; task < message.tasks; ++task) {
            if (dice_(2) == 0 || (task + 1 == message.tasks && message.probe_tasks.empty())) {
                message.probe_tasks.push_back(task);
            }
        }
    }
    // Mostly what is right; now and then a lie, a lazy word, silence.
    void auditor_says() {
        const auto i = static_cast<std::uint8_t>(dice_(kWorkers));
        for (const audit::Audit& each : audit::audits_in_hand(ledger_, who(worker(i)), 4)) {
            const Word word = next_word(each, who(worker(i)), text(agent(i)), dice_);
            std::visit([&](const auto& message) { say(message); }, word);
        }
        if (dice_(3) == 0) {
            const std::string me = text(static_cast<std::uint8_t>(dice_(kCreators)));
            say(audit::MsgRevealSeed{me, JobId{1 + dice_(jobs_ + 1)}, Bytes{view_of(chain_[dice_(chain_.size())])}});
        }
    }
    void stakes() {
        const std::string me = text(worker(static_cast<std::uint8_t>(dice_(kWorkers))));
        if (dice_(6) == 0) {
            say(audit::MsgUnstakeWork{me, Amount{1'000 + dice_(3) * 50'000}});
        } else {
            say(audit::MsgStakeWork{me, Amount{1'000 + dice_(100'000)}, {"blender-3.4-cpu"}});
        }
    }
    // Rates, probes that mostly agree, and now and then none.
    void worker_probes() {
        auto i = static_cast<std::uint8_t>(dice_(kWorkers));
        const std::optional<job::Job> asks = job::find_job(ledger_, JobId{1 + dice_(jobs_ + 1)});
        for (std::uint8_t each = 0; each < kWorkers && asks && dice_(4) != 0; ++each) {  // mostly who was drawn
            i = std::ranges::find(asks->probes, who(worker(each)), &job::Probe::worker) != asks->probes.end() ? each
                                                                                                              : i;
        }
        const std::string me = text(agent(i));
        if (dice_(8) == 0) {
            say(job::MsgPostRate{me, "blender-3.4-cpu", 500 + dice_(1'000), 0, Bytes(32, 'd')});
        }
        JobId id{1 + dice_(jobs_ + 1)};
        const Bytes mine = job::probes_of(who(worker(i)));
        ledger_.visit_index(mine, mine, [&](BytesView key, BytesView) {
            id = JobId{read_be64(key.substr(mine.size()))};
            return dice_(2) == 0;
        });
        const std::optional<job::Job> found = job::find_job(ledger_, id);
        const bool slow = i == 0 && id.value() % 2 == 0;  // finds twice as much: a third is asked
        const std::vector<std::uint64_t> work(found ? found->probe_tasks.size() : 1, (slow ? 2'000U : 1'000U) + i);
        const Bytes nonce(16, 'n');
        say(job::MsgCommitProbe{me, id, Bytes{view_of(job::probe_commitment(who(worker(i)), id, work, nonce))}});
        say(job::MsgOpenProbe{me, id, work, nonce});
    }
    void creator_says() {
        const JobId id{1 + dice_(jobs_ + 1)};
        const std::optional<job::Job> about = job::find_job(ledger_, id);
        const bool own = about && dice_(4) != 0;
        const std::string me =
            own ? crypto::to_bech32(about->owner) : text(static_cast<std::uint8_t>(dice_(kCreators)));
        const auto task = static_cast<std::uint32_t>(dice_(6));
        switch (dice_(13)) {
            case 12:
                for (std::uint64_t each = 0; each < 6 * jobs_; ++each) {  // few results wait for long
                    say(job::MsgDisputeTask{me, JobId{1 + each / 6}, static_cast<std::uint32_t>(each % 6), {1, 2}});
                }
                break;
            case 9:
            case 10: {
                const std::optional<job::Job> found = job::find_job(ledger_, id);
                const Amount least = found ? found->pay_cap : Amount{};
                say(job::MsgConfirmJob{me, id, dice_(2) == 0 ? Amount{} : least, Millis{dice_(2) * 20'000}});
                break;
            }
            case 11:
                say(job::MsgFundJob{me, id, Amount{1 + dice_(3'000)}});
                break;
            case 0:
                say(job::MsgPauseJob{me, id, dice_(2) == 0});
                break;
            case 1:
                dice_(4) == 0 && say(job::MsgCancelJob{me, id});
                break;
            case 2:
                say(job::MsgApproveTasks{me, id, task, static_cast<std::uint32_t>(1 + dice_(3))});
                break;
            case 3:
            case 4:
            case 5:
                say(job::MsgRetryTask{me, id, task});
                break;
            default:
                for (std::uint32_t each = task; each < task + 6 && !say(job::MsgRejectTask{me, id, each % 6}); ++each) {
                }
        }
    }
    void worker_says() {
        const auto i = static_cast<std::uint8_t>(dice_(kWorkers));
        const std::string me = text(agent(i));
        JobId id{1 + dice_(jobs_ + 1)};
        auto index = static_cast<std::uint32_t>(dice_(6));
        if (dice_(10) != 0) {  // mostly about what it has in hand
            const Bytes mine = job::of_worker(who(worker(i)));
            ledger_.visit_index(mine, mine, [&](BytesView key, BytesView) {
                id = JobId{read_be64(key.substr(mine.size()))};
                index = job::index_at_end(key);
                return dice_(2) == 0;
            });
        }
        const std::optional<job::Task> task = job::find_task(ledger_, id, index);
        const std::uint32_t attempt = task && dice_(10) != 0 ? task->attempt : 1;
        // Few results, so that two often agree.
        const Hash digest{static_cast<std::uint8_t>(dice_(2))};
        const Bytes nonce(16, 'n');
        switch (dice_(6)) {
            case 0:
            case 1:
                say(job::MsgClaimTask{me, id});
                break;
            case 2:
                say(job::MsgStartTask{me, id, index, attempt});
                break;
            case 3:
                say(job::MsgFailTask{me, id, index, attempt, 1, dice_(2) == 0});
                break;
            case 4: {
                job::Task mine{.job = id, .index = index, .attempt = attempt, .worker = who(worker(i))};
                say(job::MsgCommitTask{me, id, index, attempt,
                                       Bytes{view_of(job::commitment_of(mine, digest, nonce))}});
                break;
            }
            default:
                say(job::MsgOpenTask{me, id, index, attempt, Bytes{view_of(digest)}, nonce});
        }
    }

    Dice dice_;
    ledger::Ledger ledger_;
    ledger::Block block_;
    std::uint64_t jobs_ = 0;
    std::vector<Hash> chain_ = chain();
    Purse purse_;
};

TEST(Jobs, SumsHoldWhateverAnybodySays) {
    std::map<std::string, int> seen;
    for (std::uint64_t seed = 1; seed <= 25; ++seed) {
        Walk walk{seed};
        walk.run(1'500);
        if (HasFatalFailure()) {
            FAIL() << "seed " << seed;
        }
        for (const auto& [what, times] : walk.seen) {
            seen[what] += times;
        }
    }
    for (const char* fact :
         {"job_created",   "job_paused",      "job_resumed",    "job_cancelled",   "job_closed",     "task_claimed",
          "task_started",  "task_failed",     "task_timed_out", "task_not_opened", "task_committed", "task_in_review",
          "task_accepted", "task_rejected",   "task_retried",   "task_paid",       "rate_posted",    "prober_drawn",
          "prober_silent", "probe_committed", "probe_shown",    "prober_paid",     "job_quoted",     "nobody_probes",
          "job_confirmed", "job_funded",      "task_aborted",   "task_in_audit",   "task_void",      "task_disputed",
          "auditor_paid"}) {
        EXPECT_GT(seen["sublet.job." + std::string{fact}], 0) << fact;
    }
    for (const char* fact : {"audit_begun", "audit_seeded", "auditor_drawn", "audit_committed", "audit_judged",
                             "audit_shown", "auditor_silent", "auditor_slashed", "worker_slashed", "arbiters_called",
                             "audit_over", "element_missing", "work_staked", "stake_leaves", "stake_left"}) {
        EXPECT_GT(seen["sublet.audit." + std::string{fact}], 0) << fact;
    }
}

}  // namespace
}  // namespace sublet::app
