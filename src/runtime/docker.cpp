// docker.cpp: one exchange with the engine, version negotiation, and images.
#include "net/quiet.hpp"
#include "runtime/docker_impl.hpp"
#include "runtime/streams.hpp"

namespace sublet::runtime {
namespace {

// The oldest API that has all we use, unless the engine is too new to speak it.
constexpr unsigned kWantedMinor = 40;
// A look at everything is many questions: one answer that breaks off must not undo the others. What is not a question
// is done again by a later plan.
constexpr unsigned kMaxAsked = 3;

Error engine_error(const std::string& what, unsigned status, std::string_view body) {
    const Code code = status == 404 ? Code::kNotFound : status == 409 ? Code::kConflict : Code::kEngine;
    return Error{code, "the container engine refused " + what + ": " + engine_words(body)};
}

unsigned minor_of(const std::string& version) {
    const auto dot = version.find('.');
    unsigned minor = 0;
    for (std::size_t i = dot == std::string::npos ? version.size() : dot + 1; i < version.size(); ++i) {
        if (version[i] < '0' || version[i] > '9') {
            break;
        }
        minor = minor * 10 + static_cast<unsigned>(version[i] - '0');
    }
    return minor;
}

// Engines decode this header with the URL alphabet and padding.
std::string auth_header(const Credentials& credentials) {
    const Json auth = {{"username", credentials.username},
                       {"password", credentials.password},
                       {"email", credentials.email},
                       {"serveraddress", credentials.host}};
    std::string text = to_base64url(dump(auth));
    text.append((4 - text.size() % 4) % 4, '=');
    return text;
}

}  // namespace

Task<Result<>> DockerRuntime::negotiate() {
    if (!prefix_.empty()) {
        co_return Result<>{};
    }
    net::Request request;
    request.target = "/version";
    request.headers["host"] = "engine";
    net::Endpoint endpoint = options_.endpoint;
    auto response = co_await transport_.send(std::move(endpoint), std::move(request), kQuestionTimeoutMs);
    if (!response) {
        co_return fail(response.error().code, "the container engine does not answer on " + options_.endpoint.unix_path +
                                                  ": " + response.error().message);
    }
    version_ = parse_json(response->body);
    const std::string newest = text_at(version_, {"ApiVersion"});
    if (response->status != 200 || newest.empty()) {
        co_return fail(Code::kEngine, "what answers on " + options_.endpoint.unix_path +
                                          " is no container engine: " + engine_words(response->body));
    }
    const unsigned oldest = minor_of(text_at(version_, {"MinAPIVersion"}));
    if (minor_of(newest) < kWantedMinor) {
        co_return fail(Code::kUnsupported, "the container engine speaks API " + newest +
                                               ", 1.40 is needed: install docker 19.03 or podman 4 or later");
    }
    scope_.podman = engine_info(version_, Json()).name == "podman";
    prefix_ = "/v1." + std::to_string(std::max(kWantedMinor, scope_.podman ? 0U : oldest));
    co_return Result<>{};
}

Task<Result<net::Request>> DockerRuntime::make_request(Call call) {
    CO_TRY_OK(co_await negotiate());
    net::Request request;
    request.method = call.method;
    request.target = (call.bare ? std::string() : prefix_) + call.path;
    request.headers = std::move(call.headers);
    request.headers["host"] = "engine";
    request.canceller = std::move(call.canceller);
    if (!call.body.empty()) {
        request.headers["content-type"] = "application/json";
        request.body = std::move(call.body);
    }
    co_return request;
}

Task<Result<Answer>> DockerRuntime::ask(Call call) {
    const std::string what = call.method + " " + call.path;
    const bool question = call.method == "GET";
    const std::uint64_t usual_ms = question ? kQuestionTimeoutMs : kEngineTimeoutMs;
    const std::uint64_t timeout_ms = call.timeout_ms == 0 ? usual_ms : call.timeout_ms;
    auto request = co_await make_request(std::move(call));
    if (!request) {
        co_return std::unexpected{request.error()};
    }
    net::Endpoint endpoint = options_.endpoint;
    net::Request message = std::move(*request);
    net::Endpoint same_endpoint = endpoint;
    net::Request same_message = message;
    auto response = co_await transport_.send(std::move(same_endpoint), std::move(same_message), timeout_ms);
    for (unsigned asked = 1; question && asked < kMaxAsked && !response && response.error().code == Code::kIo;
         ++asked) {
        same_endpoint = endpoint;
        same_message = message;
        response = co_await transport_.send(std::move(same_endpoint), std::move(same_message), timeout_ms);
    }
    if (!response) {
        co_return fail(response.error().code,
                       "the container engine did not answer " + what + ": " + response.error().message);
    }
    if (response->status >= 400) {
        co_return std::unexpected{engine_error(what, response->status, response->body)};
    }
    Answer answer;
    answer.status = response->status;
    answer.body = std::move(response->body);
    answer.json = parse_json(answer.body);
    co_return answer;
}

Task<Result<>> DockerRuntime::ask_stream(Call call, std::uint64_t idle_timeout_ms, net::ChunkSink sink) {
    const std::string what = call.method + " " + call.path;
    net::Endpoint endpoint = options_.endpoint;
    if (call.pulls && !options_.pull_socket.empty()) {
        endpoint.unix_path = options_.pull_socket;
    }
    auto request = co_await make_request(std::move(call));
    if (!request) {
        co_return std::unexpected{request.error()};
    }
    net::Request message = std::move(*request);
    auto response =
        co_await transport_.stream(std::move(endpoint), std::move(message), idle_timeout_ms, std::move(sink));
    if (!response) {
        co_return std::unexpected{response.error()};
    }
    if (response->status >= 400) {
        co_return std::unexpected{engine_error(what, response->status, response->body)};
    }
    co_return Result<>{};
}

Task<Result<Json>> DockerRuntime::labelled(std::string path) {
    const Json filter = {{"label", Json::array({std::string(kLabelInstance) + "=" + options_.instance})}};
    path += (path.find('?') == std::string::npos ? "?filters=" : "&filters=") + net::percent_encode(dump(filter));
    Call call{.method = "GET", .path = std::move(path)};
    auto answer = co_await ask(std::move(call));
    if (!answer) {
        co_return std::unexpected{answer.error()};
    }
    co_return std::move(answer->json);
}

Task<Result<EngineInfo>> DockerRuntime::info() {
    Call call{.method = "GET", .path = "/info"};
    auto answer = co_await ask(std::move(call));
    if (!answer) {
        co_return std::unexpected{answer.error()};
    }
    EngineInfo out = engine_info(version_, answer->json);
    if (scope_.podman) {  // the compatible answer knows neither the control groups' version nor root
        Call more{.method = "GET", .path = "/v4.0.0/libpod/info", .bare = true};
        auto podman = co_await ask(std::move(more));
        if (podman) {
            out.cgroup_version = text_at(podman->json, {"host", "cgroupVersion"}) == "v2" ? 2 : 1;
            out.rootless = flag_at(podman->json, {"host", "security", "rootless"});
            out.runtime = text_at(podman->json, {"host", "ociRuntime", "name"});
        }
    }
    co_return out;
}

Task<Result<bool>> DockerRuntime::has_image(std::string image) {
    Call call{.method = "GET", .path = "/images/" + net::percent_encode(canonical_image(image)) + "/json"};
    auto answer = co_await ask(std::move(call));
    if (!answer && answer.error().code != Code::kNotFound) {
        co_return std::unexpected{answer.error()};
    }
    co_return answer.has_value();
}

Task<Result<>> DockerRuntime::pull(PullRequest request) {
    const ImageName image = split_image(canonical_image(request.image));
    Call call{.method = "POST", .path = "/images/create?fromImage=" + net::percent_encode(image.name)};
    if (!image.tag.empty()) {
        call.path += "&tag=" + net::percent_encode(image.tag);
    }
    call.pulls = true;
    call.canceller = request.canceller;
    if (request.credentials) {
        call.headers["x-registry-auth"] = auth_header(*request.credentials);
    }
    struct Progress {
        JsonLines lines;
        PullMeter meter;
        std::uint64_t told_ms = 0;
    };
    auto progress = std::make_shared<Progress>();
    auto tell = request.progress;
    net::Clock* clock = &clock_;
    net::ChunkSink sink = [progress, tell, clock](Bytes chunk) -> Task<Result<>> {
        CO_TRY(steps, progress->lines.feed(chunk));
        for (const auto& step : steps) {
            CO_TRY(now, progress->meter.take(step));
            const auto now_ms = clock->monotonic_ms();
            if (tell && (progress->told_ms == 0 || now_ms - progress->told_ms >= kProgressEveryMs)) {
                progress->told_ms = std::max<std::uint64_t>(now_ms, 1);
                CO_TRY_OK(tell(now));
            }
        }
        co_return Result<>{};
    };
    auto done = co_await ask_stream(std::move(call), kPullSilenceMs, std::move(sink));
    if (!done) {
        const bool refused = done.error().code == Code::kEngine || done.error().code == Code::kNotFound;
        co_return fail(refused ? Code::kImage : done.error().code,
                       "image '" + request.image + "' was not pulled: " + done.error().message);
    }
    // Some refusals end the stream early without saying so.
    std::string name = request.image;
    auto present = co_await has_image(std::move(name));
    if (present && !*present) {
        co_return fail(Code::kImage, "image '" + request.image + "' is not there although the pull ended");
    }
    co_return present ? Result<>{} : Result<>{std::unexpected{present.error()}};
}

Task<Result<>> DockerRuntime::remove_image(std::string image) {
    Call call{.method = "DELETE", .path = "/images/" + net::percent_encode(canonical_image(image))};
    auto answer = co_await ask(std::move(call));
    const bool gone = answer || answer.error().code == Code::kNotFound;
    co_return gone ? Result<>{} : Result<>{std::unexpected{answer.error()}};
}

std::unique_ptr<Runtime> docker_runtime(net::Transport& transport, net::Clock& clock, Firewall& firewall,
                                        DockerOptions options) {
    return std::make_unique<DockerRuntime>(transport, clock, firewall, std::move(options));
}

}  // namespace sublet::runtime
