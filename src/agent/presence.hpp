// presence.hpp: the provider on the ledger: registration, its offer, heartbeats, withdrawals.
// Spec: docs/spec/market.md (providers, offers); threats.md T1, T9.
#pragma once

#include "agent/core.hpp"

namespace sublet::agent {

class Presence {
public:
    explicit Presence(Core& core) : core_(core) {}

    // Reads everything about this provider into core.seen; core.seen.fresh tells afterwards.
    Task<Result<>> read();
    // Registers or updates the provider, then posts or updates the offer. Errors as Agent::start.
    Task<Result<>> establish();
    // Makes the offer say what the options and the owner's wish say. kOfferBusy never: what is leased stays offered.
    Task<Result<>> settle_offer();
    // The owner's wish, remembered over restarts: active, paused or draining.
    Task<Result<>> wish(market::OfferState state);

    // Until core.stopping. A failed heartbeat is tried again after 1 s, 2 s, 4 s … at most the interval.
    Task<> keep_beating();
    Task<> keep_withdrawing();
    // One heartbeat now, with the change of the machine's state when there is one.
    Task<Result<>> heartbeat(bool machine_up);

private:
    Task<Result<>> register_provider();
    Task<Result<>> update_provider();
    Task<Result<>> send(Message message);
    Task<Result<>> send_offer(market::Capacity capacity);
    Task<Result<>> withdraw();
    Result<> give_notice();
    [[nodiscard]] market::Capacity wanted_capacity(const market::Offer* offer) const;
    [[nodiscard]] std::string operator_text() const;

    Core& core_;
};

}  // namespace sublet::agent
