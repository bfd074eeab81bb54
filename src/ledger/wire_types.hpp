// wire_types.hpp: how addresses travel in stored records: 20 raw bytes; in JSON their bech32 text.
// Deterministic. Spec: docs/spec/codec.md.
#pragma once

#include "codec/fields.hpp"
#include "crypto/address.hpp"

namespace sublet::codec {

template <>
struct AsBytes<crypto::Address> {
    static BytesView to_bytes(const crypto::Address& address) { return view_of(address.bytes); }
    static Result<crypto::Address> from_bytes(BytesView bytes) {
        TRY(fixed, fixed_from<20>(bytes));
        return crypto::Address{fixed};
    }
    static std::string to_text(const crypto::Address& address) { return crypto::to_bech32(address); }
};

}  // namespace sublet::codec

namespace sublet {
using crypto::Address;
}
