// runner.hpp: runs one scenario file, line by line. The language: test/scenarios/README.md.
#pragma once

#include <filesystem>

#include "world.hpp"

namespace sublet::scenario {

struct Outcome {
    std::string name;
    std::string app_hash;
    std::shared_ptr<const app::Committed> state;  // at its end
};

// Throws a Failure that begins with file:line.
Outcome run(const std::filesystem::path& file);

}  // namespace sublet::scenario
