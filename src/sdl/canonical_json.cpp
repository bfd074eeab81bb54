// canonical_json.cpp: the manifest as Akash encodes it before hashing: keys sorted, empty lists null, < > & escaped.
// Spec: docs/spec/deployment-files.md (canonical JSON).
#include "sdl/json_text.hpp"
#include "sdl/sdl.hpp"

namespace sublet::sdl {
namespace {

void put_http_options(Bytes& out, const HttpOptions& options) {
    out += "{\"maxBodySize\":" + std::to_string(options.max_body_size) + ",\"nextCases\":";
    put_text_list(out, options.next_cases, "[]");
    out += ",\"nextTimeout\":" + std::to_string(options.next_timeout_ms);
    out += ",\"nextTries\":" + std::to_string(options.next_tries);
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

void put_service(Bytes& out, const Service& service) {
    out += "{\"args\":";
    put_text_list(out, service.args, "null");
    out += ",\"command\":";
    put_text_list(out, service.command, "null");
    out += ",\"count\":" + std::to_string(service.count) + ",\"credentials\":";
    if (service.credentials) {
        put_credentials(out, *service.credentials);
    } else {
        out += "null";
    }
    out += ",\"env\":";
    put_text_list(out, service.env, "null");
    out += ",\"expose\":";
    put_list(out, service.expose, "[]", put_expose);
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
