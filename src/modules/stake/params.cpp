// params.cpp: the parameters of validators, and what must hold between them.
// Deterministic. Spec: docs/spec/stake.md (parameters).
#include "modules/stake/params.hpp"

#include "modules/keys.hpp"

namespace sublet::stake {

Bytes params_key() { return keys::table(8, 1); }

bool has_validators(const ledger::View& view) { return view.get(params_key()).has_value(); }

Params params(const ledger::View& view) { return ledger::load<Params>(view, params_key()).value_or(Params{}); }

Result<> check(const Params& params) {
    constexpr std::uint64_t kThousand = 1'000;
    if (params.version != 1 || params.power_unit < kMinPowerUnit || params.min_self_bond.value() < params.power_unit) {
        return fail(Code::kBadField, "version is 1; power_unit at least 16, min_self_bond at least power_unit");
    }
    if (params.max_validators == 0 || params.max_validators > kMaxSet) {
        return fail(Code::kBadField, "max_validators is 1 to 128");
    }
    if (params.unbonding_ms == 0 || params.jail_ms == 0 || params.signed_blocks_window < kBuckets) {
        return fail(Code::kBadField, "unbonding_ms and jail_ms are not zero, signed_blocks_window is at least 10");
    }
    if (params.min_signed_permille == 0 || params.min_signed_permille > kThousand ||
        params.double_sign_permille > kMaxSlashPermille || params.grants_end_permille == 0 ||
        params.grants_end_permille > kThousand) {
        return fail(Code::kBadField,
                    "min_signed_permille and grants_end_permille are 1 to 1,000, double_sign_permille is 0 to 500");
    }
    return {};
}

}  // namespace sublet::stake
