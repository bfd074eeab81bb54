// terms.cpp: the terms of audits, their pay, and chains of seeds.
// Deterministic. Spec: docs/spec/audits.md (terms).
#include "modules/audit/terms.hpp"

#include <algorithm>

#include "modules/keys.hpp"

namespace sublet::audit {
namespace {

constexpr std::uint64_t kFundQuarters = 5;

Amount permille_ceil(Amount amount, std::uint64_t permille) {
    const u128 exact = (u128{amount.value()} * permille + 999) / 1'000;
    return Amount{static_cast<std::uint64_t>(std::min<u128>(exact, ~std::uint64_t{0}))};
}

}  // namespace

bool valid(How how) { return how == How::kCrops || how == How::kWhole; }
std::string_view to_name(How how) { return how == How::kCrops ? "crops" : "whole"; }

Result<> check(const Terms& terms) {
    if (!is_engine(terms.engine)) {
        return fail(Code::kBadField, "audit.engine: 1 to 32 of a to z, 0 to 9, - and .");
    }
    if (!terms.tip.empty() && terms.tip.size() != 32) {
        return fail(Code::kBadField, "audit.tip has 32 bytes, or none");
    }
    if (terms.share_permille == 0 || terms.share_permille > kMaxSharePermille || terms.floor_permille == 0 ||
        terms.floor_permille > kMaxPermille) {
        return fail(Code::kOutOfRange, "audit.share_permille and audit.floor_permille: 1 to 1,000");
    }
    return {};
}

Amount audit_pay(const Terms& terms, Amount cap) {
    return std::max(Amount{1}, permille_ceil(cap, terms.share_permille));
}

Amount fund_of(const Terms& terms, Amount needed) {
    return std::max(Amount{1}, permille_ceil(needed, (terms.share_permille * kFundQuarters + 3) / 4));
}

Bytes chain_key(JobId job) { return keys::with(keys::table(7, 5), job.value()); }

std::optional<Chain> find_chain(const ledger::View& view, JobId job) {
    return ledger::load<Chain>(view, chain_key(job));
}

}  // namespace sublet::audit
