// rest_node.cpp: what a node says about itself: the page and the document of its API, health, metrics, JSON-RPC's door.
#include "api/routes.hpp"
#include "net/quiet.hpp"

namespace sublet::api {

namespace {

net::Response text_response(std::string_view content_type, std::string text) {
    net::Response out;
    out.headers["content-type"] = content_type;
    out.body = std::move(text);
    return out;
}

net::Response html(const std::string& page) {
    net::Response out = text_response("text/html; charset=utf-8", page);
    out.headers["content-security-policy"] = "default-src 'none'; style-src 'unsafe-inline'";
    return out;
}

// A browser gets the page, a script what it can read.
Task<net::Response> get_root(ServicePtr service, Call call) {
    const auto accept = call.request.headers.find("accept");
    if (accept != call.request.headers.end() && accept->second.find("text/html") != std::string::npos) {
        co_return html(api_page());
    }
    co_return json_response(200, {{"what", "a sublet ledger node"},
                                  {"chain_id", service->engine->genesis().chain_id},
                                  {"docs", "/docs"},
                                  {"openapi", "/openapi.json"},
                                  {"json_rpc", "POST /, or GET /status and the like, or WebSocket /websocket"},
                                  {"rest", "/v1/status, /v1/leases/{id} …; WebSocket /v1/events?after=HEIGHT.INDEX"},
                                  {"metrics", "/metrics"}});
}

Task<net::Response> get_docs(ServicePtr, Call) { co_return html(api_page()); }
Task<net::Response> get_openapi(ServicePtr, Call) { co_return json_text(openapi_json()); }
Task<net::Response> get_metrics(ServicePtr service, Call) { co_return serve_metrics(*service); }
Task<net::Response> get_health(ServicePtr service, Call) { co_return serve_health(*service); }
Task<net::Response> get_ready(ServicePtr service, Call) { co_return serve_ready(*service); }

Task<net::Response> post_rpc(ServicePtr service, Call call) {
    Task<net::Response> serving = serve_rpc_post(std::move(service), std::move(call.request.body));
    net::Response response = co_await std::move(serving);
    co_return response;
}

// The upgrade is taken before the table is asked; who comes here did not ask for one.
Task<net::Response> get_events(ServicePtr, Call) {
    net::Response out = problem({Code::kUnsupported, "this is a WebSocket; ask for an upgrade"});
    out.status = 426;
    out.headers["upgrade"] = "websocket";
    out.headers["connection"] = "upgrade";
    co_return out;
}

Json make_root(Schemas&) {
    Json properties = Json::object();
    for (const char* name : {"what", "chain_id", "docs", "openapi", "json_rpc", "rest", "metrics"}) {
        properties[name] = any_text();
    }
    return object_schema(std::move(properties));
}
Json root_schema(Schemas& schemas) { return schemas.named("Root", make_root); }
Json document_schema(Schemas&) { return {{"type", "object"}, {"required", {"openapi", "info", "paths"}}}; }

Json make_rpc_request(Schemas&) {
    return {{"type", "object"},
            {"properties",
             {{"jsonrpc", {{"const", "2.0"}}},
              {"id", {{"type", {"string", "integer"}}}},
              {"method", any_text()},
              {"params", {{"type", {"object", "array"}}}}}},
            {"required", {"jsonrpc", "id", "method"}}};
}
Json rpc_request_schema(Schemas& schemas) { return schemas.named("RpcRequest", make_rpc_request); }

Json rpc_body_schema(Schemas& schemas) {
    Json one = rpc_request_schema(schemas);
    Json batch = list_schema(one);
    batch["minItems"] = 1;
    batch["maxItems"] = kMaxBatch;
    return {{"anyOf", {one, batch}}};
}

Json make_rpc_answer(Schemas&) {
    Json error = {{"type", "object"}, {"required", {"code", "message"}}};
    return {{"type", "object"},
            {"properties",
             {{"jsonrpc", {{"const", "2.0"}}}, {"id", {{"type", {"string", "integer"}}}}, {"error", std::move(error)}}},
            {"required", {"jsonrpc", "id"}},
            {"oneOf", {{{"required", {"result"}}}, {{"required", {"error"}}}}}};
}
Json rpc_answer_schema(Schemas& schemas) { return schemas.named("RpcAnswer", make_rpc_answer); }

Json rpc_answers_schema(Schemas& schemas) {
    return {{"anyOf", {rpc_answer_schema(schemas), list_schema(rpc_answer_schema(schemas))}}};
}

Json make_ready(Schemas& schemas) {
    return object_schema({{"ready", truth_schema()},
                          {"state", {{"type", "string"}, {"enum", {"working", "halted", "store"}}}},
                          {"height", uint64_schema(schemas)},
                          {"why", any_text()}});
}
Json ready_schema(Schemas& schemas) { return schemas.named("Ready", make_ready); }

Route get(std::string_view path, std::string_view tag, std::string_view summary, RouteHandler handler,
          std::vector<Answer> answers) {
    return {.method = "GET",
            .path = path,
            .tag = tag,
            .summary = summary,
            .handler = handler,
            .answers = std::move(answers),
            .open_query = true};
}

Answer page_answer() { return {.summary = "This page.", .content_type = "text/html; charset=utf-8"}; }

}  // namespace

std::vector<Route> node_routes() {
    return {
        get("/", "Node", "What there is here: JSON, or this page for a browser.", get_root,
            {{.summary = "Where things are.", .schema = root_schema}, page_answer()}),
        get("/docs", "Node", "This page.", get_docs, {page_answer()}),
        get("/openapi.json", "Node", "The OpenAPI 3.1 document of the REST paths.", get_openapi,
            {{.summary = "The document.", .schema = document_schema}}),
        get("/health", "Node", "Whether the process does its work.", get_health,
            {{.summary = "It does.", .schema = rpc_answer_schema},
             {.status = 503, .summary = "The engine stopped by itself.", .schema = rpc_answer_schema}}),
        get("/ready", "Node", "Whether it can be given work now; else why not.", get_ready,
            {{.summary = "It can.", .schema = ready_schema},
             {.status = 503,
              .summary = "halted: the engine stopped by itself. store: the last block cannot be read back.",
              .schema = ready_schema}}),
        get("/metrics", "Node", "Counters and gauges for Prometheus.", get_metrics,
            {{.summary = "Prometheus' text format.", .content_type = "text/plain; version=0.0.4"}}),
        {.method = "POST",
         .path = "/",
         .tag = "Node",
         .summary = "JSON-RPC 2.0 as CometBFT speaks it: one request, or a batch of at most 100.",
         .handler = post_rpc,
         .body = rpc_body_schema,
         .answers = {{.summary = "The result or the error.", .schema = rpc_answers_schema},
                     {.status = 204, .summary = "Only notifications: nothing to say."}},
         .open_query = true},
        {.method = "GET",
         .path = "/v1/events",
         .tag = "Events",
         .summary = "WebSocket: the ledger's facts in order, from any place on and then live.",
         .handler = get_events,
         .parameters = {{.name = "after",
                         .kind = Kind::kCursor,
                         .summary = "The last place seen, HEIGHT.INDEX; else only what is to come."},
                        {.name = "type", .summary = "Only types that begin so, for example sublet.market."}},
         .answers = {{.status = 101, .summary = "The WebSocket; each message is one event."},
                     {.status = 426, .summary = "Ask for an upgrade.", .schema = problem_schema}},
         .open_query = true},
    };
}

}  // namespace sublet::api
