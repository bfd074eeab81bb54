// gateway_jobs.cpp: what creators of jobs bring to a worker, and what they fetch. Spec: docs/spec/worker.md.
#include <charconv>

#include <nlohmann/json.hpp>

#include "agent/gateway.hpp"
#include "agent/job_keeper.hpp"
#include "agent/lease_view.hpp"
#include "agent/worker.hpp"

namespace sublet::agent {
namespace {

using nlohmann::json;

constexpr std::uint64_t kUnpackPatience_ms = 20'000;  // less than a client waits for an answer

template <class Number>
std::optional<Number> decimal(std::string_view text) {
    Number out{};
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), out);
    return error == std::errc{} && end == text.data() + text.size() ? std::optional<Number>{out} : std::nullopt;
}

// 0 where it is missing.
template <class Number>
std::optional<Number> query_number(const net::Request& request, const std::string& key) {
    const auto found = request.query.find(key);
    return found == request.query.end() ? std::optional<Number>{Number{}} : decimal<Number>(found->second);
}

}  // namespace

unsigned Gateway::status_of(Code code) {
    switch (code) {
        case Code::kNotFound:
            return 404;
        case Code::kConflict:
            return 409;
        case Code::kTooLarge:
            return 413;
        case Code::kRefused:
            return 503;
        case Code::kUnauthorized:
            return 403;
        case Code::kIo:
        case Code::kStoreDamaged:
            return 500;
        default:
            return 400;
    }
}

// /v1/jobs/ID, /v1/jobs/ID/package, /v1/jobs/ID/input, /v1/jobs/ID/swarm, /v1/jobs/ID/keep, /v1/jobs/ID/receipt,
// /v1/jobs/ID/tasks/N/result, /v1/jobs/ID/tasks/N/log
std::optional<Gateway::JobTarget> Gateway::job_target_of(const net::Request& request) {
    std::string_view rest = std::string_view{request.path}.substr(kJobPrefix.size());
    const std::size_t slash = rest.find('/');
    const auto id = decimal<std::uint64_t>(rest.substr(0, slash));
    if (!id) {
        return std::nullopt;
    }
    JobTarget out{JobId{*id}, "", 0, 0};
    rest = slash == std::string_view::npos ? std::string_view{} : rest.substr(slash + 1);
    constexpr std::string_view kTasks = "tasks/";
    if (rest.starts_with(kTasks)) {
        rest.remove_prefix(kTasks.size());
        const std::size_t end = rest.find('/');
        const auto task = decimal<std::uint32_t>(rest.substr(0, end));
        const auto attempt = query_number<std::uint32_t>(request, "attempt");
        rest = end == std::string_view::npos ? std::string_view{} : rest.substr(end + 1);
        if (!task || !attempt || (rest != "result" && rest != "pieces" && rest != "log")) {
            return std::nullopt;
        }
        out.task = *task;
        out.attempt = *attempt;
    } else if (!rest.empty() && rest != "package" && rest != "input" && rest != "swarm" && rest != "keep" &&
               rest != "receipt") {
        return std::nullopt;
    }
    out.what = rest;
    return out;
}

Task<Gateway::Answer<net::Response>> Gateway::answer_job(net::Request request) {
    if (core_->worker == nullptr || !core_->worker->lends()) {
        co_return refuse(404, "this provider takes no tasks of jobs", "its owner gives it slots: [jobs] in lend.toml");
    }
    const std::optional<JobTarget> target = job_target_of(request);
    if (!target) {
        co_return refuse(
            404, "there is nothing at " + request.path,
            "PUT /v1/jobs/ID/package, input, swarm or keep, GET /v1/jobs/ID, GET /v1/jobs/ID/tasks/N/result or log");
    }
    const Answer<JobCaller> caller = caller_of(request, *target);
    if (!caller) {
        co_return std::unexpected{caller.error()};
    }
    const bool puts =
        target->what == "package" || target->what == "input" || target->what == "swarm" || target->what == "keep";
    const bool drops = target->what.empty() && request.method == "DELETE";
    if (request.method != (puts ? "PUT" : "GET") && !drops) {
        co_return refuse(405, request.method + " is not for " + request.path, puts ? "use PUT" : "use GET");
    }
    if (target->what == "package") {
        Task<Answer<net::Response>> putting = put_package(std::move(request), target->job, caller->creator);
        co_return co_await std::move(putting);
    }
    JobStore& store = core_->worker->store();
    const KeptJob* job = store.find(target->job);
    if (target->what == "receipt" || (drops && job == nullptr)) {
        co_return find_receipt(target->job, caller->creator);
    }
    if (job == nullptr) {
        co_return refuse(404, "nothing of job " + std::to_string(target->job.value()) + " is here",
                         "send its package first");
    }
    const bool creator = job->creator == caller->creator;
    if (!creator && (target->what == "result" || target->what == "pieces")) {
        Task<bool> asking = is_auditor(caller->creator, *target);
        if (co_await std::move(asking)) {
            co_return get_piece(request, *target);
        }
    }
    if (!creator) {
        co_return refuse(403, "the job belongs to another creator", "sign the token with the key that made the job");
    }
    if (drops) {
        co_return drop_job(*job);
    }
    if (target->what == "input") {
        Task<Answer<net::Response>> putting = put_input(std::move(request), target->job);
        co_return co_await std::move(putting);
    }
    if (target->what == "swarm") {
        co_return put_swarm(request, *job, *caller);
    }
    if (target->what == "keep") {
        co_return put_keep(request, target->job);
    }
    co_return target->what.empty() ? Answer<net::Response>{job_view(target->job)} : get_piece(request, *target);
}

