// comet.cpp: transactions out to CometBFT's mempool, blocks in from the replica.
#include "engine/cometbft/comet.hpp"

#include <nlohmann/json.hpp>

#include "crypto/sha256.hpp"
#include "engine/cometbft/askers.hpp"
#include "engine/cometbft/comet_rpc.hpp"
#include "engine/counts.hpp"
#include "engine/hub.hpp"
#include "engine/shown.hpp"
#include "net/run.hpp"

namespace sublet::engine {
namespace {

constexpr std::uint64_t kCheckPatience_ms = 30'000;
constexpr std::uint64_t kLook_ms = 50;       // for the first block
constexpr std::uint64_t kMempoolMs = 1'000;  // its size is asked for this often

Error stopping_error() { return {Code::kCancelled, "the node is stopping"}; }

// What handlers of the loop need after the engine is gone.
struct Shared {
    Shared(net::Loop& loop, const store::Store& store, std::filesystem::path socket)
        : hub(loop), askers(store), rpc(loop, std::move(socket)) {}
    Hub hub;  // the loop's thread only
    Askers askers;
    CometRpc rpc;  // the loop's thread only
    bool stopped = false;

    std::mutex mutex;  // what follows
    MempoolSize mempool;
};

std::size_t number_of(const nlohmann::json& object, const char* key) {
    const auto found = object.find(key);
    return found != object.end() && found->is_string()
               ? std::strtoull(found->get_ref<const std::string&>().c_str(), nullptr, 10)
               : 0;
}

net::Task<> watch_mempool(std::shared_ptr<Shared> shared, net::Clock& clock) {
    while (!shared->stopped) {
        net::Task<Result<std::string>> asking = shared->rpc.ask("num_unconfirmed_txs", "{}");
        const Result<std::string> answer = co_await std::move(asking);
        if (answer) {
            const nlohmann::json parsed = nlohmann::json::parse(*answer, nullptr, false);
            const std::scoped_lock lock{shared->mutex};
            shared->mempool = {number_of(parsed, "total"), number_of(parsed, "total_bytes")};
        }
        if (shared->stopped) {  // the clock may be gone
            break;
        }
        net::Task<> sleeping = clock.sleep(kMempoolMs);
        co_await std::move(sleeping);
    }
}

class Comet final : public CometEngine {
public:
    Comet(net::Loop& loop, net::Clock& clock, app::Genesis genesis)
        : loop_(loop), clock_(clock), genesis_(std::move(genesis)) {}
    ~Comet() override { stop_now(); }
    Comet(const Comet&) = delete;
    Comet& operator=(const Comet&) = delete;

    Result<> start(ConsensusOptions options) {
        Consensus::Events events;
        events.replica.made = [this](const Replica::Made& made) { block_made(made); };
        events.replica.checked = [this](const Hash& hash, const abci::TxAnswer& answer, bool again) {
            check_made(hash, answer, again);
        };
        events.lost = [this] {
            if (const std::shared_ptr<Shared> shared = shared_now()) {
                shared->askers.lost({Code::kEngine,
                                     "CometBFT ended and starts again: look the transaction up by its "
                                     "hash before you send it again"});
            }
        };
        TRY(consensus, Consensus::start(std::move(options), std::move(events)));
        consensus_ = std::move(consensus);
        auto shared = std::make_shared<Shared>(loop_, consensus_->store(), consensus_->rpc_socket());
        {
            const std::scoped_lock lock{mutex_};
            shared_ = shared;
        }
        net::spawn(loop_, watch_mempool(std::move(shared), clock_));
        return {};
    }

    net::Task<Result<>> first_block() override {
        while (!committed() || committed()->height < earliest()) {  // a state that was synced has no block yet
            if (const std::optional<std::string> why = halted()) {
                co_return fail(Code::kEngine, *why);
            }
            if (shared_->stopped) {
                co_return std::unexpected{stopping_error()};
            }
            net::Task<> sleeping = clock_.sleep(kLook_ms);
            co_await std::move(sleeping);
        }
        co_return Result<>{};
    }

    net::Task<Result<Submitted>> submit(Bytes transaction) override {
        auto reply = std::make_shared<Reply<Submitted>>(loop_);
        const Hash hash = crypto::sha256(transaction);
        if (const std::optional<app::TxResult> refused = too_large(transaction)) {
            fulfil<Submitted>(reply, Submitted{hash, *refused});
        } else if (const std::optional<Error> error = shared_->askers.add(hash, reply)) {
            fulfil<Submitted>(reply, std::unexpected{*error});
        } else {
            send(hash, std::move(transaction));
        }
        return wait_for(std::move(reply), kCheckPatience_ms);
    }

    net::Task<Result<Included>> submit_and_wait(Bytes transaction, std::uint64_t timeout_ms) override {
        auto reply = std::make_shared<Reply<Included>>(loop_);
        const Hash hash = crypto::sha256(transaction);
        if (const std::optional<app::TxResult> refused = too_large(transaction)) {
            fulfil<Included>(reply, Included{{hash, *refused}, std::nullopt});
        } else if (const std::optional<Error> error = shared_->askers.add(hash, reply, timeout_ms)) {
            fulfil<Included>(reply, std::unexpected{*error});
        } else {
            send(hash, std::move(transaction));
        }
        return wait_for(std::move(reply), timeout_ms);
    }

