// rest_proofs.cpp: /v1/proof-spec: what a stranger's ICS-23 verifier must be told to check proofs of this ledger.
#include "api/cosmos.hpp"
#include "api/shapes.hpp"
#include "modules/query.hpp"

namespace sublet::api {

namespace {

// ics23.ProofSpec in protobuf's JSON, with the values of the published Tendermint spec.
Json proof_spec() {
    const std::string zero = to_base64(Bytes(1, '\0'));
    return {{"leaf_spec",
             {{"hash", "SHA256"},
              {"prehash_key", "NO_HASH"},
              {"prehash_value", "SHA256"},
              {"length", "VAR_PROTO"},
              {"prefix", zero}}},
            {"inner_spec",
             {{"child_order", {0, 1}},
              {"child_size", 32},
              {"min_prefix_length", 1},
              {"max_prefix_length", 1},
              {"empty_child", ""},
              {"hash", "SHA256"}}},
            {"max_depth", 0},
            {"min_depth", 0},
            {"prehash_key_before_comparison", false}};
}

Task<net::Response> get_proof_spec(ServicePtr, Call) {
    co_return json_response(200, {{"query_path", query::kRawKey},
                                  {"proof_type", kProofType},
                                  {"kept_heights", app::kMaxKeptHeights},
                                  {"spec", proof_spec()}});
}

Json make_proof_spec(Schemas&) {
    return object_schema({{"query_path", {{"const", query::kRawKey}}},
                          {"proof_type", {{"const", kProofType}}},
                          {"kept_heights", uint32_schema()},
                          {"spec", {{"const", proof_spec()}}}});
}
Json proof_spec_schema(Schemas& schemas) { return schemas.named("ProofSpec", make_proof_spec); }

}  // namespace

std::vector<Route> proof_routes() {
    return {{.method = "GET",
             .path = "/v1/proof-spec",
             .tag = "Ledger",
             .summary = "The ICS-23 spec of state proofs (docs/spec/proofs.md).",
             .handler = get_proof_spec,
             .answers = {{.summary = "The spec.", .schema = proof_spec_schema}}}};
}

}  // namespace sublet::api
