// docker_containers.cpp: create, start, stop, freeze and list.
#include "net/quiet.hpp"
#include "runtime/docker_impl.hpp"

namespace sublet::runtime {

Task<Result<std::string>> DockerRuntime::create(ContainerSpec spec) {
    CO_TRY_OK(co_await negotiate());  // the request's details depend on the engine
    const std::string name = container_name(scope_, spec);
    CO_TRY(body, create_body(scope_, spec));
    Call look{.method = "GET", .path = "/containers/" + name + "/json"};
    auto found = co_await ask(std::move(look));
    if (found) {
        const ContainerState state = container_state(scope_, found->json);
        if (state.revision != spec.revision) {
            co_return fail(Code::kConflict, "container " + name + " exists with revision '" + state.revision + "', '" +
                                                spec.revision + "' is wanted: remove it first");
        }
        co_return state.id;
    }
    if (found.error().code != Code::kNotFound) {
        co_return std::unexpected{found.error()};
    }
    Call call{.method = "POST", .path = "/containers/create?name=" + name, .body = dump(body)};
    auto created = co_await ask(std::move(call));
    if (!created) {
        co_return std::unexpected{created.error()};
    }
    co_return text_at(created->json, {"Id"});
}

Task<Result<>> DockerRuntime::start(std::string id) {
    Call call{.method = "POST", .path = "/containers/" + net::percent_encode(id) + "/start"};
    auto answer = co_await ask(std::move(call));
    co_return answer ? Result<>{} : Result<>{std::unexpected{answer.error()}};
}

Task<Result<>> DockerRuntime::stop(std::string id, std::uint32_t grace_s) {
    // A frozen process cannot hear the signal.
    std::string copy = id;
    CO_TRY_OK(co_await unpause(std::move(copy)));
    Call call{.method = "POST",
              .path = "/containers/" + net::percent_encode(id) + "/stop?t=" + std::to_string(grace_s),
              .timeout_ms = std::uint64_t{grace_s} * 1000U + kEngineTimeoutMs};
    auto answer = co_await ask(std::move(call));
    co_return answer ? Result<>{} : Result<>{std::unexpected{answer.error()}};
}

Task<Result<>> DockerRuntime::remove(std::string id) {
    Call call{.method = "DELETE", .path = "/containers/" + net::percent_encode(id) + "?force=true&v=true"};
    auto answer = co_await ask(std::move(call));
    if (!answer && answer.error().code != Code::kNotFound) {
        co_return std::unexpected{answer.error()};
    }
    co_return Result<>{};
}

Task<Result<>> DockerRuntime::pause(std::string id) {
    std::string copy = id;
    auto state = co_await inspect(std::move(copy));
    if (!state) {
        co_return std::unexpected{state.error()};
    }
    if (state->phase == Phase::kPaused) {
        co_return Result<>{};
    }
    Call call{.method = "POST", .path = "/containers/" + net::percent_encode(id) + "/pause"};
    auto answer = co_await ask(std::move(call));
    co_return answer ? Result<>{} : Result<>{std::unexpected{answer.error()}};
}

Task<Result<>> DockerRuntime::unpause(std::string id) {
    std::string copy = id;
    auto state = co_await inspect(std::move(copy));
    if (!state) {
        co_return std::unexpected{state.error()};
    }
    if (state->phase != Phase::kPaused) {
        co_return Result<>{};
    }
    Call call{.method = "POST", .path = "/containers/" + net::percent_encode(id) + "/unpause"};
    auto answer = co_await ask(std::move(call));
    co_return answer ? Result<>{} : Result<>{std::unexpected{answer.error()}};
}

Task<Result<ContainerState>> DockerRuntime::inspect(std::string id) {
    Call call{.method = "GET", .path = "/containers/" + net::percent_encode(id) + "/json"};
    auto answer = co_await ask(std::move(call));
    if (!answer) {
        co_return std::unexpected{answer.error()};
    }
    co_return container_state(scope_, answer->json);
}

// The listing has neither exit codes nor times, so each container is asked for as well.
Task<Result<std::vector<ContainerState>>> DockerRuntime::list() {
    std::string path = "/containers/json?all=1";
    auto listed = co_await labelled(std::move(path));
    if (!listed) {
        co_return std::unexpected{listed.error()};
    }
    std::vector<ContainerState> out;
    for (const auto& entry : *listed) {
        if (out.size() >= kMaxContainers) {
            co_return fail(Code::kTooLarge, "more than " + std::to_string(kMaxContainers) + " containers of one agent");
        }
        std::string id = text_at(entry, {"Id"});
        auto state = co_await inspect(std::move(id));
        if (!state && state.error().code == Code::kNotFound) {
            continue;  // gone meanwhile
        }
        if (!state) {
            co_return std::unexpected{state.error()};
        }
        out.push_back(std::move(*state));
    }
    co_return out;
}

}  // namespace sublet::runtime
