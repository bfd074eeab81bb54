// routes.hpp: the table of the REST API. The router routes from it, and the OpenAPI document and the page of the API
// are written from it, so that they cannot differ. Private to the room. A new path: docs/checklists/new-route.md.
#pragma once

#include "api/params.hpp"
#include "api/schema.hpp"

namespace sublet::api {

// What a parameter may be. The router refuses anything else with 400 before the handler sees it.
enum class Kind : std::uint8_t {
    kText,            // at most `most` characters, else kMaxParameterLength
    kNumber,          // decimal digits, least..most
    kAddress,         // bech32 of this network
    kHash,            // 64 hex digits of either case
    kHeightOrLatest,  // a number ≥ 1, or "latest"
    kChoice,          // one of `choices`
    kTruth,           // true or false
    kQuery,           // conditions on events, in the language of store/search.hpp
    kCursor,          // HEIGHT.INDEX or HEIGHT
};

struct Parameter {
    std::string_view name;  // one that the path has in braces is of the path, the others are of the query
    Kind kind = Kind::kText;
    std::string_view summary;
    bool required = false;  // those of the path always are
    std::uint64_t least = 0;
    std::uint64_t most = ~std::uint64_t{0};
    std::vector<std::string_view> choices;
    std::string_view example;
    bool many = false;  // may stand there several times; Call::all has them
};

// Two ways to say what went wrong: ours, {"error": {…}}, and that of Cosmos' gateway, {"code", "message", "details"}.
enum class Dialect : std::uint8_t { kSublet, kCosmos };

// A request whose parameters are as the table wants them.
struct Call {
    net::Request request;
    std::map<std::string, std::string, std::less<>> values;  // of path and query; absent or empty ones are not there

    [[nodiscard]] bool has(std::string_view name) const { return values.contains(name); }
    [[nodiscard]] std::string text(std::string_view name) const;
    [[nodiscard]] std::uint64_t number(std::string_view name, std::uint64_t otherwise) const;
    // Every value of a query's name, in order.
    [[nodiscard]] std::vector<std::string> all(std::string_view name) const;
};

using RouteHandler = Task<net::Response> (*)(ServicePtr service, Call call);

struct Answer {
    unsigned status = 200;
    std::string_view summary;
    SchemaOf schema = nullptr;  // nothing: the body has no schema (text, HTML)
    std::string_view content_type = "application/json";
};

struct Route {
    std::string_view method;  // GET (HEAD comes with it) or POST
    std::string_view path;    // "/v1/leases/{id}"
    std::string_view tag;     // the heading it stands under: "Market"
    std::string_view summary;
    RouteHandler handler = nullptr;
    std::vector<Parameter> parameters;
    SchemaOf body = nullptr;      // of a POST; the handler checks it
    std::vector<Answer> answers;  // the good ones, and those refusals that carry something else than a problem
    std::vector<Code> problems;   // refusals; 400 (a bad parameter) comes by itself where there are parameters
    Dialect dialect = Dialect::kSublet;
    bool open_query = false;  // queries that the table does not name are ignored, not refused
};

// All of them, each list from the file that has the handlers.
const std::vector<Route>& routes();
std::vector<Route> record_routes();
std::vector<Route> chain_routes();
std::vector<Route> node_routes();
std::vector<Route> wallet_routes();
std::vector<Route> proof_routes();
std::vector<Route> cosmos_account_routes();
std::vector<Route> cosmos_tx_routes();
std::vector<Route> cosmos_chain_routes();

// Whether this path is the table's, whatever the method.
bool is_rest_path(std::string_view path);
// For metrics: the template of the path, or "none"; of a JSON-RPC method asked for by GET, its name, or "none".
std::string_view route_label(std::string_view path);
std::string_view rpc_label(std::string_view path);
// Answers a request by the table: 404, 405 or 400 by itself, the rest by the row's handler.
Task<net::Response> serve_rest(ServicePtr service, net::Request request);

// An error as a dialect says it.
unsigned status_of(Code code);
net::Response problem(const Error& error, Dialect dialect = Dialect::kSublet);
Json problem_schema(Schemas& schemas);
Json cosmos_problem_schema(Schemas& schemas);
// 200 with the JSON, or the problem.
net::Response answer_with(const Result<Json>& result, Dialect dialect = Dialect::kSublet);
net::Response json_text(std::string json);

// How many characters a text parameter may have.
std::uint64_t most_characters(const Parameter& parameter);
// The names in braces of a path, in order.
std::vector<std::string_view> path_names(std::string_view path);

// The OpenAPI 3.1 document and the page, both written once.
const std::string& openapi_json();
const std::string& api_page();

}  // namespace sublet::api
