// package.cpp: fuzz target: a job's package has one spelling.
#include "jobs/package.hpp"

#include "fuzz.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using namespace sublet;
    const BytesView text = fuzz::view_of_input(data, size);
    if (const auto package = jobs::package_from_json(text)) {
        const auto again = jobs::to_json(*package);
        fuzz::require(again && *again == text, "the package is canonical");
        fuzz::require(!jobs::task_value(*package, package->tasks - 1).empty(), "its last task has a value");
    }
    return 0;
}
