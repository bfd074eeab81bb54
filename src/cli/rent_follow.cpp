// rent_follow.cpp: waits for leases, hands over manifests and follows until everything serves.
#include "cli/rent_follow.hpp"

#include <algorithm>
#include <charconv>

#include "cli/format.hpp"
#include "cli/lease_view.hpp"
#include "net/quiet.hpp"

namespace sublet::cli {
namespace {

constexpr std::uint64_t kFirstPauseMs = 10;
constexpr std::uint64_t kLongestPauseMs = 250;
constexpr std::uint64_t kManifestPatienceMs = 30'000;

// Short pauses first: on a local network everything is there at once.
struct Pace {
    std::uint64_t pause_ms = kFirstPauseMs;
    net::Task<> rest(net::Clock& clock) {
        const std::uint64_t now_ms = pause_ms;
        pause_ms = std::min(pause_ms * 2, kLongestPauseMs);
        return clock.sleep(now_ms);
    }
};

Result<> matched(const market::Deployment& deployment, bool& all) {
    all = true;
    for (const market::Group& group : deployment.groups) {
        if (group.order.state == market::OrderState::kExpired || group.order.state == market::OrderState::kClosed) {
            return fail(Code::kNotFound, fmt::format("the order of group {} ended without a lease; see `sublet rent "
                                                     "--dry-run` for what is on offer",
                                                     group.spec.name));
        }
        all = all && group.order.state == market::OrderState::kMatched;
    }
    return {};
}

net::Task<Result<>> fetch_leases(client::Chain& chain, Rental& rental, const market::Deployment& deployment) {
    rental.leases.clear();
    for (const market::Group& group : deployment.groups) {
        CO_TRY(lease, co_await chain.lease(group.order.lease));
        CO_TRY(provider, co_await chain.provider(lease.provider));
        RentedLease rented{std::move(lease), std::move(provider), std::nullopt};
        rental.leases.push_back(std::move(rented));
    }
    co_return Result<>{};
}

net::Task<Result<>> await_leases(client::Chain& chain, net::Clock& clock, Rental& rental, std::uint64_t deadline_ms) {
    Pace pace;
    while (true) {
        CO_TRY(deployment, co_await chain.deployment(rental.deployment));
        bool all = false;
        CO_TRY_OK(matched(deployment, all));
        if (all) {
            co_return co_await fetch_leases(chain, rental, deployment);
        }
        if (clock.monotonic_ms() >= deadline_ms) {
            co_return fail(
                Code::kTimeout,
                fmt::format("no offer has taken deployment {} yet; its order stays open, and "
                            "`sublet lease ls` shows a lease when one does; `sublet lease close --deployment {}` "
                            "takes it back",
                            rental.deployment.value(), rental.deployment.value()));
        }
        co_await pace.rest(clock);
    }
}

bool worth_another_try(Code code) {
    return code == Code::kNotFound || code == Code::kIo || code == Code::kTimeout || code == Code::kRefused;
}

net::Task<Result<>> hand_over(client::ProviderClient& gateway, net::Clock& clock, LeaseId lease,
                              const SavedDeployment& saved, std::uint64_t until_ms) {
    Pace pace;
    while (true) {
        Bytes manifest = saved.manifest;
        Result<> put = co_await gateway.put_manifest(lease, saved.nonce, std::move(manifest));
        if (put || !worth_another_try(put.error().code) || clock.monotonic_ms() >= until_ms) {
            co_return put;
        }
        co_await pace.rest(clock);
    }
}

using Say = std::function<void(std::string)>;

net::Task<Result<>> say_event(std::shared_ptr<Say> say, client::GatewayEvent event) {
    (*say)(event.text.empty() ? event.kind : event.text);
    co_return Result<>{};
}

// The follower may outlive the wait: it holds what it needs by itself.
net::Task<> show_events(std::shared_ptr<client::ProviderClient> gateway, LeaseId lease, std::shared_ptr<Say> say) {
    client::EventSink sink = [say](client::GatewayEvent event) { return say_event(say, std::move(event)); };
    (void)co_await gateway->events(lease, true, std::move(sink));  // progress only: the ledger tells how it went
}

net::Task<Result<>> await_running(Context& context, client::Chain& chain, RentedLease& rented,
                                  client::ProviderClient& gateway, std::uint64_t deadline_ms) {
    Pace pace;
    net::Clock& clock = *context.clock;
    while (true) {
        CO_TRY(lease, co_await chain.lease(rented.lease.id));
        rented.lease = std::move(lease);
        const market::LeaseState state = rented.lease.state;
        if (state == market::LeaseState::kRunning) {
            Result<client::LeaseView> view = co_await gateway.status(rented.lease.id);
            if (view) {
                rented.view = std::move(*view);
            }
            co_return Result<>{};
        }
        if (state == market::LeaseState::kClosing || state == market::LeaseState::kClosed) {
            co_return fail(
                Code::kCancelled,
                fmt::format("lease {} was closed before it ran: {} (by {}); what was deposited comes back",
                            rented.lease.id.value(), to_name(rented.lease.reason), to_name(rented.lease.closed_by)));
        }
        if (clock.monotonic_ms() >= deadline_ms) {
            co_return fail(
                Code::kTimeout,
                fmt::format("lease {} does not run yet; follow it with `sublet lease events {}` or end it with "
                            "`sublet lease close {}`",
                            rented.lease.id.value(), rented.lease.id.value(), rented.lease.id.value()));
        }
        co_await pace.rest(clock);
    }
}

}  // namespace

std::optional<std::uint64_t> parse_id(std::string_view text) {
    std::uint64_t value = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
    if (error != std::errc{} || end != text.data() + text.size() || value == 0) {
        return std::nullopt;
    }
    return value;
}

Result<> wait_for_leases(Context& context, Rental& rental, std::uint64_t deadline_ms) {
    TRY(chain, context.chain());
    const auto progress = context.progress("waiting for an offer to take it");
    return context.wait(await_leases(*chain, *context.clock, rental, deadline_ms));
}

Result<> send_manifests(Context& context, Rental& rental, std::uint64_t deadline_ms) {
    const auto progress = context.progress("sending the manifest");
    const std::uint64_t until_ms = std::min(deadline_ms, context.clock->monotonic_ms() + kManifestPatienceMs);
    for (const RentedLease& each : rental.leases) {
        TRY(gateway, gateway_client(context, each.provider, rental.saved.chain_id, rental.secret));
        TRY_OK(context.wait(hand_over(*gateway, *context.clock, each.lease.id, rental.saved, until_ms)));
    }
    return {};
}

Result<> wait_until_running(Context& context, Rental& rental, std::uint64_t deadline_ms) {
    TRY(chain, context.chain());
    for (RentedLease& each : rental.leases) {
        TRY(made, gateway_client(context, each.provider, rental.saved.chain_id, rental.secret));
        const std::shared_ptr<client::ProviderClient> gateway = std::move(made);
        auto progress = context.progress(fmt::format("starting lease {}", each.lease.id.value()));
        Progress* line = progress.get();
        auto say = std::make_shared<Say>([line](std::string text) { line->say(std::move(text)); });
        net::spawn(context.loop, show_events(gateway, each.lease.id, say));
        Result<> running = context.wait(await_running(context, *chain, each, *gateway, deadline_ms));
        *say = [](const std::string&) {};
        TRY_OK(running);
    }
    return {};
}

std::string rental_json(const Rental& rental) {
    std::string leases;
    for (const RentedLease& each : rental.leases) {
        leases += fmt::format(R"({}{{"lease":{},"status":{}}})", leases.empty() ? "" : ",", codec::to_json(each.lease),
                              each.view ? each.view->json : "null");
    }
    return fmt::format(R"({{"deployment":"{}","leases":[{}]}})", rental.deployment.value(), leases);
}

}  // namespace sublet::cli
