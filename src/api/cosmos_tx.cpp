// cosmos_tx.cpp: /cosmos/tx: simulate, send, find transactions, as wallets do over REST.
#include <algorithm>

#include "api/cosmos.hpp"
#include "api/shapes.hpp"
#include "net/quiet.hpp"

namespace sublet::api {

namespace {

constexpr std::string_view kTxTag = "Cosmos: transactions";

// Field names in JSON come as in the contract or in camel case.
Result<Json> member(const Json& root, const char* name, const char* camel) {
    const auto found = root.contains(name) ? root.find(name) : root.find(camel);
    return found == root.end() ? Json{} : *found;
}

Result<Bytes> transaction_of(const Json& root) {
    if (!root.is_object()) {
        return fail(Code::kBadField, R"(expected an object such as {"tx_bytes": "<base64>"})");
    }
    TRY(text, member(root, "tx_bytes", "txBytes"));
    if (!text.is_string() || text.get_ref<const std::string&>().empty()) {
        return fail(Code::kBadField, "tx_bytes: expected a transaction in base64; the field tx is not taken");
    }
    const std::string& base64 = text.get_ref<const std::string&>();
    Result<Bytes> out = from_base64(base64);
    out = out ? out : from_base64url(base64);
    if (!out) {
        return fail(Code::kBadField, "tx_bytes: expected base64");
    }
    // Bytes that are no transaction have no outcome to tell of.
    const Result<ledger::Transaction> decoded = ledger::decode_transaction(*out);
    return decoded ? out : std::unexpected{decoded.error()};
}

Json gas(std::uint64_t wanted, std::uint64_t used) {
    return {{"gas_wanted", text_of(wanted)}, {"gas_used", text_of(used)}};
}

Task<net::Response> simulate(ServicePtr service, Call call) {
    Result<Json> root = parse_json(call.request.body);
    Result<Bytes> transaction = root ? transaction_of(*root) : std::unexpected{root.error()};
    if (!transaction) {
        co_return problem(transaction.error(), Dialect::kCosmos);
    }
    Task<Result<app::TxResult>> running = service->engine->simulate(*std::move(transaction));
    Result<app::TxResult> result = co_await std::move(running);
    if (!result || result->code != Code::kOk) {
        co_return problem(result ? Error{result->code, result->log} : result.error(), Dialect::kCosmos);
    }
    std::vector<store::StoredEvent> events;
    for (const ledger::Event& event : result->events) {
        events.push_back(store::stored(event));
    }
    co_return json_response(
        200,
        {{"gas_info", gas(result->gas_wanted, result->gas_used)},
         {"result",
          {{"data", ""}, {"log", result->log}, {"events", proto_events(events)}, {"msg_responses", Json::array()}}}});
}

enum class Mode : std::uint8_t { kSync, kAsync, kBlock };

Result<Mode> mode_of(const Json& root) {
    const auto found = root.find("mode");
    const Json mode = found == root.end() ? Json{} : *found;
    if (mode == "BROADCAST_MODE_SYNC" || mode == 2) {
        return Mode::kSync;
    }
    if (mode == "BROADCAST_MODE_ASYNC" || mode == 3) {
        return Mode::kAsync;
    }
    if (mode == "BROADCAST_MODE_BLOCK" || mode == 1) {
        return Mode::kBlock;
    }
    return fail(
        Code::kBadField,
        "mode: expected BROADCAST_MODE_SYNC, BROADCAST_MODE_ASYNC or BROADCAST_MODE_BLOCK (waits for the block)");
}

// What is known before a block has it.
Json checked_response(const engine::Submitted& submitted, Mode mode) {
    store::StoredTx tx;
    tx.hash = submitted.hash;
    if (mode != Mode::kAsync) {
        tx.code = static_cast<std::uint32_t>(submitted.check.code);
        tx.log = submitted.check.log;
        tx.gas_wanted = submitted.check.gas_wanted;
        tx.gas_used = submitted.check.gas_used;
    }
    Json out = proto_tx_response(tx, {});
    out["tx"] = nullptr;
    return out;
}

BlockTime time_of(const Service& service, Height height) {
    const Result<store::StoredBlock> block = service.engine->header(height);
    return block ? block->header.time : BlockTime{};
}

Task<net::Response> broadcast(ServicePtr service, Call call) {
    Result<Json> root = parse_json(call.request.body);
    Result<Bytes> transaction = root ? transaction_of(*root) : std::unexpected{root.error()};
    Result<Mode> mode = transaction ? mode_of(*root) : std::unexpected{transaction.error()};
    if (!mode) {
        co_return problem(mode.error(), Dialect::kCosmos);
    }
    Json response;
    if (*mode == Mode::kBlock) {
        Task<Result<engine::Included>> waiting =
            service->engine->submit_and_wait(*std::move(transaction), kBroadcastCommitMs);
        Result<engine::Included> done = co_await std::move(waiting);
        if (!done) {
            co_return problem(done.error(), Dialect::kCosmos);
        }
        response = done->included ? proto_tx_response(*done->included, time_of(*service, done->included->height))
                                  : checked_response(done->submitted, *mode);
    } else {
        Task<Result<engine::Submitted>> checking = service->engine->submit(*std::move(transaction));
        Result<engine::Submitted> submitted = co_await std::move(checking);
        if (!submitted) {
            co_return problem(submitted.error(), Dialect::kCosmos);
        }
        response = checked_response(*submitted, *mode);
    }
    co_return json_response(200, {{"tx_response", std::move(response)}});
}

Result<Json> one_tx(const Service& service, const Call& call) {
    TRY(raw, from_hex(call.text("hash")));
    TRY(hash, fixed_from<32>(raw));
    const Result<store::StoredTx> tx = service.engine->transaction(hash);
    if (!tx && tx.error().code == Code::kNotFound) {
        return fail(Code::kNotFound, "tx not found: " + to_hex_upper(raw));
    }
    TRY_OK(tx);
    const Result<ledger::Transaction> decoded = ledger::decode_transaction(tx->bytes);
    return Json{{"tx", decoded ? proto_tx(*decoded) : Json{}},
                {"tx_response", proto_tx_response(*tx, time_of(service, tx->height))}};
}

Task<net::Response> get_tx(ServicePtr service, Call call) { co_return cosmos_answer(one_tx(*service, call)); }

// `query` as in tx_search, or the older `events`, each of which is one condition. Pages by number or by offset.
Result<store::Search> search_of(const Call& call) {
    std::string text = call.text("query");
    for (const std::string& each : call.all("events")) {
        text += (text.empty() ? "" : " AND ") + each;
    }
    if (text.empty()) {
        return fail(Code::kBadField, "query: expected conditions such as message.sender='sublet1…'");
    }
    TRY(conditions, store::parse_conditions(text));
    const std::uint64_t asked = call.number("limit", call.number("pagination.limit", 0));
    const std::uint64_t limit = asked == 0 ? store::kMaxPage : std::min<std::uint64_t>(asked, store::kMaxPage);
    const std::uint64_t page = std::max<std::uint64_t>(call.number("page", 1), 1);
    return store::Search{.conditions = std::move(conditions),
                         .descending = call.text("order_by") == "ORDER_BY_DESC",
                         .skip = call.number("pagination.offset", (page - 1) * limit),
                         .limit = limit};
}

Result<Json> find_txs(const Service& service, const Call& call) {
    TRY(search, search_of(call));
    TRY(found, service.engine->search(search));
    Json transactions = Json::array();
    Json responses = Json::array();
    for (const store::StoredTx& tx : found.transactions) {
        const Result<ledger::Transaction> decoded = ledger::decode_transaction(tx.bytes);
        transactions.push_back(decoded ? proto_tx(*decoded) : Json{});
        responses.push_back(proto_tx_response(tx, time_of(service, tx.height)));
    }
    return Json{{"txs", std::move(transactions)},
                {"tx_responses", std::move(responses)},
                {"pagination", nullptr},
                {"total", text_of(found.total)}};
}

Task<net::Response> get_txs(ServicePtr service, Call call) { co_return cosmos_answer(find_txs(*service, call)); }

Json tx_bytes_schema(Schemas&) {
    return {{"type", "string"},
            {"contentEncoding", "base64"},
            {"format", "sublet-transaction"},
            {"minLength", 4},
            {"description", "TxRaw, signed."}};
}
Json simulate_request_schema(Schemas& schemas) {
    return {{"type", "object"}, {"properties", {{"tx_bytes", tx_bytes_schema(schemas)}}}, {"required", {"tx_bytes"}}};
}
Json broadcast_request_schema(Schemas& schemas) {
    const Json modes = {"BROADCAST_MODE_SYNC", "BROADCAST_MODE_ASYNC", "BROADCAST_MODE_BLOCK"};
    return {{"type", "object"},
            {"properties", {{"tx_bytes", tx_bytes_schema(schemas)}, {"mode", {{"enum", modes}}}}},
            {"required", {"tx_bytes", "mode"}}};
}
Json simulated_schema(Schemas& schemas) {
    return object_schema(
        {{"gas_info", object_schema({{"gas_wanted", uint64_schema(schemas)}, {"gas_used", uint64_schema(schemas)}})},
         {"result", object_schema({{"data", any_text()},
                                   {"log", any_text()},
                                   {"events", list_schema(proto_event_schema(schemas))},
                                   {"msg_responses", list_schema({{"type", "object"}})}})}});
}
Json sent_schema(Schemas& schemas) { return object_schema({{"tx_response", tx_response_schema(schemas)}}); }
Json one_tx_schema(Schemas& schemas) {
    return object_schema({{"tx", or_null(proto_tx_schema(schemas))}, {"tx_response", tx_response_schema(schemas)}});
}
Json txs_schema(Schemas& schemas) {
    return object_schema({{"txs", list_schema(or_null(proto_tx_schema(schemas)))},
                          {"tx_responses", list_schema(tx_response_schema(schemas))},
                          {"pagination", page_schema(schemas)},
                          {"total", uint64_schema(schemas)}});
}

std::vector<Parameter> search_parameters() {
    return {{.name = "query",
             .kind = Kind::kQuery,
             .summary = "Conditions joined by AND, as in CometBFT's tx_search.",
             .most = store::kMaxQueryBytes,
             .example = "tx.height>1"},
            {.name = "events",
             .kind = Kind::kQuery,
             .summary = "One condition each time it stands there.",
             .most = store::kMaxQueryBytes,
             .many = true},
            {.name = "order_by",
             .kind = Kind::kChoice,
             .summary = "Oldest or newest first; else oldest.",
             .choices = {"ORDER_BY_UNSPECIFIED", "ORDER_BY_ASC", "ORDER_BY_DESC"}},
            {.name = "page", .kind = Kind::kNumber, .summary = "From 1.", .most = 1'000'000},
            {.name = "limit", .kind = Kind::kNumber, .summary = "At most 100 at a time."},
            {.name = "pagination.limit", .kind = Kind::kNumber, .summary = "The older word for limit."},
            {.name = "pagination.offset", .kind = Kind::kNumber, .summary = "How many to leave out."}};
}

Route post(std::string_view path, std::string_view summary, RouteHandler handler, SchemaOf body, SchemaOf answer) {
    return {.method = "POST",
            .path = path,
            .tag = kTxTag,
            .summary = summary,
            .handler = handler,
            .body = body,
            .answers = {{.summary = "As Cosmos' gateway writes it.", .schema = answer}},
            // A simulation runs the messages: what they refuse, with 400 or, where something is not there, 404.
            .problems = {Code::kNotFound, Code::kMempoolFull, Code::kEngine, Code::kTimeout},
            .dialect = Dialect::kCosmos,
            .open_query = true};
}

}  // namespace

std::vector<Route> cosmos_tx_routes() {
    return {
        post("/cosmos/tx/v1beta1/simulate", "What a transaction would use; its signature is not looked at.", simulate,
             simulate_request_schema, simulated_schema),
        post(
            "/cosmos/tx/v1beta1/txs",
            "Sends a signed transaction. tx_response.code says what its check, or in mode BLOCK its block, made of it.",
            broadcast, broadcast_request_schema, sent_schema),
        cosmos_get(kTxTag, {.path = "/cosmos/tx/v1beta1/txs",
                            .summary = "Transactions whose events answer a query.",
                            .handler = get_txs,
                            .schema = txs_schema,
                            .parameters = search_parameters(),
                            .problems = {Code::kStoreDamaged}}),
        cosmos_get(kTxTag, {.path = "/cosmos/tx/v1beta1/txs/{hash}",
                            .summary = "One transaction, by its hash.",
                            .handler = get_tx,
                            .schema = one_tx_schema,
                            .parameters = {{.name = "hash", .kind = Kind::kHash, .summary = "SHA-256, in hex."}},
                            .problems = {Code::kNotFound, Code::kStoreDamaged}}),
    };
}

}  // namespace sublet::api
