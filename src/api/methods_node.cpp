// methods_node.cpp: JSON-RPC about the node, its genesis and its blocks.
#include <algorithm>

#include "api/consensus.hpp"
#include "api/methods.hpp"
#include "api/shapes.hpp"
#include "engine/genesis.hpp"
#include "engine/time_text.hpp"
#include "net/quiet.hpp"

namespace sublet::api {

namespace {

constexpr std::uint64_t kMaxBlocksSearched = 2'000;
constexpr std::uint64_t kMaxMetas = 20;  // of one `blockchain` answer, as CometBFT has it

// The named height, or the last one where none (or 0) is named.
Result<Height> height_of(const Service& service, const Params& params) {
    TRY(height, params.number("height", 0));
    const std::uint64_t last = service.engine->committed()->height.value();
    if (height > last) {
        return fail(Code::kNotFound, "height " + std::to_string(height) +
                                         " must be less than or equal to the current blockchain height " +
                                         std::to_string(last));
    }
    return Height{height == 0 ? last : height};
}

Json meta_shape(const store::StoredBlock& block, const Validator& validator) {
    return {{"block_id", block_id_shape(block.header.hash)},
            {"block_size", text_of(block.bytes)},
            {"header", header_shape(block.header, validator)},
            {"num_txs", text_of(block.transactions)}};
}

Json consensus_params() {
    return {
        {"block", {{"max_bytes", text_of(engine::kMaxBlockBytes)}, {"max_gas", "-1"}}},
        {"evidence", {{"max_age_num_blocks", "100000"}, {"max_age_duration", "172800000000000"}, {"max_bytes", "0"}}},
        {"validator", {{"pub_key_types", {"ed25519"}}}},
        {"version", {{"app", "1"}}},
        {"abci", {{"vote_extensions_enable_height", "0"}}}};
}

}  // namespace

Task<Result<Json>> method_status(ServicePtr service, Params) {
    Json consensus = Json::object();
    if (service->engine->is_replicated()) {
        Task<Json> asking = consensus_status(service);
        consensus = co_await std::move(asking);
    }
    const Json node = consensus.value("node_info", Json::object());
    const Json sync = consensus.value("sync_info", Json::object());
    const auto committed = service->engine->committed();
    CO_TRY(latest, service->engine->header(committed->height));
    CO_TRY(first, service->engine->header(service->engine->earliest()));
    co_return Json{{"node_info",
                    {{"protocol_version", {{"p2p", "8"}, {"block", "11"}, {"app", "1"}}},
                     {"id", node.value("id", service->validator.address)},
                     {"listen_addr", node.value("listen_addr", service->listen_address)},  // of its peers
                     {"network", committed->chain_id},
                     {"version", kCometVersion},
                     {"channels", ""},
                     {"moniker", node.value("moniker", "sublet")},
                     {"other", {{"tx_index", "on"}, {"rpc_address", service->listen_address}}}}},
                   {"sync_info",
                    {{"latest_block_hash", hex_of(latest.header.hash)},
                     {"latest_app_hash", hex_of(committed->app_hash)},
                     {"latest_block_height", text_of(committed->height.value())},
                     {"latest_block_time", engine::time_text(committed->time)},
                     {"earliest_block_hash", hex_of(first.header.hash)},
                     {"earliest_app_hash", hex_of(first.header.app_hash)},
                     {"earliest_block_height", text_of(first.header.height.value())},
                     {"earliest_block_time", engine::time_text(first.header.time)},
                     {"catching_up", sync.value("catching_up", service->engine->is_replicated())}}},
                   {"validator_info", consensus.value("validator_info", validator_shape(service->validator))}};
}

Task<Result<Json>> method_health(ServicePtr service, Params) {
    if (const std::optional<std::string> why = service->engine->halted()) {
        co_return fail(Code::kEngine, *why);
    }
    co_return Json::object();
}

Task<Result<Json>> method_abci_info(ServicePtr service, Params) {
    const auto committed = service->engine->committed();
    co_return Json{{"response",
                    {{"data", "sublet"},
                     {"version", app::kVersion},
                     {"app_version", "1"},
                     {"last_block_height", text_of(committed->height.value())},
                     {"last_block_app_hash", to_base64(view_of(committed->app_hash))}}}};
}

Task<Result<Json>> method_genesis(ServicePtr service, Params) {
    const app::Genesis& genesis = service->engine->genesis();
    Json state = Json::parse(engine::genesis_to_json(genesis), nullptr, false);
    co_return Json{{"genesis",
                    {{"genesis_time", engine::time_text(genesis.time)},
                     {"chain_id", genesis.chain_id},
                     {"initial_height", text_of(genesis.state_height.value() + 1)},
                     {"consensus_params", consensus_params()},
                     {"validators", Json::array()},
                     {"app_hash", ""},
                     {"app_state", std::move(state)}}}};
}

Task<Result<Json>> method_block(ServicePtr service, Params params) {
    CO_TRY(height, height_of(*service, params));
    CO_TRY(block, service->engine->block(height));
    co_return block_shape(block, service->validator);
}

Task<Result<Json>> method_header(ServicePtr service, Params params) {
    CO_TRY(height, height_of(*service, params));
    CO_TRY(block, service->engine->header(height));
    co_return Json{{"header", header_shape(block.header, service->validator)}};
}

Task<Result<Json>> method_block_results(ServicePtr service, Params params) {
    CO_TRY(height, height_of(*service, params));
    CO_TRY(block, service->engine->block(height));
    Json results = Json::array();
    for (const store::StoredTx& tx : block.transactions) {
        results.push_back(result_shape(tx));
    }
    co_return Json{{"height", text_of(height.value())},
                   {"txs_results", std::move(results)},
                   {"finalize_block_events", events_shape(block.events)},
                   {"validator_updates", nullptr},
                   {"consensus_param_updates", nullptr},
                   {"app_hash", to_base64(view_of(block.block.app_hash_after))}};
}

Task<Result<Json>> method_block_search(ServicePtr service, Params params) {
    CO_TRY(text, params.text("query"));
    CO_TRY(conditions, store::parse_conditions(text));
    CO_TRY(page, page_of(params));
    const std::uint64_t last = service->engine->committed()->height.value();
    Json blocks = Json::array();
    std::size_t total = 0;
    // Events of blocks are few and not asked for often: no index, so the walk sees only the newest blocks.
    const std::uint64_t first = last > kMaxBlocksSearched ? last - kMaxBlocksSearched + 1 : 1;
    for (std::uint64_t step = 0; first + step <= last; ++step) {
        const Height height{page.descending ? last - step : first + step};
        const bool by_height =
            std::ranges::all_of(conditions, [](const store::Condition& each) { return each.key == "block.height"; });
        if (by_height && !store::matches(conditions, {height, nullptr, nullptr, {}, {}})) {
            continue;
        }
        CO_TRY(block, service->engine->block(height));
        if (!store::matches(conditions, {height, nullptr, &block.events, block.block.header.time, {}})) {
            continue;
        }
        if (total >= page.skip && blocks.size() < page.limit) {
            blocks.push_back(block_shape(block, service->validator));
        }
        ++total;
    }
    co_return Json{{"blocks", std::move(blocks)}, {"total_count", text_of(total)}};
}

Task<Result<Json>> method_blockchain(ServicePtr service, Params params) {
    const std::uint64_t last = service->engine->committed()->height.value();
    CO_TRY(lowest, params.number("minHeight", 0));
    CO_TRY(highest, params.number("maxHeight", 0));
    highest = highest == 0 ? last : std::min(highest, last);
    lowest = std::max<std::uint64_t>(lowest, 1);
    if (lowest > highest) {
        co_return fail(Code::kBadField, "min height " + std::to_string(lowest) + " can't be greater than max height " +
                                            std::to_string(highest));
    }
    lowest = highest - lowest >= kMaxMetas ? highest - kMaxMetas + 1 : lowest;
    Json metas = Json::array();
    for (std::uint64_t height = highest; height >= lowest; --height) {
        CO_TRY(block, service->engine->header(Height{height}));
        metas.push_back(meta_shape(block, service->validator));
    }
    co_return Json{{"last_height", text_of(last)}, {"block_metas", std::move(metas)}};
}

Task<Result<Json>> method_commit(ServicePtr service, Params params) {
    CO_TRY(height, height_of(*service, params));
    CO_TRY(block, service->engine->header(height));
    co_return Json{
        {"signed_header",
         {{"header", header_shape(block.header, service->validator)}, {"commit", commit_shape(block.header)}}},
        {"canonical", true}};
}

Task<Result<Json>> method_validators(ServicePtr service, Params params) {
    CO_TRY(height, height_of(*service, params));
    CO_TRY(page, params.number("page", 1));
    Json list = Json::array();
    if (page == 1) {
        list.push_back(validator_shape(service->validator));
    }
    co_return Json{{"block_height", text_of(height.value())},
                   {"count", text_of(list.size())},
                   {"total", "1"},
                   {"validators", list}};
}

Task<Result<Json>> method_net_info(ServicePtr service, Params) {
    co_return Json{{"listening", true},
                   {"listeners", Json::array({service->listen_address})},
                   {"n_peers", "0"},
                   {"peers", Json::array()}};
}

Task<Result<Json>> method_consensus_params(ServicePtr service, Params params) {
    CO_TRY(height, height_of(*service, params));
    co_return Json{{"block_height", text_of(height.value())}, {"consensus_params", consensus_params()}};
}

}  // namespace sublet::api
