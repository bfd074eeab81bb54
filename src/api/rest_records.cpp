// rest_records.cpp: /v1/…: the ledger's records as JSON, of the last height or of one before, for people and scripts.
#include <algorithm>

#include "api/routes.hpp"
#include "modules/query.hpp"
#include "net/quiet.hpp"

namespace sublet::api {

namespace {

template <class T>
std::optional<T> archived(const engine::Engine& engine, const Bytes& key) {
    Result<std::vector<Bytes>> values = engine.history(key);
    Result<T> record = values && !values->empty() ? codec::decode<T>(values->back())
                                                  : Result<T>{fail(Code::kNotFound, "not in the history")};
    return record ? std::optional{*std::move(record)} : std::nullopt;
}

template <class T>
std::optional<std::string> archived_json(const engine::Engine& engine, const Bytes& key) {
    const std::optional<T> record = archived<T>(engine, key);
    return record ? std::optional{codec::to_json(*record)} : std::nullopt;
}

// The tasks of a job that has left the state, from one on, or the audits of their results; a task that nobody claimed
// was never there.
std::optional<std::string> archived_of_job(const engine::Engine& engine, const Call& call) {
    constexpr std::uint32_t kMaxAttempts = 64;  // of a task, the last ones
    const JobId id{call.number("id", 0)};
    const std::optional<job::Job> record = archived<job::Job>(engine, job::job_key(id));
    if (!record) {
        return std::nullopt;
    }
    const bool audits = call.request.path.ends_with("/audits");
    std::string out = audits ? "{\"audits\":[" : "{\"tasks\":[";
    const auto add = [&](const auto& each) { out += (out.ends_with('[') ? "" : ",") + codec::to_json(each); };
    const auto from = static_cast<std::uint32_t>(call.number("from", 0));
    const std::uint64_t end = std::min<std::uint64_t>(record->fresh, std::uint64_t{from} + query::kMaxListed);
    std::size_t listed = 0;
    for (std::uint32_t index = from; index < end && listed < query::kMaxListed; ++index) {
        const std::optional<job::Task> task = archived<job::Task>(engine, job::task_key(id, index));
        if (task && !audits) {
            add(*task);
        }
        if (!task || !audits) {
            continue;
        }
        std::uint32_t attempt = task->attempt - std::min(task->attempt, kMaxAttempts);
        attempt = std::max(attempt, index == from ? static_cast<std::uint32_t>(call.number("attempt", 0)) : 0U);
        for (; attempt <= task->attempt && listed < query::kMaxListed; ++attempt) {
            if (const auto audit = archived<audit::Audit>(engine, audit::audit_key({id, index, attempt}))) {
                add(*audit);
                ++listed;
            }
        }
    }
    return out + "]}";
}

// A closed lease, deployment or job, and a decided proposal, leaves the hashed state after a day and stays readable
// here for ever.
std::optional<std::string> from_history(const engine::Engine& engine, const Call& call) {
    const std::uint64_t id = call.number("id", 0);
    if (call.request.path.starts_with("/v1/leases/")) {
        return archived_json<market::Lease>(engine, market::lease_key(LeaseId{id}));
    }
    if (call.request.path.starts_with("/v1/deployments/")) {
        return archived_json<market::Deployment>(engine, market::deployment_key(DeploymentId{id}));
    }
    if (call.request.path.starts_with("/v1/proposals/")) {
        return archived_json<gov::Proposal>(engine, gov::proposal_key(gov::ProposalId{id}));
    }
    if (call.request.path.starts_with("/v1/jobs/")) {
        const bool one = call.request.path.find('/', std::string_view{"/v1/jobs/"}.size()) == std::string::npos;
        return one ? archived_json<job::Job>(engine, job::job_key(JobId{id})) : archived_of_job(engine, call);
    }
    return std::nullopt;
}

net::Response record(const engine::Engine& engine, const Call& call) {
    std::shared_ptr<const app::Committed> committed = engine.committed();
    if (call.has("height")) {
        Result<std::shared_ptr<const app::Committed>> older = engine.committed_at(Height{call.number("height", 0)});
        if (!older) {
            return problem(older.error());
        }
        committed = *std::move(older);
    }
    const std::map<std::string, std::string> parameters{call.values.begin(), call.values.end()};
    Result<std::string> json = app::query_json(*committed, call.request.path, parameters);
    if (json) {
        return json_text(*std::move(json));
    }
    if (json.error().code == Code::kNotFound) {
        if (std::optional<std::string> archived = from_history(engine, call)) {
            return json_text(*std::move(archived));
        }
    }
    return problem(json.error());
}

Task<net::Response> get_record(ServicePtr service, Call call) { co_return record(*service->engine, call); }

Json make_status(Schemas& schemas) {
    return object_schema({{"chain_id", any_text()},
                          {"height", uint64_schema(schemas)},
                          {"time_ms", uint64_schema(schemas)},
                          {"ledger_time_ms", uint64_schema(schemas)},
                          {"app_hash", fixed_bytes_schema(32)}});
}
Json status_schema(Schemas& schemas) { return schemas.named("Status", make_status); }

Json supply_schema(Schemas& schemas) {
    return object_schema({{std::string{bank::kCredit}, schema_of<bank::Supply>(schemas)},
                          {std::string{bank::kLet}, schema_of<bank::Supply>(schemas)}});
}

Json balances_schema(Schemas& schemas) {
    return object_schema({{"address", address_schema(schemas)},
                          {std::string{bank::kCredit}, uint64_schema(schemas)},
                          {std::string{bank::kLet}, uint64_schema(schemas)}});
}

// The stored record and what is worked out from it while it is in the state (not for archived ones).
Json make_lease(Schemas& schemas) {
    schema_of<market::Lease>(schemas);
    Json out = schemas.all().at("market.Lease");
    Json& properties = out["properties"];
    properties["shown_state"] = {{"type", "string"}, {"description", "The state, or \"down\" while it is not served."}};
    for (const char* name : {"billed_ms", "earned", "held"}) {
        properties[name] = uint64_schema(schemas);
    }
    return out;
}
Json lease_schema(Schemas& schemas) { return schemas.named("Lease", make_lease); }

template <class T>
Json list_of(Schemas& schemas, const char* name) {
    return object_schema({{name, list_schema(schema_of<T>(schemas))}});
}
Json providers_schema(Schemas& schemas) { return list_of<provider::Provider>(schemas, "providers"); }
Json offers_schema(Schemas& schemas) { return list_of<market::Offer>(schemas, "offers"); }
Json deployments_schema(Schemas& schemas) { return list_of<market::Deployment>(schemas, "deployments"); }
Json leases_schema(Schemas& schemas) { return object_schema({{"leases", list_schema(lease_schema(schemas))}}); }

Json jobs_schema(Schemas& schemas) { return list_of<job::Job>(schemas, "jobs"); }
Json tasks_schema(Schemas& schemas) { return list_of<job::Task>(schemas, "tasks"); }
Json audits_schema(Schemas& schemas) { return list_of<audit::Audit>(schemas, "audits"); }
Json standings_schema(Schemas& schemas) { return list_of<audit::Standing>(schemas, "standings"); }

// The stored record, settled, and what is worked out from it.
Json make_validator(Schemas& schemas) {
    schema_of<stake::Validator>(schemas);
    Json out = schemas.all().at("stake.Validator");
    Json& properties = out["properties"];
    properties["power"] = uint64_schema(schemas);
    properties["to_withdraw"] = uint64_schema(schemas);
    properties["state"] = {{"type", "string"}, {"enum", {"active", "waiting", "jailed", "struck"}}};
    properties["consensus_address"] = {{"type", "string"}, {"pattern", "^[0-9A-F]{40}$"}};
    return out;
}
Json validator_schema(Schemas& schemas) { return schemas.named("Validator", make_validator); }
Json make_delegation(Schemas& schemas) {
    schema_of<stake::Delegation>(schemas);
    Json out = schemas.all().at("stake.Delegation");
    out["properties"]["worth"] = uint64_schema(schemas);
    out["properties"]["to_withdraw"] = uint64_schema(schemas);
    return out;
}
Json validators_schema(Schemas& schemas) {
    return object_schema({{"validators", list_schema(validator_schema(schemas))},
                          {"pool", schema_of<stake::Pool>(schemas)},
                          {"params", schema_of<stake::Params>(schemas)}});
}
Json delegations_schema(Schemas& schemas) {
    return object_schema({{"delegations", list_schema(schemas.named("Delegation", make_delegation))},
                          {"unbondings", list_schema(schema_of<stake::Unbonding>(schemas))}});
}
Json proposals_schema(Schemas& schemas) {
    return object_schema({{"proposals", list_schema(schema_of<gov::Proposal>(schemas))},
                          {"upgrades", list_schema(schema_of<gov::Upgrade>(schemas))},
                          {"params", schema_of<gov::Params>(schemas)}});
}

Parameter address(std::string_view name, std::string_view summary) {
    return {.name = name, .kind = Kind::kAddress, .summary = summary};
}
Parameter id_of(std::string_view summary) {
    return {.name = "id", .kind = Kind::kNumber, .summary = summary, .example = "1"};
}
const Parameter kAfter = {.name = "after",
                          .kind = Kind::kNumber,
                          .summary = "Only those with an id above this one; a list has at most 200.",
                          .example = "0"};

const Parameter kFrom = {.name = "from",
                         .kind = Kind::kNumber,
                         .summary = "Only tasks from this number on; a list has at most 200.",
                         .most = job::kMaxTasks,
                         .example = "0"};

const Parameter kAttempt = {.name = "attempt",
                            .kind = Kind::kNumber,
                            .summary = "Of task `from`, only from this attempt on.",
                            .most = ~std::uint32_t{0},
                            .example = "0"};

// One of the ledger's records; all of them can be read at an older height too.
Route read(std::string_view path, std::string_view tag, std::string_view summary, SchemaOf schema,
           std::vector<Parameter> parameters = {}) {
    parameters.push_back({.name = "height",
                          .kind = Kind::kNumber,
                          .summary = "As of this block, one of the last 128; else the last one.",
                          .least = 1});
    return {.method = "GET",
            .path = path,
            .tag = tag,
            .summary = summary,
            .handler = get_record,
            .parameters = std::move(parameters),
            .answers = {{.summary = "The record.", .schema = schema}},
            .problems = {Code::kNotFound, Code::kHeightPruned, Code::kStoreDamaged}};
}

}  // namespace

std::vector<Route> record_routes() {
    return {
        read("/v1/status", "Ledger", "Height, times and hash of the state.", status_schema),
        read("/v1/params", "Ledger", "The parameters of the protocol.", schema_of<ledger::Params>),
        read("/v1/supply", "Ledger", "What was issued, burnt and is held, of each denomination.", supply_schema),
        read("/v1/accounts/{address}", "Accounts", "Number, sequence and key of an account.",
             schema_of<account::Account>, {address("address", "The account.")}),
        read("/v1/balances/{address}", "Accounts", "What an account has; zero where it has nothing.", balances_schema,
             {address("address", "The account.")}),
        read("/v1/providers", "Market", "All providers, at most 200.", providers_schema),
        read("/v1/providers/{address}", "Market", "One provider, by its owner.", schema_of<provider::Provider>,
             {address("address", "The owner of the provider.")}),
        read("/v1/offers", "Market", "Standing offers, all or those of one provider.", offers_schema,
             {address("provider", "Only offers of this provider."), kAfter}),
        read("/v1/offers/{id}", "Market", "One offer.", schema_of<market::Offer>, {id_of("The offer's number.")}),
        read("/v1/deployments", "Market", "Deployments, all or those of one owner.", deployments_schema,
             {address("owner", "Only deployments of this tenant."), kAfter}),
        read("/v1/deployments/{id}", "Market", "One deployment, also long after it was closed.",
             schema_of<market::Deployment>, {id_of("The deployment's number.")}),
        read("/v1/leases", "Market", "Leases, all or those of a tenant or of a provider.", leases_schema,
             {address("tenant", "Only leases of this tenant; wins over provider."),
              address("provider", "Only leases of this provider."), kAfter}),
        read("/v1/leases/{id}", "Market", "One lease, also long after it was closed.", lease_schema,
             {id_of("The lease's number.")}),
        read("/v1/jobs", "Jobs", "Jobs, all or those of one creator.", jobs_schema,
             {address("owner", "Only jobs of this creator."), kAfter}),
        read("/v1/jobs/{id}", "Jobs", "One job, also long after it was over.", schema_of<job::Job>,
             {id_of("The job's number.")}),
        read("/v1/jobs/{id}/tasks", "Jobs", "Tasks of a job that were claimed at least once.", tasks_schema,
             {id_of("The job's number."), kFrom}),
        read("/v1/jobs/{id}/audits", "Jobs", "Audits of a job's results, those that were drawn.", audits_schema,
             {id_of("The job's number."), kFrom, kAttempt}),
        read("/v1/standings", "Jobs", "What owners that may be drawn as auditors have at stake, at most 200.",
             standings_schema, {kAfter}),
        read("/v1/standings/{address}", "Jobs", "One owner's stake and record; a fresh one where it has none.",
             schema_of<audit::Standing>, {address("address", "The owner of the provider.")}),
        read("/v1/validators", "Validators", "Validators in order of their operators' addresses, at most 200.",
             validators_schema, {address("behind", "Only operators behind this one.")}),
        read("/v1/validators/{address}", "Validators", "One validator, by its operator.", validator_schema,
             {address("address", "The validator's operator.")}),
        read("/v1/delegations/{address}", "Validators", "What somebody has bonded, earned and on its way back.",
             delegations_schema, {address("address", "The delegator.")}),
        read("/v1/proposals", "Validators", "What is voted on or was not long ago, and upgrades.", proposals_schema,
             {kAfter}),
        read("/v1/proposals/{id}", "Validators", "One proposal, also long after it was decided.",
             schema_of<gov::Proposal>, {id_of("The proposal's number.")}),
    };
}

}  // namespace sublet::api
