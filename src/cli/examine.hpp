// examine.hpp: the examination that `doctor` prints and that `up` and `lend` do first.
#pragma once

#include "cli/context.hpp"
#include "runtime/doctor.hpp"

namespace sublet::cli {

enum class Report : std::uint8_t { kAll, kFailures };

// Prints the findings; false when something would fail later.
bool examine_machine(Context& context, runtime::DoctorOptions options, Report report);

}  // namespace sublet::cli
