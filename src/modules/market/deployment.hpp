// deployment.hpp: a tenant's deployment: groups, each with its order, the manifest's commitment and the money locked
// for orders. Deterministic. Spec: docs/spec/market.md (deployments and orders).
#pragma once

#include "modules/market/resources.hpp"

namespace sublet::market {

inline constexpr std::size_t kMaxGroups = 20;
inline constexpr std::size_t kMaxSignedBy = 16;
inline constexpr std::size_t kMaxDepositors = 15;
inline constexpr std::size_t kMaxExcluded = 16;
inline constexpr std::uint64_t kMaxDeploymentsPerOwner = 1'000;

struct GroupSpec {
    std::string name;
    std::vector<provider::Attribute> attributes;  // the provider's or the offer's must contain each
    std::vector<std::string> signed_by_all_of;    // auditors; none exist yet, so a group that names any matches nothing
    std::vector<std::string> signed_by_any_of;
    std::vector<ResourceUnit> units;
    Millis min_notice;
    static constexpr auto fields() {
        using codec::field;
        return codec::list(field(1, "name", &GroupSpec::name), field(2, "attributes", &GroupSpec::attributes),
                           field(3, "signed_by_all_of", &GroupSpec::signed_by_all_of),
                           field(4, "signed_by_any_of", &GroupSpec::signed_by_any_of),
                           field(5, "units", &GroupSpec::units), field(6, "min_notice", &GroupSpec::min_notice));
    }
};
// Σ count × max_rate, saturating.
Rate max_rate(const GroupSpec& spec);

enum class OrderState : std::uint8_t { kOpen = 1, kMatched = 2, kClosed = 3, kExpired = 4 };
bool valid(OrderState state);
std::string_view to_name(OrderState state);

// One group's order; sequence counts how often the group was put up.
struct Order {
    OrderState state = OrderState::kOpen;
    std::uint32_t sequence = 1;
    LedgerTime created_at;
    LedgerTime expires_at;
    Amount locked;                  // held for the match: at least min_funding_ms × max rate (T7)
    std::vector<Address> excluded;  // providers that failed this group
    LeaseId lease;                  // of the last match; zero before
    static constexpr auto fields() {
        using codec::field;
        return codec::list(field(1, "state", &Order::state), field(2, "sequence", &Order::sequence),
                           field(3, "created_at", &Order::created_at), field(4, "expires_at", &Order::expires_at),
                           field(5, "locked", &Order::locked), field(6, "excluded", &Order::excluded),
                           field(7, "lease", &Order::lease));
    }
};

struct Group {
    GroupSpec spec;
    Order order;
    static constexpr auto fields() {
        return codec::list(codec::field(1, "spec", &Group::spec), codec::field(2, "order", &Group::order));
    }
};

enum class DeploymentState : std::uint8_t { kActive = 1, kClosed = 2 };
bool valid(DeploymentState state);
std::string_view to_name(DeploymentState state);

struct Deployment {
    std::uint32_t version = 1;
    DeploymentId id;
    Address owner;
    DeploymentState state = DeploymentState::kActive;
    std::vector<Group> groups;
    Hash commitment{};  // SHA-256(nonce ‖ manifest hash) (T10)
    Amount deposit;     // chosen by the tenant; zero: deposit_time × the matched rate
    Millis deposit_time;
    Millis start_timeout;
    std::vector<Address> depositors;  // who else may deposit (T4)
    LedgerTime created_at;
    LedgerTime closed_at;
    Amount bond;

    static constexpr auto fields() {
        using codec::field;
        return codec::list(
            field(1, "version", &Deployment::version), field(2, "id", &Deployment::id),
            field(3, "owner", &Deployment::owner), field(4, "state", &Deployment::state),
            field(5, "groups", &Deployment::groups), field(6, "commitment", &Deployment::commitment),
            field(7, "deposit", &Deployment::deposit), field(8, "deposit_time", &Deployment::deposit_time),
            field(9, "start_timeout", &Deployment::start_timeout), field(10, "depositors", &Deployment::depositors),
            field(11, "created_at", &Deployment::created_at), field(12, "closed_at", &Deployment::closed_at),
            field(13, "bond", &Deployment::bond));
    }
};

Bytes deployment_prefix();
Bytes deployment_key(DeploymentId id);
std::optional<Deployment> find_deployment(const ledger::View& view, DeploymentId id);
void save(ledger::Ledger& ledger, const Deployment& deployment);
ledger::IndexEntries index_entries(const Deployment& deployment, const ledger::Params& params);

}  // namespace sublet::market
