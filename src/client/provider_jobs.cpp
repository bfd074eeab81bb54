// provider_jobs.cpp: a creator at a worker's gateway. Spec: docs/spec/worker.md.
#include "client/delegation.hpp"
#include "client/loose_json.hpp"
#include "client/provider_client.hpp"

namespace sublet::client {
namespace {

std::string job_path(JobId job, const std::string& rest) { return "/v1/jobs/" + std::to_string(job.value()) + rest; }

std::string task_path(JobId job, std::uint32_t task, const char* what, std::uint32_t attempt) {
    return job_path(job, "/tasks/" + std::to_string(task) + "/" + what + "?attempt=" + std::to_string(attempt));
}

}  // namespace

Result<net::Request> ProviderClient::job_request(JobId job, std::string method, std::string path) {
    TokenTarget target;
    target.job = job;
    target.scopes = {Scope::kJob};
    TRY(out, request_with(std::move(target), std::move(method), std::move(path)));
    if (!delegation_.empty()) {
        out.headers[kDelegationHeader] = delegation_;
    }
    return out;
}

Task<Result<nlohmann::json>> ProviderClient::job_call(net::Request request) {
    CO_TRY(response, co_await call(std::move(request)));
    co_return loose::parse(response.body, "the worker");
}

Task<Result<nlohmann::json>> ProviderClient::put_package(JobId job, Bytes package) {
    CO_TRY(asked, job_request(job, "PUT", job_path(job, "/package")));
    asked.headers["content-type"] = "application/json";
    asked.body = std::move(package);
    co_return co_await job_call(std::move(asked));
}

Task<Result<nlohmann::json>> ProviderClient::put_input(JobId job, std::uint64_t offset, Bytes piece) {
    CO_TRY(asked, job_request(job, "PUT", job_path(job, "/input?offset=" + std::to_string(offset))));
    asked.headers["content-type"] = "application/octet-stream";
    asked.body = std::move(piece);
    co_return co_await job_call(std::move(asked));
}

Task<Result<nlohmann::json>> ProviderClient::put_swarm(JobId job, Bytes swarm) {
    CO_TRY(asked, job_request(job, "PUT", job_path(job, "/swarm")));
    asked.headers["content-type"] = "application/json";
    asked.body = std::move(swarm);
    co_return co_await job_call(std::move(asked));
}

Task<Result<nlohmann::json>> ProviderClient::put_keep(JobId job, const std::string& delegation) {
    CO_TRY(asked, job_request(job, "PUT", job_path(job, "/keep")));
    asked.headers["content-type"] = "application/json";
    asked.body = nlohmann::json{{"delegation", delegation}}.dump();
    co_return co_await job_call(std::move(asked));
}

Task<Result<nlohmann::json>> ProviderClient::job_state(JobId job) {
    CO_TRY(asked, job_request(job, "GET", job_path(job, "")));
    co_return co_await job_call(std::move(asked));
}

Task<Result<Bytes>> ProviderClient::result(JobId job, std::uint32_t task, std::uint32_t attempt, std::uint64_t offset,
                                           std::string what) {
    const std::string path = task_path(job, task, what.c_str(), attempt) + "&offset=" + std::to_string(offset);
    CO_TRY(asked, job_request(job, "GET", path));
    CO_TRY(response, co_await call(std::move(asked)));
    co_return std::move(response.body);
}

Task<Result<Bytes>> ProviderClient::task_log(JobId job, std::uint32_t task, std::uint32_t attempt) {
    CO_TRY(asked, job_request(job, "GET", task_path(job, task, "log", attempt)));
    CO_TRY(response, co_await call(std::move(asked)));
    co_return std::move(response.body);
}

Task<Result<std::string>> ProviderClient::drop_job(JobId job) {
    CO_TRY(asked, job_request(job, "DELETE", job_path(job, "")));
    CO_TRY(answer, co_await job_call(std::move(asked)));
    co_return loose::text(answer, "receipt");
}

}  // namespace sublet::client
