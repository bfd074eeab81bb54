// node.hpp: a ledger state on a real disk with the engine's core over it.
#pragma once

#include <functional>
#include <thread>

#include "crypto/sha256.hpp"
#include "engine/core.hpp"
#include "engine/genesis.hpp"
#include "engine/testing/world.hpp"
#include "engine/writer.hpp"
#include "market_state.hpp"
#include "result.hpp"

namespace sublet::bench {

template <class T>
T need(Result<T> result) {
    if (!result) {
        throw scenario::Failure(result.error().message);
    }
    return std::move(*result);
}
inline void need(const Result<>& result) {
    if (!result) {
        throw scenario::Failure(result.error().message);
    }
}

// Writes the state as height 0 of a new store.
inline void write_state(const std::filesystem::path& path, const State& state) {
    const std::unique_ptr<store::Store> store = need(store::Store::open(path));
    store::Commit commit{.height = Height{0},
                         .time = state.time,
                         .app_hash = state.tree.root_hash(),
                         .changes = {},
                         .archived = {},
                         .block = nullptr,
                         .when_durable = nullptr};
    for (auto& [key, value] : state.rows()) {
        commit.changes.push_back({key, value});
    }
    need(store->begin(state.genesis.chain_id, engine::genesis_to_json(state.genesis), commit));
}

// Blocks as the node makes them: checked, executed, durable. Time is counted, the making of transactions is not.
class Node {
public:
    explicit Node(const State& state) : folder_(std::make_unique<engine::testing::Folder>()) {
        write_state(folder_->path() / "ledger", state);
        open(folder_->path() / "ledger");
    }
    // A ledger that is there already.
    explicit Node(const std::filesystem::path& path) { open(path); }
    // Seconds from the first submit until all of them are durable, each block written while the next one is executed.
    // Throws when a transaction is refused.
    double blocks(std::vector<std::vector<Bytes>> all) {
        const Timer::time_point start = Timer::now();
        for (std::vector<Bytes>& transactions : all) {
            clock_.now += 50;
            Timer::time_point begun = Timer::now();
            for (const engine::Submitted& each : core_->submit_all(std::move(transactions))) {
                refuse_nothing(each.check.code, each.check.log);
            }
            parts_.check += lap(begun);
            engine::Core::Executed executed = need(core_->execute());
            parts_.execute += lap(begun);
            finish();
            parts_.wait += lap(begun);
            writer_->give(std::move(executed));
        }
        const Timer::time_point begun = Timer::now();
        finish();
        parts_.wait += seconds_since(begun);
        return seconds_since(start);
    }
    // Where the time of all blocks went: signatures and checks, execution with the state's root, waiting for the disk.
    [[nodiscard]] std::string parts() const {
        const double all = parts_.check + parts_.execute + parts_.wait;
        const auto share = [&](double part) { return std::to_string(static_cast<int>(100 * part / all + 0.5)) + " %"; };
        return "check " + share(parts_.check) + ", execute " + share(parts_.execute) + ", wait for the disk " +
               share(parts_.wait);
    }
    double block(std::vector<Bytes> transactions) {
        std::vector<std::vector<Bytes>> one;
        one.push_back(std::move(transactions));
        return blocks(std::move(one));
    }
    [[nodiscard]] const ledger::View& view() const { return core_->committed()->view; }

private:
    void open(const std::filesystem::path& path) {
        store_ = need(store::Store::open(path));
        engine::CoreOptions options;
        options.threads = std::max(1U, std::thread::hardware_concurrency()) - 1;
        core_ = need(engine::Core::open(*store_, clock_, std::nullopt, options));
        clock_.now = core_->committed()->time.value() + 50;
        writer_ = std::make_unique<engine::Writer>([this](engine::Core::Executed& each) { return core_->write(each); },
                                                   [] {});
    }
    struct Parts {
        double check = 0;
        double execute = 0;
        double wait = 0;
    };
    static double lap(Timer::time_point& begun) {
        const Timer::time_point before = std::exchange(begun, Timer::now());
        return std::chrono::duration<double>(begun - before).count();
    }
    void finish() {
        if (!writer_->has_work()) {
            return;
        }
        const engine::Writer::Written written = writer_->take();
        need(written.result);
        for (const store::StoredTx& each : written.executed.made.block->transactions) {
            refuse_nothing(static_cast<Code>(each.code), each.log);
        }
    }
    static void refuse_nothing(Code code, const std::string& log) {
        if (code != Code::kOk) {
            throw scenario::Failure("a transaction was refused: " + log);
        }
    }
    std::unique_ptr<engine::testing::Folder> folder_;
    engine::testing::HandClock clock_;
    std::unique_ptr<store::Store> store_;
    std::unique_ptr<engine::Core> core_;
    std::unique_ptr<engine::Writer> writer_;
    Parts parts_;
};

inline int guarded(const char* name, const std::function<void()>& body) {
    try {
        body();
        return 0;
    } catch (const std::exception& failure) {
        std::fprintf(stderr, "%s: %s\n", name, failure.what());
        return 1;
    }
}

}  // namespace sublet::bench
