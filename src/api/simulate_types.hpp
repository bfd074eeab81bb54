// simulate_types.hpp: the few fields of cosmos.tx.v1beta1 and cosmos.base.abci.v1beta1 that clients send and read.
#pragma once

#include <optional>

#include "store/records.hpp"

namespace sublet::api {

struct SimulateRequest {
    Bytes tx;
    Bytes tx_bytes;
    static constexpr auto fields() {
        return codec::list(codec::raw_field(1, "tx", &SimulateRequest::tx),
                           codec::raw_field(2, "tx_bytes", &SimulateRequest::tx_bytes));
    }
};
struct GasInfo {
    std::uint64_t gas_wanted = 0;
    std::uint64_t gas_used = 0;
    static constexpr auto fields() {
        return codec::list(codec::field(1, "gas_wanted", &GasInfo::gas_wanted),
                           codec::field(2, "gas_used", &GasInfo::gas_used));
    }
};
struct SimulateResult {
    std::string log;
    std::vector<store::StoredEvent> events;  // tendermint.abci.Event has the same first fields
    static constexpr auto fields() {
        return codec::list(codec::field(2, "log", &SimulateResult::log),
                           codec::field(3, "events", &SimulateResult::events));
    }
};
struct SimulateResponse {
    std::optional<GasInfo> gas_info;
    std::optional<SimulateResult> result;
    static constexpr auto fields() {
        return codec::list(codec::field(1, "gas_info", &SimulateResponse::gas_info),
                           codec::field(2, "result", &SimulateResponse::result));
    }
};

}  // namespace sublet::api
