// preflight_parts.hpp: the two halves of the program that Blender runs for preflight, one after the other one file.
#pragma once

#include <string_view>

namespace sublet::jobs {

std::string_view preflight_look_script();  // begins it: names, settings, simulations
std::string_view preflight_pack_script();  // ends it: files, the copy, and the call of everything

}  // namespace sublet::jobs