    net::Task<Result<app::TxResult>> simulate(Bytes transaction) override {
        const std::shared_ptr<const app::Committed> state = committed();
        co_return app::simulate(*state, transaction);
    }

    net::Task<Result<std::vector<Bytes>>> pending(std::size_t limit) override {
        net::Task<Result<std::string>> asking =
            shared_->rpc.ask("unconfirmed_txs", R"({"limit":")" + std::to_string(limit) + R"("})");
        const Result<std::string> answer = co_await std::move(asking);
        if (!answer) {
            co_return std::unexpected{answer.error()};
        }
        const nlohmann::json parsed = nlohmann::json::parse(*answer, nullptr, false);
        std::vector<Bytes> out;
        if (parsed.is_object() && parsed.contains("txs") && parsed["txs"].is_array()) {
            for (const nlohmann::json& each : parsed["txs"]) {
                out.push_back(from_base64(each.is_string() ? each.get_ref<const std::string&>() : "").value_or(""));
            }
        }
        co_return out;
    }

    std::shared_ptr<const app::Committed> committed() const override { return consensus_->replica()->committed(); }
    Result<std::shared_ptr<const app::Committed>> committed_at(Height height) const override {
        return consensus_->replica()->committed_at(height);
    }
    Result<store::FullBlock> block(Height height) const override { return shown().block(height); }
    Result<store::StoredBlock> header(Height height) const override { return shown().header(height); }
    Result<store::StoredTx> transaction(const Hash& hash) const override { return shown().transaction(hash); }
    Result<store::SearchResult> search(const store::Search& search) const override { return shown().search(search); }
    Result<std::vector<Bytes>> history(BytesView key) const override { return consensus_->store().history(key); }
    const app::Genesis& genesis() const override { return genesis_; }
    Height earliest() const override {
        const Height after_base{consensus_->store().base().value() + 1};
        return std::max(after_base, Height{genesis_.state_height.value() + 1});
    }

    Result<std::unique_ptr<Subscription>> subscribe() override { return shared_->hub.subscribe(); }
    MempoolSize mempool_size() const override {
        const std::scoped_lock lock{shared_->mutex};
        return shared_->mempool;
    }
    EngineCounters counters() const override {
        const std::scoped_lock lock{mutex_};
        return counts_.so_far(shared_->hub.dropped());
    }
    net::Task<Result<std::string>> ask_consensus(std::string method, std::string parameters) override {
        return shared_->rpc.ask(std::move(method), std::move(parameters));
    }
    bool is_replicated() const override { return true; }
    std::optional<std::string> halted() const override { return consensus_->halted(); }
    void stop() override { stop_now(); }

private:
    Shown shown() const { return {consensus_->store(), committed()->height}; }

    static std::optional<app::TxResult> too_large(const Bytes& transaction) {
        if (transaction.size() <= ledger::kMaxTxBytes) {
            return std::nullopt;
        }
        return app::too_large();
    }

    void send(const Hash& hash, Bytes transaction) {
        shared_->rpc.broadcast(std::move(transaction), [shared = std::weak_ptr{shared_}, hash](const Error& why) {
            if (const std::shared_ptr<Shared> alive = shared.lock()) {
                alive->askers.refused(hash, why);
            }
        });
    }

    // Nothing: the first calls of the replica came before the rest was made.
    std::shared_ptr<Shared> shared_now() const {
        const std::scoped_lock lock{mutex_};
        return shared_;
    }

    // ───── on the application's thread ─────

    void block_made(const Replica::Made& made) {
        {
            const std::scoped_lock lock{mutex_};
            counts_.add(*made.block, made.seconds, made.commit_seconds);
        }
        if (const std::shared_ptr<Shared> shared = shared_now()) {
            boost::asio::post(loop_, [shared, block = made.block] { shared->hub.publish(block); });
            shared->askers.made(made.block);
        }
    }

    void check_made(const Hash& hash, const abci::TxAnswer& answer, bool again) {
        if (!again && answer.code != 0) {
            const std::scoped_lock lock{mutex_};
            counts_.add_refused();
        }
        if (const std::shared_ptr<Shared> shared = shared_now()) {
            shared->askers.checked(hash, answer, again);
        }
    }

    void stop_now() {
        if (!consensus_) {
            return;
        }
        consensus_->stop();
        if (!shared_->stopped) {
            shared_->stopped = true;
            shared_->rpc.close();
            shared_->askers.end(stopping_error());
            shared_->hub.end(stopping_error());
        }
    }

    net::Loop& loop_;
    net::Clock& clock_;
    app::Genesis genesis_;

    mutable std::mutex mutex_;  // what follows
    std::shared_ptr<Shared> shared_;
    Counts counts_;

    std::unique_ptr<Consensus> consensus_;  // ends first: its threads call this object
};

}  // namespace

Result<std::unique_ptr<CometEngine>> start_cometbft(net::Loop& loop, net::Clock& clock, app::Genesis genesis,
                                                    ConsensusOptions options) {
    auto out = std::make_unique<Comet>(loop, clock, std::move(genesis));
    TRY_OK(out->start(std::move(options)));
    return std::unique_ptr<CometEngine>{std::move(out)};
}

}  // namespace sublet::engine
