// loose_json.hpp: JSON from a node or a gateway: keys that are missing read as empty, further keys are ignored, nothing
// throws.
#pragma once

#include <cstdint>
#include <nlohmann/json.hpp>
#include <string>

#include "base/result.hpp"

namespace sublet::client::loose {

inline constexpr int kMaxDepth = 64;

// kParse for text that is no JSON, or nested deeper than kMaxDepth.
Result<nlohmann::json> parse(std::string_view text, std::string_view from);

// The member, or null.
const nlohmann::json& at(const nlohmann::json& value, const char* key);
std::string text(const nlohmann::json& value, const char* key);
// A number, or a string of digits; anything else is 0.
std::uint64_t number(const nlohmann::json& value, const char* key);
bool flag(const nlohmann::json& value, const char* key);  // anything but true is false

}  // namespace sublet::client::loose
