// code.cpp: names and ranges of the result codes.
// Deterministic. Spec: docs/spec/errors.md.
#include "base/code.hpp"

#include <algorithm>
#include <iterator>

#include "base/code_table.hpp"

namespace sublet {

std::string_view code_name(Code code) noexcept {
    const auto* const found = std::ranges::find(kCodeTable, code, &CodeRow::code);
    return found == std::end(kCodeTable) ? std::string_view{"Unknown"} : found->name;
}

std::string_view code_space(Code code) noexcept {
    const auto number = static_cast<std::uint32_t>(code);
    if (number >= 9000) {
        return "effects";
    }
    if (number >= 1700) {
        return "gov";
    }
    if (number >= 1600) {
        return "stake";
    }
    if (number >= 1500) {
        return "audit";
    }
    if (number >= 1400) {
        return "job";
    }
    if (number >= 1200) {
        return "market";
    }
    if (number >= 1100) {
        return "provider";
    }
    return number >= 1000 ? "bank" : "sublet";
}

}  // namespace sublet
