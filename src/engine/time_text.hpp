// time_text.hpp: block times as RFC 3339 text in UTC.
#pragma once

#include <string>

#include "base/result.hpp"
#include "base/units.hpp"

namespace sublet::engine {

// "2026-01-02T03:04:05.678000000Z": always nine digits, as CometBFT prints them.
std::string time_text(BlockTime time);
// Any RFC 3339 time in UTC ("Z") from 1970 to 9999; digits below the millisecond are cut off. Errors: kParse.
Result<BlockTime> parse_time(std::string_view text);

}  // namespace sublet::engine
