// docker_impl.hpp: the class behind docker.hpp; one source file per concern (images, networks, containers, streams).
#pragma once

#include <map>
#include <optional>

#include "runtime/docker.hpp"
#include "runtime/docker_json.hpp"

namespace sublet::runtime {

inline constexpr std::uint64_t kEngineTimeoutMs = 30'000;  // for what changes something or measures
static_assert(kQuestionTimeoutMs < kEngineTimeoutMs);
inline constexpr std::uint64_t kPullSilenceMs = 600'000;  // unpacking a large layer says nothing for minutes
inline constexpr std::uint64_t kProgressEveryMs = 250;
inline constexpr std::uint64_t kFirewallRefreshMs = 30'000;  // somebody else may flush the rules

struct Call {
    std::string method;
    std::string path;              // below the API's version, except `bare`
    std::string body;              // JSON or empty
    std::uint64_t timeout_ms = 0;  // 0: kQuestionTimeoutMs for GET, kEngineTimeoutMs for the rest
    bool bare = false;
    bool pulls = false;  // asked of the service that pulls
    net::Headers headers;
    std::shared_ptr<net::Canceller> canceller = nullptr;
};

struct Answer {
    unsigned status = 0;
    std::string body;
    Json json;
};

class DockerRuntime final : public Runtime {
public:
    DockerRuntime(net::Transport& transport, net::Clock& clock, Firewall& firewall, DockerOptions options)
        : transport_(transport), clock_(clock), firewall_(firewall), options_(std::move(options)) {
        scope_.instance = options_.instance;
    }

    Task<Result<EngineInfo>> info() override;
    Task<Result<bool>> has_image(std::string image) override;
    Task<Result<>> pull(PullRequest request) override;
    Task<Result<>> remove_image(std::string image) override;

    Task<Result<NetworkState>> ensure_network(std::string lease) override;
    Task<Result<>> remove_network(std::string lease) override;
    Task<Result<std::vector<NetworkState>>> list_networks() override;
    Task<Result<>> fence_networks() override { return fence(true); }
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
    // Any status below 400 is an answer; above, kNotFound, kConflict or kEngine with the engine's words.
    Task<Result<Answer>> ask(Call call);
    // As ask; the body goes to the sink.
    Task<Result<>> ask_stream(Call call, std::uint64_t idle_timeout_ms, net::ChunkSink sink);
    Task<Result<net::Request>> make_request(Call call);
    Task<Result<>> negotiate();
    Task<Result<Json>> labelled(std::string path);  // a listing of our instance's objects
    Task<Result<std::string>> bridge_of(Json network);
    Task<Result<>> fence(bool force);

    net::Transport& transport_;
    net::Clock& clock_;
    Firewall& firewall_;
    DockerOptions options_;
    NameScope scope_;
    std::string prefix_;  // "/v1.40" once negotiated
    Json version_;
    std::map<std::string, std::string> bridges_;  // network id → interface; bounded by kMaxFirewallNetworks
    bool fencing_ = false;
    std::vector<FencedNetwork> fenced_;
    std::optional<std::uint64_t> fenced_at_ms_;
};

}  // namespace sublet::runtime
