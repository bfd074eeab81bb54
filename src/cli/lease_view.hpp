// lease_view.hpp: a lease as people see it: state, bill as of now, services and their addresses.
#pragma once

#include <string>

#include "cli/context.hpp"
#include "client/provider_client.hpp"

namespace sublet::cli {

// A lease's money at one moment. What lies after the provider's last heartbeat is an extrapolation.
struct Bill {
    Millis served;
    Amount earned;  // by the provider, whole ucredit
    u128 pico = 0;  // the same with its fraction, 10⁻¹² ucredit
    Amount left;    // of the deposits
    Millis lasts;   // how long that pays for
    bool extrapolated = false;
};
// `network` was read at `read_unix_ms`, `now_unix_ms` is the clock now.
Bill bill_of(const market::Lease& lease, const provider::Provider& provider, const query::StatusReply& network,
             std::uint64_t now_unix_ms);
// "0.000123456789 credits": twelve decimals, cut.
std::string precise_credits(u128 pico);

// "running", "down" …, coloured on a terminal.
std::string shown(const market::Lease& lease, const provider::Provider& provider);

// Services, replicas and addresses, one line each, indented.
void print_services(const client::LeaseView& view);
// How it ended: reason, paid, refunded, burnt.
void print_closing(const market::Lease& lease);

// The gateway of the lease's provider, with the key of the tenant.
Result<std::unique_ptr<client::ProviderClient>> gateway_client(Context& context, const provider::Provider& provider,
                                                               const std::string& chain_id,
                                                               const crypto::SecretKey& secret);

}  // namespace sublet::cli
