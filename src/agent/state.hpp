// state.hpp: what the agent remembers over restarts: manifests, host ports, events of leases, a few settings. SQLite,
// one synced write per change. Spec: ARCHITECTURE §6.
#pragma once

#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/bytes.hpp"
#include "base/units.hpp"

struct sqlite3;

namespace sublet::agent {

inline constexpr int kStateVersion = 1;                  // of the tables
inline constexpr std::size_t kMaxEventsPerLease = 500;   // the oldest go first
inline constexpr std::size_t kMaxClosedRecords = 1'000;  // leases whose events are kept after they closed
inline constexpr std::size_t kMaxEventText = 500;        // bytes; longer ones are cut

struct StoredManifest {
    LeaseId lease;
    Bytes json;
    Bytes nonce;
};

struct StoredPort {
    std::string service;
    std::uint32_t replica = 0;
    std::uint16_t container_port = 0;
    bool udp = false;
    std::uint16_t host_port = 0;
};

struct StoredEvent {
    std::uint64_t sequence = 0;  // rises over all leases
    std::uint64_t unix_ms = 0;
    std::string kind;  // "manifest", "pull", "start", "ready", "crash", "pause", "end", …
    std::string text;
};

// Errors everywhere: kStoreDamaged (what is wrong with which file, and what to do), kIo (disk full).
class State {
public:
    // Makes the file (mode 0600) when there is none.
    static Result<std::unique_ptr<State>> open(const std::filesystem::path& file);
    ~State();
    State(const State&) = delete;
    State& operator=(const State&) = delete;

    Result<std::optional<std::string>> setting(const std::string& key);
    Result<> set_setting(const std::string& key, const std::string& value);

    // Replaces what the lease had.
    Result<> put_manifest(const StoredManifest& manifest, std::uint64_t unix_ms);
    Result<std::vector<StoredManifest>> manifests();
    // Drops manifest and ports, keeps the events of the last kMaxClosedRecords leases. Repeatable.
    Result<> forget(LeaseId lease, std::uint64_t unix_ms);

    Result<> put_ports(LeaseId lease, const std::vector<StoredPort>& ports);  // adds or replaces
    Result<std::vector<StoredPort>> ports(LeaseId lease);
    Result<> drop_ports(LeaseId lease, const std::string& service, std::uint32_t replica);

    Result<> add_event(LeaseId lease, const StoredEvent& event);  // its sequence is chosen here
    Result<std::vector<StoredEvent>> events(LeaseId lease, std::uint64_t after_sequence);

private:
    class Statement;
    explicit State(sqlite3* database, std::string name) : database_(database), name_(std::move(name)) {}
    Result<> prepare_tables();
    Result<> execute(const char* sql);
    [[nodiscard]] Error damage(const std::string& what) const;

    sqlite3* database_;
    std::string name_;  // for messages
};

}  // namespace sublet::agent
