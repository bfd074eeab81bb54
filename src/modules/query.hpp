// query.hpp: requests and answers of the list queries (abci_query), for the node and for clients.
// Deterministic. Spec: docs/spec/transactions.md (queries).
//
// Single records are read with path "/store/state/key" and the record's raw key (lease_key(id) …), with a proof when
// asked for.
#pragma once

#include "modules/audit/lists.hpp"
#include "modules/gov/process.hpp"
#include "modules/job/lists.hpp"
#include "modules/market/market.hpp"

namespace sublet::query {

inline constexpr std::uint32_t kMaxListed = 200;
inline constexpr std::size_t kMaxKeyBytes = 1'024;  // of a raw key that is asked for; those of records are shorter
inline constexpr std::string_view kRawKey = "/store/state/key";

inline constexpr std::string_view kStatus = "/sublet.ledger.v1.Query/Status";          // StatusReply
inline constexpr std::string_view kProviders = "/sublet.provider.v1.Query/Providers";  // records: provider::Provider
inline constexpr std::string_view kProviderOfOperator = "/sublet.provider.v1.Query/ProviderOfOperator";
inline constexpr std::string_view kOffers = "/sublet.market.v1.Query/Offers";  // records: market::Offer
inline constexpr std::string_view kOffersOfProvider = "/sublet.market.v1.Query/OffersOfProvider";
inline constexpr std::string_view kDeployments =
    "/sublet.market.v1.Query/Deployments";  // of an owner: market::Deployment
inline constexpr std::string_view kLeasesOfTenant = "/sublet.market.v1.Query/LeasesOfTenant";  // records: market::Lease
inline constexpr std::string_view kLeasesOfProvider = "/sublet.market.v1.Query/LeasesOfProvider";
inline constexpr std::string_view kJobsOfOwner = "/sublet.job.v1.Query/JobsOfOwner";  // records: job::Job
inline constexpr std::string_view kJobsOnOffer = "/sublet.job.v1.Query/JobsOnOffer";  // the dearest first; no `after`
inline constexpr std::string_view kTasksOfJob =
    "/sublet.job.v1.Query/TasksOfJob";  // a TasksRequest; records: job::Task
inline constexpr std::string_view kProbesOfWorker = "/sublet.job.v1.Query/ProbesOfWorker";  // job::Job; no `after`
inline constexpr std::string_view kRates = "/sublet.job.v1.Query/Rates";  // records: job::Rates, by number
inline constexpr std::string_view kTasksOfWorker = "/sublet.job.v1.Query/TasksOfWorker";  // in hand; no `after`
inline constexpr std::string_view kAuditsOfJob =
    "/sublet.audit.v1.Query/AuditsOfJob";  // an AuditsRequest; records: audit::Audit
inline constexpr std::string_view kAuditsOfAuditor = "/sublet.audit.v1.Query/AuditsOfAuditor";  // no `after`
inline constexpr std::string_view kStandings = "/sublet.audit.v1.Query/Standings";  // audit::Standing, by number
inline constexpr std::string_view kValidators =
    "/sublet.stake.v1.Query/Validators";  // behind the operator `address`; records: stake::Validator
inline constexpr std::string_view kDelegations = "/sublet.stake.v1.Query/Delegations";  // of a delegator; no `after`
inline constexpr std::string_view kUnbondings = "/sublet.stake.v1.Query/Unbondings";    // of a delegator; no `after`
inline constexpr std::string_view kProposals = "/sublet.gov.v1.Query/Proposals";        // records: gov::Proposal
inline constexpr std::string_view kUpgrades = "/sublet.gov.v1.Query/Upgrades";  // ahead, then done; gov::Upgrade

// `address` where the path asks for one; records with ids above `after`; limit 0 means kMaxListed.
struct ListRequest {
    std::string address;
    std::uint64_t after = 0;
    std::uint32_t limit = 0;
    static constexpr auto fields() {
        using codec::field;
        return codec::list(field(1, "address", &ListRequest::address), field(2, "after", &ListRequest::after),
                           field(3, "limit", &ListRequest::limit));
    }
};

// Tasks of a job from number `from` on.
struct TasksRequest {
    JobId job;
    std::uint32_t from = 0;
    std::uint32_t limit = 0;
    static constexpr auto fields() {
        using codec::field;
        return codec::list(field(1, "job", &TasksRequest::job), field(2, "from", &TasksRequest::from),
                           field(3, "limit", &TasksRequest::limit));
    }
};

// Audits of a job's results, from this attempt of task `from` on.
struct AuditsRequest {
    JobId job;
    std::uint32_t from = 0;
    std::uint32_t limit = 0;
    std::uint32_t attempt = 0;
    static constexpr auto fields() {
        using codec::field;
        return codec::list(field(1, "job", &AuditsRequest::job), field(2, "from", &AuditsRequest::from),
                           field(3, "limit", &AuditsRequest::limit), field(4, "attempt", &AuditsRequest::attempt));
    }
};

struct ListReply {
    std::vector<Bytes> records;
    static constexpr auto fields() { return codec::list(codec::raw_field(1, "records", &ListReply::records)); }
};

struct StatusReply {
    std::string chain_id;
    Height height;
    BlockTime time;
    LedgerTime now;
    ledger::Params params;
    static constexpr auto fields() {
        using codec::field;
        return codec::list(field(1, "chain_id", &StatusReply::chain_id), field(2, "height", &StatusReply::height),
                           field(3, "time", &StatusReply::time), field(4, "now", &StatusReply::now),
                           field(5, "params", &StatusReply::params));
    }
};

// cosmos.auth and cosmos.bank, as CosmJS asks.
struct AddressRequest {
    std::string address;
    std::string denom;
    static constexpr auto fields() {
        return codec::list(codec::field(1, "address", &AddressRequest::address),
                           codec::field(2, "denom", &AddressRequest::denom));
    }
};

}  // namespace sublet::query
