// chain.cpp: reads of the ledger through a node's JSON-RPC.
// Spec: docs/spec/transactions.md (queries).
#include "client/chain.hpp"

#include <algorithm>
#include <iterator>

#include "client/loose_json.hpp"
#include "net/dial.hpp"
#include "net/quiet.hpp"

namespace sublet::client {
namespace {

constexpr std::uint64_t kReadTimeoutMs = 10'000;
constexpr std::string_view kStorePath = "/store/state/key";

Result<nlohmann::json> rpc_result(const net::Response& response, const std::string& node) {
    TRY(answer, loose::parse(response.body, "the node at " + node));
    const nlohmann::json& error = loose::at(answer, "error");
    if (error.is_object()) {
        const std::string text = loose::text(error, "message") + ": " + loose::text(error, "data");
        const bool missing = text.find("not found") != std::string::npos;
        return fail(missing ? Code::kNotFound : Code::kRefused, "the node at " + node + " answers: " + text);
    }
    if (!answer.is_object() || !answer.contains("result")) {
        return fail(Code::kHttp, "the node at " + node + " answered HTTP " + std::to_string(response.status) +
                                     " without a result; is it a sublet node?");
    }
    return std::move(answer["result"]);
}

query::ListRequest of_address(const Address& address) {
    query::ListRequest request;
    request.address = crypto::to_bech32(address);
    return request;
}

template <class T>
concept HasId = requires(const T& value) { value.id.value(); };

}  // namespace

Chain::Chain(net::Transport& transport, net::Clock& clock, net::Endpoint node)
    : transport_(transport), clock_(clock), node_(std::move(node)) {}

Task<Result<nlohmann::json>> Chain::rpc(std::string method, nlohmann::json parameters) {
    nlohmann::json call;
    call["jsonrpc"] = "2.0";
    call["id"] = next_rpc_id_++;
    call["method"] = std::move(method);
    call["params"] = std::move(parameters);
    net::Request request;
    request.method = "POST";
    request.headers["content-type"] = "application/json";
    request.body = call.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace);
    Result<net::Response> response = co_await transport_.send(node_, std::move(request), kReadTimeoutMs);
    if (!response) {
        co_return fail(response.error().code, "the node at " + net::endpoint_name(node_) +
                                                  " does not answer: " + response.error().message +
                                                  "; is it running, and is this its address?");
    }
    co_return rpc_result(*response, net::endpoint_name(node_));
}

Task<Result<Bytes>> Chain::abci_query(std::string path, Bytes data) {
    nlohmann::json parameters;
    parameters["path"] = path;
    parameters["data"] = to_hex(data);
    parameters["height"] = "0";
    parameters["prove"] = false;
    std::string method = "abci_query";
    CO_TRY(result, co_await rpc(std::move(method), std::move(parameters)));
    const nlohmann::json& response = loose::at(result, "response");
    const auto code = static_cast<Code>(loose::number(response, "code"));
    if (code != Code::kOk) {
        co_return fail(code, loose::text(response, "log") + " (query " + path + ")");
    }
    co_return from_base64(loose::text(response, "value"));
}

template <codec::Struct T>
Task<Result<T>> Chain::record(Bytes key, std::string what) {
    std::string path{kStorePath};
    Result<Bytes> bytes = co_await abci_query(std::move(path), std::move(key));
    if (!bytes && bytes.error().code != Code::kNotFound) {
        co_return std::unexpected{std::move(bytes).error()};
    }
    if (!bytes || bytes->empty()) {
        co_return fail(Code::kNotFound, "the ledger has no " + what);
    }
    co_return codec::decode<T>(*bytes);
}

template <codec::Struct T>
Task<Result<std::vector<T>>> Chain::list(std::string path, query::ListRequest request) {
    std::vector<T> out;
    for (std::size_t page = 0; page < kMaxPages; ++page) {
        const std::size_t before = out.size();
        Bytes data = codec::encode(request);
        CO_TRY(more, co_await one_page<T>(path, std::move(data)));
        std::ranges::move(more, std::back_inserter(out));
        if (out.size() - before < query::kMaxListed) {
            break;
        }
        if constexpr (HasId<T>) {
            request.after = out.back().id.value();
        } else {
            break;  // providers come in one page
        }
    }
    co_return out;
}

