// provider_client.cpp: speaks to a provider's gateway.
// Spec: docs/spec/gateway.md.
#include "client/provider_client.hpp"

#include "client/loose_json.hpp"
#include "net/dial.hpp"
#include "net/quiet.hpp"

namespace sublet::client {
namespace {

constexpr std::uint64_t kCallTimeoutMs = 20'000;

Code code_of_status(unsigned status) {
    switch (status) {
        case 401:
        case 403:
            return Code::kUnauthorized;
        case 404:
            return Code::kNotFound;
        case 409:
            return Code::kConflict;
        case 429:
        case 503:
            return Code::kRefused;
        default:
            return Code::kHttp;
    }
}

std::unexpected<Error> refusal(const net::Response& response, const net::Endpoint& endpoint) {
    std::string text = response.body.substr(0, 400);
    if (const Result<nlohmann::json> body = loose::parse(response.body, ""); body) {
        const std::string error = loose::text(*body, "error");
        const std::string hint = loose::text(*body, "hint");
        text = error.empty() ? text : error + (hint.empty() ? "" : "; " + hint);
    }
    return fail(code_of_status(response.status), "the provider at " + net::endpoint_name(endpoint) + " answers " +
                                                     std::to_string(response.status) + ": " + text);
}

std::string lease_path(LeaseId lease, std::string_view what) {
    return "/v1/leases/" + std::to_string(lease.value()) + "/" + std::string{what};
}

std::vector<std::string> texts(const nlohmann::json& list) {
    std::vector<std::string> out;
    if (list.is_array()) {
        for (const nlohmann::json& each : list) {
            if (each.is_string()) {
                out.push_back(each.get<std::string>());
            }
        }
    }
    return out;
}

ServiceView service_of(const nlohmann::json& value) {
    ServiceView out;
    out.name = loose::text(value, "name");
    out.image = loose::text(value, "image");
    out.state = loose::text(value, "state");
    out.last_error = loose::text(value, "last_error");
    out.replicas = static_cast<std::uint32_t>(loose::number(value, "replicas"));
    out.replicas_ready = static_cast<std::uint32_t>(loose::number(value, "replicas_ready"));
    out.uris = texts(loose::at(value, "uris"));
    for (const nlohmann::json& each : loose::at(value, "ports")) {
        PortView port;
        port.container_port = static_cast<std::uint16_t>(loose::number(each, "container_port"));
        port.external = static_cast<std::uint16_t>(loose::number(each, "external"));
        port.host_port = static_cast<std::uint16_t>(loose::number(each, "host_port"));
        port.proto = loose::text(each, "proto");
        out.ports.push_back(std::move(port));
    }
    return out;
}

}  // namespace

Result<Gateway> Gateway::of(const provider::Provider& provider, std::string chain_id) {
    TRY(endpoint, net::parse_endpoint(provider.gateway_uri));
    if (!endpoint.tls) {
        return fail(Code::kUnsupported, "the provider's gateway is not https: " + provider.gateway_uri);
    }
    Gateway out;
    out.endpoint = endpoint;
    out.endpoint.spki_pin = provider.tls_pin;
    out.provider = provider.owner;
    out.chain_id = std::move(chain_id);
    out.spki = provider.tls_pin;
    return out;
}

ProviderClient::ProviderClient(net::Transport& transport, net::Clock& clock, net::Random& random,
                               const crypto::SecretKey& key, Gateway gateway)
    : transport_(transport), clock_(clock), random_(random), key_(key), gateway_(std::move(gateway)) {}

Result<net::Request> ProviderClient::request(LeaseId lease, Scope scope, std::string method, std::string path) {
    TokenTarget target;
    target.lease = lease;
    target.scopes = {scope};
    return request_with(std::move(target), std::move(method), std::move(path));
}

Result<net::Request> ProviderClient::request_with(TokenTarget target, std::string method, std::string path) {
    target.audience = gateway_.provider;
    target.chain_id = gateway_.chain_id;
    target.spki = gateway_.spki;
    TokenClaims claims = claims_for(target, clock_.unix_ms() / 1000, kTokenLife_s, random_);
    TRY(token, make_token(std::move(claims), key_));
    net::Request out;
    out.method = std::move(method);
    out.target = std::move(path);
    out.headers["authorization"] = "Bearer " + token;
    return out;
}

Task<Result<net::Response>> ProviderClient::call(net::Request request) {
    Result<net::Response> response = co_await transport_.send(gateway_.endpoint, std::move(request), kCallTimeoutMs);
    if (!response) {
        co_return fail(response.error().code, "the provider at " + net::endpoint_name(gateway_.endpoint) +
                                                  " cannot be reached: " + response.error().message);
    }
    if (response->status >= 300) {
        co_return refusal(*response, gateway_.endpoint);
    }
    co_return response;
}

Task<Result<>> ProviderClient::put_manifest(LeaseId lease, Hash nonce, Bytes manifest) {
    CO_TRY(call_request, request(lease, Scope::kManifest, "PUT", lease_path(lease, "manifest")));
    nlohmann::json body;
    body["nonce"] = to_hex(view_of(nonce));
    body["manifest"] = std::move(manifest);
    call_request.headers["content-type"] = "application/json";
    call_request.body = body.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace);
    Result<net::Response> response = co_await call(std::move(call_request));
    if (!response) {
        co_return std::unexpected{std::move(response).error()};
    }
    co_return Result<>{};
}

