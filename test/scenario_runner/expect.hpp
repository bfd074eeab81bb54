// expect.hpp: `expect …`: what must be there.
#pragma once

#include "modules/audit/lists.hpp"
#include "world.hpp"

namespace sublet::scenario {

// Words after `expect`, without '='. Throws a Failure that says what was expected and what is there.
void expect(const std::vector<std::string>& words, const World& world);

// Of a task's last attempt that has one.
std::optional<audit::Audit> last_audit(const World& world, JobId job, std::uint32_t task);

}  // namespace sublet::scenario
