// compile_parts.cpp: one section of a checked tree as plain values.
// Spec: docs/spec/deployment-files.md (what it compiles to).
#include "sdl/compile_parts.hpp"

#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <limits>

#include "sdl/collate.hpp"
#include "sdl/units.hpp"

namespace sublet::sdl {

std::uint32_t u32_of(double value) {
    constexpr double kMost = std::numeric_limits<std::uint32_t>::max();
    return value >= kMost ? std::numeric_limits<std::uint32_t>::max() : static_cast<std::uint32_t>(value);
}

namespace {

const std::vector<Node>& items_of(const Node* node) {
    static const std::vector<Node> kNone;
    return node == nullptr ? kNone : node->items;
}

std::vector<std::string> texts_of(const Node* node) {
    std::vector<std::string> out;
    for (const Node& item : items_of(node)) {
        out.push_back(item.text);
    }
    return out;
}

bool bool_of(const Node* node) { return node != nullptr && node->boolean; }

std::uint32_t u32_or(const Node* node, std::uint32_t otherwise) {
    return node == nullptr ? otherwise : u32_of(node->number);
}

std::uint16_t port_of(const Node* node) {
    return node == nullptr ? std::uint16_t{0} : static_cast<std::uint16_t>(node->number);
}

std::string proto_of(const Node& expose) {
    const std::string proto = text_of(expose.find("proto"));
    return proto == "udp" || proto == "UDP" ? "UDP" : "TCP";
}

std::vector<Attribute> attributes_of(const Node* node) {
    std::vector<Attribute> out;
    if (node != nullptr) {
        for (const Entry& entry : node->entries) {
            out.push_back({entry.key, plain_text(entry.value)});
        }
    }
    std::ranges::stable_sort(out, collates_before, &Attribute::key);
    return out;
}

Storage read_storage(const Node& volume, Rules rules) {
    Storage out;
    out.name = text_of(volume.find("name"));
    out.name = out.name.empty() ? "default" : out.name;
    out.bytes = read_bytes(text_of(volume.find("size"))).value_or(ByteCount{}).bytes;
    if (rules == Rules::kOfficial) {
        out.foreign_bytes = foreign(official_bytes(text_of(volume.find("size"))).value_or(0), out.bytes);
    }
    out.attributes = attributes_of(volume.find("attributes"));
    for (const Attribute& attribute : out.attributes) {
        if (attribute.key == "class") {
            out.class_name = attribute.value;
        } else if (attribute.key == "persistent") {
            out.persistent = attribute.value == "true";
        }
    }
    return out;
}

Gpu read_gpu(const Node* gpu, Rules rules) {
    Gpu out;
    if (gpu == nullptr) {
        return out;
    }
    if (const Node* units = gpu->find("units")) {
        out.units = std::strtoull(plain_text(*units).c_str(), nullptr, 10);
        if (rules == Rules::kOfficial) {
            out.foreign_units = foreign(official_gpu_units(*units), out.units);
        }
    }
    const Node* vendors = find(gpu->find("attributes"), "vendor");
    if (vendors == nullptr) {
        return out;
    }
    for (const Entry& vendor : vendors->entries) {
        if (vendor.value.is(Kind::kNull)) {
            out.any_of.push_back({vendor.key, "*", "", std::nullopt, ""});
        }
        for (const Node& model : vendor.value.items) {
            GpuModel wanted{vendor.key, text_of(model.find("model")), text_of(model.find("ram")), std::nullopt,
                            text_of(model.find("interface"))};
            if (rules == Rules::kOfficial) {
                wanted.model = model.find("model") == nullptr ? "undefined" : wanted.model;
            } else if (wanted.model.empty()) {
                wanted.model = "*";
            }
            wanted.ram_bytes = gpu_ram_bytes(wanted.ram);
            out.any_of.push_back(std::move(wanted));
        }
    }
    return out;
}

HttpOptions read_http_options(const Node* node) {
    HttpOptions out;
    if (node == nullptr) {
        return out;
    }
    out.max_body_size = u32_or(node->find("max_body_size"), out.max_body_size);
    out.read_timeout_ms = u32_or(node->find("read_timeout"), out.read_timeout_ms);
    out.send_timeout_ms = u32_or(node->find("send_timeout"), out.send_timeout_ms);
    out.next_tries = u32_or(node->find("next_tries"), out.next_tries);
    out.next_timeout_ms = u32_or(node->find("next_timeout"), out.next_timeout_ms);
    if (const Node* tries = node->find("next_tries")) {
        out.foreign_next_tries = foreign_json(tries->number, out.next_tries);
    }
    if (const Node* timeout = node->find("next_timeout")) {
        out.foreign_next_timeout = foreign_json(timeout->number, out.next_timeout_ms);
    }
    out.proxy_buffer_size = u32_or(node->find("proxy_buffer_size"), out.proxy_buffer_size);
    if (const Node* cases = node->find("next_cases")) {
        out.next_cases = texts_of(cases);
    }
    return out;
}

std::vector<Expose> read_exposes(const Node* exposes, const EndpointNumbers& numbers) {
    std::vector<Expose> out;
    for (const Node& expose : items_of(exposes)) {
        for (const Node& target : items_of(expose.find("to"))) {
            Expose one;
            one.port = port_of(expose.find("port"));
            one.external_port = port_of(expose.find("as"));
            one.proto = proto_of(expose);
            one.global = bool_of(target.find("global"));
            one.to_service = text_of(target.find("service"));
            one.hosts = texts_of(expose.find("accept"));
            one.ip = text_of(target.find("ip"));
            const auto number = numbers.find(one.ip);
            one.endpoint_sequence_number = number == numbers.end() ? 0 : number->second;
            one.http_options = read_http_options(expose.find("http_options"));
            out.push_back(std::move(one));
        }
    }
    std::ranges::stable_sort(out, [](const Expose& a, const Expose& b) {
        if (a.to_service != b.to_service) {
            return collates_before(a.to_service, b.to_service);
        }
        if (a.port != b.port) {
            return a.port < b.port;
        }
        return a.proto != b.proto ? a.proto < b.proto : a.global && !b.global;
    });
    return out;
}

Params read_params(const Node* params) {
    Params out;
    if (params == nullptr) {
        return out;
    }
    out.given = true;
    if (const Node* mounts = params->find("storage")) {
        for (const Entry& mount : mounts->entries) {
            out.mounts.push_back(
                {mount.key, text_of(mount.value.find("mount")), bool_of(mount.value.find("readOnly"))});
        }
    }
    std::ranges::sort(out.mounts, {}, &Mount::volume);
    if (const Node* permissions = params->find("permissions")) {
        out.permissions_given = true;
        out.permissions_read = texts_of(permissions->find("read"));
    }
    out.tee = text_of(params->find("tee"));
    return out;
}

}  // namespace

ForeignNumber foreign(double official, std::uint64_t ours) {
    std::string text = js_number(official);
    return text == std::to_string(ours) ? ForeignNumber{} : text;
}

ForeignNumber foreign_json(double official, std::uint64_t ours) {
    return std::isinf(official) ? "null" : foreign(official, ours);
}

Group read_requirements(const std::string& name, const Node& placement) {
    Group group;
    group.name = name;
    group.attributes = attributes_of(placement.find("attributes"));
    if (const Node* signed_by = placement.find("signedBy")) {
        group.signed_by_all_of = texts_of(signed_by->find("allOf"));
        group.signed_by_any_of = texts_of(signed_by->find("anyOf"));
    }
    return group;
}

Resources read_resources(const Node& resources, Rules rules) {
    Resources out;
    const Node& cpu = *resources.find("cpu");
    const Node& units = *cpu.find("units");
    out.cpu_milli = (units.is(Kind::kNumber) ? read_cpu_number(units.number) : read_cpu_text(units.text)).value_or(0);
    out.cpu_attributes = attributes_of(cpu.find("attributes"));
    out.memory_bytes = read_bytes(text_of(resources.find("memory")->find("size"))).value_or(ByteCount{}).bytes;
    if (rules == Rules::kOfficial) {
        out.foreign_cpu = foreign(official_cpu_milli(units), out.cpu_milli);
        const auto memory = official_bytes(text_of(resources.find("memory")->find("size")));
        out.foreign_memory = foreign(memory.value_or(0), out.memory_bytes);
    }
    const Node& storage = *resources.find("storage");
    if (storage.is(Kind::kMap)) {
        out.storage.push_back(read_storage(storage, rules));
    }
    for (const Node& volume : storage.items) {
        out.storage.push_back(read_storage(volume, rules));
    }
    out.gpu = read_gpu(resources.find("gpu"), rules);
    return out;
}

Service read_service(const std::string& name, const Node& service, const EndpointNumbers& numbers) {
    Service out;
    out.name = name;
    out.image = text_of(service.find("image"));
    out.command = texts_of(service.find("command"));
    out.args = texts_of(service.find("args"));
    out.env = texts_of(service.find("env"));
    out.expose = read_exposes(service.find("expose"), numbers);
    out.params = read_params(service.find("params"));
    if (const Node* credentials = service.find("credentials")) {
        out.credentials = Credentials{text_of(credentials->find("host")), text_of(credentials->find("email")),
                                      text_of(credentials->find("username")), text_of(credentials->find("password"))};
    }
    return out;
}

std::vector<Endpoint> endpoints_of(const Node& service, const EndpointNumbers& numbers) {
    std::vector<Endpoint> out;
    for (const Node& expose : items_of(service.find("expose"))) {
        const std::uint16_t outside = port_of(expose.find(expose.find("as") != nullptr ? "as" : "port"));
        for (const Node& target : items_of(expose.find("to"))) {
            if (!bool_of(target.find("global"))) {
                continue;
            }
            const bool http = proto_of(expose) == "TCP" && outside == 80;
            out.push_back({http ? EndpointKind::kSharedHttp : EndpointKind::kRandomPort, 0});
            const auto number = numbers.find(text_of(target.find("ip")));
            if (number != numbers.end()) {
                out.push_back({EndpointKind::kLeasedIp, number->second});
            }
        }
    }
    return out;
}

}  // namespace sublet::sdl
