// sdl.cpp: fuzz target: a deployment file is refused with findings, or its manifest survives the provider's reader.
#include "sdl/sdl.hpp"

#include "fuzz.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using namespace sublet;
    const BytesView text = fuzz::view_of_input(data, size);
    const auto official = sdl::parse_official(text, "f");
    const auto strict = sdl::parse_strict(text, "f");
    const auto ours = sdl::parse(text, "f");
    for (const auto* each : {&official, &strict, &ours}) {
        fuzz::require(each->has_value() || !each->error().empty(), "a refusal has findings");
    }
    if (ours) {
        const Bytes json = sdl::canonical_json(ours->manifest);
        const auto back = sdl::manifest_from_json(json);
        fuzz::require(back.has_value(), "the provider reads what the tenant sends");
        fuzz::require(sdl::canonical_json(*back) == json, "the manifest is canonical");
        fuzz::require(sdl::check_manifest_against_groups(*back, ours->groups).has_value(),
                      "the manifest fits the groups of its own file");
    }
    if (strict) {
        fuzz::require(ours.has_value(), "what is right without the words of compose is right with them");
        fuzz::require(sdl::canonical_json(strict->manifest) == sdl::canonical_json(ours->manifest),
                      "both readings have one manifest");
    }
    return 0;
}
