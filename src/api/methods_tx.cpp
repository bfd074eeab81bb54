// methods_tx.cpp: JSON-RPC about transactions and queries.
#include "api/methods.hpp"
#include "api/shapes.hpp"
#include "api/simulate.hpp"

namespace sublet::api {

namespace {

constexpr std::uint64_t kDefaultPerPage = 30;

// One operation, because there is one tree: from the key straight to the app hash.
Json query_shape(const app::QueryResult& result) {
    Json proof;
    if (!result.proof.empty()) {
        Json operation = {{"type", kProofType}, {"key", to_base64(result.key)}, {"data", to_base64(result.proof)}};
        proof = {{"ops", Json::array({std::move(operation)})}};
    }
    return {{"code", static_cast<std::uint32_t>(result.code)},
            {"log", result.log},
            {"info", ""},
            {"index", "0"},
            {"key", to_base64(result.key)},
            {"value", to_base64(result.value)},
            {"proofOps", std::move(proof)},
            {"height", text_of(result.height.value())},
            {"codespace", result.code == Code::kOk ? "" : std::string{code_space(result.code)}}};
}

Json broadcast_shape(const engine::Submitted& submitted) {
    const app::TxResult& check = submitted.check;
    return {{"code", static_cast<std::uint32_t>(check.code)},
            {"data", ""},
            {"log", check.log},
            {"codespace", check.code == Code::kOk ? "" : std::string{code_space(check.code)}},
            {"hash", hex_of(submitted.hash)}};
}

Result<Bytes> transaction_of(const Params& params) {
    TRY(transaction, params.bytes("tx", BytesText::kBase64));
    if (transaction.empty()) {
        return fail(Code::kBadField, "parameter 'tx': expected a transaction");
    }
    return transaction;
}

}  // namespace

Result<Page> page_of(const Params& params) {
    TRY(page, params.number("page", 1));
    TRY(per_page, params.number("per_page", kDefaultPerPage));
    TRY(order, params.text("order_by"));
    if (page == 0 || page > 1'000'000) {
        return fail(Code::kBadField, "parameter 'page': expected 1 to 1000000");
    }
    if (!order.empty() && order != "asc" && order != "desc") {
        return fail(Code::kBadField, "parameter 'order_by': expected asc or desc");
    }
    const std::uint64_t limit = per_page == 0 ? kDefaultPerPage : std::min<std::uint64_t>(per_page, store::kMaxPage);
    return Page{.skip = (page - 1) * limit, .limit = limit, .descending = order == "desc"};
}

Task<app::QueryResult> run_query(ServicePtr service, std::string path, Bytes data, Height height, bool prove) {
    app::QueryResult out;
    out.height = service->engine->committed()->height;
    if (path == kSimulatePath) {
        Result<Bytes> transaction = simulated_transaction(data);
        Result<app::TxResult> result = std::unexpected{Error{}};
        if (transaction) {
            Task<Result<app::TxResult>> call = service->engine->simulate(*std::move(transaction));
            result = co_await std::move(call);
        } else {
            result = std::unexpected{transaction.error()};
        }
        const bool fine = result && result->code == Code::kOk;
        out.code = !result ? result.error().code : result->code;
        out.log = !result ? result.error().message : result->log;
        out.value = fine ? simulate_reply(*result) : Bytes{};
        co_return out;
    }
    std::shared_ptr<const app::Committed> committed = service->engine->committed();
    if (!height.is_zero()) {
        Result<std::shared_ptr<const app::Committed>> older = service->engine->committed_at(height);
        if (!older) {
            out.code = older.error().code;
            out.log = older.error().message;
            co_return out;
        }
        committed = *std::move(older);
    }
    co_return app::query(*committed, path, data, prove);
}

Task<Result<Json>> method_abci_query(ServicePtr service, Params params) {
    CO_TRY(path, params.text("path"));
    CO_TRY(data, params.bytes("data", BytesText::kHex));
    CO_TRY(height, params.number("height", 0));
    CO_TRY(prove, params.truth("prove", false));
    Task<app::QueryResult> call = run_query(service, path, data, Height{height}, prove);
    app::QueryResult result = co_await std::move(call);
    co_return Json{{"response", query_shape(result)}};
}

// Answers before the check, which goes on by itself.
Task<Result<Json>> method_broadcast_async(ServicePtr service, Params params) {
    CO_TRY(transaction, transaction_of(params));
    Task<Result<engine::Submitted>> call = service->engine->submit(transaction);
    Result<engine::Submitted> submitted = co_await std::move(call);
    CO_TRY_OK(submitted);
    submitted->check.code = Code::kOk;
    submitted->check.log.clear();
    co_return broadcast_shape(*submitted);
}

Task<Result<Json>> method_broadcast_sync(ServicePtr service, Params params) {
    CO_TRY(transaction, transaction_of(params));
    Task<Result<engine::Submitted>> call = service->engine->submit(transaction);
    Result<engine::Submitted> submitted = co_await std::move(call);
    CO_TRY_OK(submitted);
    co_return broadcast_shape(*submitted);
}

Task<Result<Json>> method_broadcast_commit(ServicePtr service, Params params) {
    CO_TRY(transaction, transaction_of(params));
    Task<Result<engine::Included>> call = service->engine->submit_and_wait(transaction, kBroadcastCommitMs);
    Result<engine::Included> done = co_await std::move(call);
    CO_TRY_OK(done);
    const std::optional<store::StoredTx>& included = done->included;
    co_return Json{{"check_tx", check_shape(done->submitted.check)},
                   {"tx_result", included ? result_shape(*included) : check_shape({})},
                   {"hash", hex_of(done->submitted.hash)},
                   {"height", text_of(included ? included->height.value() : 0)}};
}

Task<Result<Json>> method_num_unconfirmed(ServicePtr service, Params) {
    const engine::MempoolSize size = service->engine->mempool_size();
    co_return Json{{"n_txs", text_of(size.transactions)},
                   {"total", text_of(size.transactions)},
                   {"total_bytes", text_of(size.bytes)},
                   {"txs", nullptr}};
}

Task<Result<Json>> method_unconfirmed(ServicePtr service, Params params) {
    CO_TRY(limit, params.number("limit", kDefaultPerPage));
    Task<Result<std::vector<Bytes>>> call = service->engine->pending(std::min<std::size_t>(limit, store::kMaxPage));
    Result<std::vector<Bytes>> pending = co_await std::move(call);
    CO_TRY_OK(pending);
    Json list = Json::array();
    for (const Bytes& each : *pending) {
        list.push_back(to_base64(each));
    }
    const engine::MempoolSize size = service->engine->mempool_size();
    co_return Json{{"n_txs", text_of(list.size())},
                   {"total", text_of(size.transactions)},
                   {"total_bytes", text_of(size.bytes)},
                   {"txs", std::move(list)}};
}

Task<Result<Json>> method_tx(ServicePtr service, Params params) {
    CO_TRY(raw, params.bytes("hash", BytesText::kBase64));
    Result<Hash> hash = fixed_from<32>(raw);
    if (!hash) {
        co_return fail(Code::kBadField, "parameter 'hash': expected 32 bytes");
    }
    Result<store::StoredTx> tx = service->engine->transaction(*hash);
    if (!tx && tx.error().code == Code::kNotFound) {
        co_return fail(Code::kNotFound, "tx (" + to_hex_upper(raw) + ") not found");
    }
    CO_TRY_OK(tx);
    co_return tx_shape(*tx);
}

Task<Result<Json>> method_tx_search(ServicePtr service, Params params) {
    CO_TRY(text, params.text("query"));
    CO_TRY(conditions, store::parse_conditions(text));
    CO_TRY(page, page_of(params));
    const store::Search search{
        .conditions = conditions, .descending = page.descending, .skip = page.skip, .limit = page.limit};
    CO_TRY(found, service->engine->search(search));
    Json list = Json::array();
    for (const store::StoredTx& tx : found.transactions) {
        list.push_back(tx_shape(tx));
    }
    co_return Json{{"txs", std::move(list)}, {"total_count", text_of(found.total)}};
}

}  // namespace sublet::api
