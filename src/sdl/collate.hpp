// collate.hpp: the order of names that the official compiler uses (ICU's root collation), for ASCII.
// Spec: docs/spec/deployment-files.md (canonical JSON).
#pragma once

#include <string_view>

namespace sublet::sdl {

// Punctuation before digits before letters, case only as a tie-break with lower case first. Other bytes come last, by
// value.
bool collates_before(std::string_view a, std::string_view b);

}  // namespace sublet::sdl
