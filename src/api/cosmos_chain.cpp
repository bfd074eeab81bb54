// cosmos_chain.cpp: /cosmos/base: the node, its blocks, its one validator, raw queries with proofs.
#include "api/consensus.hpp"
#include "api/cosmos.hpp"
#include "api/methods.hpp"
#include "api/shapes.hpp"
#include "engine/time_text.hpp"
#include "net/quiet.hpp"

namespace sublet::api {

namespace {

constexpr std::string_view kNodeTag = "Cosmos: node and blocks";
constexpr std::string_view kSdkVersion = "v0.53.0";  // what our answers look like

Json node_info(const Service& service) {
    Json node = {{"protocol_version", {{"p2p", "8"}, {"block", "11"}, {"app", "1"}}},
                 {"default_node_id", service.validator.address},
                 {"listen_addr", service.listen_address},
                 {"network", service.engine->genesis().chain_id},
                 {"version", kCometVersion},
                 {"channels", ""},
                 {"moniker", "sublet"},
                 {"other", {{"tx_index", "on"}, {"rpc_address", service.listen_address}}}};
    Json version = {
        {"name", "sublet"}, {"app_name", "sublet"}, {"version", app::kVersion},    {"git_commit", ""},
        {"build_tags", ""}, {"go_version", ""},     {"build_deps", Json::array()}, {"cosmos_sdk_version", kSdkVersion}};
    return {{"default_node_info", std::move(node)}, {"application_version", std::move(version)}};
}

Result<Json> block_at(const Service& service, Height height) {
    TRY(block, service.engine->block(height));
    return Json{{"block_id", proto_block_id(block.block.header.hash)},
                {"block", proto_block(block, service.validator, Proposer::kBytes)},
                {"sdk_block", proto_block(block, service.validator, Proposer::kText)}};
}

Json the_one(const Service& service) {
    return Json::array(
        {{{"address", consensus_address(service.validator.address)},
          {"pub_key", {{"@type", "/cosmos.crypto.ed25519.PubKey"}, {"key", to_base64(service.validator.public_key)}}},
          {"voting_power", "1"},
          {"proposer_priority", "0"}}});
}

Result<Json> validators_at(const Service& service, const Call& call, Height height, Json validators) {
    if (height > service.engine->committed()->height) {
        return fail(Code::kNotFound, "height " + text_of(height.value()) + " is not there yet");
    }
    TRY(page, cosmos_page(call));
    Json pagination = cut_page(validators, page);
    return Json{{"block_height", text_of(height.value())},
                {"validators", std::move(validators)},
                {"pagination", std::move(pagination)}};
}

// nano-ucredit per unit of gas as a decimal with 18 digits behind the point.
std::string gas_price(std::uint64_t nano) {
    constexpr std::uint64_t kNano = 1'000'000'000;
    std::string fraction = std::to_string(nano % kNano);
    fraction.insert(0, 9 - fraction.size(), '0');
    return std::to_string(nano / kNano) + "." + fraction + "000000000" + std::string{bank::kCredit};
}

Json config(const Service& service) {
    const app::Committed& committed = *service.engine->committed();
    const ledger::Params params =
        ledger::load<ledger::Params>(committed.view, ledger::params_key()).value_or(ledger::Params{});
    return {{"minimum_gas_price", gas_price(params.gas_price_nano)},
            {"pruning_keep_recent", text_of(app::kMaxKeptHeights)},
            {"pruning_interval", "1"},
            {"halt_height", "0"}};
}

Result<Json> node_status(const Service& service) {
    const std::shared_ptr<const app::Committed> committed = service.engine->committed();
    const std::uint64_t height = committed->height.value();
    const std::uint64_t first = service.engine->earliest().value();
    const std::uint64_t oldest = std::max(first, height - std::min(height, app::kMaxKeptHeights - 1));
    return Json{{"earliest_store_height", text_of(oldest)},
                {"height", text_of(height)},
                {"timestamp", engine::time_text(committed->time)},
                {"app_hash", to_base64(view_of(committed->app_hash))},
                {"validator_hash", to_base64(from_hex(service.validator.set_hash).value_or(""))}};
}

Json query_json(const app::QueryResult& result) {
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
            {"proof_ops", std::move(proof)},
            {"height", text_of(result.height.value())},
            {"codespace", result.code == Code::kOk ? "" : std::string{code_space(result.code)}}};
}

Task<net::Response> get_query(ServicePtr service, Call call) {
    const std::string text = call.text("data");
    Result<Bytes> data = from_base64(text);
    data = data ? data : from_base64url(text);
    if (!data) {
        co_return problem({Code::kBadField, "data: expected base64"}, Dialect::kCosmos);
    }
    const Height height{call.number("height", 0)};
    const bool prove = call.text("prove") == "true";
    Task<app::QueryResult> asking = run_query(service, call.text("path"), *std::move(data), height, prove);
    app::QueryResult result = co_await std::move(asking);
    co_return json_response(200, query_json(result));
}

Task<net::Response> get_node_info(ServicePtr service, Call) { co_return json_response(200, node_info(*service)); }
Task<net::Response> get_config(ServicePtr service, Call) { co_return json_response(200, config(*service)); }
Task<net::Response> get_status(ServicePtr service, Call) { co_return cosmos_answer(node_status(*service)); }
Task<net::Response> get_syncing(ServicePtr, Call) { co_return json_response(200, {{"syncing", false}}); }

// The path without a height is that of the last one.
Height height_of(const Service& service, const Call& call) {
    return call.has("height") ? Height{call.number("height", 0)} : service.engine->committed()->height;
}
Task<net::Response> get_block(ServicePtr service, Call call) {
    const Height height = height_of(*service, call);
    if (!service->engine->is_replicated()) {
        co_return cosmos_answer(block_at(*service, height));
    }
    Task<Result<Json>> asking = consensus_block(service, height);
    const Result<Json> block = co_await std::move(asking);
    co_return cosmos_answer(block);
}
Task<net::Response> get_validators(ServicePtr service, Call call) {
    const Height height = height_of(*service, call);
    Result<Json> validators = the_one(*service);
    if (service->engine->is_replicated()) {
        Task<Result<Json>> asking = consensus_validators(service, height);
        validators = co_await std::move(asking);
    }
    if (validators) {
        validators = validators_at(*service, call, height, *std::move(validators));
    }
    co_return cosmos_answer(validators);
}

Json texts(std::initializer_list<const char*> names) {
    Json out = Json::object();
    for (const char* name : names) {
        out[name] = any_text();
    }
    return out;
}
Json node_info_schema(Schemas& schemas) {
    Json node = texts({"default_node_id", "listen_addr", "network", "version", "channels", "moniker"});
    node["protocol_version"] = object_schema(
        {{"p2p", uint64_schema(schemas)}, {"block", uint64_schema(schemas)}, {"app", uint64_schema(schemas)}});
    node["other"] = object_schema(texts({"tx_index", "rpc_address"}));
    Json version =
        texts({"name", "app_name", "version", "git_commit", "build_tags", "go_version", "cosmos_sdk_version"});
    version["build_deps"] = empty_list();
    return object_schema({{"default_node_info", object_schema(std::move(node))},
                          {"application_version", object_schema(std::move(version))}});
}
Json block_schema(Schemas& schemas) {
    return object_schema({{"block_id", block_id_schema(schemas)},
                          {"block", proto_block_schema(schemas)},
                          {"sdk_block", proto_block_schema(schemas)}});
}
Json validators_schema(Schemas& schemas) {
    const Json validator = object_schema({{"address", any_text()},
                                          {"pub_key", public_key_schema(schemas)},
                                          {"voting_power", uint64_schema(schemas)},
                                          {"proposer_priority", uint64_schema(schemas)}});
    return object_schema({{"block_height", uint64_schema(schemas)},
                          {"validators", list_schema(validator)},
                          {"pagination", page_schema(schemas)}});
}
Json config_schema(Schemas& schemas) {
    Json out = texts({"minimum_gas_price", "pruning_keep_recent", "pruning_interval"});
    out["halt_height"] = uint64_schema(schemas);
    return object_schema(std::move(out));
}
Json status_schema(Schemas& schemas) {
    return object_schema({{"earliest_store_height", uint64_schema(schemas)},
                          {"height", uint64_schema(schemas)},
                          {"timestamp", time_schema()},
                          {"app_hash", base64_schema(schemas)},
                          {"validator_hash", base64_schema(schemas)}});
}
Json syncing_schema(Schemas&) { return object_schema({{"syncing", truth_schema()}}); }
Json query_schema(Schemas& schemas) {
    const Json operation =
        object_schema({{"type", any_text()}, {"key", base64_schema(schemas)}, {"data", base64_schema(schemas)}});
    Json out = texts({"log", "info", "codespace"});
    out["code"] = uint32_schema();
    out["index"] = uint64_schema(schemas);
    out["height"] = uint64_schema(schemas);
    out["key"] = base64_schema(schemas);
    out["value"] = base64_schema(schemas);
    out["proof_ops"] = or_null(object_schema({{"ops", list_schema(operation)}}));
    return object_schema(std::move(out));
}

const Parameter kHeight = {
    .name = "height", .kind = Kind::kNumber, .summary = "The block.", .least = 1, .example = "1"};

std::vector<Parameter> query_parameters() {
    return {{.name = "path", .summary = "/store/state/key, or a gRPC path.", .required = true, .most = 256},
            {.name = "data", .summary = "The key or the request, in base64."},
            {.name = "height", .kind = Kind::kNumber, .summary = "One of the last 128; 0 or nothing: the last."},
            {.name = "prove", .kind = Kind::kTruth, .summary = "Whether with a proof."}};
}

}  // namespace