Task<Gateway::Answer<net::Response>> Gateway::put_package(net::Request request, JobId id, crypto::Address issuer) {
    Result<std::optional<job::Job>> found = co_await core_->parts.ledger.job(id);
    if (!found) {
        co_return refuse(503, "the ledger cannot be read: " + found.error().message, "try again in a few seconds");
    }
    if (!*found || !(*found)->closed_at.is_zero()) {
        co_return refuse(404, "the ledger has no job " + std::to_string(id.value()) + " that goes on",
                         "create the job first");
    }
    if ((*found)->owner != issuer) {
        co_return refuse(403, "the job belongs to another creator", "sign the token with the key that made the job");
    }
    if ((*found)->content != jobs::content_of(request.body)) {
        co_return refuse(409, "this is not the package that the job commits to", "send it exactly as it was hashed");
    }
    if (const Result<> kept = core_->worker->store().put_package(id, issuer, request.body); !kept) {
        co_return refuse(status_of(kept.error().code), kept.error().message, "");
    }
    core_->worker->wake();
    co_return job_view(id);
}

// A large one is unpacked for longer than its creator waits for an answer: `complete` says later that it is there.
Task<Gateway::Answer<net::Response>> Gateway::put_input(net::Request request, JobId id) {
    const auto offset = query_number<std::uint64_t>(request, "offset");
    if (!offset || request.body.size() > kMaxPieceBytes) {
        co_return refuse(400, "an input comes in pieces of at most 2 MiB, each with its ?offset=", "");
    }
    if (const Result<> taken = core_->worker->store().append_input(id, *offset, request.body); !taken) {
        co_return refuse(status_of(taken.error().code), taken.error().message, "");
    }
    Worker& worker = *core_->worker;
    if (worker.store().whole_input(id)) {
        worker.settle(id);
        const Result<> settled = co_await worker.settled(id, kUnpackPatience_ms);
        if (!settled) {
            co_return refuse(status_of(settled.error().code), settled.error().message, "");
        }
    }
    co_return job_view(id);
}

Gateway::Answer<net::Response> Gateway::put_swarm(const net::Request& request, const KeptJob& job,
                                                  const JobCaller& caller) {
    const JobId id = job.id;
    const Result<SwarmInput> input =
        swarm_input_from_json(request.body, job.package.input ? job.package.input->bytes : 0);
    if (!input) {
        return refuse(status_of(input.error().code), input.error().message, "see docs/spec/swarm.md");
    }
    if (caller.kept_input && *caller.kept_input != identity_of(*input)) {
        return refuse(403, "the delegation is for another input", "bring what the job's creator brought");
    }
    const std::size_t most = caller.kept_input ? kMaxPeersByKeepers : kMaxPeersOfJob;
    if (const Result<> taken = core_->worker->swarm().take(id, *input, most); !taken) {
        return refuse(status_of(taken.error().code), taken.error().message, "send the input through the gateway");
    }
    core_->worker->wake();
    return job_view(id);
}

Gateway::Answer<net::Response> Gateway::get_piece(const net::Request& request, const JobTarget& target) {
    const AttemptId id{target.job, target.task, target.attempt};
    const auto offset = query_number<std::uint64_t>(request, "offset");
    if (!offset) {
        return refuse(400, "offset is not a number", "");
    }
    const JobStore& store = core_->worker->store();
    Result<Bytes> piece = target.what == "log" ? store.log(id) : store.result(id, *offset, kMaxPieceBytes);
    if (!piece) {
        return refuse(status_of(piece.error().code), piece.error().message,
                      "ask with the attempt that the ledger names");
    }
    net::Response out;
    out.headers["content-type"] = target.what == "log" ? "text/plain; charset=utf-8" : "application/octet-stream";
    out.body = std::move(*piece);
    return out;
}

net::Response Gateway::job_view(JobId id) const {
    const JobView view = core_->worker->view(id);
    json running = json::array();
    for (const AttemptId& each : view.running) {
        running.push_back({{"task", each.task}, {"attempt", each.attempt}});
    }
    json swarm;  // null: this worker takes part in none
    if (core_->worker->swarm().on()) {
        const SwarmView seen = core_->worker->swarm().view(id);
        swarm = {{"port", seen.port},
                 {"bytes", seen.progress.bytes},
                 {"uploaded", seen.progress.uploaded},
                 {"downloaded", seen.progress.downloaded},
                 {"refused", seen.progress.refused},
                 {"peers", seen.progress.peers},
                 {"trouble", seen.trouble}};
    }
    json keep;  // null: this provider keeps nothing for those who are away
    if (core_->keeper && core_->keeper->offers()) {
        const KeepView seen = core_->keeper->view(id);
        keep = {{"kept", seen.kept}, {"until", seen.until_s}, {"brought", json::array()}};
        for (const crypto::Address& each : seen.brought) {
            keep["brought"].push_back(crypto::to_bech32(each));
        }
    }
    return json_answer({{"job", id.value()},
                        {"input_bytes", core_->worker->store().input_bytes(id)},
                        {"complete", view.complete},
                        {"image", view.image},
                        {"trouble", view.trouble},
                        {"swarm", swarm},
                        {"keep", keep},
                        {"running", running}});
}

}  // namespace sublet::agent
