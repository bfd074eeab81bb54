// lease_view.cpp: prints leases, bills and services.
#include "cli/lease_view.hpp"

#include <algorithm>

#include "cli/format.hpp"

namespace sublet::cli {
namespace {

constexpr std::uint64_t kPicoPerCreditDigit = 1'000'000;  // twelve decimals of a credit are 10⁶ pico-ucredit each

// Ledger time goes on between blocks; nobody is billed beyond what a heartbeat can still cover.
std::uint64_t since_heartbeat_ms(const provider::Provider& provider, const query::StatusReply& network,
                                 std::uint64_t now_unix_ms) {
    const std::uint64_t block_ms = network.time.value();
    const std::uint64_t since_block = now_unix_ms > block_ms ? now_unix_ms - block_ms : 0;
    const std::uint64_t now = network.now.value() + since_block;
    const std::uint64_t last = provider.last_heartbeat.value();
    return std::min(now > last ? now - last : 0, network.params.heartbeat_cover_ms);
}

}  // namespace

Bill bill_of(const market::Lease& lease, const provider::Provider& provider, const query::StatusReply& network,
             std::uint64_t now_unix_ms) {
    ServiceClock clock = provider::machine_clock(provider, lease.machine);
    const bool up = lease.machine < provider.machines.size() && provider.machines[lease.machine].up;
    Bill out;
    if (lease.account.running && provider.beating && up) {
        clock = saturating_add(clock, ServiceClock{since_heartbeat_ms(provider, network, now_unix_ms)});
        out.extrapolated = true;
    }
    out.served = escrow::billed(lease.account, clock);
    out.earned = escrow::earned_floor(lease.account, clock);
    out.pico = u128{lease.account.rate.value()} * out.served.value();
    if (lease.state == market::LeaseState::kClosed) {
        out.earned = lease.account.paid;  // rounded once, when it was settled
    }
    const Amount spent = saturating_add(saturating_add(out.earned, lease.account.burnt), lease.account.refunded);
    out.left = saturating_sub(lease.account.deposited, spent);
    const Millis affordable = escrow::affordable_floor(lease.account);
    out.lasts = saturating_sub(affordable, out.served);
    return out;
}

std::string precise_credits(u128 pico) {
    const u128 scaled = pico / kPicoPerCreditDigit;  // 10⁻¹² credits
    constexpr std::uint64_t kPerCredit = 1'000'000'000'000;
    return fmt::format("{}.{:012} credits", static_cast<std::uint64_t>(scaled / kPerCredit),
                       static_cast<std::uint64_t>(scaled % kPerCredit));
}

std::string shown(const market::Lease& lease, const provider::Provider& provider) {
    return state_text(market::shown_state(lease, provider));
}

void print_services(const client::LeaseView& view) {
    for (const client::ServiceView& service : view.services) {
        fmt::print("  {}  {}/{} ready  {}  {}\n", service.name, service.replicas_ready, service.replicas,
                   state_text(service.state), service.image);
        for (const std::string& uri : service.uris) {
            fmt::print("    {}\n", paint(fmt::terminal_color::cyan, uri));
        }
        for (const client::PortView& port : service.ports) {
            fmt::print("    port {}/{} → host port {}\n", port.external == 0 ? port.container_port : port.external,
                       port.proto, port.host_port);
        }
        if (!service.last_error.empty()) {
            fmt::print("    last error: {}\n", service.last_error);
        }
    }
    if (!view.message.empty()) {
        fmt::print("  {}\n", view.message);
    }
}

void print_closing(const market::Lease& lease) {
    fmt::print("lease {} {}: {} (by {})\n", lease.id.value(), state_text(to_name(lease.state)), to_name(lease.reason),
               to_name(lease.closed_by));
    fmt::print("  deposited {}\n  paid      {}\n", credits(lease.account.deposited), credits(lease.account.paid));
    if (!lease.account.burnt.is_zero()) {
        fmt::print("  burnt     {}\n", credits(lease.account.burnt));
    }
    fmt::print("  refunded  {}\n", credits(lease.account.refunded));
}

Result<std::unique_ptr<client::ProviderClient>> gateway_client(Context& context, const provider::Provider& provider,
                                                               const std::string& chain_id,
                                                               const crypto::SecretKey& secret) {
    TRY(gateway, client::Gateway::of(provider, chain_id));
    return std::make_unique<client::ProviderClient>(*context.transport, *context.clock, *context.random, secret,
                                                    gateway);
}

}  // namespace sublet::cli
