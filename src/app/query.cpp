// query.cpp: the read paths of clients: raw keys with proofs, lists, and the Cosmos queries that wallets use.
// Deterministic. Spec: docs/spec/transactions.md (queries).
#include <algorithm>

#include "app/app.hpp"
#include "app/cosmos_replies.hpp"
#include "app/rebuild.hpp"
#include "ledger/ics23.hpp"
#include "modules/gov/process.hpp"
#include "modules/query.hpp"

namespace sublet::app {
namespace {

using query::AddressRequest;
using query::ListReply;
using query::ListRequest;

// Clients add a page request to some queries; which page does not matter to two balances.
Result<AddressRequest> address_request(BytesView data) {
    codec::Reader reader{data};
    AddressRequest out;
    while (!reader.done()) {
        TRY(tag, reader.tag());
        if (tag.type != codec::WireType::kLength) {
            TRY(number, reader.varint());
            (void)number;
            continue;
        }
        TRY(piece, reader.length());
        if (tag.number == 1) {
            out.address = piece;
        } else if (tag.number == 2) {
            out.denom = piece;
        }
    }
    return out;
}

Result<Bytes> account_reply(const ledger::View& view, BytesView data) {
    TRY(request, address_request(data));
    TRY(address, account::parse(request.address, "address"));
    const std::optional<account::Account> found = account::find(view, address);
    if (!found) {
        return fail(Code::kNotFound, "account " + request.address + " not found");
    }
    BaseAccount base;
    base.address = request.address;
    base.account_number = found->number.value();
    base.sequence = found->sequence;
    if (found->public_key != FixedBytes<33>{}) {
        const ledger::PubKey key{Bytes{view_of(found->public_key)}};
        base.public_key = ledger::Any{std::string{ledger::kPubKeyTypeUrl}, codec::encode(key)};
    }
    AccountReply reply;
    reply.account = ledger::Any{"/cosmos.auth.v1beta1.BaseAccount", codec::encode(base)};
    return codec::encode(reply);
}

Result<Bytes> balance_reply(const ledger::View& view, BytesView data) {
    TRY(request, address_request(data));
    TRY(address, account::parse(request.address, "address"));
    BalanceReply reply;
    reply.balance = bank::coin_of(bank::balance(view, address, request.denom), request.denom);
    return codec::encode(reply);
}

Result<Bytes> all_balances_reply(const ledger::View& view, BytesView data) {
    TRY(request, address_request(data));
    TRY(address, account::parse(request.address, "address"));
    AllBalancesReply reply;
    for (const std::string_view denom : {bank::kCredit, bank::kLet}) {
        if (const Amount amount = bank::balance(view, address, denom); !amount.is_zero()) {
            reply.balances.push_back(bank::coin_of(amount, denom));
        }
    }
    reply.pagination = PageReply{.next_key = {}, .total = reply.balances.size()};
    return codec::encode(reply);
}

Bytes status_reply(const Committed& committed) {
    query::StatusReply reply;
    reply.chain_id = committed.chain_id;
    reply.height = committed.height;
    reply.time = committed.time;
    reply.now = ledger_time(committed.view);
    reply.params = ledger::load<ledger::Params>(committed.view, ledger::params_key()).value_or(ledger::Params{});
    return codec::encode(reply);
}

template <class Id, class Key>
Bytes records(const ledger::View& view, const std::vector<Id>& ids, Key&& key) {
    ListReply reply;
    for (const Id id : ids) {
        if (const std::optional<BytesView> value = view.get(key(id))) {
            reply.records.emplace_back(*value);
        }
    }
    return codec::encode(reply);
}

template <class Record>
Bytes whole_records(const std::vector<Record>& found) {
    ListReply reply;
    for (const Record& each : found) {
        reply.records.push_back(codec::encode(each));
    }
    return codec::encode(reply);
}

std::uint32_t limit_of(std::uint32_t asked) {
    return asked == 0 ? query::kMaxListed : std::min(asked, query::kMaxListed);
}

Result<Bytes> validators_reply(const ledger::View& view, const ListRequest& request, std::uint32_t limit) {
    std::optional<Address> behind;
    if (!request.address.empty()) {
        TRY(address, account::parse(request.address, "address"));
        behind = address;
    }
    return whole_records(stake::validators_behind(view, behind, limit));
}

Result<Bytes> list_of_address(const ledger::View& view, std::string_view path, const ListRequest& request,
                              std::uint32_t limit) {
    TRY(address, account::parse(request.address, "address"));
    if (path == query::kProviderOfOperator) {
        const std::optional<provider::Provider> found = provider::find_by_operator(view, address);
        return whole_records(found ? std::vector{*found} : std::vector<provider::Provider>{});
    }
    if (path == query::kOffersOfProvider) {
        return records(view, market::offers_of_provider(view, address), market::offer_key);
    }
    if (path == query::kDeployments) {
        return records(view, market::deployments_of(view, address, DeploymentId{request.after}, limit),
                       market::deployment_key);
    }
    if (path == query::kLeasesOfTenant) {
        return records(view, market::leases_of_tenant(view, address, LeaseId{request.after}, limit), market::lease_key);
    }
    if (path == query::kJobsOfOwner) {
        return records(view, job::jobs_of(view, address, JobId{request.after}, limit), job::job_key);
    }
    if (path == query::kTasksOfWorker) {
        return whole_records(job::tasks_in_hand(view, address, limit));
    }
    if (path == query::kProbesOfWorker) {
        return records(view, job::probes_in_hand(view, address, limit), job::job_key);
    }
    if (path == query::kAuditsOfAuditor) {
        return whole_records(audit::audits_in_hand(view, address, limit));
    }
    if (path == query::kDelegations) {
        return whole_records(stake::delegations_of(view, address, limit));
    }
    if (path == query::kUnbondings) {
        return whole_records(stake::unbondings_of(view, address, limit));
    }
    if (path == query::kLeasesOfProvider) {
        return records(view, market::leases_of_provider(view, address, LeaseId{request.after}, limit),
                       market::lease_key);
    }
    return fail(Code::kNotFound, "there is no query path " + std::string{path});
}

Result<Bytes> answer(const Committed& committed, std::string_view path, BytesView data) {
    const ledger::View& view = committed.view;
    if (path == "/cosmos.auth.v1beta1.Query/Account") {
        return account_reply(view, data);
    }
    if (path == "/cosmos.bank.v1beta1.Query/Balance") {
        return balance_reply(view, data);
    }
    if (path == "/cosmos.bank.v1beta1.Query/AllBalances") {
        return all_balances_reply(view, data);
    }
    if (path == query::kStatus) {
        return status_reply(committed);
    }
    if (path == query::kTasksOfJob) {
        TRY(tasks, codec::decode<query::TasksRequest>(data));
        return whole_records(job::tasks_of(view, tasks.job, tasks.from, limit_of(tasks.limit)));
    }
    if (path == query::kAuditsOfJob) {
        TRY(audits, codec::decode<query::AuditsRequest>(data));
        return whole_records(
            audit::audits_from(view, {audits.job, audits.from, audits.attempt}, limit_of(audits.limit)));
    }
    TRY(request, codec::decode<ListRequest>(data));
    const std::uint32_t limit = limit_of(request.limit);
    if (path == query::kProviders) {
        return whole_records(market::all_providers(view, limit));
    }
    if (path == query::kOffers) {
        return records(view, market::all_offers(view, OfferId{request.after}, limit), market::offer_key);
    }
    if (path == query::kJobsOnOffer) {
        return records(view, job::jobs_on_offer(view, limit), job::job_key);
    }
    if (path == query::kStandings) {
        return whole_records(audit::all_standings(view, request.after, limit));
    }
    if (path == query::kRates) {
        return whole_records(job::all_rates(view, request.after, limit));
    }
    if (path == query::kValidators) {
        return validators_reply(view, request, limit);
    }
    if (path == query::kProposals) {
        return whole_records(gov::proposals_after(view, gov::ProposalId{request.after}, limit));
    }
    if (path == query::kUpgrades) {
        return whole_records(gov::upgrades(view));
    }
    return list_of_address(view, path, request, limit);
}

// An absent key has an empty value, which no record has.
Result<Bytes> raw_value(const ledger::View& view, BytesView key) {
    if (key.empty()) {
        return fail(Code::kBadField, "data: expected a key of the state, as hex; docs/spec/transactions.md lists them");
    }
    if (key.size() > query::kMaxKeyBytes) {
        return fail(Code::kTooLarge, "data: a key has at most " + std::to_string(query::kMaxKeyBytes) + " bytes");
    }
    return Bytes{view.get(key).value_or("")};
}

}  // namespace

QueryResult query(const Committed& committed, std::string_view path, BytesView data, bool prove) {
    QueryResult result;
    result.height = committed.height;
    const bool raw = path == query::kRawKey;
    Result<Bytes> value = raw ? raw_value(committed.view, data) : answer(committed, path, data);
    if (raw && value) {
        result.key = data;
        result.proof = prove ? ledger::encode_ics23(committed.view.state().prove(data), data) : Bytes{};
    } else if (prove && value) {
        result.log = "answers of this path have no proof; " + std::string{query::kRawKey} + " gives one for a raw key";
    }
    if (value) {
        result.value = std::move(*value);
    } else {
        result.code = value.error().code;
        result.log = codec::to_utf8(value.error().message);
    }
    return result;
}

}  // namespace sublet::app
