// amino.hpp: what SIGN_MODE_LEGACY_AMINO_JSON signs: the transaction as one line of sorted JSON that a hardware wallet
// shows. Deterministic. Spec: docs/spec/transactions.md (amino JSON).
#pragma once

#include "app/message_list.hpp"

namespace sublet::app {

// The StdSignDoc of a transaction whose messages were decoded from it; its sign bytes. Everything that the sign bytes
// do not name is either fixed or refused, so two transactions with the same sign bytes are the same but for the
// signature. Errors: kEnvelopeRefused (no fee, no public key, text that is not UTF-8).
Result<std::string> amino_sign_doc(const ledger::Transaction& transaction, const std::vector<AnyMessage>& messages,
                                   std::string_view chain_id, std::uint64_t account_number);

}  // namespace sublet::app
