// problem.cpp: errors as HTTP answers, in our own words or in those of Cosmos' gateway.
#include "api/routes.hpp"
#include "base/code_table.hpp"

namespace sublet::api {

namespace {

// gRPC's numbers of the statuses, as google.rpc.Code has them.
int grpc_code(unsigned status) {
    switch (status) {
        case 404:
            return 5;  // NOT_FOUND
        case 405:
            return 12;  // UNIMPLEMENTED
        case 410:
            return 9;  // FAILED_PRECONDITION
        case 429:
            return 8;  // RESOURCE_EXHAUSTED
        case 500:
            return 13;  // INTERNAL
        case 503:
            return 14;  // UNAVAILABLE
        case 504:
            return 4;  // DEADLINE_EXCEEDED
        default:
            return 3;  // INVALID_ARGUMENT
    }
}

Json code_names() {
    Json out = Json::array();
    for (const CodeRow& row : kCodeTable) {
        out.push_back(row.name);
    }
    return out;
}

Json make_problem(Schemas&) {
    return object_schema({{"error", object_schema({{"code", uint32_schema()},
                                                   {"name", {{"type", "string"}, {"enum", code_names()}}},
                                                   {"space", any_text()},
                                                   {"message", any_text()}})}});
}

Json make_cosmos_problem(Schemas&) {
    return object_schema(
        {{"code", {{"type", "integer"}}}, {"message", any_text()}, {"details", list_schema(Json::object())}});
}

}  // namespace

unsigned status_of(Code code) {
    switch (code) {
        case Code::kNotFound:
            return 404;
        case Code::kHeightPruned:
            return 410;
        case Code::kRefused:
        case Code::kMempoolFull:
            return 429;
        case Code::kTimeout:
            return 504;
        case Code::kEngine:
        case Code::kCancelled:
            return 503;
        case Code::kStoreDamaged:
        case Code::kIo:
        case Code::kInternal:
            return 500;
        default:
            return 400;
    }
}

net::Response problem(const Error& error, Dialect dialect) {
    const unsigned status = status_of(error.code);
    if (dialect == Dialect::kCosmos) {
        return json_response(status,
                             {{"code", grpc_code(status)}, {"message", error.message}, {"details", Json::array()}});
    }
    return json_response(status, {{"error",
                                   {{"code", static_cast<std::uint32_t>(error.code)},
                                    {"name", code_name(error.code)},
                                    {"space", code_space(error.code)},
                                    {"message", error.message}}}});
}

net::Response answer_with(const Result<Json>& result, Dialect dialect) {
    return result ? json_response(200, *result) : problem(result.error(), dialect);
}

net::Response json_text(std::string json) {
    net::Response out;
    out.headers["content-type"] = "application/json";
    out.body = std::move(json);
    return out;
}

Json problem_schema(Schemas& schemas) { return schemas.named("Problem", make_problem); }
Json cosmos_problem_schema(Schemas& schemas) { return schemas.named("CosmosProblem", make_cosmos_problem); }

}  // namespace sublet::api
