// solo.cpp: the thread around the core: jobs in, blocks out.
#include "engine/solo.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <condition_variable>
#include <map>
#include <mutex>
#include <thread>
#include <utility>

#include "engine/counts.hpp"
#include "engine/crash.hpp"
#include "engine/hub.hpp"
#include "engine/reply.hpp"
#include "engine/shown.hpp"
#include "engine/writer.hpp"
#include "net/log.hpp"

namespace sublet::engine {

namespace {

constexpr std::size_t kMaxJobs = 20'000;
constexpr std::size_t kMaxJobsPerTurn = 512;  // between two looks at the clock
constexpr std::uint64_t kMaxWaitMs = 1'000;   // so that a jump of the wall clock is noticed

class Solo final : public Engine {
public:
    Solo(net::Loop& loop, std::unique_ptr<store::Store> store, std::unique_ptr<Core> core)
        : loop_(loop), store_(std::move(store)), core_(std::move(core)), hub_(std::make_shared<Hub>(loop)) {
        kept_.push_back(core_->committed());
        genesis_ = core_->genesis();
        thread_ = std::thread{[this] { run(); }};
    }
    ~Solo() override { stop_now(); }
    Solo(const Solo&) = delete;
    Solo& operator=(const Solo&) = delete;

    net::Task<Result<Submitted>> submit(Bytes transaction) override {
        auto reply = std::make_shared<Reply<Submitted>>(loop_);
        enqueue({.run = [reply](const Error* stopped) { fulfil<Submitted>(reply, std::unexpected{*stopped}); },
                 .transaction = std::move(transaction),
                 .taken_in = [reply](Submitted submitted) { fulfil<Submitted>(reply, std::move(submitted)); }});
        return wait_for(std::move(reply), 0);
    }

    net::Task<Result<Included>> submit_and_wait(Bytes transaction, std::uint64_t timeout_ms) override {
        auto reply = std::make_shared<Reply<Included>>(loop_);
        enqueue({.run = [reply](const Error* stopped) { fulfil<Included>(reply, std::unexpected{*stopped}); },
                 .transaction = std::move(transaction),
                 .taken_in =
                     [this, reply](Submitted submitted) {
                         if (submitted.check.code != Code::kOk) {
                             fulfil<Included>(reply, Included{std::move(submitted), std::nullopt});
                             return;
                         }
                         const Hash hash = submitted.hash;
                         waiting_[hash].push_back({reply, std::move(submitted)});
                     }});
        return wait_for(std::move(reply), timeout_ms);
    }

    net::Task<Result<app::TxResult>> simulate(Bytes transaction) override {
        const std::shared_ptr<const app::Committed> state = committed();
        co_return app::simulate(*state, transaction);
    }

    net::Task<Result<std::vector<Bytes>>> pending(std::size_t limit) override {
        auto reply = std::make_shared<Reply<std::vector<Bytes>>>(loop_);
        enqueue({.run =
                     [this, reply, limit](const Error* stopped) {
                         stopped != nullptr ? fulfil<std::vector<Bytes>>(reply, std::unexpected{*stopped})
                                            : fulfil<std::vector<Bytes>>(reply, core_->pending(limit));
                     },
                 .transaction = {},
                 .taken_in = {}});
        return wait_for(std::move(reply), 0);
    }

    std::shared_ptr<const app::Committed> committed() const override {
        const std::scoped_lock lock{mutex_};
        return kept_.back();
    }

    Result<std::shared_ptr<const app::Committed>> committed_at(Height height) const override {
        const std::scoped_lock lock{mutex_};
        if (height > kept_.back()->height) {
            return fail(Code::kNotFound, "height " + std::to_string(height.value()) +
                                             " is not there yet; the last is " +
                                             std::to_string(kept_.back()->height.value()));
        }
        if (height < kept_.front()->height) {
            return fail(Code::kHeightPruned, "height " + std::to_string(height.value()) +
                                                 " can no longer be queried; the oldest is " +
                                                 std::to_string(kept_.front()->height.value()));
        }
        return kept_[height.value() - kept_.front()->height.value()];
    }

    Result<store::FullBlock> block(Height height) const override { return shown().block(height); }
    Result<store::StoredBlock> header(Height height) const override { return shown().header(height); }
    Result<store::StoredTx> transaction(const Hash& hash) const override { return shown().transaction(hash); }
    Result<store::SearchResult> search(const store::Search& search) const override { return shown().search(search); }
    Result<std::vector<Bytes>> history(BytesView key) const override { return store_->history(key); }
    const app::Genesis& genesis() const override { return genesis_; }

