// openapi.cpp: the table of routes as an OpenAPI 3.1 document.
#include <algorithm>

#include "api/routes.hpp"

namespace sublet::api {

namespace {

Json parameter_schema(const Parameter& parameter) {
    switch (parameter.kind) {
        case Kind::kText:
            return {{"type", "string"}, {"maxLength", most_characters(parameter)}};
        case Kind::kNumber:
            return {{"type", "integer"}, {"minimum", parameter.least}, {"maximum", parameter.most}};
        case Kind::kAddress:
            return {{"type", "string"}, {"format", "sublet-address"}};  // a pattern cannot say its checksum
        case Kind::kHash:
            return {{"type", "string"}, {"pattern", "^[0-9A-Fa-f]{64}$"}};
        case Kind::kHeightOrLatest:
            return {{"type", "string"}, {"pattern", "^(latest|[1-9][0-9]{0,18})$"}};
        case Kind::kChoice:
            return {{"type", "string"}, {"enum", parameter.choices}};
        case Kind::kTruth:
            return {{"type", "boolean"}};
        case Kind::kQuery:
            return {{"type", "string"}, {"format", "sublet-query"}, {"maxLength", store::kMaxQueryBytes}};
        case Kind::kCursor:
            return {{"type", "string"}, {"pattern", "^[0-9]{1,18}([.][0-9]{1,18})?$"}};
    }
    return Json::object();
}

Json parameters_of(const Route& route) {
    const std::vector<std::string_view> in_path = path_names(route.path);
    Json out = Json::array();
    for (const Parameter& parameter : route.parameters) {
        const bool is_path = std::ranges::find(in_path, parameter.name) != in_path.end();
        Json one = {
            {"name", parameter.name},
            {"in", is_path ? "path" : "query"},
            {"required", is_path || parameter.required},
            {"description", parameter.summary},
            {"schema", parameter.many ? list_schema(parameter_schema(parameter)) : parameter_schema(parameter)}};
        if (!parameter.example.empty()) {
            one["example"] = parameter.kind == Kind::kNumber ? Json::parse(parameter.example) : Json{parameter.example};
        }
        out.push_back(std::move(one));
    }
    return out;
}

void add_answer(Json& responses, unsigned status, std::string_view summary, std::string_view content_type,
                Json schema) {
    Json& response = responses[std::to_string(status)];
    if (!response.contains("description")) {
        response["description"] = summary;
    }
    if (status != 101 && status != 204) {
        response["content"][std::string{content_type}] =
            schema.is_null() ? Json::object() : Json{{"schema", std::move(schema)}};
    }
}

Json responses_of(const Route& route, Schemas& schemas) {
    Json out = Json::object();
    for (const Answer& answer : route.answers) {
        add_answer(out, answer.status, answer.summary, answer.content_type,
                   answer.schema == nullptr ? Json{} : answer.schema(schemas));
    }
    std::map<unsigned, std::string> refusals;
    if (!route.parameters.empty() || route.body != nullptr || !route.open_query) {
        refusals[400] = "A parameter or the body is not as it should be";
    }
    if (std::ranges::any_of(route.parameters, [](const Parameter& each) {
            return each.kind == Kind::kText || each.kind == Kind::kQuery;
        })) {
        add_answer(out, 431,
                   "The head of the request is longer than " + std::to_string(net::kMaxHeaderBytes) + " bytes.",
                   "text/plain; charset=utf-8", any_text());
    }
    if (route.body != nullptr) {
        add_answer(out, 413, "The body is longer than " + std::to_string(kMaxRequestBytes) + " bytes.",
                   "text/plain; charset=utf-8", any_text());
    }
    for (const Code code : route.problems) {
        std::string& text = refusals[status_of(code)];
        text += (text.empty() ? "" : ", ") + std::string{code_name(code)};
    }
    for (const auto& [status, text] : refusals) {
        add_answer(out, status, text + ".", "application/json",
                   route.dialect == Dialect::kCosmos ? cosmos_problem_schema(schemas) : problem_schema(schemas));
    }
    return out;
}

// "GET /v1/leases/{id}" → "get_v1_leases_id".
std::string operation_id(const Route& route) {
    std::string out = route.method == "GET" ? "get" : "post";
    for (const char c : route.path) {
        out += c == '/' || c == '.' || c == '-' ? "_" : c == '{' || c == '}' ? "" : std::string{c};
    }
    return out.back() == '_' ? out + "root" : out;
}

Json operation_of(const Route& route, Schemas& schemas) {
    Json out = {{"operationId", operation_id(route)}, {"summary", route.summary}, {"tags", {route.tag}}};
    if (Json parameters = parameters_of(route); !parameters.empty()) {
        out["parameters"] = std::move(parameters);
    }
    if (route.body != nullptr) {
        out["requestBody"] = {{"required", true},
                              {"content", {{"application/json", {{"schema", route.body(schemas)}}}}}};
    }
    out["responses"] = responses_of(route, schemas);
    return out;
}

std::string write_document() {
    Schemas schemas;
    Json paths = Json::object();
    Json tags = Json::array();
    for (const Route& route : routes()) {
        paths[std::string{route.path}][route.method == "GET" ? "get" : "post"] = operation_of(route, schemas);
        const Json tag = {{"name", route.tag}};
        if (std::ranges::find(tags, tag) == tags.end()) {
            tags.push_back(tag);
        }
    }
    Json components = Json::object();
    for (const auto& [name, schema] : schemas.all()) {
        components[name] = schema;
    }
    return dump({{"openapi", "3.1.0"},
                 {"info",
                  {{"title", "sublet ledger node"},
                   {"version", app::kVersion},
                   {"summary", "The ledger's records, blocks, transactions and events."}}},
                 {"servers", {{{"url", "/"}}}},
                 {"tags", std::move(tags)},
                 {"paths", std::move(paths)},
                 {"components", {{"schemas", std::move(components)}}}});
}

}  // namespace

const std::string& openapi_json() {
    static const std::string text = write_document();
    return text;
}

}  // namespace sublet::api
