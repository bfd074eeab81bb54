// faucet_use.hpp: the record of when an address last used the faucet.
// Deterministic. Spec: docs/spec/money.md (faucet).
#pragma once

#include "codec/fields.hpp"

namespace sublet::bank {

struct FaucetUse {
    std::uint32_t version = 1;
    LedgerTime last;
    static constexpr auto fields() {
        return codec::list(codec::field(1, "version", &FaucetUse::version), codec::field(2, "last", &FaucetUse::last));
    }
};

}  // namespace sublet::bank
