// rest_chain.cpp: /v1/blocks and /v1/txs: blocks, transactions, sending one.
#include "api/methods.hpp"
#include "api/routes.hpp"
#include "api/shapes.hpp"
#include "app/message_list.hpp"
#include "base/code_table.hpp"
#include "engine/time_text.hpp"
#include "net/quiet.hpp"

namespace sublet::api {

namespace {

constexpr std::uint64_t kDefaultPerPage = 30;

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

Result<Json> block_json(const engine::Engine& engine, const Call& call) {
    const std::uint64_t height = call.number("height", engine.committed()->height.value());  // "latest" is no number
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

Result<Json> one_tx(const engine::Engine& engine, const Call& call) {
    TRY(raw, from_hex(call.text("hash")));
    TRY(hash, fixed_from<32>(raw));
    TRY(tx, engine.transaction(hash));
    return tx_json(tx);
}

Result<Json> find_txs(const engine::Engine& engine, const Call& call) {
    TRY(conditions, store::parse_conditions(call.text("query")));
    const std::uint64_t limit = call.number("per_page", kDefaultPerPage);
    TRY(found, engine.search({.conditions = std::move(conditions),
                              .descending = call.text("order_by") == "desc",
                              .skip = (call.number("page", 1) - 1) * limit,
                              .limit = limit}));
    Json list = Json::array();
    for (const store::StoredTx& tx : found.transactions) {
        list.push_back(tx_json(tx));
    }
    return Json{{"transactions", std::move(list)}, {"total", text_of(found.total)}, {"complete", found.complete}};
}

struct Sending {
    Bytes transaction;
    bool wait_for_block = false;
};

Result<Sending> sending_of(const Bytes& body) {
    TRY(root, parse_json(body));
    if (!root.is_object()) {
        return fail(Code::kBadField, R"(expected an object such as {"tx": "<base64>", "wait": "commit"})");
    }
    for (const auto& [name, value] : root.items()) {
        if ((name != "tx" && name != "wait") || !value.is_string()) {
            return fail(Code::kBadField, "expected the texts tx and wait, not '" + name.substr(0, 64) + "'");
        }
    }
    TRY(params, Params::from_json(root, {}));
    TRY(transaction, params.bytes("tx", BytesText::kBase64));
    TRY(wait, params.text("wait"));
    if (transaction.empty()) {
        return fail(Code::kBadField, "tx: expected a transaction in base64");
    }
    if (root.contains("wait") && wait != "check" && wait != "commit") {
        return fail(Code::kBadField, "wait: expected check or commit");
    }
    return Sending{std::move(transaction), wait == "commit"};
}

// {"tx": base64, "wait": "check" (default) or "commit"}
Task<net::Response> post_tx(ServicePtr service, Call call) {
    Result<Sending> sending = sending_of(call.request.body);
    if (!sending) {
        co_return problem(sending.error());
    }
    Result<engine::Included> done = std::unexpected{Error{}};
    if (sending->wait_for_block) {
        Task<Result<engine::Included>> waiting =
            service->engine->submit_and_wait(std::move(sending->transaction), kBroadcastCommitMs);
        done = co_await std::move(waiting);
    } else {
        Task<Result<engine::Submitted>> checking = service->engine->submit(std::move(sending->transaction));
        Result<engine::Submitted> submitted = co_await std::move(checking);
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

Task<net::Response> get_block(ServicePtr service, Call call) {
    co_return answer_with(block_json(*service->engine, call));
}
Task<net::Response> get_tx(ServicePtr service, Call call) { co_return answer_with(one_tx(*service->engine, call)); }
Task<net::Response> get_txs(ServicePtr service, Call call) { co_return answer_with(find_txs(*service->engine, call)); }

Json make_code_name(Schemas&) {
    Json names = Json::array();
    for (const CodeRow& row : kCodeTable) {
        names.push_back(row.name);
    }
    return {{"type", "string"}, {"enum", std::move(names)}, {"description", "docs/spec/errors.md lists them."}};
}
Json code_name_schema(Schemas& schemas) { return schemas.named("CodeName", make_code_name); }

Json make_event(Schemas&) {
    return object_schema({{"type", any_text()},
                          {"attributes", list_schema(object_schema({{"key", any_text()}, {"value", any_text()}}))}});
}
Json events_schema(Schemas& schemas) { return list_schema(schemas.named("Event", make_event)); }

// One message of each kind of the protocol, told apart by its "@type".
template <class... Ms>
Json messages_schema(Schemas& schemas, const std::variant<Ms...>*) {
    Json kinds = Json::array();
    const auto add = [&]<class M>(const M*) {
        schema_of<M>(schemas);
        Json kind = schemas.all().at(detail::name_of<M>());
        kind["properties"]["@type"] = {{"const", M::kTypeUrl}};
        kind["required"].push_back("@type");
        kinds.push_back(std::move(kind));
    };
    (add(static_cast<const Ms*>(nullptr)), ...);
    kinds.push_back(object_schema({{"value", base64_schema(schemas)}, {"@type", any_text()}}));  // one we cannot read
    return {{"anyOf", std::move(kinds)}};
}

Json make_message(Schemas& schemas) { return messages_schema(schemas, static_cast<const app::AnyMessage*>(nullptr)); }

Json make_transaction(Schemas& schemas) {
    return object_schema({{"hash", hash_schema(schemas)},
                          {"memo", any_text()},
                          {"messages", list_schema(schemas.named("Message", make_message))},
                          {"fee", or_null(schema_of<ledger::Fee>(schemas))}});
}

Json make_tx(Schemas& schemas) {
    return object_schema({{"hash", hash_schema(schemas)},
                          {"height", uint64_schema(schemas)},
                          {"index", uint32_schema()},
                          {"code", uint32_schema()},
                          {"code_name", code_name_schema(schemas)},
                          {"log", any_text()},
                          {"gas_wanted", uint64_schema(schemas)},
                          {"gas_used", uint64_schema(schemas)},
                          {"tx", or_null(schemas.named("Transaction", make_transaction))},
                          {"raw", base64_schema(schemas)},
                          {"events", events_schema(schemas)}});
}
Json tx_schema(Schemas& schemas) { return schemas.named("Tx", make_tx); }

Json make_txs(Schemas& schemas) {
    return object_schema({{"transactions", list_schema(tx_schema(schemas))},
                          {"total", uint64_schema(schemas)},
                          {"complete", truth_schema()}});
}
Json txs_schema(Schemas& schemas) { return schemas.named("TxList", make_txs); }

Json make_block(Schemas& schemas) {
    const Json brief = object_schema({{"hash", hash_schema(schemas)},
                                      {"code", uint32_schema()},
                                      {"code_name", code_name_schema(schemas)},
                                      {"gas_used", uint64_schema(schemas)}});
    return object_schema(
        {{"height", uint64_schema(schemas)},
         {"time", time_schema()},
         {"hash", hash_schema(schemas)},
         {"previous_hash",
          {{"type", "string"}, {"pattern", "^([0-9A-F]{64})?$"}, {"description", "Empty at block 1."}}},
         {"app_hash", hash_schema(schemas)},
         {"transactions", list_schema(brief)},
         {"events", events_schema(schemas)}});
}
Json block_schema(Schemas& schemas) { return schemas.named("Block", make_block); }

Json make_checked(Schemas& schemas) {
    return object_schema({{"hash", hash_schema(schemas)},
                          {"code", uint32_schema()},
                          {"code_name", code_name_schema(schemas)},
                          {"log", any_text()}});
}
Json checked_schema(Schemas& schemas) { return schemas.named("Checked", make_checked); }

Json sending_schema(Schemas& schemas) {
    Json transaction = {{"allOf", {base64_schema(schemas), {{"minLength", 4}}}}};
    Json out = object_schema({{"tx", std::move(transaction)},
                              {"wait", {{"type", "string"}, {"enum", {"check", "commit"}}, {"default", "check"}}}});
    out["required"] = {"tx"};
    return out;
}

}  // namespace

std::vector<Route> chain_routes() {
    const std::vector<Code> reading = {Code::kNotFound, Code::kStoreDamaged};
    return {
        {.method = "GET",
         .path = "/v1/blocks/{height}",
         .tag = "Blocks and transactions",
         .summary = "One block: its transactions by hash and its own events.",
         .handler = get_block,
         .parameters = {{.name = "height",
                         .kind = Kind::kHeightOrLatest,
                         .summary = "A height, or latest.",
                         .example = "latest"}},
         .answers = {{.summary = "The block.", .schema = block_schema}},
         .problems = reading},
        {.method = "GET",
         .path = "/v1/txs",
         .tag = "Blocks and transactions",
         .summary = "Transactions whose events answer a query.",
         .handler = get_txs,
         .parameters = {{.name = "query",
                         .kind = Kind::kQuery,
                         .summary = "Conditions joined by AND, as in CometBFT's tx_search.",
                         .required = true,
                         .example = "tx.height>1"},
                        {.name = "page", .kind = Kind::kNumber, .summary = "From 1.", .least = 1, .most = 1'000'000},
                        {.name = "per_page",
                         .kind = Kind::kNumber,
                         .summary = "How many at a time, else 30.",
                         .least = 1,
                         .most = store::kMaxPage},
                        {.name = "order_by",
                         .kind = Kind::kChoice,
                         .summary = "Oldest or newest first; else oldest.",
                         .choices = {"asc", "desc"}}},
         .answers = {{.summary = "A page of them; complete: false says that there may be more than were looked at.",
                      .schema = txs_schema}},
         .problems = reading},
        {.method = "POST",
         .path = "/v1/txs",
         .tag = "Blocks and transactions",
         .summary = "Sends a signed transaction, and waits for its check or for its block.",
         .handler = post_tx,
         .body = sending_schema,
         .answers = {{.status = 200, .summary = "In a block; its code says how it went.", .schema = tx_schema},
                     {.status = 202, .summary = "Checked, and waits for a block.", .schema = checked_schema},
                     {.status = 422, .summary = "The check refused it.", .schema = checked_schema}},
         .problems = {Code::kMempoolFull, Code::kEngine, Code::kTimeout}},
        {.method = "GET",
         .path = "/v1/txs/{hash}",
         .tag = "Blocks and transactions",
         .summary = "One transaction, by its hash.",
         .handler = get_tx,
         .parameters = {{.name = "hash", .kind = Kind::kHash, .summary = "SHA-256 of its bytes, in hex."}},
         .answers = {{.summary = "The transaction, what became of it, and its events.", .schema = tx_schema}},
         .problems = reading},
    };
}

}  // namespace sublet::api