template <codec::Struct T>
Task<Result<std::vector<T>>> Chain::one_page(std::string path, Bytes data) {
    CO_TRY(bytes, co_await abci_query(std::move(path), std::move(data)));
    CO_TRY(reply, codec::decode<query::ListReply>(bytes));
    std::vector<T> out;
    for (const Bytes& each : reply.records) {
        CO_TRY(value, codec::decode<T>(each));
        out.push_back(std::move(value));
    }
    co_return out;
}

Task<Result<query::StatusReply>> Chain::status() {
    std::string path{query::kStatus};
    CO_TRY(bytes, co_await abci_query(std::move(path), Bytes{}));
    co_return codec::decode<query::StatusReply>(bytes);
}

Task<Result<ledger::Params>> Chain::params() {
    CO_TRY_OK(co_await know_network());
    co_return params_;
}

Task<Result<>> Chain::know_network() {
    if (chain_id_.empty()) {
        CO_TRY(now, co_await status());
        chain_id_ = now.chain_id;
        params_ = now.params;
    }
    co_return Result<>{};
}

Task<Result<account::Account>> Chain::account(Address address) {
    std::string what = "account " + crypto::to_bech32(address) + " (it never received anything)";
    return record<account::Account>(account::account_key(address), std::move(what));
}

Task<Result<Amount>> Chain::balance(Address address, std::string denom) {
    Bytes key = bank::balance_key(address, denom);
    std::string what = "balance";
    const Result<bank::Balance> found = co_await record<bank::Balance>(std::move(key), std::move(what));
    if (!found && found.error().code == Code::kNotFound) {
        co_return Amount{};
    }
    if (!found) {
        co_return std::unexpected{found.error()};
    }
    co_return found->amount;
}

Task<Result<provider::Provider>> Chain::provider(Address owner) {
    std::string what = "provider " + crypto::to_bech32(owner);
    return record<provider::Provider>(provider::provider_key(owner), std::move(what));
}

Task<Result<provider::Provider>> Chain::provider_of_operator(Address operator_address) {
    query::ListRequest request;
    request.address = crypto::to_bech32(operator_address);
    std::string path{query::kProviderOfOperator};
    Bytes data = codec::encode(request);
    Result<Bytes> bytes = co_await abci_query(std::move(path), std::move(data));
    if (!bytes) {
        co_return std::unexpected{std::move(bytes).error()};
    }
    CO_TRY(reply, codec::decode<query::ListReply>(*bytes));
    if (reply.records.empty()) {
        co_return fail(Code::kNotFound, "no provider names " + request.address + " as its operator; register it first");
    }
    co_return codec::decode<provider::Provider>(reply.records.front());
}

Task<Result<std::vector<provider::Provider>>> Chain::providers() {
    return list<provider::Provider>(std::string{query::kProviders}, query::ListRequest{});
}

Task<Result<market::Offer>> Chain::offer(OfferId id) {
    return record<market::Offer>(market::offer_key(id), "offer " + std::to_string(id.value()));
}

Task<Result<std::vector<market::Offer>>> Chain::offers() {
    return list<market::Offer>(std::string{query::kOffers}, query::ListRequest{});
}

Task<Result<std::vector<market::Offer>>> Chain::offers_of_provider(Address owner) {
    return list<market::Offer>(std::string{query::kOffersOfProvider}, of_address(owner));
}

Task<Result<market::Deployment>> Chain::deployment(DeploymentId id) {
    return record<market::Deployment>(market::deployment_key(id), "deployment " + std::to_string(id.value()));
}

Task<Result<std::vector<market::Deployment>>> Chain::deployments_of(Address owner) {
    return list<market::Deployment>(std::string{query::kDeployments}, of_address(owner));
}

Task<Result<market::Lease>> Chain::lease(LeaseId id) {
    return record<market::Lease>(market::lease_key(id), "lease " + std::to_string(id.value()));
}

Task<Result<std::vector<market::Lease>>> Chain::leases_of_tenant(Address tenant) {
    return list<market::Lease>(std::string{query::kLeasesOfTenant}, of_address(tenant));
}

Task<Result<std::vector<market::Lease>>> Chain::leases_of_provider(Address owner) {
    return list<market::Lease>(std::string{query::kLeasesOfProvider}, of_address(owner));
}

