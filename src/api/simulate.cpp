// simulate.cpp: a simulation's question taken apart and its answer put together.
#include "api/simulate.hpp"

#include "api/simulate_types.hpp"

namespace sublet::api {

Result<Bytes> simulated_transaction(BytesView request) {
    TRY(decoded, codec::decode<SimulateRequest>(request));
    return decoded.tx_bytes.empty() ? decoded.tx : decoded.tx_bytes;
}

Bytes simulate_reply(const app::TxResult& result) {
    SimulateResponse out{.gas_info = GasInfo{.gas_wanted = result.gas_wanted, .gas_used = result.gas_used},
                         .result = SimulateResult{.log = result.log, .events = {}}};
    for (const ledger::Event& event : result.events) {
        out.result->events.push_back(store::stored(event));
    }
    return codec::encode(out);
}

}  // namespace sublet::api
