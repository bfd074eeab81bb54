// params.cpp: what must hold between the network's parameters, whoever sets them.
// Deterministic. Spec: docs/spec/money.md (parameters).
#include "ledger/params.hpp"

namespace sublet::ledger {

Result<> check(const Params& params) {
    if (params.version != 1 || params.heartbeat_cover_ms == 0 || params.min_funding_ms == 0) {
        return fail(Code::kBadField, "version is 1; heartbeat_cover_ms and min_funding_ms are not zero");
    }
    if (params.start_timeout_min_ms == 0 || params.start_timeout_min_ms > params.start_timeout_max_ms) {
        return fail(Code::kBadField, "start_timeout_min_ms is 1 to start_timeout_max_ms");
    }
    if (params.order_life_max_ms == 0 || params.default_deposit_ms < params.min_funding_ms) {
        return fail(Code::kBadField, "order_life_max_ms is not zero, default_deposit_ms at least min_funding_ms");
    }
    return {};
}

}  // namespace sublet::ledger
