// jobs.cpp: a job of 100,000 tasks from its creation to its end: 256 workers claim, commit and show, the creator
// approves; a block of messages at a time, each block with its timers and its hash. Without signatures.
#include "app/rebuild.hpp"
#include "crypto/sha256.hpp"
#include "modules/job/life.hpp"
#include "modules/job/lists.hpp"
#include "modules/job/messages.hpp"
#include "modules/provider/messages.hpp"
#include "support/result.hpp"

#include <chrono>

using namespace sublet;
using namespace sublet::bench;

namespace {

constexpr std::uint32_t kTasks = 100'000;
constexpr std::size_t kWorkers = 256;

Address who(std::uint64_t number) {
    Address address;
    const Hash digest = crypto::sha256("job bench " + std::to_string(number));
    std::copy_n(digest.begin(), address.bytes.size(), address.bytes.begin());
    return address;
}

struct Floor {
    ledger::Ledger ledger;
    ledger::Block block;

    Floor() {
        block.height = Height{1};
        block.now = LedgerTime{1'000};
        block.chain_id = "jobs";
        ledger::save(ledger, ledger::params_key(), block.params);
        bank::issue(ledger, who(0), Amount{1ULL << 50U}, bank::kCredit);
        for (std::size_t i = 1; i <= kWorkers; ++i) {
            bank::issue(ledger, who(i), Amount{1ULL << 40U}, bank::kCredit);
            provider::MsgRegister message;
            message.owner = crypto::to_bech32(who(i));
            message.operator_address = agent(i);
            message.gateway_uri = "https://localhost:1";
            message.tls_pin = Bytes(32, 'p');
            message.machines = {"m"};
            say(message);
            provider::Provider provider = *provider::find(ledger, who(i));
            provider.beating = true;
            provider.counters.tasks_accepted = job::kNewcomerTasks;
            provider::save(ledger, provider);
        }
    }
    static std::string agent(std::size_t worker) { return crypto::to_bech32(who(1'000 + worker)); }
    template <class M>
    void say(const M& message) {
        Result<> ok = check_static(message);
        ok = ok ? check_state(message, ledger, block) : ok;
        if (!ok) {
            throw std::runtime_error(ok.error().message);
        }
        apply(message, ledger, block);
    }
    void end_block() {
        (void)ledger.take_events();
        job::run_timers(ledger, block, 1'000);
        (void)ledger.state().root_hash();
        block.height = Height{block.height.value() + 1};
        block.now = LedgerTime{block.now.value() + 1'000};
    }
};

job::MsgCreateJob hundred_thousand() {
    job::MsgCreateJob message;
    message.owner = crypto::to_bech32(who(0));
    message.kind = "batch";
    message.content = Bytes(32, 'c');
    message.tasks = kTasks;
    message.pay = Amount{1'000};
    message.start_timeout = Millis{600'000};
    message.task_timeout = Millis{3'600'000};
    message.window = Millis{86'400'000};
    message.at_once = job::kMaxAtOnce;
    return message;
}

void run() {
    Floor floor;
    const std::uint64_t rows = floor.ledger.state().size();
    floor.say(hundred_thousand());
    floor.end_block();
    const std::uint64_t untouched = floor.ledger.state().size() - rows;
    const Bytes nonce(32, 'n');
    tell("100,000 untouched tasks: " + std::to_string(untouched) + " records");
    const auto begun = std::chrono::steady_clock::now();
    for (std::uint32_t next = 0; next < kTasks;) {
        const std::uint32_t first = next;
        for (std::size_t i = 1; i <= kWorkers && next < kTasks; ++i, ++next) {
            floor.say(job::MsgClaimTask{Floor::agent(i), JobId{1}, true});
        }
        floor.end_block();
        for (std::uint32_t task = first; task < next; ++task) {
            const std::size_t worker = task - first + 1;
            const Hash digest = crypto::sha256(std::to_string(task));
            const job::Task claimed = *job::find_task(floor.ledger, JobId{1}, task);
            const Hash commitment = job::commitment_of(claimed, digest, nonce);
            floor.say(job::MsgCommitTask{Floor::agent(worker), JobId{1}, task, 1, Bytes{view_of(commitment)}});
        }
        floor.end_block();
        for (std::uint32_t task = first; task < next; ++task) {
            const Hash digest = crypto::sha256(std::to_string(task));
            floor.say(
                job::MsgOpenTask{Floor::agent(task - first + 1), JobId{1}, task, 1, Bytes{view_of(digest)}, nonce});
        }
        floor.end_block();
        floor.say(job::MsgApproveTasks{crypto::to_bech32(who(0)), JobId{1}, first, next - first});
        floor.end_block();
    }
    const double seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - begun).count();
    const job::Job job = *job::find_job(floor.ledger, JobId{1});
    if (job.accepted != kTasks || job.paid.value() != 1'000ULL * kTasks) {
        throw std::runtime_error("the job did not come to its end");
    }
    if (const auto broken = app::first_broken_invariant(floor.ledger)) {
        throw std::runtime_error(*broken);
    }
    print({.name = "jobs: task transitions through the ledger, without signatures",
           .value = 4.0 * kTasks / seconds,
           .unit = "/s",
           .against = "",
           .against_value = 0,
           .goal = 5'000,
           .goal_of_ratio = false,
           .lower_is_better = false,
           .curve = {}});
}

}  // namespace

int main() {
    try {
        run();
    } catch (const std::exception& error) {
        tell(error.what());
        return 1;
    }
}
