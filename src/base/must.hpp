// must.hpp: takes the value of an optional that cannot be empty; an empty one is a defect of the program, not bad
// input. Deterministic.
#pragma once

#include <optional>
#include <utility>

#include "base/assert.hpp"

namespace sublet {

template <class T>
T must(std::optional<T> value) {
    SUBLET_ASSERT(value.has_value());
    return *std::move(value);
}

}  // namespace sublet