    Result<std::unique_ptr<Subscription>> subscribe() override { return hub_->subscribe(); }

    MempoolSize mempool_size() const override {
        const std::scoped_lock lock{mutex_};
        return mempool_;
    }
    EngineCounters counters() const override {
        const std::scoped_lock lock{mutex_};
        return counts_.so_far(hub_->dropped());
    }
    std::optional<std::string> halted() const override {
        const std::scoped_lock lock{mutex_};
        return halted_;
    }
    void stop() override { stop_now(); }

private:
    Shown shown() const { return {*store_, committed()->height}; }

    // `run` is called once: with nothing on the engine's thread, or with the reason why the engine takes no more work.
    // A job with `taken_in` brings a transaction: those that stand side by side are checked together.
    struct Job {
        std::function<void(const Error* stopped)> run;
        Bytes transaction;
        std::function<void(Submitted)> taken_in;
    };
    struct Waiting {
        ReplyPtr<Included> reply;
        Submitted submitted;
    };

    void enqueue(Job job) {
        if (const std::optional<Error> refused = try_enqueue(job)) {
            job.run(&*refused);
        } else {
            wake_.notify_one();
        }
    }

    // Takes the job, or says why not and leaves it as it is.
    std::optional<Error> try_enqueue(Job& job) {
        const std::scoped_lock lock{mutex_};
        if (stopping_ || halted_) {
            return stop_error();
        }
        if (jobs_.size() >= kMaxJobs) {
            return Error{Code::kRefused, "the node has too much to do; try again in a moment"};
        }
        jobs_.push_back(std::move(job));
        return std::nullopt;
    }

    [[nodiscard]] Error stop_error() const {  // under the lock
        return halted_ ? Error{Code::kEngine, "the node stopped taking blocks: " + *halted_}
                       : Error{Code::kCancelled, "the node is stopping"};
    }

    // ───── the engine's thread ─────

    void run() {
        while (true) {
            std::deque<Job> turn;
            {
                std::unique_lock lock{mutex_};
                const std::uint64_t wait_ms = std::min(core_->owed_in().value_or(kMaxWaitMs), kMaxWaitMs);
                wake_.wait_for(lock, std::chrono::milliseconds{wait_ms},
                               [&] { return stopping_ || written_ || !jobs_.empty(); });
                if (stopping_) {
                    break;
                }
                while (!jobs_.empty() && turn.size() < kMaxJobsPerTurn) {
                    turn.push_back(std::move(jobs_.front()));
                    jobs_.pop_front();
                }
            }
            if (take_written() && !finish_block()) {
                break;
            }
            do_jobs(turn);
            if (core_->owed_in() == std::optional<std::uint64_t>{0} && !make_block()) {
                break;
            }
            const std::scoped_lock lock{mutex_};
            mempool_ = core_->mempool_size();
        }
        if (writer_.has_work()) {
            finish_block();
        }
        answer_rest();
    }

    void do_jobs(std::deque<Job>& turn) {
        for (auto job = turn.begin(); job != turn.end();) {
            if (!job->taken_in) {
                job->run(nullptr);
                ++job;
                continue;
            }
            const auto end = std::find_if(job, turn.end(), [](const Job& each) { return !each.taken_in; });
            take_in(job, end);
            job = end;
        }
    }

    void take_in(std::deque<Job>::iterator begin, std::deque<Job>::iterator end) {
        const auto start = std::chrono::steady_clock::now();
        std::vector<Bytes> transactions;
        for (auto job = begin; job != end; ++job) {
            transactions.push_back(std::move(job->transaction));
        }
        std::vector<Submitted> all = core_->submit_all(std::move(transactions));
        const std::chrono::duration<double> took = std::chrono::steady_clock::now() - start;
        {
            const std::scoped_lock lock{mutex_};
            for (const Submitted& each : all) {
                counts_.add_check(took.count() / static_cast<double>(all.size()));
                if (each.check.code != Code::kOk) {
                    counts_.add_refused();
                }
            }
        }
        for (std::size_t i = 0; i < all.size(); ++i) {
            begin[static_cast<std::ptrdiff_t>(i)].taken_in(std::move(all[i]));
        }
    }

    // The state in memory goes one height further; the height before is finished first, so that one write is in work.
    bool make_block() {
        Result<Core::Executed> executed = core_->execute();
        if (writer_.has_work() && !finish_block()) {
            return false;
        }
        if (!executed) {
            return halt(executed.error());
        }
        writer_.give(*std::move(executed));
        return true;
    }

