// snapshot_folder.hpp: snapshots of committed heights on the disk, made on a thread of their own: what state sync hands
// to nodes that are new. Spec: docs/spec/consensus.md (snapshots).
#pragma once

#include <condition_variable>
#include <filesystem>
#include <memory>
#include <mutex>
#include <optional>
#include <thread>
#include <vector>

#include "app/blocks.hpp"
#include "engine/cometbft/snapshots.hpp"
#include "ledger/tree_range.hpp"
#include "net/host.hpp"

namespace sublet::engine {

inline constexpr std::uint32_t kSnapshotFormat = 1;
inline constexpr std::uint32_t kMaxSnapshotChunks = 4'096;  // of kRangeBytes: 32 GB, more than a node holds in memory
inline constexpr std::size_t kMaxSnapshots = 10;            // that CometBFT is told of
inline constexpr std::uint64_t kRoomForTheLedger = 1ULL << 30U;  // bytes that a snapshot leaves free on the disk

struct SnapshotOptions {
    std::filesystem::path folder;                    // beside the ledger's
    std::uint64_t every = 1'000;                     // heights; 0: none are made, what is there is still offered
    std::size_t keep = 3;                            // the newest; 1 to kMaxSnapshots
    std::size_t target_bytes = ledger::kRangeBytes;  // of a chunk; another one in tests alone
};

// What a snapshot of this state is to CometBFT: the height and the root decide everything else.
abci::Snapshot described(Height height, const Hash& app_hash, std::uint32_t chunks);

class SnapshotFolder {
public:
    // Makes the folder, forgets what a crash left half done. Errors: kIo, kUsage (options).
    static Result<std::unique_ptr<SnapshotFolder>> open(SnapshotOptions options);
    ~SnapshotFolder();  // gives up what is being made
    SnapshotFolder(const SnapshotFolder&) = delete;
    SnapshotFolder& operator=(const SnapshotFolder&) = delete;

    // A new height is durable: a snapshot of it is due, or not. Returns at once; while one is being made the next one
    // waits, and a later one takes its place.
    void committed(const std::shared_ptr<const app::Committed>& state);
    // Any thread. Newest first.
    [[nodiscard]] std::vector<abci::Snapshot> list() const;
    [[nodiscard]] std::optional<Height> oldest() const;
    // Any thread; nothing when it is not there (any more), or not as it was written.
    [[nodiscard]] std::optional<Bytes> chunk(Height height, std::uint32_t format, std::uint32_t index) const;
    // Until nothing is being made and nothing waits: for tests and benches.
    void wait();
    [[nodiscard]] bool makes_any() const { return options_.every > 0; }

private:
    struct Kept {
        abci::Snapshot snapshot;
        std::vector<Hash> chunk_hashes;  // what is read from the disk is held to them
    };
    explicit SnapshotFolder(SnapshotOptions options) : options_(std::move(options)) {}
    Result<> look();
    void serve();
    Result<Kept> make(const app::Committed& state) const;
    void keep(Kept made);
    [[nodiscard]] std::filesystem::path folder_of(Height height) const;
    [[nodiscard]] bool giving_up() const;

    SnapshotOptions options_;
    std::unique_ptr<net::Files> files_ = net::system_files();
    mutable std::mutex mutex_;  // what follows
    std::condition_variable changed_;
    std::shared_ptr<const app::Committed> next_;
    bool busy_ = false;
    bool stopping_ = false;
    std::vector<Kept> kept_;  // oldest first
    std::thread thread_;
};

}  // namespace sublet::engine
