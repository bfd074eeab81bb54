// cosmos.hpp: what the files of the Cosmos REST paths share: shapes as Cosmos' gateway writes them, and their schemas.
// Private to the room. Spec: docs/spec/rest.md (Cosmos paths).
#pragma once

#include "api/routes.hpp"

namespace sublet::api {

// A row in the dialect of Cosmos; unknown queries are ignored, as its gateway does.
struct CosmosRow {
    std::string_view path;
    std::string_view summary;
    RouteHandler handler = nullptr;
    SchemaOf schema = nullptr;
    std::vector<Parameter> parameters;
    std::vector<Code> problems;
};
Route cosmos_get(std::string_view tag, CosmosRow row);

// {"code": 12 (not implemented), "message", "details"} with this status.
net::Response unimplemented(unsigned status, std::string_view message);
// Paths of modules that Cosmos chains have and this one has not: 501 with a sentence; nothing for other paths.
std::optional<net::Response> missing_module(std::string_view path);

// The state that the request asks for: the header x-cosmos-block-height, else the last height. Errors: kBadField,
// kHeightPruned, kNotFound.
Result<std::shared_ptr<const app::Committed>> state_of(const Service& service, const Call& call);
net::Response cosmos_answer(const Result<Json>& result);
net::Response cosmos_answer_at(const app::Committed& committed, Json body);

// Lists. A page's key is the position of its first item.
std::vector<Parameter> with_page(std::vector<Parameter> parameters);
struct CosmosPage {
    std::uint64_t offset = 0;
    std::uint64_t limit = 0;
    bool reverse = false;
    bool total = false;  // whether the answer says how many there are
};
inline constexpr std::uint64_t kCosmosPage = 100;  // items of a page unless told otherwise
Result<CosmosPage> cosmos_page(const Call& call);
// Takes the page out of all `items` and answers its PageResponse.
Json cut_page(Json& items, const CosmosPage& page);

// Shapes. `time` is the block's.
Json proto_events(const std::vector<store::StoredEvent>& events);
Json proto_tx(const ledger::Transaction& transaction);
Json proto_tx_response(const store::StoredTx& tx, BlockTime time);
Json proto_public_key(BytesView key);
Json proto_block_id(const Hash& hash);
// cosmos.base.tendermint's Block has the proposer as text, CometBFT's as bytes.
enum class Proposer : bool { kBytes, kText };
Json proto_block(const store::FullBlock& block, const Validator& validator, Proposer proposer);
std::string consensus_address(const std::string& hex);  // of a validator, in bech32
std::string base64_of_hex(const std::string& hex);

// Schemas.
Json empty_list();
Json coin_schema(Schemas& schemas);
Json page_schema(Schemas& schemas);  // PageResponse or null
Json public_key_schema(Schemas& schemas);
Json proto_event_schema(Schemas& schemas);
Json proto_tx_schema(Schemas& schemas);
Json tx_response_schema(Schemas& schemas);
Json block_id_schema(Schemas& schemas);
Json proto_block_schema(Schemas& schemas);

}  // namespace sublet::api
