// canonical_json.cpp: the manifest as Akash encodes it before hashing: keys sorted, empty lists null, < > & escaped.
// Spec: docs/spec/deployment-files.md (canonical JSON).
#include "sdl/json_text.hpp"
#include "sdl/sdl.hpp"

namespace sublet::sdl {
namespace {

void put_http_options(Bytes& out, const HttpOptions& options) {
    out += "{\"maxBodySize\":" + std::to_string(options.max_body_size) + ",\"nextCases\":";
    put_text_list(out, options.next_cases, "[]");
    out += ",\"nextTimeout\":" + number_text(options.next_timeout_ms, options.foreign_next_timeout);
    out += ",\"nextTries\":" + number_text(options.next_tries, options.foreign_next_tries);
    if (options.proxy_buffer_size != 0) {
        out += ",\"proxyBufferSize\":" + std::to_string(options.proxy_buffer_size);
    }
    out += ",\"readTimeout\":" + std::to_string(options.read_timeout_ms);
    out += ",\"sendTimeout\":" + std::to_string(options.send_timeout_ms) + "}";
}

void put_expose(Bytes& out, const Expose& expose) {
    out += "{\"endpointSequenceNumber\":" + std::to_string(expose.endpoint_sequence_number);
    out += ",\"externalPort\":" + std::to_string(expose.external_port);
    out += expose.global ? ",\"global\":true,\"hosts\":" : ",\"global\":false,\"hosts\":";
    put_text_list(out, expose.hosts, "null");
    out += ",\"httpOptions\":";
    put_http_options(out, expose.http_options);
    out += ",\"ip\":";
    put_text(out, expose.ip);
    out += ",\"port\":" + std::to_string(expose.port) + ",\"proto\":";
    put_text(out, expose.proto);
    out += ",\"service\":";
    put_text(out, expose.to_service);
    out += '}';
}

void put_params(Bytes& out, const Params& params) {
    out += '{';
    if (params.permissions_given) {
        out += "\"permissions\":{\"read\":";
        put_text_list(out, params.permissions_read, "[]");
        out += "},";
    }
    out += "\"storage\":";
    put_list(out, params.mounts, "null", [](Bytes& to, const Mount& mount) {
        to += "{\"mount\":";
        put_text(to, mount.path);
        to += ",\"name\":";
        put_text(to, mount.volume);
        to += mount.read_only ? ",\"readOnly\":true}" : ",\"readOnly\":false}";
    });
    if (!params.tee.empty()) {
        out += ",\"tee\":{\"attestation\":true,\"type\":";
        put_text(out, params.tee);
        out += '}';
    }
    out += '}';
}

void put_credentials(Bytes& out, const Credentials& credentials) {
    out += "{\"email\":";
    put_text(out, credentials.email);
    out += ",\"host\":";
    put_text(out, credentials.host);
    out += ",\"password\":";
    put_text(out, credentials.password);
    out += ",\"username\":";
    put_text(out, credentials.username);
    out += '}';
}

// Our own keys are written only where they say something: without them the bytes are Akash's.
void put_dependencies(Bytes& out, const std::vector<Dependency>& after) {
    constexpr std::string_view kConditions[] = {"started", "healthy", "completed"};
    out += ",\"dependencies\":";
    put_list(out, after, "[]", [&](Bytes& to, const Dependency& dependency) {
        to += "{\"condition\":";
        put_text(to, kConditions[static_cast<std::size_t>(dependency.condition)]);
        to += ",\"service\":";
        put_text(to, dependency.service);
        to += '}';
    });
}

void put_health(Bytes& out, const HealthCheck& health) {
    out += ",\"healthcheck\":{\"interval\":" + std::to_string(health.interval_ms);
    out += ",\"retries\":" + std::to_string(health.retries);
    out += ",\"startPeriod\":" + std::to_string(health.start_period_ms) + ",\"test\":";
    put_text_list(out, health.test, "[]");
    out += ",\"timeout\":" + std::to_string(health.timeout_ms) + "}";
}

void put_restart(Bytes& out, const Restart& restart) {
    out += ",\"restart\":{\"maxFailures\":" + std::to_string(restart.max_failures);
    out += restart.when == RestartWhen::kNever ? ",\"when\":\"no\"}" : ",\"when\":\"on-failure\"}";
}

void put_shared(Bytes& out, const std::vector<SharedMount>& shared) {
    out += ",\"sharedVolumes\":";
    put_list(out, shared, "[]", [](Bytes& to, const SharedMount& mount) {
        to += "{\"mount\":";
        put_text(to, mount.path);
        to += ",\"name\":";
        put_text(to, mount.volume);
        to += ",\"owner\":";
        put_text(to, mount.owner);
        to += mount.read_only ? ",\"readOnly\":true}" : ",\"readOnly\":false}";
    });
}

void put_service(Bytes& out, const Service& service) {
    const Lifecycle& life = service.lifecycle;
    out += '{';
    if (!life.aliases.empty()) {
        out += "\"aliases\":";
        put_text_list(out, life.aliases, "[]");
        out += ',';
    }
    out += "\"args\":";
    put_text_list(out, service.args, "null");
    out += ",\"command\":";
    put_text_list(out, service.command, "null");
    out += ",\"count\":" + number_text(service.count, service.foreign_count) + ",\"credentials\":";
    if (service.credentials) {
        put_credentials(out, *service.credentials);
    } else {
        out += "null";
    }
    if (!life.after.empty()) {
        put_dependencies(out, life.after);
    }
    out += ",\"env\":";
    put_text_list(out, service.env, "null");
    out += ",\"expose\":";
    put_list(out, service.expose, "[]", put_expose);
    if (life.health) {
        put_health(out, *life.health);
    }
    out += ",\"image\":";
    put_text(out, service.image);
    out += ",\"name\":";
    put_text(out, service.name);
    if (service.params.given) {
        out += ",\"params\":";
        put_params(out, service.params);
    }
    out += ",\"resources\":";
    put_resources(out, service.resources);
    if (life.restart.when != RestartWhen::kAlways) {
        put_restart(out, life.restart);
    }
    if (!life.shared.empty()) {
        put_shared(out, life.shared);
    }
    out += '}';
}

}  // namespace

Bytes canonical_json(const Manifest& manifest) {
    Bytes out;
    put_list(out, manifest.groups, "[]", [](Bytes& to, const ManifestGroup& group) {
        to += "{\"name\":";
        put_text(to, group.name);
        to += ",\"services\":";
        put_list(to, group.services, "[]", put_service);
        to += '}';
    });
    return out;
}

}  // namespace sublet::sdl
