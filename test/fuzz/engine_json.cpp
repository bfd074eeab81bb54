// engine_json.cpp: fuzz target: whatever a container engine answers becomes bounded values.
#include "fuzz.hpp"
#include "runtime/docker_json.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using namespace sublet;
    const BytesView text = fuzz::view_of_input(data, size);
    fuzz::require(runtime::engine_words(text).size() <= 700, "an engine's words are cut short");
    const runtime::Json json = runtime::parse_json(text);
    const runtime::ContainerState state = runtime::container_state({.instance = "i"}, json);
    fuzz::require(state.exit_code >= 0 && state.exit_code <= 0xFFFF, "an exit code is small");
    fuzz::require(state.ports.size() <= size, "no more ports than bytes");
    runtime::engine_info(json, json);
    runtime::stats_from(json);
    runtime::event_from(json);
    const std::string dumped = runtime::dump(json);
    fuzz::require(runtime::Json::accept(dumped), "JSON that was read can be written");
    runtime::unix_ms_from(text);
    const std::string once = runtime::canonical_image(text);
    fuzz::require(once.size() <= size + 32, "the whole name adds a host and a tag, nothing more");
    return 0;
}
