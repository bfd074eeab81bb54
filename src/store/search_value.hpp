// search_value.hpp: how the value of an event stands to the one of a condition: as text, as a number, as a time.
#pragma once

#include <compare>
#include <cstdint>
#include <optional>
#include <string_view>

namespace sublet::store {

enum class ValueKind : std::uint8_t { kText, kNumber, kTime };

// Nothing when `value` is not of this kind. A number is what the value begins with ("250ucredit" is 250), with decimals
// or without, of any length; a time is RFC 3339 or a date, which is its midnight in UTC.
std::optional<std::strong_ordering> compare(ValueKind kind, std::string_view value, std::string_view wanted);

// How much of the text's front is a number: 0 when it begins with none.
std::size_t number_length(std::string_view text);
bool is_time(std::string_view text);

}  // namespace sublet::store