std::vector<Route> cosmos_chain_routes() {
    const auto row = [](std::string_view path, std::string_view summary, RouteHandler handler, SchemaOf schema,
                        std::vector<Parameter> parameters = {}, std::vector<Code> problems = {}) {
        return cosmos_get(kNodeTag, {path, summary, handler, schema, std::move(parameters), std::move(problems)});
    };
    const std::vector<Code> reading = {Code::kNotFound, Code::kStoreDamaged};
    return {
        row("/cosmos/base/tendermint/v1beta1/node_info", "The node and its program.", get_node_info, node_info_schema),
        row("/cosmos/base/tendermint/v1beta1/syncing", "Whether the node is behind; it never is.", get_syncing,
            syncing_schema),
        row("/cosmos/base/tendermint/v1beta1/blocks/latest", "The last block.", get_block, block_schema, {}, reading),
        row("/cosmos/base/tendermint/v1beta1/blocks/{height}", "One block.", get_block, block_schema, {kHeight},
            reading),
        row("/cosmos/base/tendermint/v1beta1/validatorsets/latest", "Who orders transactions.", get_validators,
            validators_schema, with_page({}), reading),
        row("/cosmos/base/tendermint/v1beta1/validatorsets/{height}", "Who ordered the transactions of a block.",
            get_validators, validators_schema, with_page({kHeight}), reading),
        row("/cosmos/base/tendermint/v1beta1/abci_query", "A raw query; code and log say how it went.", get_query,
            query_schema, query_parameters()),
        row("/cosmos/base/node/v1beta1/config", "The gas price of the network.", get_config, config_schema),
        row("/cosmos/base/node/v1beta1/status", "Heights and hashes.", get_status, status_schema),
    };
}

}  // namespace sublet::api