Task<Result<job::Job>> Chain::job(JobId id) {
    return record<job::Job>(job::job_key(id), "job " + std::to_string(id.value()));
}

Task<Result<std::vector<job::Job>>> Chain::jobs_of(Address owner) {
    return list<job::Job>(std::string{query::kJobsOfOwner}, of_address(owner));
}

Task<Result<std::vector<job::Job>>> Chain::jobs_on_offer() {
    return one_page<job::Job>(std::string{query::kJobsOnOffer}, codec::encode(query::ListRequest{}));
}

Task<Result<std::vector<job::Task>>> Chain::tasks_of(JobId job, std::uint32_t from) {
    query::TasksRequest request;
    request.job = job;
    request.from = from;
    return one_page<job::Task>(std::string{query::kTasksOfJob}, codec::encode(request));
}

Task<Result<std::vector<job::Task>>> Chain::tasks_in_hand(Address worker) {
    return one_page<job::Task>(std::string{query::kTasksOfWorker}, codec::encode(of_address(worker)));
}

Task<Result<std::vector<job::Job>>> Chain::probes_of(Address worker) {
    return one_page<job::Job>(std::string{query::kProbesOfWorker}, codec::encode(of_address(worker)));
}

Task<Result<job::Rates>> Chain::rates(Address worker) {
    return record<job::Rates>(job::rates_key(worker), "rate of that provider's");
}

Task<Result<std::vector<job::Rates>>> Chain::all_rates() {
    return one_page<job::Rates>(std::string{query::kRates}, codec::encode(query::ListRequest{}));
}

Task<Result<std::vector<audit::Audit>>> Chain::audits_in_hand(Address auditor) {
    return one_page<audit::Audit>(std::string{query::kAuditsOfAuditor}, codec::encode(of_address(auditor)));
}

Task<Result<std::optional<audit::Audit>>> Chain::audit(audit::AuditId id) {
    Result<audit::Audit> found = co_await record<audit::Audit>(audit::audit_key(id), "audit of that result");
    if (!found && found.error().code == Code::kNotFound) {
        co_return std::optional<audit::Audit>{};
    }
    co_return found ? Result<std::optional<audit::Audit>>{std::move(*found)} : std::unexpected{found.error()};
}

Task<Result<std::vector<audit::Audit>>> Chain::audits_from(audit::AuditId first) {
    query::AuditsRequest request;
    request.job = first.job;
    request.from = first.task;
    request.attempt = first.attempt;
    return one_page<audit::Audit>(std::string{query::kAuditsOfJob}, codec::encode(request));
}

Task<Result<audit::Chain>> Chain::chain_of(JobId job) {
    return record<audit::Chain>(audit::chain_key(job), "chain of seeds of that job");
}

Task<Result<audit::Standing>> Chain::standing(Address owner) {
    Result<audit::Standing> found =
        co_await record<audit::Standing>(audit::standing_key(owner), "standing of that owner");
    if (!found && found.error().code == Code::kNotFound) {
        co_return audit::Standing{.owner = owner};
    }
    co_return found;
}

Task<Result<std::vector<audit::Standing>>> Chain::standings() {
    return one_page<audit::Standing>(std::string{query::kStandings}, codec::encode(query::ListRequest{}));
}

Task<Result<RecentBlock>> Chain::recent_block() {
    nlohmann::json none = nlohmann::json::object();
    Task<Result<nlohmann::json>> asking = rpc("status", std::move(none));
    const Result<nlohmann::json> status = co_await std::move(asking);
    if (!status) {
        co_return std::unexpected{status.error()};
    }
    const nlohmann::json& sync = loose::at(*status, "sync_info");
    RecentBlock out{loose::number(sync, "latest_block_height"), loose::text(sync, "latest_app_hash")};
    if (out.height == 0 || out.app_hash.size() != 64) {
        co_return fail(Code::kParse, "the node's status names no block");
    }
    co_return out;
}

Task<Result<job::Task>> Chain::task(JobId job, std::uint32_t index) {
    return record<job::Task>(job::task_key(job, index),
                             "task " + std::to_string(index) + " of that job: nobody has claimed it");
}

}  // namespace sublet::client
