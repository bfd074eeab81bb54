// adr036.hpp: what a wallet signs when it is asked to sign data that is no transaction.
// Spec: Cosmos ADR-036; docs/spec/gateway.md (tokens).
#pragma once

#include <string>

#include "crypto/address.hpp"

namespace sublet::client {

// The sign bytes of `signArbitrary`: an amino document of no chain, no account and no fee with one sign/MsgSignData. It
// can never be a transaction: no chain has an empty name, and no ledger knows that message.
std::string adr036_document(const crypto::Address& signer, BytesView data);

}  // namespace sublet::client
