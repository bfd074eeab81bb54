// consensus.hpp: CometBFT beside its application: the store, the replica, its sockets and the child process, started
// together and, when one of them ends, started again together.
// Spec: docs/spec/consensus.md.
#pragma once

#include <condition_variable>
#include <filesystem>

#include "engine/cometbft/replica.hpp"
#include "engine/cometbft/server.hpp"

namespace sublet::engine {

inline constexpr unsigned kMaxFailedStarts = 5;  // in a row, without a block: then the node gives up

struct ConsensusOptions {
    std::filesystem::path ledger;  // folder of the store
    std::filesystem::path home;    // CometBFT's: config/, data/
    std::filesystem::path program;
    ReplicaOptions replica;
};

class Consensus {
public:
    struct Events {
        Replica::Events replica;
        std::function<void()> lost;  // CometBFT has ended: its mempool is gone. On the supervisor's thread
    };
    // Errors: kIo, kStoreDamaged, kConflict (another process has the folder), kUsage (a path too long for a socket).
    static Result<std::unique_ptr<Consensus>> start(ConsensusOptions options, Events events);
    ~Consensus();  // stop()
    Consensus(const Consensus&) = delete;
    Consensus& operator=(const Consensus&) = delete;

    // The store outlives every restart.
    [[nodiscard]] const store::Store& store() const { return *store_; }
    [[nodiscard]] std::shared_ptr<const Replica> replica() const;
    // Of CometBFT's own JSON-RPC.
    [[nodiscard]] std::filesystem::path rpc_socket() const { return options_.home / "rpc.sock"; }
    [[nodiscard]] std::filesystem::path application_socket() const { return options_.home / "abci.sock"; }
    // Why it gave up, or nothing while it goes on.
    [[nodiscard]] std::optional<std::string> halted() const;
    // CometBFT first. From any thread, also twice.
    void stop();

private:
    Consensus(ConsensusOptions options, Events events, std::unique_ptr<store::Store> store)
        : options_(std::move(options)), events_(std::move(events)), store_(std::move(store)) {}
    struct Turn;
    void supervise();
    void warn_of_upgrade(const Replica& replica);
    Result<Turn> run_once();
    Result<> open_replica();
    void said(std::string_view line);
    void halt(std::string why);
    bool pause(unsigned for_ms);

    ConsensusOptions options_;
    Events events_;
    std::unique_ptr<store::Store> store_;
    std::string last_words_;             // the supervisor's
    std::optional<std::string> warned_;  // the same: of what comes
    bool ending_ = false;                // the same: what it says while it is ended is not news

    mutable std::mutex mutex_;  // what follows
    std::condition_variable stopped_;
    std::shared_ptr<Replica> replica_;
    std::optional<std::string> halted_;
    bool stopping_ = false;

    std::mutex joining_;  // thread_
    std::thread thread_;
};

}  // namespace sublet::engine