Task<Result<LeaseView>> ProviderClient::status(LeaseId lease) {
    CO_TRY(call_request, request(lease, Scope::kStatus, "GET", lease_path(lease, "status")));
    CO_TRY(response, co_await call(std::move(call_request)));
    CO_TRY(body, loose::parse(response.body, "the provider"));
    LeaseView out;
    out.lease = lease;
    out.state = loose::text(body, "state");
    out.message = loose::text(body, "message");
    for (const nlohmann::json& each : loose::at(body, "services")) {
        out.services.push_back(service_of(each));
    }
    out.json = std::move(response.body);
    co_return out;
}

Task<Result<nlohmann::json>> ProviderClient::machine_status() {
    net::Request plain;
    plain.target = "/v1/status";
    CO_TRY(response, co_await call(std::move(plain)));
    co_return loose::parse(response.body, "the provider");
}

Task<Result<>> ProviderClient::read_stream(net::Request request, std::function<Task<Result<>>(nlohmann::json)> sink) {
    CO_TRY(socket, co_await transport_.open_socket(gateway_.endpoint, std::move(request), kCallTimeoutMs));
    while (true) {
        Result<net::SocketMessage> message = co_await socket->receive();
        if (!message && message.error().code == Code::kCancelled) {
            co_return Result<>{};  // the gateway has said everything
        }
        if (!message) {
            co_return std::unexpected{std::move(message).error()};
        }
        CO_TRY(value, loose::parse(message->data, "the provider"));
        if (std::string error = loose::text(value, "error"); !error.empty()) {
            co_return fail(Code::kRefused, "the provider answers: " + error);
        }
        Result<> taken = co_await sink(std::move(value));
        if (!taken) {
            std::string reason = "done";
            co_await socket->close(1000, std::move(reason));
            co_return taken;
        }
    }
}

namespace {

Task<Result<>> give_log(std::shared_ptr<LogSink> sink, nlohmann::json value) {
    LogView view;
    view.service = loose::text(value, "service");
    view.time = loose::text(value, "time");
    view.line = loose::text(value, "line");
    view.replica = static_cast<std::uint32_t>(loose::number(value, "replica"));
    return (*sink)(std::move(view));
}

Task<Result<>> give_event(std::shared_ptr<EventSink> sink, nlohmann::json value) {
    GatewayEvent event;
    event.time = loose::text(value, "time");
    event.kind = loose::text(value, "kind");
    event.text = loose::text(value, "text");
    return (*sink)(std::move(event));
}

}  // namespace

Task<Result<>> ProviderClient::logs(LeaseId lease, LogQuery query, LogSink sink) {
    std::string path = lease_path(lease, "logs") + (query.follow ? "?follow=1" : "?follow=0");
    if (!query.service.empty()) {
        path += "&service=" + net::percent_encode(query.service);
    }
    if (query.tail) {
        path += "&tail=" + std::to_string(*query.tail);
    }
    CO_TRY(opening, request(lease, Scope::kLogs, "GET", std::move(path)));
    auto shared = std::make_shared<LogSink>(std::move(sink));
    std::function<Task<Result<>>(nlohmann::json)> each = [shared](nlohmann::json value) {
        return give_log(shared, std::move(value));
    };
    co_return co_await read_stream(std::move(opening), std::move(each));
}

Task<Result<>> ProviderClient::events(LeaseId lease, bool follow, EventSink sink) {
    CO_TRY(opening, request(lease, Scope::kEvents, "GET", lease_path(lease, "events") + (follow ? "?follow=1" : "")));
    auto shared = std::make_shared<EventSink>(std::move(sink));
    std::function<Task<Result<>>(nlohmann::json)> each = [shared](nlohmann::json value) {
        return give_event(shared, std::move(value));
    };
    co_return co_await read_stream(std::move(opening), std::move(each));
}

}  // namespace sublet::client
