// package_rules.hpp: the rules of a package's fields, for package.cpp alone.
#pragma once

#include "jobs/package.hpp"

namespace sublet::jobs {

// kBadField names the field that breaks a rule of package.hpp's.
Result<> check_package(const Package& package);

}  // namespace sublet::jobs