    bool halt(const Error& why) {
        net::log(net::LogLevel::kCritical, "engine", fmt::format("the node stops: {}", why.message));
        const std::scoped_lock lock{mutex_};
        halted_ = why.message;
        return false;
    }

    // The word that a block is written may come after that block was taken: then the one in work is not waited for.
    bool take_written() {
        {
            const std::scoped_lock lock{mutex_};
            written_ = false;
        }
        return writer_.has_work() && writer_.has_written();
    }

    // What was written is shown and answered, in this order; nobody hears of a block that is not durable.
    bool finish_block() {
        const Writer::Written written = writer_.take();
        if (!written.result) {
            return halt(written.result.error());
        }
        const Core::Made& made = written.executed.made;
        count(made);
        boost::asio::post(loop_, [hub = hub_, block = made.block] { hub->publish(block); });
        crash_point(CrashPoint::kBeforeAnswer);
        for (const store::StoredTx& tx : made.block->transactions) {
            answer(tx.hash, [&](Submitted submitted) { return Included{std::move(submitted), tx}; });
        }
        for (const Submitted& dropped : made.dropped) {
            answer(dropped.hash, [&](const Submitted&) { return Included{dropped, std::nullopt}; });
        }
        crash_point(CrashPoint::kAfterPublish);
        return true;
    }

    void count(const Core::Made& made) {
        const std::scoped_lock lock{mutex_};
        kept_.push_back(made.state);
        if (kept_.size() > app::kMaxKeptHeights) {
            kept_.pop_front();
        }
        counts_.add(*made.block, made.seconds, made.commit_seconds);
    }

    template <class Make>
    void answer(const Hash& hash, Make&& make) {
        const auto found = waiting_.find(hash);
        if (found == waiting_.end()) {
            return;
        }
        for (Waiting& each : found->second) {
            fulfil<Included>(each.reply, make(std::move(each.submitted)));
        }
        waiting_.erase(found);
    }

    // What is still waiting when the thread ends hears why.
    void answer_rest() {
        std::deque<Job> rest;
        Error why;
        {
            const std::scoped_lock lock{mutex_};
            why = stop_error();
            rest.swap(jobs_);
        }
        for (Job& job : rest) {
            job.run(&why);
        }
        for (auto& [hash, waiting] : waiting_) {
            for (Waiting& each : waiting) {
                fulfil<Included>(each.reply, std::unexpected{why});
            }
        }
        waiting_.clear();
        boost::asio::post(loop_, [hub = hub_, why] { hub->end(why); });
    }

    void stop_now() {
        {
            const std::scoped_lock lock{mutex_};
            stopping_ = true;
        }
        wake_.notify_one();
        const std::scoped_lock one_joins{joining_};  // stop() may be called from any thread, and from two
        if (thread_.joinable()) {
            thread_.join();
        }
    }

    net::Loop& loop_;
    std::unique_ptr<store::Store> store_;
    std::unique_ptr<Core> core_;  // the engine's thread only, once it runs
    app::Genesis genesis_;
    std::shared_ptr<Hub> hub_;                      // the loop's thread only
    std::map<Hash, std::vector<Waiting>> waiting_;  // the engine's thread only

    mutable std::mutex mutex_;  // what follows
    std::condition_variable wake_;
    std::deque<Job> jobs_;
    bool stopping_ = false;
    bool written_ = false;  // since the engine's thread last looked
    std::optional<std::string> halted_;
    std::deque<std::shared_ptr<const app::Committed>> kept_;  // consecutive heights
    MempoolSize mempool_;
    Counts counts_;

    std::mutex joining_;  // thread_, once it runs
    Writer writer_{[this](Core::Executed& executed) { return core_->write(executed); },
                   [this] {
                       {
                           const std::scoped_lock lock{mutex_};
                           written_ = true;
                       }
                       wake_.notify_one();
                   }};
    std::thread thread_;
};

}  // namespace

Result<std::unique_ptr<Engine>> start_solo(net::Loop& loop, net::Clock& clock, SoloOptions options) {
    TRY(store, store::Store::open(options.folder));
    options.core.threads = std::max(1U, std::thread::hardware_concurrency()) - 1;
    TRY(core, Core::open(*store, clock, options.genesis, options.core));
    if (core->has_no_block()) {
        // Clients of CometBFT know no height 0: a new chain has its first block before anybody asks.
        TRY(first, core->make_block());
        (void)first;
    }
    return std::unique_ptr<Engine>{new Solo{loop, std::move(store), std::move(core)}};
}

}  // namespace sublet::engine
