// job_test.cpp: the codes of creating and claiming in order of precedence, what the ledger picks, and what untouched
// tasks cost. Stories of whole jobs are in test/scenarios (job_*, t17_*, t19_*, t20_*).
#include <gtest/gtest.h>

#include <functional>

#include "modules/job/keys.hpp"
#include "modules/job/life.hpp"
#include "modules/job/lists.hpp"
#include "modules/job/messages.hpp"
#include "modules/provider/messages.hpp"

namespace sublet::job {
namespace {

Address who(std::uint8_t number) {
    Address address;
    address.bytes.fill(number);
    return address;
}
std::string text(std::uint8_t number) { return crypto::to_bech32(who(number)); }

constexpr std::uint8_t kCreator = 1;
constexpr std::uint8_t kFirstWorker = 10;  // its agent is 100 more

MsgCreateJob job_of(std::uint32_t tasks) {
    MsgCreateJob message;
    message.owner = text(kCreator);
    message.kind = "batch";
    message.content = Bytes(32, 'c');
    message.tasks = tasks;
    message.pay = Amount{1'000};
    message.start_timeout = Millis{60'000};
    message.task_timeout = Millis{600'000};
    message.window = Millis{3'600'000};
    message.at_once = 256;
    return message;
}

struct Market {
    Ledger ledger;
    Block block;

    explicit Market(std::uint8_t workers = 1) {
        block.height = Height{1};
        block.now = LedgerTime{1'000};
        block.chain_id = "job-test";
        ledger::save(ledger, ledger::params_key(), block.params);
        bank::issue(ledger, who(kCreator), Amount{1'000'000'000}, bank::kCredit);
        for (std::uint8_t i = 0; i < workers; ++i) {
            const auto owner = static_cast<std::uint8_t>(kFirstWorker + i);
            bank::issue(ledger, who(owner), Amount{1'000'000}, bank::kCredit);
            provider::MsgRegister message;
            message.owner = text(owner);
            message.operator_address = text(static_cast<std::uint8_t>(owner + 100));
            message.gateway_uri = "https://localhost:1";
            message.tls_pin = Bytes(32, 'p');
            message.machines = {"m"};
            EXPECT_EQ(run(message), Code::kOk);
            beat(owner);
        }
    }
    void beat(std::uint8_t owner) {
        provider::Provider provider = *provider::find(ledger, who(owner));
        provider::credit_clock(ledger, provider, block);
    }
    template <class M>
    Code run(const M& message) {
        Result<> ok = check_static(message);
        ok = ok ? check_state(message, ledger, block) : ok;
        if (ok) {
            apply(message, ledger, block);
        }
        return ok ? Code::kOk : ok.error().code;
    }
    Code claim(std::uint8_t owner, std::uint64_t job = 1) {
        return run(MsgClaimTask{text(static_cast<std::uint8_t>(owner + 100)), JobId{job}});
    }
    void trust(std::uint8_t owner) {
        provider::Provider provider = *provider::find(ledger, who(owner));
        provider.counters.tasks_accepted = kNewcomerTasks;
        provider::save(ledger, provider);
    }
};

TEST(Job, CreatingIsRefusedInOrder) {
    Market market;
    MsgCreateJob message = job_of(kMaxTasks + 1);
    message.owner = "nobody";
    message.kind = "Batch";
    message.content = "short";
    message.at_once = 0;
    message.pay = Amount{};
    message.stake = Amount{2'000};
    message.start_timeout = message.task_timeout = message.window = Millis{1};
    const std::vector<std::pair<Code, std::function<void()>>> steps{
        {Code::kBadAddress, [&] { message.owner = text(kCreator); }},
        {Code::kBadField, [&] { message.kind = "a-kind-of-17-bytes"; }},
        {Code::kBadField, [&] { message.kind = "batch"; }},
        {Code::kBadField, [&] { message.content = Bytes(32, 'c'); }},
        {Code::kOutOfRange, [&] { message.tasks = kMaxTasks; }},
        {Code::kOutOfRange, [&] { message.at_once = kMaxAtOnce; }},
        {Code::kOutOfRange, [&] { message.pay = Amount{1'000}; }},
        {Code::kOutOfRange, [&] { message.stake = Amount{1'000}; }},
        {Code::kOutOfRange, [&] { message.start_timeout = Millis{10'000}; }},
        {Code::kOutOfRange, [&] { message.task_timeout = Millis{10'000}; }},
        {Code::kOutOfRange, [&] { message.window = Millis{1'000}; }},
        {Code::kInsufficientFunds, [&] { message.pay_cap = Amount{16'001}; }},
        {Code::kOutOfRange, [&] { message.pay_cap = Amount{999}; }},
        {Code::kOutOfRange, [&] { message.pay_cap = Amount{1'000}, message.tasks = 1'000; }},
    };
    for (const auto& [code, mend] : steps) {
        if (code == Code::kInsufficientFunds) {
            message.pay_cap = Amount{16'000};  // 1.6 billion in all
        }
        EXPECT_EQ(market.run(message), code) << message.kind << " " << message.pay_cap.value();
        mend();
    }
    message.stake = Amount{1'001};
    EXPECT_EQ(market.run(message), Code::kOutOfRange);
    message.stake = Amount{1'000};
    const Amount before = bank::balance(market.ledger, who(kCreator));
    EXPECT_EQ(market.run(message), Code::kOk);
    EXPECT_EQ(held(*find_job(market.ledger, JobId{1})), Amount{1'000'000});
    // 1,000 tasks, eight messages each, 50,000 gas at a thousandth of a ucredit.
    EXPECT_EQ(price_of_messages(1'000, market.block.params), Amount{400'000});
    EXPECT_EQ(bank::balance(market.ledger, who(kCreator)),
              Amount{before.value() - 1'400'000 - market.block.params.object_bond.value()});
    EXPECT_EQ(find_job(market.ledger, JobId{1})->free_messages, 8'000U);
}

TEST(Job, AClaimThatIsReadyRunsAtOnce) {
    Market market;
    ASSERT_EQ(market.run(job_of(1)), Code::kOk);
    MsgClaimTask claim{text(kFirstWorker + 100), JobId{1}};
    claim.ready = true;
    ASSERT_EQ(market.run(claim), Code::kOk);
    const Task task = *find_task(market.ledger, JobId{1}, 0);
    EXPECT_EQ(task.state, TaskState::kRunning);
    EXPECT_EQ(task.deadline, after(market.block.now, Millis{600'000}));
}

TEST(Job, ListsOfJobsAndTasks) {
    Market market{2};
    market.trust(kFirstWorker);
    for (const std::uint64_t pay : {500U, 2'000U, 1'000U}) {
        MsgCreateJob message = job_of(4);
        message.pay = Amount{pay};
        ASSERT_EQ(market.run(message), Code::kOk);
    }
    EXPECT_EQ(jobs_on_offer(market.ledger, 10), (std::vector{JobId{2}, JobId{3}, JobId{1}}));
    EXPECT_EQ(jobs_on_offer(market.ledger, 2), (std::vector{JobId{2}, JobId{3}}));
    EXPECT_EQ(jobs_of(market.ledger, who(kCreator), JobId{1}, 10), (std::vector{JobId{2}, JobId{3}}));
    EXPECT_TRUE(jobs_of(market.ledger, who(kFirstWorker), JobId{}, 10).empty());
    for (const std::uint64_t job : {3U, 1U, 3U}) {
        ASSERT_EQ(market.claim(kFirstWorker, job), Code::kOk);
    }
    ASSERT_EQ(market.claim(kFirstWorker + 1, 3), Code::kOk);
    const std::vector<Task> tasks = tasks_of(market.ledger, JobId{3}, 1, 10);
    ASSERT_EQ(tasks.size(), 2U);
    EXPECT_EQ(tasks[0].index, 1U);
    EXPECT_EQ(tasks[1].worker, who(kFirstWorker + 1));
    EXPECT_EQ(tasks_of(market.ledger, JobId{3}, 0, 1).size(), 1U);
    const std::vector<Task> mine = tasks_in_hand(market.ledger, who(kFirstWorker), 10);
    ASSERT_EQ(mine.size(), 3U);
    EXPECT_EQ(mine[0].job, JobId{1});
    EXPECT_EQ(mine[2].index, 1U);
    EXPECT_EQ(tasks_in_hand(market.ledger, who(kFirstWorker), 2).size(), 2U);
}

TEST(Job, ClaimingIsRefusedInOrder) {
    Market market{2};
    EXPECT_EQ(market.claim(99), Code::kNotOperator);
    EXPECT_EQ(market.claim(kFirstWorker), Code::kJobUnknown);
    ASSERT_EQ(market.run(job_of(2)), Code::kOk);
    EXPECT_EQ(market.claim(kFirstWorker), Code::kOk);
    EXPECT_EQ(market.claim(kFirstWorker), Code::kTooManyClaims);  // a newcomer has one
    market.trust(kFirstWorker);
    EXPECT_EQ(market.claim(kFirstWorker), Code::kOk);
    EXPECT_EQ(market.claim(kFirstWorker), Code::kNoTask);
    const Amount left = bank::balance(market.ledger, who(kFirstWorker + 1));
    bank::transfer(market.ledger, who(kFirstWorker + 1), who(kCreator), Amount{left.value() - 99}, bank::kCredit);
    MsgCreateJob other = job_of(1);
    ASSERT_EQ(market.run(other), Code::kOk);
    EXPECT_EQ(market.claim(kFirstWorker + 1, 2), Code::kInsufficientFunds);  // the stake is 100
}

TEST(Job, AHundredThousandTasksAreOneRecordUntilTheyAreClaimed) {
    Market market;
    const std::uint64_t before = market.ledger.state().size();
    ASSERT_EQ(market.run(job_of(kMaxTasks)), Code::kOk);
    EXPECT_EQ(market.ledger.state().size(), before + 2);  // the job, and the first job's last id
    ASSERT_EQ(market.claim(kFirstWorker), Code::kOk);
    EXPECT_EQ(market.ledger.state().size(), before + 3);
}

TEST(Job, AtOnceAndAProvidersClaimsAreBounded) {
    Market market;
    market.trust(kFirstWorker);
    MsgCreateJob message = job_of(100);
    message.at_once = 3;
    ASSERT_EQ(market.run(message), Code::kOk);
    for (int i = 0; i < 3; ++i) {
        EXPECT_EQ(market.claim(kFirstWorker), Code::kOk);
    }
    EXPECT_EQ(market.claim(kFirstWorker), Code::kNoTask);
    ASSERT_EQ(market.run(job_of(100)), Code::kOk);
    for (std::uint64_t i = 3; i < kMaxClaims; ++i) {
        EXPECT_EQ(market.claim(kFirstWorker, 2), Code::kOk);
    }
    EXPECT_EQ(market.claim(kFirstWorker, 2), Code::kTooManyClaims);
    EXPECT_EQ(claims_of(market.ledger, who(kFirstWorker), 1'000), kMaxClaims);
}

TEST(Job, DearestJobsStandFirst) {
    Market market;
    for (const std::uint64_t pay : {500U, 2'000U, 1'000U}) {
        MsgCreateJob message = job_of(1);
        message.pay = Amount{pay};
        ASSERT_EQ(market.run(message), Code::kOk);
    }
    std::vector<std::uint64_t> order;
    market.ledger.visit_index(keys::table(6, 2), keys::table(6, 2), [&](BytesView key, BytesView) {
        order.push_back(read_be64(key.substr(10)));
        return true;
    });
    EXPECT_EQ(order, (std::vector<std::uint64_t>{2, 3, 1}));
}

MsgPostRate rate_from(std::uint8_t owner) {
    return {text(static_cast<std::uint8_t>(owner + 100)), "e", 1'000, 0, Bytes(32, 'd')};
}

TEST(Job, RatesThatNobodySaysAgainAreForgottenAndNumbersStayDense) {
    Market market{3};
    for (std::uint8_t owner = kFirstWorker; owner < kFirstWorker + 3; ++owner) {
        EXPECT_EQ(market.run(rate_from(owner)), Code::kOk);
    }
    market.block.now = after(market.block.now, Millis{kRateLife_ms - 1});
    run_timers(market.ledger, market.block, 1'000);
    EXPECT_EQ(all_rates(market.ledger, 0, 10).size(), 3U);
    EXPECT_EQ(market.run(rate_from(kFirstWorker + 1)), Code::kOk);  // again
    EXPECT_EQ(market.run(rate_from(kFirstWorker + 2)), Code::kOk);
    market.block.now = after(market.block.now, Millis{1});
    EXPECT_EQ(run_timers(market.ledger, market.block, 1'000), 1U);
    const std::vector<Rates> left = all_rates(market.ledger, 0, 10);
    ASSERT_EQ(left.size(), 2U);
    EXPECT_EQ(left[0].worker, who(kFirstWorker + 2));  // the last one has the number of the first
    EXPECT_EQ(left[0].number, 1U);
    EXPECT_EQ(left[1].number, 2U);
    EXPECT_EQ(rate_of(market.ledger, who(kFirstWorker), "e"), 0U);
    EXPECT_EQ(market.run(rate_from(kFirstWorker)), Code::kOk);
    EXPECT_EQ(find_rates(market.ledger, who(kFirstWorker))->number, 3U);
    market.block.now = after(market.block.now, Millis{2 * kRateLife_ms});
    EXPECT_EQ(run_timers(market.ledger, market.block, 1'000), 3U);
    EXPECT_TRUE(all_rates(market.ledger, 0, 10).empty());
}

// An element shown early in a block does not have a result drawn, a ruling later in it finds another of its worker's
// wrong.
TEST(Job, AResultThatWasNotDrawnInTheBlockOfARulingIsLookedAt) {
    for (const bool after_it : {true, false}) {
        Market market;
        MsgCreateJob message = job_of(1);
        message.audit = audit::Terms{.engine = "batch", .share_permille = 100, .floor_permille = 1};
        ASSERT_EQ(market.run(message), Code::kOk);
        ASSERT_EQ(market.claim(kFirstWorker), Code::kOk);
        const std::string agent = text(kFirstWorker + 100);
        const Bytes nonce(16, 'n');
        const Task task = *find_task(market.ledger, JobId{1}, 0);
        const Hash bound = commitment_of(task, Hash{}, nonce);
        ASSERT_EQ(market.run(MsgStartTask{agent, JobId{1}, 0, 1}), Code::kOk);
        ASSERT_EQ(market.run(MsgCommitTask{agent, JobId{1}, 0, 1, Bytes{view_of(bound)}}), Code::kOk);
        ASSERT_EQ(market.run(MsgOpenTask{agent, JobId{1}, 0, 1, Bytes(32, '\0'), nonce}), Code::kOk);
        audit::Audit audit = *audit::find_audit(market.ledger, {JobId{1}, 0, 1});
        audit.stage = audit::Stage::kOver;
        audit.outcome = audit::Outcome::kNotDrawn;
        audit.over_at = market.block.now;
        audit.due = LedgerTime{};
        audit::save(market.ledger, audit);
        audit::Standing worker = audit::standing_of(market.ledger, who(kFirstWorker));
        worker.failed_at = LedgerTime{market.block.now.value() - (after_it ? 0 : 1)};
        audit::save(market.ledger, worker);
        market.block.now = after(market.block.now, Millis{1});
        run_timers(market.ledger, market.block, 1'000);
        const TaskState state = find_task(market.ledger, JobId{1}, 0)->state;
        EXPECT_EQ(state, after_it ? TaskState::kAudit : TaskState::kReview);
        const std::optional<audit::Audit> next = audit::find_audit(market.ledger, {JobId{1}, 0, 1});
        EXPECT_EQ(next.has_value() && next->forced, after_it);
    }
}

TEST(Job, WhoIsSilentPostsNoRate) {
    Market market{1};
    provider::Provider provider = *provider::find(market.ledger, who(kFirstWorker));
    provider.beating = false;
    provider::save(market.ledger, provider);
    EXPECT_EQ(market.run(rate_from(kFirstWorker)), Code::kProviderDown);
}

}  // namespace
}  // namespace sublet::job
