// strict_json.hpp: small JSON objects from strangers, read without exceptions: known keys only, each once.
#pragma once

#include <cstdint>
#include <initializer_list>
#include <nlohmann/json_fwd.hpp>
#include <string>
#include <string_view>

#include "base/result.hpp"

namespace sublet::client {

// An object; kParse when the text is no JSON, no object, deeper than 8 levels, or names a key twice.
Result<nlohmann::json> parse_object(std::string_view text);

// kParse naming the first key that is missing or not among `keys`. Not an object: the same.
Result<> require_keys(const nlohmann::json& object, std::initializer_list<std::string_view> keys);

// kParse when the key is missing or has another type.
Result<std::string> string_at(const nlohmann::json& object, std::string_view key);
Result<std::uint64_t> number_at(const nlohmann::json& object, std::string_view key);  // an integer of 0 … 2^64-1

}  // namespace sublet::client
