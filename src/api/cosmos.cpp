// cosmos.cpp: heights, pages, rows and refusals that the Cosmos REST paths have in common.
#include "api/cosmos.hpp"

#include <algorithm>
#include <array>

#include "net/quiet.hpp"

namespace sublet::api {

namespace {

constexpr std::string_view kHeightHeader = "x-cosmos-block-height";

// What wallets and explorers ask for on other chains.
constexpr std::array<std::string_view, 16> kMissing = {
    "authz", "circuit", "consensus", "crisis", "distribution", "evidence", "feegrant", "gov",
    "group", "mint",    "nft",       "params", "protocolpool", "slashing", "staking",  "upgrade"};

}  // namespace

Route cosmos_get(std::string_view tag, CosmosRow row) {
    return {.method = "GET",
            .path = row.path,
            .tag = tag,
            .summary = row.summary,
            .handler = row.handler,
            .parameters = std::move(row.parameters),
            .answers = {{.summary = "As Cosmos' gateway writes it.", .schema = row.schema}},
            .problems = std::move(row.problems),
            .dialect = Dialect::kCosmos,
            .open_query = true};
}

net::Response unimplemented(unsigned status, std::string_view message) {
    constexpr int kUnimplemented = 12;
    return json_response(status, {{"code", kUnimplemented}, {"message", message}, {"details", Json::array()}});
}

std::optional<net::Response> missing_module(std::string_view path) {
    std::string_view module;
    if (path.starts_with("/cosmos/")) {
        const std::string_view rest = path.substr(std::string_view{"/cosmos/"}.size());
        module = rest.substr(0, rest.find('/'));
        if (std::ranges::find(kMissing, module) == kMissing.end()) {
            return std::nullopt;
        }
    } else if (path.starts_with("/ibc/") || path.starts_with("/cosmwasm/")) {
        module = path.substr(1, path.find('/', 1) - 1);
    } else {
        return std::nullopt;
    }
    return unimplemented(
        501, "this network has no module " + std::string{module} + "; GET /docs lists the paths that it has");
}

Result<std::shared_ptr<const app::Committed>> state_of(const Service& service, const Call& call) {
    const auto header = call.request.headers.find(kHeightHeader);
    if (header == call.request.headers.end() || header->second.empty() || header->second == "0") {
        return service.engine->committed();
    }
    Json wrapped = Json::object();
    wrapped["height"] = header->second;
    TRY(params, Params::from_json(wrapped, {}));
    Result<std::uint64_t> height = params.number("height", 0);
    if (!height) {
        return fail(Code::kBadField, std::string{kHeightHeader} + ": expected a height");
    }
    return service.engine->committed_at(Height{*height});
}

net::Response cosmos_answer(const Result<Json>& result) { return answer_with(result, Dialect::kCosmos); }

net::Response cosmos_answer_at(const app::Committed& committed, Json body) {
    net::Response out = json_response(200, body);
    out.headers["grpc-metadata-x-cosmos-block-height"] = std::to_string(committed.height.value());
    return out;
}

std::vector<Parameter> with_page(std::vector<Parameter> parameters) {
    parameters.push_back({.name = "pagination.key", .summary = "next_key of the page before.", .most = 64});
    parameters.push_back({.name = "pagination.offset", .kind = Kind::kNumber, .summary = "How many to leave out."});
    parameters.push_back({.name = "pagination.limit", .kind = Kind::kNumber, .summary = "How many; 0 means 100."});
    parameters.push_back(
        {.name = "pagination.count_total", .kind = Kind::kTruth, .summary = "Say how many there are."});
    parameters.push_back({.name = "pagination.reverse", .kind = Kind::kTruth, .summary = "The last ones first."});
    return parameters;
}

Result<CosmosPage> cosmos_page(const Call& call) {
    CosmosPage out;
    out.offset = call.number("pagination.offset", 0);
    out.limit = call.number("pagination.limit", 0);
    out.limit = out.limit == 0 ? kCosmosPage : out.limit;
    out.reverse = call.text("pagination.reverse") == "true";
    const std::string key = call.text("pagination.key");
    // Who says nothing about pages is told the total, as Cosmos does.
    out.total = call.text("pagination.count_total") == "true" || (!call.has("pagination.limit") && key.empty());
    if (key.empty()) {
        return out;
    }
    Result<Bytes> raw = from_base64(key);
    if (!raw || raw->size() != 8) {
        return fail(Code::kBadField, "pagination.key: expected the next_key of the page before");
    }
    if (out.offset != 0) {
        return fail(Code::kBadField, "pagination: either a key or an offset, not both");
    }
    out.offset = read_be64(*raw);
    return out;
}

Json cut_page(Json& items, const CosmosPage& page) {
    const std::uint64_t size = items.size();
    Json taken = Json::array();
    const std::uint64_t from = std::min(page.offset, size);
    const std::uint64_t end = from + std::min(page.limit, size - from);
    for (std::uint64_t i = from; i < end; ++i) {
        taken.push_back(std::move(items[page.reverse ? size - 1 - i : i]));
    }
    items = std::move(taken);
    Json next;
    if (end < size) {
        Bytes key;
        append_be64(key, end);
        next = to_base64(key);
    }
    return {{"next_key", std::move(next)}, {"total", std::to_string(page.total ? size : 0)}};
}

}  // namespace sublet::api
