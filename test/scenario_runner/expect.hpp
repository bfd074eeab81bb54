// expect.hpp: `expect …`: what must be there.
#pragma once

#include "world.hpp"

namespace sublet::scenario {

// Words after `expect`, without '='. Throws a Failure that says what was expected and what is there.
void expect(const std::vector<std::string>& words, const World& world);

}  // namespace sublet::scenario
