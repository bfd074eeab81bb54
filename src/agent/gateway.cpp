// gateway.cpp: the HTTPS front for tenants: who may ask what, the manifest, the status.
#include "agent/gateway.hpp"

#include <algorithm>
#include <charconv>

#include <nlohmann/json.hpp>

#include "agent/crash.hpp"
#include "agent/lease_view.hpp"

namespace sublet::agent {

namespace {

constexpr std::string_view kLeasePrefix = "/v1/leases/";
constexpr std::string_view kBearer = "Bearer ";

client::Scope scope_of(const std::string& what) {
    if (what == "manifest") {
        return client::Scope::kManifest;
    }
    if (what == "logs") {
        return client::Scope::kLogs;
    }
    return what == "events" ? client::Scope::kEvents : client::Scope::kStatus;
}

bool is_over(const market::Lease& lease) {
    return lease.state == market::LeaseState::kClosing || lease.state == market::LeaseState::kClosed;
}

}  // namespace

std::unexpected<Gateway::Refusal> Gateway::refuse(unsigned status, std::string error, std::string hint) {
    return std::unexpected{Refusal{status, std::move(error), std::move(hint)}};
}

net::Response Gateway::to_response(const Refusal& refusal) {
    net::Response out = json_response(refusal.status, error_json(refusal.error, refusal.hint));
    if (refusal.status == 401) {
        out.headers["www-authenticate"] = "Bearer";
    }
    return out;
}

std::optional<Gateway::Target> Gateway::target_of(const std::string& path) {
    if (!path.starts_with(kLeasePrefix)) {
        return std::nullopt;
    }
    const std::size_t slash = path.find('/', kLeasePrefix.size());
    if (slash == std::string::npos) {
        return std::nullopt;
    }
    const std::string id = path.substr(kLeasePrefix.size(), slash - kLeasePrefix.size());
    const std::optional<LeaseId> lease = lease_of_key(id);
    const std::string what = path.substr(slash + 1);
    const bool known = what == "manifest" || what == "status" || what == "logs" || what == "events";
    if (!lease || !known) {
        return std::nullopt;
    }
    return Target{*lease, what};
}

Result<> Gateway::listen(std::uint16_t port) {
    net::ServerOptions options;
    options.address = core_->options.gateway_address;
    options.port = port;
    options.tls = core_->identity;
    options.max_body_bytes = kMaxGatewayBody;
    const std::shared_ptr<Gateway> self = shared_from_this();
    net::Handler handler = [self](net::Request request) { return self->handle(std::move(request)); };
    net::SocketHandler socket_handler = [self](net::Request request, std::shared_ptr<net::WebSocket> socket) {
        return self->serve_socket(std::move(request), std::move(socket));
    };
    net::UpgradeGate upgrade_gate = [self](const net::Request& request) { return self->gate(request); };
    TRY(server, core_->parts.listener.listen(std::move(options), std::move(handler), std::move(socket_handler),
                                             std::move(upgrade_gate)));
    server_ = std::move(server);
    return {};
}

void Gateway::stop() {
    if (server_) {
        server_->stop();
        server_.reset();  // it holds the handlers, which hold this
    }
}

Gateway::Answer<client::TokenClaims> Gateway::verify_any(const net::Request& request) const {
    const auto header = request.headers.find("authorization");
    if (header == request.headers.end() || !header->second.starts_with(kBearer)) {
        return refuse(401, "no token", "send the header \"Authorization: Bearer …\" with a token of the tenant's key");
    }
    client::TokenExpectations expected;
    expected.chain_id = core_->chain_id;
    expected.audience = core_->options.owner;
    expected.spki = core_->identity.spki;
    expected.now_s = core_->parts.clock.unix_ms() / 1'000;
    const std::string_view token = std::string_view{header->second}.substr(kBearer.size());
    Result<client::TokenClaims> claims = client::verify_token(token, expected);
    if (!claims) {
        return refuse(401, claims.error().message, "make a new token for this provider; it lives 300 s at most");
    }
    return std::move(*claims);
}

Gateway::Answer<client::TokenClaims> Gateway::verify(const net::Request& request, LeaseId lease,
                                                     client::Scope scope) const {
    Answer<client::TokenClaims> claims = verify_any(request);
    if (!claims) {
        return claims;
    }
    if (claims->lease != lease) {
        return refuse(403, "the token is for another lease", "make a token for lease " + lease_key_of(lease));
    }
    if (!claims->allows(scope)) {
        return refuse(403, "the token does not have the scope " + std::string{client::scope_name(scope)},
                      "make a token with that scope");
    }
    return claims;
}

Gateway::Answer<std::monostate> Gateway::check_tenant(const client::TokenClaims& claims, const market::Lease& lease) {
    if (claims.issuer != lease.tenant) {
        return refuse(403, "lease " + lease_key_of(lease.id) + " belongs to another tenant",
                      "sign the token with the key that made the deployment");
    }
    return std::monostate{};
}

// What was read last will do for a lease that goes on; a new or an ended one is asked for.
Task<Gateway::Answer<market::Lease>> Gateway::find_lease(LeaseId id) {
    const market::Lease* known = core_->seen.find(id);
    if (known != nullptr && !is_over(*known)) {
        co_return *known;
    }
    Result<std::optional<market::Lease>> read = co_await core_->parts.ledger.lease(id);
    if (!read) {
        co_return refuse(503, "the ledger cannot be read: " + read.error().message, "try again in a few seconds");
    }
    if (!*read || (*read)->provider != core_->options.owner) {
        co_return refuse(404, "no lease " + lease_key_of(id) + " at this provider",
                         "look at the lease with `sublet lease status`: its provider and its id");
    }
    core_->wake_up(true);
    co_return std::move(**read);
}

Task<net::Response> Gateway::handle(net::Request request) {
    if (request.path.starts_with(kJobPrefix)) {
        Task<Answer<net::Response>> of_job = answer_job(std::move(request));
        const Answer<net::Response> answered = co_await std::move(of_job);
        co_return answered ? *answered : to_response(answered.error());
    }
    Task<Answer<Bytes>> answering = answer(std::move(request));
    const Answer<Bytes> answered = co_await std::move(answering);
    co_return answered ? json_response(200, *answered) : to_response(answered.error());
}

Task<Gateway::Answer<Bytes>> Gateway::answer(net::Request request) {
    if (request.path == "/v1/status" && request.method == "GET") {
        co_return machine_json(*core_);
    }
    const std::optional<Target> target = target_of(request.path);
    if (!target) {
        co_return refuse(
            404, "there is nothing at " + request.path,
            "GET /v1/status, PUT /v1/leases/ID/manifest, GET /v1/leases/ID/status, logs or events; /v1/jobs/ID");
    }
    const bool puts = target->what == "manifest";
    if (request.method != (puts ? "PUT" : "GET")) {
        co_return refuse(405, request.method + " is not for " + request.path, puts ? "use PUT" : "use GET");
    }
    Answer<client::TokenClaims> claims = verify(request, target->lease, scope_of(target->what));
    if (!claims) {
        co_return std::unexpected{claims.error()};
    }
    Task<Answer<market::Lease>> finding = find_lease(target->lease);
    Answer<market::Lease> lease = co_await std::move(finding);
    if (!lease) {
        co_return std::unexpected{lease.error()};
    }
    const Answer<std::monostate> tenant = check_tenant(*claims, *lease);
    if (!tenant) {
        co_return std::unexpected{tenant.error()};
    }
    if (target->what == "status") {
        co_return lease_json(*core_, *lease);
    }
    if (!puts) {
        co_return refuse(426, target->what + " is a WebSocket", "ask for an upgrade to a WebSocket");
    }
    Task<Answer<Bytes>> putting = put_manifest(std::move(request), std::move(*claims), std::move(*lease));
    co_return co_await std::move(putting);
}

Task<Gateway::Answer<Bytes>> Gateway::put_manifest(net::Request request, client::TokenClaims claims,
                                                   market::Lease lease) {
    using nlohmann::json;
    if (is_over(lease)) {
        co_return refuse(409, "lease " + lease_key_of(lease.id) + " is closed", "rent again");
    }
    const json body = json::parse(request.body, nullptr, false);
    const bool shaped = body.is_object() && body.contains("nonce") && body["nonce"].is_string() &&
                        body.contains("manifest") && body["manifest"].is_string();
    if (!shaped) {
        co_return refuse(400, "the body is not {\"nonce\": hex, \"manifest\": text}", "see docs/spec/gateway.md");
    }
    const Result<Bytes> nonce = from_hex(body["nonce"].get<std::string>());
    if (!nonce || nonce->size() != kNonceBytes) {
        co_return refuse(400, "the nonce is not 32 bytes in hex", "send the nonce of the deployment's commitment");
    }
    Result<std::optional<market::Deployment>> deployment = co_await core_->parts.ledger.deployment(lease.deployment);
    if (!deployment || !*deployment) {
        co_return refuse(503, "the deployment cannot be read from the ledger", "try again in a few seconds");
    }
    StoredManifest manifest{lease.id, body["manifest"].get<std::string>(), *nonce};
    if (commitment_of(manifest.nonce, manifest.json) != (*deployment)->commitment) {
        co_return refuse(409, "this is not the manifest that the deployment commits to",
                         "send nonce and manifest exactly as the deployment was made from them");
    }
    const Result<sdl::Manifest> parsed = sdl::manifest_from_json(manifest.json);
    if (!parsed) {
        co_return refuse(400, parsed.error().message, "make the manifest with `sublet rent` or another SDL tool");
    }
    const Result<sdl::ManifestGroup> group = group_of(*parsed, **deployment, lease.group);
    if (!group) {
        co_return refuse(409, group.error().message, "the manifest and the deployment must come from one file");
    }
    const std::uint64_t now_ms = core_->parts.clock.unix_ms();
    const Result<> admitted = seen_tokens_.admit(claims, client::Scope::kManifest, now_ms / 1'000);
    if (!admitted) {
        co_return refuse(401, admitted.error().message, "make a new token for each manifest");
    }
    crash_point(CrashPoint::kManifestReceived);
    Result<> kept = core_->state->put_manifest(manifest, now_ms);
    if (kept) {
        kept = core_->adopt_manifest(manifest, lease, **deployment);
    }
    if (!kept) {
        co_return refuse(500, kept.error().message, "tell the provider");
    }
    crash_point(CrashPoint::kManifestStored);
    core_->note(lease.id, "manifest", "manifest received");
    for (const std::string& remark : remarks(*group)) {
        core_->note(lease.id, "note", remark);
    }
    core_->wake_up(core_->seen.find(lease.id) == nullptr);
    co_return Bytes{"{}"};
}

}  // namespace sublet::agent
