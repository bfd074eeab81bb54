// docker_streams.cpp: logs, commands inside a container, statistics and events.
#include "net/quiet.hpp"
#include "runtime/docker_impl.hpp"
#include "runtime/streams.hpp"

namespace sublet::runtime {
namespace {

struct LogState {
    explicit LogState(bool timestamps) : cutter(timestamps) {}
    FrameReader frames;
    LineCutter cutter;
};

}  // namespace

Task<Result<>> DockerRuntime::logs(std::string id, LogOptions options, LogSink sink) {
    Call call{.method = "GET", .path = "/containers/" + net::percent_encode(id) + "/logs?stdout=1&stderr=1"};
    call.path += options.follow ? "&follow=1" : "&follow=0";
    call.path += options.timestamps ? "&timestamps=1" : "";
    call.path += options.tail ? "&tail=" + std::to_string(*options.tail) : "&tail=all";
    auto state = std::make_shared<LogState>(options.timestamps);
    net::ChunkSink chunks = [state, sink](Bytes chunk) -> Task<Result<>> {
        CO_TRY(pieces, state->frames.feed(chunk));
        for (const auto& piece : pieces) {
            auto lines = state->cutter.feed(piece.err, piece.data);
            for (auto& line : lines) {
                CO_TRY_OK(co_await sink(std::move(line)));
            }
        }
        co_return Result<>{};
    };
    // A follower waits as long as the service is silent; a reader of the past does not.
    auto done = co_await ask_stream(std::move(call), options.follow ? 0 : kEngineTimeoutMs, std::move(chunks));
    if (!done) {
        co_return std::unexpected{done.error()};
    }
    auto rest = state->cutter.finish();
    for (auto& line : rest) {
        CO_TRY_OK(co_await sink(std::move(line)));
    }
    co_return Result<>{};
}

Task<Result<ExecResult>> DockerRuntime::exec(std::string id, std::vector<std::string> argv) {
    const Json wanted = {{"AttachStdout", true}, {"AttachStderr", true}, {"Tty", false}, {"Cmd", argv}};
    Call create{.method = "POST", .path = "/containers/" + net::percent_encode(id) + "/exec", .body = dump(wanted)};
    auto created = co_await ask(std::move(create));
    if (!created) {
        co_return std::unexpected{created.error()};
    }
    const std::string path = "/exec/" + net::percent_encode(text_at(created->json, {"Id"}));
    struct State {
        FrameReader frames;
        ExecResult result;
    };
    auto state = std::make_shared<State>();
    net::ChunkSink chunks = [state](Bytes chunk) -> Task<Result<>> {
        CO_TRY(pieces, state->frames.feed(chunk));
        for (const auto& piece : pieces) {
            std::string& text = piece.err ? state->result.err : state->result.out;
            text.append(piece.data, 0, kMaxExecOutputBytes - std::min(kMaxExecOutputBytes, text.size()));
        }
        co_return Result<>{};
    };
    Call start{.method = "POST", .path = path + "/start", .body = R"({"Detach":false,"Tty":false})"};
    CO_TRY_OK(co_await ask_stream(std::move(start), 0, std::move(chunks)));
    Call look{.method = "GET", .path = path + "/json"};
    auto ended = co_await ask(std::move(look));
    if (!ended) {
        co_return std::unexpected{ended.error()};
    }
    state->result.exit_code = static_cast<int>(number_at(ended->json, {"ExitCode"}) & 0xFFFFU);
    co_return std::move(state->result);
}

Task<Result<Stats>> DockerRuntime::stats(std::string id) {
    Call call{.method = "GET",
              .path = "/containers/" + net::percent_encode(id) + "/stats?stream=false",
              .timeout_ms = kEngineTimeoutMs};
    auto answer = co_await ask(std::move(call));
    if (!answer) {
        co_return std::unexpected{answer.error()};
    }
    co_return stats_from(answer->json);
}

Task<Result<std::uint64_t>> DockerRuntime::writable_bytes(std::string id) {
    Call call{.method = "GET",
              .path = "/containers/" + net::percent_encode(id) + "/json?size=true",
              .timeout_ms = kEngineTimeoutMs};
    auto answer = co_await ask(std::move(call));
    if (!answer) {
        co_return std::unexpected{answer.error()};
    }
    co_return number_at(answer->json, {"SizeRw"});
}

Task<Result<>> DockerRuntime::events(EventSink sink) {
    const Json filter = {{"label", Json::array({std::string(kLabelInstance) + "=" + options_.instance})},
                         {"type", Json::array({"container"})}};
    Call call{.method = "GET", .path = "/events?filters=" + net::percent_encode(dump(filter))};
    auto lines = std::make_shared<JsonLines>();
    net::ChunkSink chunks = [lines, sink](Bytes chunk) -> Task<Result<>> {
        CO_TRY(values, lines->feed(chunk));
        for (const auto& value : values) {
            auto event = event_from(value);
            if (event) {
                EngineEvent told = std::move(*event);
                CO_TRY_OK(co_await sink(std::move(told)));
            }
        }
        co_return Result<>{};
    };
    co_return co_await ask_stream(std::move(call), 0, std::move(chunks));
}

}  // namespace sublet::runtime
