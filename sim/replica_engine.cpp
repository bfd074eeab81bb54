// replica_engine.cpp: submit, wait, read and subscribe at one replica.
#include "replica_engine.hpp"

#include <algorithm>

#include "crypto/sha256.hpp"
#include "net/notify.hpp"
#include "net/quiet.hpp"
#include "store/search.hpp"

namespace sublet::sim {
namespace {

using net::Task;

class ReplicaEngine final : public engine::Engine {
public:
    ReplicaEngine(net::Loop& loop, SimTime& time, Consensus& consensus, std::size_t index)
        : time_(time),
          consensus_(consensus),
          index_(index),
          hub_(std::make_shared<engine::Hub>(loop)),
          decided_(std::make_shared<net::Notifier>(loop)) {
        consensus_.replica(index_).hub = hub_;
        consensus_.replica(index_).waiting.push_back(decided_);
    }

    Task<Result<engine::Submitted>> submit(Bytes transaction) override { co_return submit_now(std::move(transaction)); }

    Task<Result<engine::Included>> submit_and_wait(Bytes transaction, std::uint64_t timeout_ms) override {
        engine::Submitted submitted = submit_now(std::move(transaction));
        if (submitted.check.code != Code::kOk) {
            co_return engine::Included{std::move(submitted), std::nullopt};
        }
        const std::uint64_t until_ms = time_.now_ms() + timeout_ms;
        while (consensus_.find(submitted.hash) == nullptr) {
            if (time_.now_ms() >= until_ms) {
                co_return fail(Code::kTimeout, "it is in no block yet");
            }
            co_await decided_->wait_for(until_ms - time_.now_ms());
        }
        store::StoredTx included = *consensus_.find(submitted.hash);
        co_return engine::Included{std::move(submitted), std::move(included)};
    }

    Task<Result<app::TxResult>> simulate(Bytes transaction) override {
        co_return app::simulate(*app().committed(), transaction);
    }

    std::shared_ptr<const app::Committed> committed() const override { return app().committed(); }
    Result<std::shared_ptr<const app::Committed>> committed_at(Height height) const override {
        return app().committed_at(height);
    }
    Result<store::FullBlock> block(Height height) const override {
        if (height.is_zero() || height > app().committed()->height) {
            return fail(Code::kNotFound, "no block at height " + std::to_string(height.value()));
        }
        return *consensus_.blocks()[height.value() - 1];
    }
    Result<store::StoredBlock> header(Height height) const override {
        TRY(found, block(height));
        return found.block;
    }
    Result<store::StoredTx> transaction(const Hash& hash) const override {
        const store::StoredTx* found = consensus_.find(hash);
        if (found == nullptr) {
            return fail(Code::kNotFound, "no such transaction");
        }
        return *found;
    }
    Result<store::SearchResult> search(const store::Search& search) const override {
        store::SearchResult out;
        for (const engine::BlockPtr& block : consensus_.blocks()) {
            for (const store::StoredTx& tx : block->transactions) {
                const store::Subject subject{.height = tx.height, .hash = &tx.hash, .events = &tx.events};
                if (store::matches(search.conditions, subject)) {
                    out.transactions.push_back(tx);
                }
            }
        }
        out.total = out.transactions.size();
        if (search.descending) {
            std::ranges::reverse(out.transactions);
        }
        const auto skipped = static_cast<std::ptrdiff_t>(std::min(search.skip, out.transactions.size()));
        out.transactions.erase(out.transactions.begin(), out.transactions.begin() + skipped);
        out.transactions.resize(std::min(search.limit, out.transactions.size()));
        return out;
    }
    Result<std::vector<Bytes>> history(BytesView key) const override { return consensus_.history(Bytes{key}); }
    const app::Genesis& genesis() const override { return consensus_.genesis(); }
    Result<std::unique_ptr<engine::Subscription>> subscribe() override { return hub_->subscribe(); }
    engine::MempoolSize mempool_size() const override { return {consensus_.replica(index_).mempool.size(), 0}; }
    Task<Result<std::vector<Bytes>>> pending(std::size_t limit) override {
        const std::deque<Bytes>& all = consensus_.replica(index_).mempool;
        std::vector<Bytes> out;
        for (std::size_t i = 0; i < std::min(limit, all.size()); ++i) {
            out.push_back(all[i]);
        }
        co_return out;
    }
    engine::EngineCounters counters() const override { return {}; }
    std::optional<std::string> halted() const override { return std::nullopt; }
    void stop() override {}

private:
    [[nodiscard]] app::App& app() const { return *consensus_.replica(index_).app; }
    engine::Submitted submit_now(Bytes transaction) {
        engine::Submitted out{.hash = crypto::sha256(transaction), .check = {}};
        out.check = consensus_.submit(index_, std::move(transaction));
        return out;
    }

    SimTime& time_;
    Consensus& consensus_;
    std::size_t index_;
    std::shared_ptr<engine::Hub> hub_;
    std::shared_ptr<net::Notifier> decided_;
};

}  // namespace

std::unique_ptr<engine::Engine> replica_engine(net::Loop& loop, SimTime& time, Consensus& consensus,
                                               std::size_t index) {
    return std::make_unique<ReplicaEngine>(loop, time, consensus, index);
}

}  // namespace sublet::sim
