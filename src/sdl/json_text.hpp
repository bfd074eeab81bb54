// json_text.hpp: pieces of JSON in Akash's canonical form, shared by the manifest and the group records.
// Spec: docs/spec/deployment-files.md (canonical JSON).
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/bytes.hpp"
#include "sdl/resources.hpp"

namespace sublet::sdl {

// Quoted and escaped; < > & as \u003c \u003e \u0026, as Go's encoder does for HTML.
void put_text(Bytes& out, std::string_view text);

// `empty` is what an empty list becomes: "[]" or "null".
template <class T, class Put>
void put_list(Bytes& out, const std::vector<T>& items, std::string_view empty, Put put) {
    if (items.empty()) {
        out += empty;
        return;
    }
    char separator = '[';
    for (const T& item : items) {
        out += separator;
        put(out, item);
        separator = ',';
    }
    out += ']';
}

void put_text_list(Bytes& out, const std::vector<std::string>& items, std::string_view empty);
void put_attributes(Bytes& out, const std::vector<Attribute>& attributes);
void put_resources(Bytes& out, const Resources& resources);

// "vendor/nvidia/model/a100/ram/80Gi/interface/pcie"
// The number, or what stands in its place.
inline std::string number_text(std::uint64_t value, const ForeignNumber& foreign) {
    return foreign.empty() ? std::to_string(value) : foreign;
}

std::string gpu_key(const GpuModel& model);

}  // namespace sublet::sdl
