// compose.cpp: fuzz target: a compose file is refused with findings, or becomes a deployment file that reads back.
#include "sdl/compose.hpp"

#include "fuzz.hpp"
#include "sdl/sdl.hpp"

// The first byte says whether folders of the machine start empty.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using namespace sublet;
    if (size == 0) {
        return 0;
    }
    const sdl::ComposeWorld world{.environment = {{"TAG", "7"}},
                                  .read_file = [](const std::string&) { return std::optional<std::string>{"A=1\n"}; },
                                  .empty_folders = data[0] % 2 == 1};
    const BytesView text = fuzz::view_of_input(data, size).substr(1);
    const auto made = sdl::from_compose(text, "f", world);
    if (!made) {
        fuzz::require(!made.error().empty(), "a refusal has findings");
        return 0;
    }
    const auto again = sdl::parse(made->text, "f");
    fuzz::require(again.has_value(), "the deployment file that was written can be read");
    fuzz::require(sdl::canonical_json(again->manifest) == sdl::canonical_json(made->deployment.manifest),
                  "what is printed is what is rented");
    return 0;
}
