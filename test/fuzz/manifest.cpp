// manifest.cpp: fuzz target: the provider's reader takes canonical manifests only.
#include "fuzz.hpp"
#include "sdl/sdl.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using namespace sublet;
    const BytesView text = fuzz::view_of_input(data, size);
    if (const auto manifest = sdl::manifest_from_json(text)) {
        fuzz::require(sdl::canonical_json(*manifest) == text, "the manifest is canonical");
    }
    return 0;
}
