// json_text.cpp: pieces of JSON in Akash's canonical form.
// Spec: docs/spec/deployment-files.md (canonical JSON).
#include "sdl/json_text.hpp"

namespace sublet::sdl {

void put_text(Bytes& out, std::string_view text) {
    constexpr std::string_view kHex = "0123456789abcdef";
    out += '"';
    for (const char c : text) {
        const auto byte = static_cast<unsigned char>(c);
        switch (c) {
            case '"':
                out += "\\\"";
                break;
            case '\\':
                out += "\\\\";
                break;
            case '\b':
                out += "\\b";
                break;
            case '\f':
                out += "\\f";
                break;
            case '\n':
                out += "\\n";
                break;
            case '\r':
                out += "\\r";
                break;
            case '\t':
                out += "\\t";
                break;
            default:
                if (byte < 0x20 || c == '<' || c == '>' || c == '&') {
                    out += "\\u00";
                    out += kHex[byte >> 4U];
                    out += kHex[byte & 15U];
                } else {
                    out += c;
                }
        }
    }
    out += '"';
}

void put_text_list(Bytes& out, const std::vector<std::string>& items, std::string_view empty) {
    put_list(out, items, empty, [](Bytes& to, const std::string& item) { put_text(to, item); });
}

void put_attributes(Bytes& out, const std::vector<Attribute>& attributes) {
    put_list(out, attributes, "null", [](Bytes& to, const Attribute& attribute) {
        to += "{\"key\":";
        put_text(to, attribute.key);
        to += ",\"value\":";
        put_text(to, attribute.value);
        to += '}';
    });
}

std::string gpu_key(const GpuModel& model) {
    std::string key = "vendor/" + model.vendor + "/model/" + model.model;
    if (!model.ram.empty()) {
        key += "/ram/" + model.ram;
    }
    if (!model.interface.empty()) {
        key += "/interface/" + model.interface;
    }
    return key;
}

namespace {

std::string quantity(std::uint64_t value, const ForeignNumber& foreign) {
    return "{\"val\":\"" + number_text(value, foreign) + "\"}";
}

// Attributes are left out where there are none.
void put_optional_attributes(Bytes& out, const std::vector<Attribute>& attributes) {
    if (!attributes.empty()) {
        out += "\"attributes\":";
        put_attributes(out, attributes);
        out += ',';
    }
}

}  // namespace

void put_resources(Bytes& out, const Resources& resources) {
    out += "{\"cpu\":{";
    put_optional_attributes(out, resources.cpu_attributes);
    out += "\"units\":" + quantity(resources.cpu_milli, resources.foreign_cpu) + "},\"endpoints\":";
    put_list(out, resources.endpoints, "[]", [](Bytes& to, const Endpoint& endpoint) {
        to += '{';
        if (endpoint.kind != EndpointKind::kSharedHttp) {
            to += "\"kind\":" + std::to_string(static_cast<unsigned>(endpoint.kind)) + ",";
        }
        to += "\"sequence_number\":" + std::to_string(endpoint.sequence_number) + "}";
    });
    out += ",\"gpu\":{";
    std::vector<Attribute> models;
    for (const GpuModel& model : resources.gpu.any_of) {
        models.push_back({gpu_key(model), "true"});
    }
    put_optional_attributes(out, models);
    out += "\"units\":" + quantity(resources.gpu.units, resources.gpu.foreign_units) +
           "},\"id\":" + std::to_string(resources.id);
    out += ",\"memory\":{\"size\":" + quantity(resources.memory_bytes, resources.foreign_memory) + "},\"storage\":";
    put_list(out, resources.storage, "null", [](Bytes& to, const Storage& storage) {
        to += '{';
        put_optional_attributes(to, storage.attributes);
        to += "\"name\":";
        put_text(to, storage.name);
        to += ",\"size\":" + quantity(storage.bytes, storage.foreign_bytes) + "}";
    });
    out += '}';
}

}  // namespace sublet::sdl
