// simulate.hpp: Cosmos' /cosmos.tx.v1beta1.Service/Simulate: request and answer in protobuf.
#pragma once

#include "app/app.hpp"

namespace sublet::api {

inline constexpr std::string_view kSimulatePath = "/cosmos.tx.v1beta1.Service/Simulate";

// The raw transaction of a SimulateRequest (tx_bytes = 2; the deprecated tx = 1 is the same bytes). Errors:
// kMalformed….
Result<Bytes> simulated_transaction(BytesView request);
// SimulateResponse{gas_info, result{log, events}}.
Bytes simulate_reply(const app::TxResult& result);

}  // namespace sublet::api
