// provider_client.hpp: a tenant at its provider's gateway: HTTPS pinned to the key that the ledger names, a fresh token
// per call. Spec: docs/spec/gateway.md, threats.md T10.
#pragma once

#include <functional>
#include <nlohmann/json_fwd.hpp>
#include <optional>
#include <string>
#include <vector>

#include "client/token.hpp"
#include "modules/provider/provider.hpp"
#include "net/http.hpp"

namespace sublet::client {

using net::Task;

inline constexpr std::uint64_t kTokenLife_s = 60;

struct PortView {
    std::uint16_t container_port = 0;
    std::uint16_t external = 0;
    std::uint16_t host_port = 0;
    std::string proto;  // "TCP" or "UDP"
};
struct ServiceView {
    std::string name;
    std::string image;
    std::string state;
    std::string last_error;
    std::uint32_t replicas = 0;
    std::uint32_t replicas_ready = 0;
    std::vector<std::string> uris;
    std::vector<PortView> ports;
};
// What the provider says of a lease.
struct LeaseView {
    LeaseId lease;
    std::string state;
    std::string message;
    std::vector<ServiceView> services;
    std::string json;  // as received
};
struct LogView {
    std::string service;
    std::string time;
    std::string line;
    std::uint32_t replica = 0;
};
struct GatewayEvent {
    std::string time;
    std::string kind;
    std::string text;
};
struct LogQuery {
    std::string service;  // "": all
    bool follow = false;
    std::optional<std::uint32_t> tail;  // lines per replica; absent: all
};

using LogSink = std::function<Task<Result<>>(LogView)>;
using EventSink = std::function<Task<Result<>>(GatewayEvent)>;

// Which gateway, as the provider's ledger record has it. Errors: kParse (its uri), kUnsupported (not https).
struct Gateway {
    net::Endpoint endpoint;
    Address provider;
    std::string chain_id;
    Hash spki{};
    static Result<Gateway> of(const provider::Provider& provider, std::string chain_id);
};

// The references outlive the object. Errors: kIo, kTls (not the pinned key), kTimeout; the gateway's refusals as
// kUnauthorized (401, 403), kNotFound (404), kConflict (409: the manifest is not the one committed to), kRefused,
// kHttp.
class ProviderClient {
public:
    ProviderClient(net::Transport& transport, net::Clock& clock, net::Random& random, const crypto::SecretKey& key,
                   Gateway gateway);

    // `nonce` and the manifest's bytes as committed to: SHA-256(nonce ‖ SHA-256(manifest)).
    Task<Result<>> put_manifest(LeaseId lease, Hash nonce, Bytes manifest);
    Task<Result<LeaseView>> status(LeaseId lease);
    // Ends with the stream (not followed, or the lease closed) or the sink's error.
    Task<Result<>> logs(LeaseId lease, LogQuery query, LogSink sink);
    Task<Result<>> events(LeaseId lease, bool follow, EventSink sink);
    // A job's package, its input and what its tasks left: docs/spec/worker.md. The state that comes back is the
    // worker's JSON.
    Task<Result<nlohmann::json>> put_package(JobId job, Bytes package);
    Task<Result<nlohmann::json>> put_input(JobId job, std::uint64_t offset, Bytes piece);
    // agent::to_json of a SwarmInput: where the worker has the input from instead.
    Task<Result<nlohmann::json>> put_swarm(JobId job, Bytes swarm);
    Task<Result<nlohmann::json>> job_state(JobId job);
    // At most 2 MiB from there on; empty at the end.
    // `what`: "result", or what an auditor rendered: "pieces".
    Task<Result<Bytes>> result(JobId job, std::uint32_t task, std::uint32_t attempt, std::uint64_t offset,
                               std::string what = "result");
    Task<Result<Bytes>> task_log(JobId job, std::uint32_t task, std::uint32_t attempt);
    // What it signed for that (docs/spec/storage.md); empty where it signs nothing.
    Task<Result<std::string>> drop_job(JobId job);
    // The provider is to keep the job, and has this delegation for it.
    Task<Result<nlohmann::json>> put_keep(JobId job, const std::string& delegation);
    // Sent with every call about jobs from now on: who speaks keeps the job for its creator.
    void speak_for(std::string delegation) { delegation_ = std::move(delegation); }
    // What the provider says of itself; no token.
    Task<Result<nlohmann::json>> machine_status();

private:
    Result<net::Request> request(LeaseId lease, Scope scope, std::string method, std::string path);
    Result<net::Request> job_request(JobId job, std::string method, std::string path);
    Result<net::Request> request_with(TokenTarget target, std::string method, std::string path);
    Task<Result<nlohmann::json>> job_call(net::Request request);
    Task<Result<net::Response>> call(net::Request request);
    Task<Result<>> read_stream(net::Request request, std::function<Task<Result<>>(nlohmann::json)> sink);

    net::Transport& transport_;
    net::Clock& clock_;
    net::Random& random_;
    crypto::SecretKey key_;
    Gateway gateway_;
    std::string delegation_;
};

}  // namespace sublet::client
