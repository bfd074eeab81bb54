// last_number.hpp: the record that account numbers come from.
// Deterministic. Spec: docs/spec/transactions.md (state).
#pragma once

#include "codec/fields.hpp"

namespace sublet::account {

struct LastNumber {
    std::uint32_t version = 1;
    std::uint64_t last = 0;
    static constexpr auto fields() {
        return codec::list(codec::field(1, "version", &LastNumber::version),
                           codec::field(2, "last", &LastNumber::last));
    }
};

}  // namespace sublet::account
