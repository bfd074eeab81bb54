// gateway.hpp: the HTTPS front for tenants and creators: manifest, status, logs, events; packages, inputs and results
// of jobs. Spec: docs/spec/gateway.md, docs/spec/worker.md; threats.md T10.
#pragma once

#include <map>
#include <memory>

#include <nlohmann/json_fwd.hpp>

#include "agent/core.hpp"
#include "client/seen_tokens.hpp"
#include "net/http.hpp"

namespace sublet::agent {

inline constexpr std::uint64_t kMaxGatewayBody = 4U << 20U;  // a manifest of sdl::kMaxManifestBytes, escaped
inline constexpr std::string_view kJobPrefix = "/v1/jobs/";
inline constexpr std::size_t kNonceBytes = 32;
inline constexpr unsigned kMaxStreams = 128;         // logs and events that are followed at once
inline constexpr unsigned kMaxStreamsPerLease = 16;  // one tenant leaves the others theirs
static_assert(kMaxStreamsPerLease < kMaxStreams);

struct KeptJob;

// Shared by its handlers, which may end after the agent has stopped.
class Gateway : public std::enable_shared_from_this<Gateway> {
public:
    explicit Gateway(std::shared_ptr<Core> core) : core_(std::move(core)) {}

    // Listens with core.identity. Errors: kIo (address in use), kTls.
    Result<> listen(std::uint16_t port);
    [[nodiscard]] std::uint16_t port() const { return server_->port(); }
    void stop();

private:
    // A refusal on its way to the tenant.
    struct Refusal {
        unsigned status = 400;
        std::string error;
        std::string hint;
    };
    template <class T>
    using Answer = std::expected<T, Refusal>;
    struct Target {
        LeaseId lease;
        std::string what;  // "manifest", "status", "logs", "events"
    };
    struct JobTarget {
        JobId job;
        std::string
            what;  // "": the job itself; "package", "input", "swarm", "keep", "receipt", "result", "pieces", "log"
        std::uint32_t task = 0;
        std::uint32_t attempt = 0;
    };
    struct JobCaller {
        crypto::Address creator;
        std::optional<Hash> kept_input;  // who calls keeps the job for him: the only input that may be brought
    };
    struct Stream;

    static std::unexpected<Refusal> refuse(unsigned status, std::string error, std::string hint);
    static net::Response to_response(const Refusal& refusal);
    static unsigned status_of(Code code);
    static std::optional<Target> target_of(const std::string& path);

    Task<net::Response> handle(net::Request request);
    Task<Answer<Bytes>> answer(net::Request request);
    Task<Answer<market::Lease>> find_lease(LeaseId id);
    Task<Answer<Bytes>> put_manifest(net::Request request, client::TokenClaims claims, market::Lease lease);
    Answer<client::TokenClaims> verify(const net::Request& request, LeaseId lease, client::Scope scope) const;
    // What every token must satisfy here, whatever it is for.
    Answer<client::TokenClaims> verify_any(const net::Request& request) const;
    static std::optional<JobTarget> job_target_of(const net::Request& request);
    [[nodiscard]] Answer<JobCaller> caller_of(const net::Request& request, const JobTarget& target) const;
    Task<Answer<net::Response>> answer_job(net::Request request);
    Task<Answer<net::Response>> put_package(net::Request request, JobId id, crypto::Address issuer);
    Task<Answer<net::Response>> put_input(net::Request request, JobId id);
    Answer<net::Response> put_swarm(const net::Request& request, const KeptJob& job, const JobCaller& caller);
    Answer<net::Response> drop_job(const KeptJob& job);
    [[nodiscard]] Answer<net::Response> find_receipt(JobId id, const crypto::Address& creator) const;
    static net::Response json_answer(const nlohmann::json& value);
    Answer<net::Response> put_keep(const net::Request& request, JobId id);
    Answer<net::Response> get_piece(const net::Request& request, const JobTarget& target);
    // Who was drawn to audit the task may have its result, and arbiters what earlier auditors rendered.
    Task<bool> is_auditor(crypto::Address caller, JobTarget target);
    [[nodiscard]] net::Response job_view(JobId id) const;
    static Answer<std::monostate> check_tenant(const client::TokenClaims& claims, const market::Lease& lease);

    std::optional<net::Response> gate(const net::Request& request);
    [[nodiscard]] bool has_room_for(LeaseId lease) const;
    Task<> serve_socket(net::Request request, std::shared_ptr<net::WebSocket> socket);
    Task<> serve_logs(std::shared_ptr<Stream> stream);
    Task<> serve_replica(std::shared_ptr<Stream> stream, std::string service, std::uint32_t replica);
    Task<> serve_events(std::shared_ptr<Stream> stream);
    static Task<> watch_peer(std::shared_ptr<Stream> stream);
    static Task<Result<>> send_line(std::shared_ptr<Stream> stream, std::string service, std::uint32_t replica,
                                    runtime::LogLine line);

    std::shared_ptr<Core> core_;
    client::SeenTokens seen_tokens_;
    std::unique_ptr<net::Server> server_;
    unsigned streams_ = 0;
    std::map<LeaseId, unsigned> streams_of_;
};

}  // namespace sublet::agent
