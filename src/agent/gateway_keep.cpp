// gateway_keep.cpp: who may bring a job here: its creator, or who keeps it for him; and what is asked of a keeper.
// Spec: docs/spec/gateway.md (delegations), docs/spec/storage.md.
#include <nlohmann/json.hpp>

#include "agent/gateway.hpp"
#include "agent/job_keeper.hpp"
#include "agent/lease_view.hpp"
#include "agent/receipts.hpp"
#include "agent/worker.hpp"
#include "client/delegation.hpp"

namespace sublet::agent {
namespace {

using nlohmann::json;

bool keeper_may(const std::string& method, const std::string& what) {
    const bool brings = what == "package" || what == "input" || what == "swarm";
    return (method == "PUT" && brings) || (method == "GET" && what.empty());
}

}  // namespace

Gateway::Answer<Gateway::JobCaller> Gateway::caller_of(const net::Request& request, const JobTarget& target) const {
    const Answer<client::TokenClaims> claims = verify_any(request);
    if (!claims) {
        return std::unexpected{claims.error()};
    }
    if (claims->job != target.job || !claims->allows(client::Scope::kJob)) {
        return refuse(403, "the token is not for this job", "make a token for the job, with the scope job");
    }
    const auto header = request.headers.find(client::kDelegationHeader);
    if (header == request.headers.end()) {
        return JobCaller{claims->issuer, std::nullopt};
    }
    const Result<client::Delegation> delegation =
        client::verify_delegation(header->second, core_->chain_id, core_->parts.clock.unix_ms() / 1'000);
    if (!delegation) {
        return refuse(401, delegation.error().message, "the job's creator makes a new one");
    }
    if (delegation->keeper != claims->issuer || delegation->job != target.job) {
        return refuse(403, "the delegation is for another keeper or another job",
                      "sign the token with the key that the delegation names");
    }
    if (!keeper_may(request.method, target.what)) {
        return refuse(403, "who keeps a job brings its package and its input, and may do nothing else",
                      "the job's creator asks for this himself");
    }
    return JobCaller{delegation->creator, delegation->input};
}

Gateway::Answer<net::Response> Gateway::put_keep(const net::Request& request, JobId id) {
    const json body = json::parse(request.body, nullptr, false);
    if (!body.is_object() || !body.contains("delegation") || !body["delegation"].is_string()) {
        return refuse(400, "the body is not {\"delegation\": text}", "see docs/spec/storage.md");
    }
    const Result<> kept = core_->keeper ? core_->keeper->take(id, body["delegation"].get<std::string>())
                                        : fail(Code::kUnsupported, "this provider offers no storage");
    if (!kept) {
        return refuse(status_of(kept.error().code), kept.error().message, "");
    }
    return job_view(id);
}

// What is gone is signed for.
Gateway::Answer<net::Response> Gateway::drop_job(const KeptJob& job) {
    const auto gone = std::make_shared<const KeptJob>(job);  // the store forgets it
    const Result<> dropped = core_->worker->drop(gone->id);
    core_->worker->wake();
    if (!dropped) {
        return refuse(500, dropped.error().message, "tell the provider");
    }
    const auto receipt = sign_deletion(*core_, core_->worker->store(), *gone, client::Deleted::kAsked);
    return json_answer({{"receipt", receipt ? json(*receipt) : json{}}});
}

// Of what is not here any more: asked for again, or deleted by itself an hour after the job was over.
Gateway::Answer<net::Response> Gateway::find_receipt(JobId id, const crypto::Address& creator) const {
    const std::optional<std::string> receipt = receipt_of_job(*core_, id, creator);
    if (!receipt) {
        return refuse(404, "nothing of job " + std::to_string(id.value()) + " was deleted here for its creator",
                      "GET /v1/jobs/ID says whether it is here");
    }
    return json_answer({{"receipt", *receipt}});
}

net::Response Gateway::json_answer(const nlohmann::json& value) {
    return json_response(200, value.dump(-1, ' ', false, json::error_handler_t::replace));
}

}  // namespace sublet::agent
