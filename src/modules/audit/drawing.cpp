// drawing.cpp: who audits: somebody whom neither worker nor creator could choose, as often as it has much at stake.
// Deterministic. Spec: docs/spec/audits.md (draws), T21.
#include <algorithm>

#include "base/must.hpp"
#include "crypto/sha256.hpp"
#include "modules/audit/keys.hpp"
#include "modules/audit/process.hpp"

namespace sublet::audit {
namespace {

constexpr std::uint64_t kMaxDraws = 64;  // points that are looked at until nobody is found
constexpr std::uint64_t kStakeOfPays =
    40;  // an auditor has so many times its pay at stake: laziness is found once in 20

bool knows(const Audit& audit, const Address& owner) {
    return owner == audit.worker || owner == audit.creator ||
           std::ranges::find(audit.seats, owner, &Seat::auditor) != audit.seats.end();
}

std::size_t in_hand(const View& view, const Address& auditor) {
    std::size_t out = 0;
    const Bytes prefix = of_auditor(auditor);
    view.visit_index(prefix, prefix, [&](BytesView, BytesView) { return ++out < kMaxSeatsInHand; });
    return out;
}

bool may_audit(const View& view, const Audit& audit, const Address& owner, const ledger::Params& params) {
    if (knows(audit, owner)) {
        return false;
    }
    const Standing standing = standing_of(view, owner);
    const std::optional<provider::Provider> provider = provider::find(view, owner);
    return standing.stake >= least_stake(audit, params) && audits(standing, audit.engine) && provider &&
           provider->beating && in_hand(view, owner) < kMaxSeatsInHand;
}

// The hash of the state before this block: who said what brought the draw about could not know it.
std::optional<Address> draw_one(const View& view, const Audit& audit, const Block& block) {
    const std::uint64_t all = all_stakes(view).value();
    for (std::uint64_t turn = 0; all > 0 && turn < kMaxDraws; ++turn) {
        Bytes what;
        append_be64(what, audit.seats.size());
        append_be64(what, turn);
        crypto::Sha256 hasher;
        const Hash dice = hasher.update(view_of(block.app_hash)).update(view_of(audit.seed)).update(what).finish();
        const std::optional<Address> found = staker_at(view, read_be64(view_of(dice)) % all);
        if (found && may_audit(view, audit, *found, block.params)) {
            return found;
        }
    }
    return std::nullopt;
}

}  // namespace

Amount least_stake(const Audit& audit, const ledger::Params& params) {
    const u128 stake = u128{audit.pay.value()} * kStakeOfPays;
    return std::max(params.min_work_stake,
                    Amount{static_cast<std::uint64_t>(std::min<u128>(stake, ~std::uint64_t{0}))});
}

bool draw(Ledger& ledger, Audit& audit, const Block& block) {
    while (missing(audit) > 0) {
        const std::optional<Address> found =
            audit.seats.size() < kMaxSeats ? draw_one(ledger, audit, block) : std::nullopt;
        if (!found) {
            return false;
        }
        Seat seat{.auditor = *found, .round = audit.round};
        seat.due = after(block.now, saturating_add(Millis{block.params.audit_silence_ms}, audit.task_timeout));
        audit.seats.push_back(seat);
        ledger.emit(seat_event("auditor_drawn", audit, seat));
    }
    return true;
}

void pass_over(Ledger& ledger, Audit& audit, Seat& seat) {
    seat.state = SeatState::kSilent;
    seat.due = LedgerTime{};
    Standing standing = standing_of(ledger, seat.auditor);
    ++standing.audits_silent;
    const Amount burnt = take(ledger, standing, hundredth_of(standing));
    bank::burn_held(ledger, burnt);
    ledger::Event event = seat_event("auditor_silent", audit, seat);
    event.attributes.push_back({"burnt", std::to_string(burnt.value())});
    ledger.emit(std::move(event));
}

}  // namespace sublet::audit
