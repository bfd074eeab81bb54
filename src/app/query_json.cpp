// query_json.cpp: the same facts as JSON for REST.
// Deterministic. Spec: docs/spec/transactions.md (REST).
#include <algorithm>

#include "app/app.hpp"
#include "app/json_text.hpp"
#include "app/rebuild.hpp"
#include "base/must.hpp"
#include "codec/json.hpp"
#include "modules/query.hpp"

namespace sublet::app {
namespace {

using Parameters = std::map<std::string, std::string>;

// What the ledger has settled up to the last heartbeat; what a client shows in between is its own extrapolation.
std::string lease_json(const ledger::View& view, const market::Lease& lease) {
    std::string json = codec::to_json(lease);
    const std::optional<provider::Provider> provider = provider::find(view, lease.provider);
    if (!provider) {
        return json;
    }
    // A closed lease's deposits are gone: what it was billed is in its record, nothing clamps it any more.
    const bool closed = lease.state == market::LeaseState::kClosed;
    const ServiceClock clock = provider::machine_clock(*provider, lease.machine);
    const Millis billed = closed ? lease.account.served : escrow::billed(lease.account, clock);
    const Amount earned = closed ? lease.account.paid : escrow::earned_floor(lease.account, clock);
    json = with_field(std::move(json), "shown_state", json_quoted(market::shown_state(lease, *provider)));
    json = with_field(std::move(json), "billed_ms", json_quoted(std::to_string(billed.value())));
    json = with_field(std::move(json), "earned", json_quoted(std::to_string(earned.value())));
    return with_field(std::move(json), "held", json_quoted(std::to_string(escrow::held(lease.account).value())));
}

template <class Id, class Find, class Json>
std::string list_json(std::string_view name, const std::vector<Id>& ids, Find&& find, Json&& json) {
    std::string out = "{" + json_quoted(name) + ":[";
    bool first = true;
    for (const Id id : ids) {
        if (const auto record = find(id)) {
            out += first ? "" : ",";
            out += json(*record);
            first = false;
        }
    }
    return out + "]}";
}

std::string status_json(const Committed& committed) {
    return "{\"chain_id\":" + json_quoted(committed.chain_id) + ",\"height\":\"" +
           std::to_string(committed.height.value()) + "\",\"time_ms\":\"" + std::to_string(committed.time.value()) +
           "\",\"ledger_time_ms\":\"" + std::to_string(ledger_time(committed.view).value()) + "\",\"app_hash\":\"" +
           to_hex(view_of(committed.app_hash)) + "\"}";
}

std::string supply_json(const ledger::View& view) {
    return "{\"ucredit\":" + codec::to_json(bank::supply(view, bank::kCredit)) +
           ",\"ulet\":" + codec::to_json(bank::supply(view, bank::kLet)) + "}";
}

Result<std::string> account_json(const ledger::View& view, std::string_view text) {
    TRY(address, account::parse(text, "address"));
    const std::optional<account::Account> found = account::find(view, address);
    return found ? Result<std::string>{codec::to_json(*found)}
                 : fail(Code::kNotFound, "account " + std::string{text} + " not found");
}

Result<std::string> balances_json(const ledger::View& view, std::string_view text) {
    TRY(address, account::parse(text, "address"));
    std::string out = "{\"address\":" + json_quoted(text);
    for (const std::string_view denom : {bank::kCredit, bank::kLet}) {
        out += "," + json_quoted(denom) + ":\"" + std::to_string(bank::balance(view, address, denom).value()) + "\"";
    }
    return out + "}";
}

Result<std::string> one_json(const ledger::View& view, std::string_view table, std::string_view id_text) {
    if (table == "providers") {
        TRY(address, account::parse(id_text, "address"));
        const auto found = provider::find(view, address);
        return found ? Result<std::string>{codec::to_json(*found)} : fail(Code::kNotFound, "no such provider");
    }
    if (table == "standings") {
        TRY(address, account::parse(id_text, "address"));
        return codec::to_json(audit::standing_of(view, address));
    }
    TRY(id, number_of(id_text));
    if (table == "offers") {
        const auto found = market::find_offer(view, OfferId{id});
        return found ? Result<std::string>{codec::to_json(*found)} : fail(Code::kNotFound, "no such offer");
    }
    if (table == "deployments") {
        const auto found = market::find_deployment(view, DeploymentId{id});
        return found ? Result<std::string>{codec::to_json(*found)} : fail(Code::kNotFound, "no such deployment");
    }
    if (table == "leases") {
        const auto found = market::find_lease(view, LeaseId{id});
        return found ? Result<std::string>{lease_json(view, *found)} : fail(Code::kNotFound, "no such lease");
    }
    if (table == "jobs") {
        const auto found = job::find_job(view, JobId{id});
        return found ? Result<std::string>{codec::to_json(*found)} : fail(Code::kNotFound, "no such job");
    }
    return fail(Code::kNotFound, "there is no such path");
}

// Whose records a list is asked for; nothing: everybody's.
Result<std::optional<Address>> owner_of(const Parameters& parameters, const char* name) {
    const auto at = parameters.find(name);
    if (at == parameters.end() || at->second.empty()) {
        return std::optional<Address>{};
    }
    TRY(address, account::parse(at->second, name));
    return std::optional{address};
}

// The ids of a table above one of them; their records' keys are a prefix and the id.
template <class Id>
std::vector<Id> all_ids(const ledger::View& view, const Bytes& prefix, Id above, Bytes (*key_of)(Id)) {
    std::vector<Id> ids;
    if (above.value() == ~std::uint64_t{0}) {
        return ids;
    }
    view.visit(prefix, key_of(Id{above.value() + 1}), [&](BytesView key, BytesView) {
        ids.push_back(Id{read_be64(key.substr(prefix.size()))});
        return ids.size() < query::kMaxListed;
    });
    return ids;
}

Result<std::string> many_json(const ledger::View& view, std::string_view table, const Parameters& parameters) {
    const auto given = [&](const char* name) {
        const auto at = parameters.find(name);
        return at == parameters.end() ? std::string{} : at->second;
    };
    TRY(after, number_of(given("after").empty() ? "0" : given("after")));
    const auto plain = [](const auto& record) { return codec::to_json(record); };
    const auto offer = [&](OfferId id) { return market::find_offer(view, id); };
    if (table == "providers") {
        return records_json("providers", market::all_providers(view, query::kMaxListed));
    }
    if (table == "offers") {
        TRY(owner, owner_of(parameters, "provider"));
        return list_json("offers",
                         owner ? market::offers_of_provider(view, *owner)
                               : market::all_offers(view, OfferId{after}, query::kMaxListed),
                         offer, plain);
    }
    if (table == "deployments") {
        TRY(owner, owner_of(parameters, "owner"));
        const DeploymentId above{after};
        return list_json(
            "deployments",
            owner ? market::deployments_of(view, *owner, above, query::kMaxListed)
                  : all_ids(view, market::deployment_prefix(), above, market::deployment_key),
            [&](DeploymentId id) { return market::find_deployment(view, id); }, plain);
    }
    if (table == "leases") {
        TRY(tenant, owner_of(parameters, "tenant"));
        TRY(provider, owner_of(parameters, "provider"));
        const LeaseId above{after};
        return list_json(
            "leases",
            tenant     ? market::leases_of_tenant(view, *tenant, above, query::kMaxListed)
            : provider ? market::leases_of_provider(view, *provider, above, query::kMaxListed)
                       : all_ids(view, market::lease_prefix(), above, market::lease_key),
            [&](LeaseId id) { return market::find_lease(view, id); },
            [&](const market::Lease& lease) { return lease_json(view, lease); });
    }
    if (table == "standings") {
        return records_json("standings", audit::all_standings(view, after, query::kMaxListed));
    }
    if (table == "jobs") {
        TRY(owner, owner_of(parameters, "owner"));
        const JobId above{after};
        return list_json(
            "jobs",
            owner ? job::jobs_of(view, *owner, above, query::kMaxListed)
                  : all_ids(view, job::job_prefix(), above, job::job_key),
            [&](JobId id) { return job::find_job(view, id); }, plain);
    }
    return fail(Code::kNotFound, "there is no such path");
}

// Tasks that were claimed at least once, results that were drawn: the others have no records.
Result<std::string> of_job_json(const ledger::View& view, std::string_view name, std::string_view job_text,
                                const Parameters& parameters) {
    const auto given = [&](const char* which) {
        const auto at = parameters.find(which);
        return number_of(at == parameters.end() || at->second.empty() ? "0" : at->second);
    };
    TRY(id, number_of(job_text));
    TRY(from, given("from"));
    TRY(attempt, given("attempt"));
    if (!job::find_job(view, JobId{id})) {
        return fail(Code::kNotFound, "no such job");
    }
    const auto first = static_cast<std::uint32_t>(std::min<std::uint64_t>(from, job::kMaxTasks));
    if (name == "audits") {
        const audit::AuditId at{JobId{id}, first, static_cast<std::uint32_t>(std::min<std::uint64_t>(attempt, ~0U))};
        return records_json(name, audit::audits_from(view, at, query::kMaxListed));
    }
    return name == "tasks" ? records_json(name, job::tasks_of(view, JobId{id}, first, query::kMaxListed))
                           : Result<std::string>{fail(Code::kNotFound, "there is no such path")};
}

}  // namespace

Result<std::string> query_json(const Committed& committed, std::string_view path,
                               const std::map<std::string, std::string>& parameters) {
    if (!path.starts_with("/v1/")) {
        return fail(Code::kNotFound, "there is no such path");
    }
    const std::string_view rest = path.substr(4);
    const std::size_t slash = rest.find('/');
    const std::string_view table = rest.substr(0, slash);
    const std::string_view id = slash == std::string_view::npos ? "" : rest.substr(slash + 1);
    if (rest == "status") {
        return status_json(committed);
    }
    if (rest == "params") {
        return codec::to_json(must(ledger::load<ledger::Params>(committed.view, ledger::params_key())));
    }
    if (rest == "supply") {
        return supply_json(committed.view);
    }
    if (table == "accounts") {
        return account_json(committed.view, id);
    }
    if (table == "balances") {
        return balances_json(committed.view, id);
    }
    if (std::optional<Result<std::string>> found = stake_json(committed.view, table, id, parameters)) {
        return *std::move(found);
    }
    const std::size_t inner = id.find('/');
    if (table == "jobs" && inner != std::string_view::npos) {
        return of_job_json(committed.view, id.substr(inner + 1), id.substr(0, inner), parameters);
    }
    return id.empty() ? many_json(committed.view, table, parameters) : one_json(committed.view, table, id);
}

std::string transaction_json(const ledger::Transaction& transaction) {
    std::string out = "{\"hash\":" + json_quoted(to_hex_upper(view_of(transaction.hash))) +
                      ",\"memo\":" + json_quoted(transaction.body.memo) + ",\"messages\":[";
    for (std::size_t i = 0; i < transaction.body.messages.size(); ++i) {
        const ledger::Any& wire = transaction.body.messages[i];
        out += i == 0 ? "" : ",";
        const Result<AnyMessage> message = Messages::decode(wire);
        const std::string fields = message ? std::visit([](const auto& each) { return codec::to_json(each); }, *message)
                                           : "{\"value\":" + json_quoted(to_base64(wire.value)) + "}";
        out += with_field(fields, "@type", json_quoted(wire.type_url));
    }
    out += "],\"fee\":";
    out += transaction.auth.fee ? codec::to_json(*transaction.auth.fee) : "null";
    return out + "}";
}

}  // namespace sublet::app
