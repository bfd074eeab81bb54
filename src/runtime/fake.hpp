// fake.hpp: a container engine in memory for tests and the simulator: nothing runs, time comes from the Clock, failures
// are ordered.
#pragma once

#include <map>
#include <set>

#include "net/host.hpp"
#include "runtime/runtime.hpp"

namespace sublet::runtime {

class FakeRuntime final : public Runtime {
public:
    // What the world does wrong, or slowly. Change it at any time.
    struct Plan {
        bool engine_down = false;                    // every call: kIo
        std::uint64_t call_ms = 0;                   // each call takes so long
        std::uint64_t pull_ms = 0;                   // ten progress reports on the way
        std::map<std::string, Error> pull_errors;    // by image
        std::map<std::string, Error> create_errors;  // by service
        std::map<std::string, Error> start_errors;   // by service
        std::map<std::string, int> exit_at_once;     // by service: ends with this code as soon as it starts
        std::map<std::string, int> exec_codes;       // by service: what commands inside end with
        std::optional<Error> network_error;
    };
    struct Counters {
        unsigned pulls = 0, creates = 0, starts = 0, stops = 0, removes = 0, pauses = 0, unpauses = 0;
    };

    explicit FakeRuntime(net::Clock& clock, std::uint16_t first_port = 30'000)
        : clock_(clock), next_port_(first_port) {}

    Plan plan;
    Counters counters;
    std::set<std::string> images;                                                // present without a pull
    void die(const std::string& id, int exit_code, bool out_of_memory = false);  // a running container ends
    void say(const std::string& id, std::string line, bool err = false);         // it writes a line of log
    [[nodiscard]] const ContainerSpec* spec_of(const std::string& id) const;     // null: no such container
    void set_writable_bytes(const std::string& id, std::uint64_t bytes);
    void set_layer(const std::string& id, std::string folder);

    Task<Result<EngineInfo>> info() override;
    Task<Result<bool>> has_image(std::string image) override;
    Task<Result<>> pull(PullRequest request) override;
    Task<Result<>> remove_image(std::string image) override;
    Task<Result<NetworkState>> ensure_network(std::string lease) override;
    Task<Result<>> remove_network(std::string lease) override;
    Task<Result<std::vector<NetworkState>>> list_networks() override;
    Task<Result<>> fence_networks() override { return enter(); }
    Task<Result<VolumeState>> ensure_volume(std::string lease, std::string key, std::uint64_t size_bytes) override;
    Task<Result<>> remove_volume(std::string lease, std::string key) override;
    Task<Result<std::vector<VolumeState>>> list_volumes() override;
    Task<Result<std::string>> create(ContainerSpec spec) override;
    Task<Result<>> start(std::string id) override;
    Task<Result<>> stop(std::string id, std::uint32_t grace_s) override;
    Task<Result<>> remove(std::string id) override;
    Task<Result<>> pause(std::string id) override;
    Task<Result<>> unpause(std::string id) override;
    Task<Result<std::vector<ContainerState>>> list() override;
    Task<Result<ContainerState>> inspect(std::string id) override;
    Task<Result<>> logs(std::string id, LogOptions options, LogSink sink) override;
    Task<Result<ExecResult>> exec(std::string id, std::vector<std::string> argv) override;
    Task<Result<Stats>> stats(std::string id) override;
    Task<Result<std::uint64_t>> writable_bytes(std::string id) override;
    Task<Result<>> events(EventSink sink) override;

private:
    struct Container {
        ContainerSpec spec;
        ContainerState state;
        std::vector<LogLine> log;
        std::uint64_t writable_bytes = 0;
    };
    Task<Result<>> enter();  // the costs and failures that every call shares
    Result<Container*> find(const std::string& id);
    void tell(const std::string& action, const Container& container);

    net::Clock& clock_;
    std::uint16_t next_port_;
    std::uint64_t next_id_ = 1;
    std::map<std::string, Container> containers_;
    std::map<std::string, NetworkState> networks_;  // by lease
    std::map<std::string, VolumeState> volumes_;    // by name
    std::vector<EngineEvent> events_;               // the last kMaxEvents
    std::uint64_t events_dropped_ = 0;
};

}  // namespace sublet::runtime
