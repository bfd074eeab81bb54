// schema.cpp: the small schemas that all others are made of.
#include "api/schema.hpp"

namespace sublet::api {

namespace {

Json make_uint64(Schemas&) {
    return {{"type", "string"},
            {"pattern", "^(0|[1-9][0-9]{0,19})$"},
            {"description", "An unsigned 64-bit number in decimal digits; a string, because JavaScript rounds."}};
}

Json make_address(Schemas&) {
    return {{"type", "string"}, {"pattern", "^sublet1[02-9ac-hj-np-z]{38}$"}, {"description", "A bech32 address."}};
}

Json make_hash(Schemas&) {
    return {{"type", "string"}, {"pattern", "^[0-9A-F]{64}$"}, {"description", "A SHA-256, in upper-case hex."}};
}

Json make_base64(Schemas&) {
    return {{"type", "string"},
            {"contentEncoding", "base64"},
            {"pattern", "^([A-Za-z0-9+/]{4})*([A-Za-z0-9+/][AQgw]==|[A-Za-z0-9+/]{2}[AEIMQUYcgkosw048]=)?$"}};
}

}  // namespace

Json Schemas::named(const std::string& name, Json (*make)(Schemas&)) {
    if (!all_.contains(name)) {
        all_[name] = Json::object();  // there already for a record that holds itself
        Json made = make(*this);
        all_[name] = std::move(made);
    }
    return {{"$ref", "#/components/schemas/" + name}};
}

Json any_text() { return {{"type", "string"}}; }
Json uint32_schema() { return {{"type", "integer"}, {"minimum", 0}, {"maximum", 4'294'967'295U}}; }
Json truth_schema() { return {{"type", "boolean"}}; }
Json uint64_schema(Schemas& schemas) { return schemas.named("Uint64", make_uint64); }
Json address_schema(Schemas& schemas) { return schemas.named("Address", make_address); }
Json hash_schema(Schemas& schemas) { return schemas.named("Hash", make_hash); }
Json base64_schema(Schemas& schemas) { return schemas.named("Base64", make_base64); }
Json time_schema() { return {{"type", "string"}, {"format", "date-time"}}; }

Json fixed_bytes_schema(std::size_t bytes) {
    return {{"type", "string"}, {"pattern", "^[0-9a-f]{" + std::to_string(bytes * 2) + "}$"}};
}

Json list_schema(Json items) { return {{"type", "array"}, {"items", std::move(items)}}; }
Json or_null(Json schema) { return {{"anyOf", {std::move(schema), {{"type", "null"}}}}}; }

Json object_schema(Json properties) {
    Json required = Json::array();
    for (const auto& [name, schema] : properties.items()) {
        required.push_back(name);
    }
    return {{"type", "object"},
            {"properties", std::move(properties)},
            {"required", std::move(required)},
            {"additionalProperties", false}};
}

}  // namespace sublet::api
