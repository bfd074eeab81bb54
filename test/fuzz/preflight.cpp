// preflight.cpp: fuzz target: what Blender left of a stranger's scene is refused, or says what can be shown and said
// again.
#include "jobs/preflight.hpp"

#include <algorithm>

#include "fuzz.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using namespace sublet;
    const BytesView text = fuzz::view_of_input(data, size);
    const auto is_control = [](char letter) { return static_cast<unsigned char>(letter) < 0x20U || letter == 0x7f; };
    if (const auto read = jobs::read_preflight(text)) {
        fuzz::require(read->findings.size() <= jobs::kMaxPreflightFindings, "findings are bounded");
        for (const jobs::PreflightFinding& each : read->findings) {
            for (const std::string* part : {&each.rule, &each.what, &each.where, &each.fix}) {
                fuzz::require(part->size() <= jobs::kMaxPreflightTextBytes, "texts are bounded");
                fuzz::require(std::ranges::none_of(*part, is_control), "texts cannot speak to a terminal");
            }
        }
        const auto again = jobs::read_preflight(jobs::to_json(*read));
        fuzz::require(again && *again == *read, "what was read is read again");
    }
    const std::string line = jobs::one_line(text);
    fuzz::require(line.size() <= jobs::kMaxPreflightTextBytes && std::ranges::none_of(line, is_control),
                  "a line is one");
    return 0;
}
