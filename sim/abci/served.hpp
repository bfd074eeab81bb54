// served.hpp: a replica in a process of its own: the store, the product's replica and its server on a Unix socket.
// It is killed without a word and started again on the same folder, as a node is.
#pragma once

#include <filesystem>
#include <memory>
#include <optional>
#include <string>

#include "engine/cometbft/child.hpp"

namespace sublet::sim {

inline constexpr unsigned kServedPatience_ms = 20'000;  // until it listens
inline constexpr std::size_t kSnapshotChunk = 20'000;   // bytes: its snapshots have several

class ServedReplica {
public:
    // `folder`: its ledger/ and its socket; a path short enough for one. `plant`: one of kAbciPlants, or none.
    ServedReplica(std::filesystem::path folder, std::string plant)
        : folder_(std::move(folder)), plant_(std::move(plant)) {}
    ~ServedReplica() { kill(); }
    ServedReplica(const ServedReplica&) = delete;
    ServedReplica& operator=(const ServedReplica&) = delete;

    // Until it listens. `crash_at`: as SUBLET_CRASH_AT, empty for none. Errors: kIo, with its last words.
    Result<> start(const std::string& crash_at = {});
    // -9, and waited for.
    void kill();
    // The exit code of one that ended by itself within so long, 128 + signal where a signal ended it.
    std::optional<int> ended(unsigned within_ms);
    // By kill(), and not by itself.
    [[nodiscard]] bool was_killed() const { return child_ == nullptr; }

    [[nodiscard]] std::filesystem::path ledger() const { return folder_ / "ledger"; }
    [[nodiscard]] std::string address() const { return "unix://" + (folder_ / "abci.sock").string(); }
    [[nodiscard]] const std::string& last_words() const { return last_words_; }

private:
    std::filesystem::path folder_;
    std::string plant_;
    std::unique_ptr<engine::Child> child_;
    std::string last_words_;
};

// What that process does, until it is killed or cannot go on. Returns its exit code.
int serve_replica(const std::filesystem::path& folder, const std::string& plant);

}  // namespace sublet::sim
