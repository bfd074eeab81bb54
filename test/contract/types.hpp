// types.hpp: every struct of the program that is a message of proto/; the tests of the contract know no other list.
#pragma once

#include "api/simulate_types.hpp"
#include "app/cosmos_replies.hpp"
#include "modules/query.hpp"
#include "rows.hpp"

namespace sublet::contract {

// The bytes of a query::ListReply, read with the type of its records.
template <class Record>
struct RecordList {
    std::vector<Record> records;
    static constexpr auto fields() { return codec::list(codec::field(1, "records", &RecordList::records)); }
};

// Requests and answers of our queries.
inline constexpr auto kQueries = std::tuple{
    Row<query::StatusReply>{"sublet.ledger.v1.StatusResponse"},
    Row<query::ListRequest>{"sublet.provider.v1.ProvidersRequest"},
    Row<query::ListRequest>{"sublet.provider.v1.ProviderOfOperatorRequest"},
    Row<query::ListRequest>{"sublet.market.v1.OffersRequest"},
    Row<query::ListRequest>{"sublet.market.v1.OffersOfProviderRequest"},
    Row<query::ListRequest>{"sublet.market.v1.DeploymentsRequest"},
    Row<query::ListRequest>{"sublet.market.v1.LeasesOfTenantRequest"},
    Row<query::ListRequest>{"sublet.market.v1.LeasesOfProviderRequest"},
    Row<query::ListRequest>{"sublet.job.v1.JobsOfOwnerRequest"},
    Row<query::ListRequest>{"sublet.job.v1.JobsOnOfferRequest"},
    Row<query::TasksRequest>{"sublet.job.v1.TasksOfJobRequest"},
    Row<query::ListRequest>{"sublet.job.v1.TasksOfWorkerRequest"},
    Row<query::ListRequest>{"sublet.job.v1.ProbesOfWorkerRequest"},
    Row<query::ListRequest>{"sublet.job.v1.RatesRequest"},
    Row<query::AuditsRequest>{"sublet.audit.v1.AuditsOfJobRequest"},
    Row<query::ListRequest>{"sublet.audit.v1.AuditsOfAuditorRequest"},
    Row<query::ListRequest>{"sublet.audit.v1.StandingsRequest"},
    Row<query::ListRequest>{"sublet.stake.v1.ValidatorsRequest"},
    Row<query::ListRequest>{"sublet.stake.v1.DelegationsRequest"},
    Row<query::ListRequest>{"sublet.stake.v1.UnbondingsRequest"},
    Row<query::ListRequest>{"sublet.gov.v1.ProposalsRequest"},
    Row<query::ListRequest>{"sublet.gov.v1.UpgradesRequest"},
    Row<RecordList<provider::Provider>>{"sublet.provider.v1.ProvidersResponse"},
    Row<RecordList<provider::Provider>>{"sublet.provider.v1.ProviderOfOperatorResponse"},
    Row<RecordList<market::Offer>>{"sublet.market.v1.OffersResponse"},
    Row<RecordList<market::Offer>>{"sublet.market.v1.OffersOfProviderResponse"},
    Row<RecordList<market::Deployment>>{"sublet.market.v1.DeploymentsResponse"},
    Row<RecordList<market::Lease>>{"sublet.market.v1.LeasesOfTenantResponse"},
    Row<RecordList<market::Lease>>{"sublet.market.v1.LeasesOfProviderResponse"},
    Row<RecordList<job::Job>>{"sublet.job.v1.JobsOfOwnerResponse"},
    Row<RecordList<job::Job>>{"sublet.job.v1.JobsOnOfferResponse"},
    Row<RecordList<job::Task>>{"sublet.job.v1.TasksOfJobResponse"},
    Row<RecordList<job::Task>>{"sublet.job.v1.TasksOfWorkerResponse"},
    Row<RecordList<job::Job>>{"sublet.job.v1.ProbesOfWorkerResponse"},
    Row<RecordList<job::Rates>>{"sublet.job.v1.RatesResponse"},
    Row<RecordList<audit::Audit>>{"sublet.audit.v1.AuditsOfJobResponse"},
    Row<RecordList<audit::Audit>>{"sublet.audit.v1.AuditsOfAuditorResponse"},
    Row<RecordList<audit::Standing>>{"sublet.audit.v1.StandingsResponse"},
    Row<RecordList<stake::Validator>>{"sublet.stake.v1.ValidatorsResponse"},
    Row<RecordList<stake::Delegation>>{"sublet.stake.v1.DelegationsResponse"},
    Row<RecordList<stake::Unbonding>>{"sublet.stake.v1.UnbondingsResponse"},
    Row<RecordList<gov::Proposal>>{"sublet.gov.v1.ProposalsResponse"},
    Row<RecordList<gov::Upgrade>>{"sublet.gov.v1.UpgradesResponse"},
};

// What of Cosmos is spoken here.
inline constexpr auto kCosmos = std::tuple{
    Row<ledger::Any>{"google.protobuf.Any"},
    Row<bank::Coin>{"cosmos.base.v1beta1.Coin"},
    Row<ledger::FeeCoin>{"cosmos.base.v1beta1.Coin"},
    Row<ledger::TxRaw>{"cosmos.tx.v1beta1.TxRaw"},
    Row<ledger::SignDoc>{"cosmos.tx.v1beta1.SignDoc"},
    Row<ledger::TxBody>{"cosmos.tx.v1beta1.TxBody"},
    Row<ledger::AuthInfo>{"cosmos.tx.v1beta1.AuthInfo"},
    Row<ledger::SignerInfo>{"cosmos.tx.v1beta1.SignerInfo"},
    Row<ledger::ModeInfo>{"cosmos.tx.v1beta1.ModeInfo"},
    Row<ledger::SingleMode>{"cosmos.tx.v1beta1.ModeInfo.Single"},
    Row<ledger::Fee>{"cosmos.tx.v1beta1.Fee"},
    Row<ledger::PubKey>{"cosmos.crypto.secp256k1.PubKey"},
    Row<app::BaseAccount>{"cosmos.auth.v1beta1.BaseAccount"},
    Row<app::AccountReply>{"cosmos.auth.v1beta1.QueryAccountResponse"},
    Row<query::AddressRequest>{"cosmos.bank.v1beta1.QueryBalanceRequest"},
    Row<app::BalanceReply>{"cosmos.bank.v1beta1.QueryBalanceResponse"},
    Row<app::AllBalancesReply>{"cosmos.bank.v1beta1.QueryAllBalancesResponse"},
    Row<app::PageReply>{"cosmos.base.query.v1beta1.PageResponse"},
    Row<api::SimulateRequest>{"cosmos.tx.v1beta1.SimulateRequest"},
    Row<api::SimulateResponse>{"cosmos.tx.v1beta1.SimulateResponse"},
    Row<api::GasInfo>{"cosmos.base.abci.v1beta1.GasInfo"},
    Row<api::SimulateResult>{"cosmos.base.abci.v1beta1.Result"},
    Row<store::StoredEvent>{"tendermint.abci.Event"},
    Row<store::StoredAttribute>{"tendermint.abci.EventAttribute"},
};

inline constexpr auto kTypes = std::tuple_cat(kMessages, kRecords, kQueries, kCosmos);

// The name of a type, by the first row that has it; empty where none has.
template <class T, class Rows>
constexpr std::string_view name_in(const Rows& rows) {
    std::string_view out;
    std::apply(
        [&](const auto&... row) {
            ((out = out.empty() && std::same_as<typename std::remove_cvref_t<decltype(row)>::Type, T> ? row.name : out),
             ...);
        },
        rows);
    return out;
}

}  // namespace sublet::contract
