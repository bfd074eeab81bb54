// presence.cpp: the provider on the ledger: what is read of it, registration, the offer.
#include "agent/presence.hpp"
#include "agent/crash.hpp"

#include <fmt/format.h>
#include "net/log.hpp"

#include <algorithm>

namespace sublet::agent {

namespace {

std::vector<provider::Attribute> sorted(std::vector<provider::Attribute> attributes) {
    std::ranges::sort(attributes);
    return attributes;
}

bool close_to(std::uint64_t a, std::uint64_t b) {
    const std::uint64_t apart = a > b ? a - b : b - a;
    return apart <= std::max(a, b) / 10;
}

}  // namespace

std::string Presence::operator_text() const { return crypto::to_bech32(core_.parts.ledger.operator_address()); }

Task<Result<>> Presence::send(Message message) {
    Task<Result<>> sending = core_.parts.ledger.send(std::move(message));
    Result<> sent = co_await std::move(sending);
    core_.ledger_dirty = true;
    co_return sent;
}

Task<Result<>> Presence::read() {
    Ledger& ledger = core_.parts.ledger;
    core_.seen.fresh = false;
    Result<query::StatusReply> status = co_await ledger.status();
    if (!status) {
        co_return std::unexpected{status.error()};
    }
    if (!core_.chain_id.empty() && status->chain_id != core_.chain_id) {
        co_return fail(Code::kConflict, "the node serves the network \"" + status->chain_id +
                                            "\", this data folder \"" + core_.chain_id +
                                            "\": use another folder or another node");
    }
    if (status->height < core_.seen.status.height) {
        co_return fail(Code::kConflict, "the node is at block " + std::to_string(status->height.value()) +
                                            ", behind block " + std::to_string(core_.seen.status.height.value()) +
                                            " which was seen before: waiting until it has caught up");
    }
    Result<std::optional<provider::Provider>> found = co_await ledger.provider(core_.options.owner);
    if (!found) {
        co_return std::unexpected{found.error()};
    }
    if (!*found) {
        co_return fail(Code::kNotFound, "this provider is not registered");
    }
    Result<std::vector<market::Offer>> offers = co_await ledger.offers(core_.options.owner);
    if (!offers) {
        co_return std::unexpected{offers.error()};
    }
    Result<std::vector<market::Lease>> leases = co_await ledger.leases(core_.options.owner);
    if (!leases) {
        co_return std::unexpected{leases.error()};
    }
    core_.seen = {std::move(*status),
                  std::move(**found),
                  std::move(*offers),
                  std::move(*leases),
                  core_.parts.clock.monotonic_ms(),
                  true,
                  ""};
    co_return Result<>{};
}

Task<Result<>> Presence::establish() {
    Result<> known = co_await read();
    if (!known && known.error().code == Code::kNotFound) {
        CO_TRY_OK(co_await register_provider());
        known = co_await read();
    }
    CO_TRY_OK(known);
    CO_TRY_OK(co_await update_provider());
    const std::vector<provider::Machine>& machines = core_.seen.provider.machines;
    const auto mine = std::ranges::find(machines, core_.options.machine, &provider::Machine::name);
    if (mine == machines.end()) {
        co_return fail(Code::kUsage, "the provider's record names no machine \"" + core_.options.machine +
                                         "\"; its machines were fixed when it registered");
    }
    core_.machine = static_cast<std::uint32_t>(mine - machines.begin());
    co_return co_await settle_offer();
}

Task<Result<>> Presence::register_provider() {
    if (!core_.parts.ledger.has_owner_key()) {
        co_return fail(Code::kUsage, "the provider " + crypto::to_bech32(core_.options.owner) +
                                         " is not registered: start once with its owner's key");
    }
    provider::MsgRegister message;
    message.owner = crypto::to_bech32(core_.options.owner);
    message.operator_address = operator_text();
    message.gateway_uri = core_.gateway_uri;
    message.tls_pin = Bytes{view_of(core_.identity.spki)};
    message.attributes = sorted(core_.options.attributes);
    message.machines = {core_.options.machine};
    Message out = std::move(message);
    crash_point(CrashPoint::kBeforeRegister);
    CO_TRY_OK(co_await send(std::move(out)));
    crash_point(CrashPoint::kAfterRegister);
    net::log(
        net::LogLevel::kInfo, "agent",
        fmt::format("registered the provider {} at {}", crypto::to_bech32(core_.options.owner), core_.gateway_uri));
    co_return Result<>{};
}

Task<Result<>> Presence::update_provider() {
    const provider::Provider& record = core_.seen.provider;
    const bool reachable = record.gateway_uri == core_.gateway_uri && record.tls_pin == core_.identity.spki &&
                           record.operator_address == core_.parts.ledger.operator_address();
    if (reachable && record.attributes == sorted(core_.options.attributes)) {
        co_return Result<>{};
    }
    if (!core_.parts.ledger.has_owner_key()) {
        if (reachable) {
            net::log(net::LogLevel::kWarning, "agent",
                     "the provider's attributes differ from the ledger's; only its owner's key can change them");
            co_return Result<>{};
        }
        co_return fail(Code::kUsage, "address, key or operator of this provider differ from what the ledger says (" +
                                         record.gateway_uri + " there, " + core_.gateway_uri +
                                         " here): start once with its owner's key");
    }
    provider::MsgUpdate message;
    message.owner = crypto::to_bech32(core_.options.owner);
    message.operator_address = operator_text();
    message.gateway_uri = core_.gateway_uri;
    message.tls_pin = Bytes{view_of(core_.identity.spki)};
    message.attributes = sorted(core_.options.attributes);
    Message out = std::move(message);
    CO_TRY_OK(co_await send(std::move(out)));
    co_return co_await read();
}

// Free disk space is measured while leases use some of it: their part is added back, and small changes are left alone.
market::Capacity Presence::wanted_capacity(const market::Offer* offer) const {
    market::Capacity out = capacity_of(core_.options.inventory, core_.options.share);
    if (offer == nullptr) {
        return out;
    }
    const std::uint64_t leased = offer->capacity.storage_bytes - offer->free.storage_bytes;
    const std::uint64_t storage = std::min(out.storage_bytes + leased, market::kMaxStorageBytes);
    out.storage_bytes = close_to(storage, offer->capacity.storage_bytes) ? offer->capacity.storage_bytes : storage;
    return out;
}

Task<Result<>> Presence::settle_offer() {
    const market::Offer* offer = core_.seen.offer_of(core_.machine);
    const market::Capacity capacity = wanted_capacity(offer);
    if (offer == nullptr) {
        market::MsgPostOffer message;
        message.operator_address = operator_text();
        message.machine = core_.machine;
        message.capacity = capacity;
        message.price = core_.options.price;
        message.notice = core_.options.notice;
        message.attributes = sorted(core_.options.attributes);
        Message out = std::move(message);
        crash_point(CrashPoint::kBeforeOffer);
        CO_TRY_OK(co_await send(std::move(out)));
        crash_point(CrashPoint::kAfterOffer);
        CO_TRY_OK(co_await read());
        offer = core_.seen.offer_of(core_.machine);
        if (offer == nullptr) {
            co_return fail(Code::kInternal, "the offer was posted, but the ledger does not list it");
        }
    }
    CO_TRY(state, core_.wished_offer_state());
    const market::PriceVector& price = offer->pending ? offer->pending->price : offer->price;
    const Millis notice = offer->pending ? offer->pending->notice : offer->notice;
    const market::Capacity& offered =
        offer->pending && offer->pending->capacity ? *offer->pending->capacity : offer->capacity;
    if (offer->state == state && offered == capacity && price == core_.options.price &&
        notice == core_.options.notice && offer->attributes == sorted(core_.options.attributes)) {
        co_return Result<>{};
    }
    const market::Capacity before = offer->capacity;
    Task<Result<>> sending = send_offer(capacity);
    Result<> sent = co_await std::move(sending);
    if (!sent && sent.error().code == Code::kOfferBusy) {
        net::log(net::LogLevel::kWarning, "agent",
                 "less is to be lent than is leased now: the offer keeps its size until leases end");
        Task<Result<>> again = send_offer(before);
        sent = co_await std::move(again);
    }
    CO_TRY_OK(sent);
    co_return co_await read();
}

Task<Result<>> Presence::send_offer(market::Capacity capacity) {
    const market::Offer* offer = core_.seen.offer_of(core_.machine);
    CO_TRY(state, core_.wished_offer_state());
    market::MsgUpdateOffer message;
    message.operator_address = operator_text();
    message.offer = offer == nullptr ? OfferId{} : offer->id;
    message.state = state;
    message.capacity = std::move(capacity);
    message.price = core_.options.price;
    message.notice = core_.options.notice;
    message.attributes = sorted(core_.options.attributes);
    Message out = std::move(message);
    co_return co_await send(std::move(out));
}

// Tenants have the longer of what is promised now and what the ledger's offer says: terms only get worse with delay.
Result<> Presence::give_notice() {
    const market::Offer* offer = core_.seen.offer_of(core_.machine);
    const std::uint64_t promised_ms = offer == nullptr ? 0 : offer->notice.value();
    const std::uint64_t notice_ms = std::max(promised_ms, core_.options.notice.value());
    const std::uint64_t due_ms = core_.parts.clock.unix_ms() + notice_ms;
    TRY_OK(core_.state->set_setting("drain_due_unix_ms", std::to_string(due_ms)));
    for (const market::Lease& lease : core_.seen.leases) {
        if (!core_.unwanted(lease.id)) {
            core_.note(lease.id, "notice", "the owner takes this machine back at " + rfc3339(due_ms));
        }
    }
    return {};
}

Task<Result<>> Presence::wish(market::OfferState state) {
    const std::string text = state == market::OfferState::kPaused     ? "paused"
                             : state == market::OfferState::kDraining ? "draining"
                                                                      : "active";
    CO_TRY(before, core_.wished_offer_state());
    if (state == market::OfferState::kDraining && before != state) {
        CO_TRY_OK(give_notice());
    }
    CO_TRY_OK(core_.state->set_setting("offer_state", text));
    core_.wake_up(true);
    co_return co_await settle_offer();
}

}  // namespace sublet::agent
