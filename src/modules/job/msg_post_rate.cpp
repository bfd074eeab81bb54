// msg_post_rate.cpp: how fast a provider is.
// Deterministic. Spec: docs/spec/jobs.md (probes).
#include <algorithm>

#include "base/must.hpp"
#include "modules/job/keys.hpp"
#include "modules/job/messages.hpp"
#include "modules/market/bookkeeping.hpp"
#include "modules/market/parties.hpp"

namespace sublet::job {

Result<> check_static(const MsgPostRate& message) {
    TRY(operator_address, account::parse(message.operator_address, "operator_address"));
    (void)operator_address;
    if (!audit::is_engine(message.engine)) {
        return fail(Code::kBadField, "engine: 1 to 32 of a to z, 0 to 9, - and .");
    }
    if (message.digest.size() != 32) {
        return fail(Code::kBadField, "digest has 32 bytes");
    }
    if (message.rate == 0 || message.rate > kMaxRate) {
        return fail(Code::kOutOfRange, "rate: 1 to 10^6 mRWU a second");
    }
    return {};
}

Result<> check_state(const MsgPostRate& message, const View& view, const Block& block) {
    TRY(provider, market::require_operator(view, message.operator_address));
    if (!provider.beating) {
        return fail(Code::kProviderDown, "the provider is silent: send a heartbeat first");
    }
    if (message.height >= block.height.value()) {
        return fail(Code::kOutOfRange, "height: of a block that there is");
    }
    const std::optional<Rates> rates = find_rates(view, provider.owner);
    if (rates && rates->engines.size() >= kMaxEngines && rate_of(view, provider.owner, message.engine) == 0) {
        return fail(Code::kTooManyClaims, "a provider has rates for at most 8 engines");
    }
    return {};
}

void apply(const MsgPostRate& message, Ledger& ledger, const Block& block) {
    const provider::Provider provider =
        must(provider::find_by_operator(ledger, account::parsed(message.operator_address)));
    std::optional<Rates> found = find_rates(ledger, provider.owner);
    Rates rates = found.value_or(Rates{});
    if (!found) {
        rates.worker = provider.owner;
        rates.number = market::next_id(ledger, last_worker());
    }
    EngineRate rate{.engine = message.engine,
                    .rate = message.rate,
                    .height = message.height,
                    .digest = *fixed_from<32>(message.digest),
                    .at = block.now};
    const auto same = std::ranges::find(rates.engines, message.engine, &EngineRate::engine);
    if (same == rates.engines.end()) {
        rates.engines.push_back(std::move(rate));
    } else {
        *same = std::move(rate);
    }
    save(ledger, rates);
    ledger.emit({"sublet.job.rate_posted",
                 {{"worker", crypto::to_bech32(rates.worker)},
                  {"engine", message.engine},
                  {"rate", std::to_string(message.rate)}}});
}

}  // namespace sublet::job
