// told.hpp: what a block tells, as the auditor's models take it: people by the hex of their address, numbers, messages.
#pragma once

#include <charconv>
#include <string>
#include <string_view>
#include <vector>

#include "codec/decode.hpp"
#include "crypto/address.hpp"
#include "ledger/transaction.hpp"
#include "store/records.hpp"

namespace sublet::sim::told {

// Hex sorts as the raw address does: the models go through people in the ledger's order.
inline std::string name_of(const crypto::Address& address) { return to_hex(address.view()); }
inline std::string name_of(const std::string& bech32) {
    const Result<crypto::Address> address = crypto::parse_address(bech32);
    return address ? name_of(*address) : "no address: " + bech32;
}

// Of the first such event; "" where there is none.
inline std::string attribute_of(const std::vector<store::StoredEvent>& events, std::string_view type,
                                std::string_view key) {
    for (const store::StoredEvent& event : events) {
        for (const store::StoredAttribute& each : event.attributes) {
            if (event.type == type && each.key == key) {
                return each.value;
            }
        }
    }
    return {};
}

inline std::uint64_t number_of(const std::string& text) {
    std::uint64_t out = 0;
    std::from_chars(text.data(), text.data() + text.size(), out);
    return out;
}

// Whether it is an M; `act` gets it.
template <class M, class Act>
bool on(const ledger::Any& any, const Act& act) {
    if (any.type_url != M::kTypeUrl) {
        return false;
    }
    if (const Result<M> message = codec::decode<M>(any.value)) {
        act(*message);
    }
    return true;
}

}  // namespace sublet::sim::told
