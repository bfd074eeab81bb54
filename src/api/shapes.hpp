// shapes.hpp: blocks, transactions and events in the JSON that CometBFT 0.38 gives to its clients.
#pragma once

#include "api/service.hpp"

namespace sublet::api {

// Where proof operations are verified by their type, this one stands for ICS-23's Tendermint spec.
inline constexpr std::string_view kProofType = "ics23:simple";
inline constexpr std::string_view kCometVersion = "0.38.21";  // what our answers look like

std::string text_of(std::uint64_t number);
std::string hex_of(const Hash& hash);  // upper case; zero is ""

Json header_shape(const store::BlockHeader& header, const Validator& validator);
Json block_id_shape(const Hash& hash);
Json block_shape(const store::FullBlock& block, const Validator& validator);
Json commit_shape(const store::BlockHeader& header);
Json events_shape(const std::vector<store::StoredEvent>& events);
Json result_shape(const store::StoredTx& tx);   // ExecTxResult
Json check_shape(const app::TxResult& result);  // ResponseCheckTx
Json tx_shape(const store::StoredTx& tx);       // as `tx` and `tx_search` answer
Json validator_shape(const Validator& validator);

// The values of each "type.attribute", as subscribers get them beside the data.
Json event_values(const std::vector<store::StoredEvent>& events);

}  // namespace sublet::api
