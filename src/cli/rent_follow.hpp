// rent_follow.hpp: from a created deployment to running services: leases, manifests, readiness.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "cli/context.hpp"
#include "cli/saved_deployment.hpp"
#include "client/provider_client.hpp"

namespace sublet::cli {

struct RentedLease {
    market::Lease lease;
    provider::Provider provider;
    std::optional<client::LeaseView> view;  // as the provider sees it, once it runs
};

struct Rental {
    DeploymentId deployment;
    SavedDeployment saved;
    crypto::SecretKey secret;
    std::vector<RentedLease> leases;
};

// A decimal number above zero.
std::optional<std::uint64_t> parse_id(std::string_view text);

// Until every group has a lease. Errors: kTimeout (the order stays open), kNotFound (it expired).
Result<> wait_for_leases(Context& context, Rental& rental, std::uint64_t deadline_ms);
// To every lease's provider; a provider that has not seen the lease yet, or does not answer, is asked again for a
// while.
Result<> send_manifests(Context& context, Rental& rental, std::uint64_t deadline_ms);
// Shows the providers' events meanwhile. Errors: kCancelled (a lease closed: says why), kTimeout (it still may start).
Result<> wait_until_running(Context& context, Rental& rental, std::uint64_t deadline_ms);

std::string rental_json(const Rental& rental);

}  // namespace sublet::cli
