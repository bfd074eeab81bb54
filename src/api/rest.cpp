// rest.cpp: /v1/…: the ledger's records as JSON, transactions and blocks, for people and scripts.
#include <algorithm>
#include <array>

#include "api/methods.hpp"
#include "api/shapes.hpp"
#include "engine/time_text.hpp"
#include "modules/market/market.hpp"

namespace sublet::api {

namespace {

unsigned status_of(Code code) {
    switch (code) {
        case Code::kNotFound:
            return 404;
        case Code::kHeightPruned:
            return 410;
        case Code::kRefused:
        case Code::kMempoolFull:
            return 429;
        case Code::kTimeout:
            return 504;
        case Code::kEngine:
        case Code::kCancelled:
            return 503;
        case Code::kStoreDamaged:
        case Code::kIo:
        case Code::kInternal:
            return 500;
        default:
            return 400;
    }
}

net::Response problem(const Error& error) {
    return json_response(status_of(error.code), {{"error",
                                                  {{"code", static_cast<std::uint32_t>(error.code)},
                                                   {"name", code_name(error.code)},
                                                   {"space", code_space(error.code)},
                                                   {"message", error.message}}}});
}

net::Response text_response(std::string json) {
    net::Response out;
    out.headers["content-type"] = "application/json";
    out.body = std::move(json);
    return out;
}

Json plain_events(const std::vector<store::StoredEvent>& events) {
    Json out = Json::array();
    for (const store::StoredEvent& event : events) {
        Json attributes = Json::array();
        for (const store::StoredAttribute& each : event.attributes) {
            attributes.push_back({{"key", each.key}, {"value", each.value}});
        }
        out.push_back({{"type", event.type}, {"attributes", std::move(attributes)}});
    }
    return out;
}

Json tx_json(const store::StoredTx& tx) {
    Result<ledger::Transaction> decoded = ledger::decode_transaction(tx.bytes);
    Json body;
    if (decoded) {
        body = Json::parse(app::transaction_json(*decoded), nullptr, false);
    }
    return {{"hash", hex_of(tx.hash)},
            {"height", text_of(tx.height.value())},
            {"index", tx.index},
            {"code", tx.code},
            {"code_name", code_name(static_cast<Code>(tx.code))},
            {"log", tx.log},
            {"gas_wanted", text_of(tx.gas_wanted)},
            {"gas_used", text_of(tx.gas_used)},
            {"tx", body.is_discarded() ? Json{} : std::move(body)},
            {"raw", to_base64(tx.bytes)},
            {"events", plain_events(tx.events)}};
}

Result<Json> block_json(const engine::Engine& engine, const std::string& name) {
    Json path = Json::object();
    path["height"] = name == "latest" ? text_of(engine.committed()->height.value()) : name;
    TRY(params, Params::from_json(path, {}));
    TRY(height, params.number("height", 0));
    TRY(block, engine.block(Height{height}));
    Json transactions = Json::array();
    for (const store::StoredTx& tx : block.transactions) {
        transactions.push_back({{"hash", hex_of(tx.hash)},
                                {"code", tx.code},
                                {"code_name", code_name(static_cast<Code>(tx.code))},
                                {"gas_used", text_of(tx.gas_used)}});
    }
    const store::BlockHeader& header = block.block.header;
    return Json{{"height", text_of(height)},
                {"time", engine::time_text(header.time)},
                {"hash", hex_of(header.hash)},
                {"previous_hash", hex_of(header.previous_hash)},
                {"app_hash", hex_of(block.block.app_hash_after)},
                {"transactions", std::move(transactions)},
                {"events", plain_events(block.events)}};
}

Result<Json> one_tx(const engine::Engine& engine, std::string_view text) {
    Result<Bytes> raw = from_hex(text);
    Result<Hash> hash = raw ? fixed_from<32>(*raw) : std::unexpected{raw.error()};
    if (!hash) {
        return fail(Code::kBadField, "a transaction is named by 64 hex digits");
    }
    TRY(tx, engine.transaction(*hash));
    return tx_json(tx);
}

Result<Json> find_txs(const engine::Engine& engine, const net::Request& request) {
    const Params params = Params::from_query(request.query);
    TRY(text, params.text("query"));
    TRY(conditions, store::parse_conditions(text));
    TRY(page, page_of(params));
    TRY(found, engine.search({.conditions = std::move(conditions),
                              .descending = page.descending,
                              .skip = page.skip,
                              .limit = page.limit}));
    Json list = Json::array();
    for (const store::StoredTx& tx : found.transactions) {
        list.push_back(tx_json(tx));
    }
    return Json{{"transactions", std::move(list)}, {"total", text_of(found.total)}, {"complete", found.complete}};
}

// {"tx": base64, "wait": "check" (default) or "commit"}
Task<net::Response> post_tx(ServicePtr service, Bytes body) {
    Result<Json> root = parse_json(body);
    Result<Params> params = root ? Params::from_json(*root, {}) : std::unexpected{root.error()};
    Result<Bytes> transaction = params ? params->bytes("tx", BytesText::kBase64) : std::unexpected{params.error()};
    Result<std::string> wait = params ? params->text("wait") : std::unexpected{params.error()};
    if (!transaction || transaction->empty()) {
        co_return problem(transaction ? Error{Code::kBadField, "tx: expected a transaction in base64"}
                                      : transaction.error());
    }
    if (!wait || (!wait->empty() && *wait != "check" && *wait != "commit")) {
        co_return problem({Code::kBadField, "wait: expected check or commit"});
    }
    Result<engine::Included> done = std::unexpected{Error{}};
    if (*wait == "commit") {
        Task<Result<engine::Included>> call =
            service->engine->submit_and_wait(*std::move(transaction), kBroadcastCommitMs);
        done = co_await std::move(call);
    } else {
        Task<Result<engine::Submitted>> call = service->engine->submit(*std::move(transaction));
        Result<engine::Submitted> submitted = co_await std::move(call);
        done = submitted ? Result<engine::Included>{engine::Included{*std::move(submitted), std::nullopt}}
                         : std::unexpected{submitted.error()};
    }
    if (!done) {
        co_return problem(done.error());
    }
    if (done->included) {
        co_return json_response(200, tx_json(*done->included));
    }
    const app::TxResult& check = done->submitted.check;
    co_return json_response(check.code == Code::kOk ? 202 : 422, {{"hash", hex_of(done->submitted.hash)},
                                                                  {"code", static_cast<std::uint32_t>(check.code)},
                                                                  {"code_name", code_name(check.code)},
                                                                  {"log", check.log}});
}

template <class T>
std::optional<std::string> archived_json(const engine::Engine& engine, const Bytes& key) {
    Result<std::vector<Bytes>> values = engine.history(key);
    if (!values || values->empty()) {
        return std::nullopt;
    }
    Result<T> record = codec::decode<T>(values->back());
    return record ? std::optional{codec::to_json(*record)} : std::nullopt;
}

// A closed lease or deployment leaves the hashed state after a day and stays readable here for ever.
std::optional<std::string> from_history(const engine::Engine& engine, std::string_view path) {
    const std::size_t slash = path.rfind('/');
    const std::string_view folder = path.substr(0, slash);
    std::uint64_t id = 0;
    const std::string_view text = path.substr(slash + 1);
    if (text.empty() || text.size() > 19 || !std::ranges::all_of(text, [](char c) { return c >= '0' && c <= '9'; })) {
        return std::nullopt;
    }
    for (const char c : text) {
        id = id * 10 + static_cast<std::uint64_t>(c - '0');
    }
    if (folder == "/v1/leases") {
        return archived_json<market::Lease>(engine, market::lease_key(LeaseId{id}));
    }
    if (folder == "/v1/deployments") {
        return archived_json<market::Deployment>(engine, market::deployment_key(DeploymentId{id}));
    }
    return std::nullopt;
}

constexpr std::array<std::string_view, 9> kTables = {"status",    "params", "supply",      "accounts", "balances",
                                                     "providers", "offers", "deployments", "leases"};

net::Response get_record(const engine::Engine& engine, const net::Request& request) {
    const std::string_view rest = std::string_view{request.path}.substr(std::string_view{"/v1/"}.size());
    if (std::ranges::find(kTables, rest.substr(0, rest.find('/'))) == kTables.end()) {
        return problem({Code::kNotFound, "there is no such path; GET / says what is here"});
    }
    std::map<std::string, std::string> parameters = request.query;
    std::shared_ptr<const app::Committed> committed = engine.committed();
    if (parameters.contains("height")) {
        Result<std::uint64_t> height = Params::from_query(parameters).number("height", 0);
        Result<std::shared_ptr<const app::Committed>> older =
            height ? engine.committed_at(Height{*height}) : std::unexpected{height.error()};
        if (!older) {
            return problem(older.error());
        }
        committed = *std::move(older);
        parameters.erase("height");
    }
    Result<std::string> json = app::query_json(*committed, request.path, parameters);
    if (json) {
        return text_response(*std::move(json));
    }
    if (json.error().code == Code::kNotFound) {
        if (std::optional<std::string> archived = from_history(engine, request.path)) {
            return text_response(*std::move(archived));
        }
    }
    return problem(json.error());
}

}  // namespace

Task<net::Response> serve_rest(ServicePtr service, net::Request request) {
    if (request.method == "POST" && request.path == "/v1/txs") {
        Task<net::Response> call = post_tx(service, std::move(request.body));
        net::Response response = co_await std::move(call);
        co_return response;
    }
    if (request.method != "GET" && request.method != "HEAD") {
        net::Response refused = problem({Code::kUnsupported, "only GET here; POST goes to / and to /v1/txs"});
        refused.status = 405;
        co_return refused;
    }
    constexpr std::string_view kBlocks = "/v1/blocks/";
    constexpr std::string_view kTxs = "/v1/txs/";
    std::optional<Result<Json>> answer;
    if (request.path.starts_with(kBlocks)) {
        answer = block_json(*service->engine, request.path.substr(kBlocks.size()));
    } else if (request.path.starts_with(kTxs)) {
        answer = one_tx(*service->engine, std::string_view{request.path}.substr(kTxs.size()));
    } else if (request.path == "/v1/txs") {
        answer = find_txs(*service->engine, request);
    }
    if (answer) {
        co_return *answer ? json_response(200, **answer) : problem(answer->error());
    }
    co_return get_record(*service->engine, request);
}

}  // namespace sublet::api
