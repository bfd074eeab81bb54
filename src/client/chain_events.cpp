// chain_events.cpp: follows the ledger's events over a node's WebSocket, through lost connections.
// Spec: docs/spec/transactions.md (events).
#include <algorithm>

#include "client/chain.hpp"
#include "client/loose_json.hpp"
#include "net/quiet.hpp"

namespace sublet::client {
namespace {

constexpr std::uint64_t kOpenTimeoutMs = 10'000;
constexpr std::uint64_t kFirstBackOffMs = 200;
constexpr std::uint64_t kLongestBackOffMs = 5'000;

std::vector<ledger::EventAttribute> attributes_of(const nlohmann::json& list) {
    std::vector<ledger::EventAttribute> out;
    if (list.is_object()) {
        for (const auto& [key, value] : list.items()) {
            out.push_back({key, value.is_string() ? value.get<std::string>() : value.dump()});
        }
    } else if (list.is_array()) {
        for (const nlohmann::json& each : list) {
            out.push_back({loose::text(each, "key"), loose::text(each, "value")});
        }
    }
    return out;
}

}  // namespace

std::string LedgerEvent::attribute(std::string_view key) const {
    for (const ledger::EventAttribute& each : event.attributes) {
        if (each.key == key) {
            return each.value;
        }
    }
    return {};
}

Task<> FollowControl::stop() {
    stopped = true;
    if (socket) {
        const std::shared_ptr<net::WebSocket> open = std::move(socket);
        std::string reason = "done";
        co_await open->close(1000, std::move(reason));
    }
}

Task<Result<>> Chain::follow_events(EventCursor from, std::shared_ptr<FollowControl> control, LedgerEventSink sink) {
    auto cursor = std::make_shared<EventCursor>(from);
    std::uint64_t back_off_ms = kFirstBackOffMs;
    while (!control->stopped) {
        const std::uint64_t height = cursor->height;
        Result<std::optional<Error>> ended = co_await read_events(cursor, control, sink);
        control->socket.reset();
        const bool lost = !ended && (ended.error().code == Code::kIo || ended.error().code == Code::kTimeout ||
                                     ended.error().code == Code::kRefused);
        if (control->stopped) {
            break;
        }
        if (ended && *ended) {
            co_return std::unexpected{**ended};
        }
        if (!ended && !lost) {
            co_return std::unexpected{std::move(ended).error()};
        }
        back_off_ms = cursor->height > height ? kFirstBackOffMs : std::min(back_off_ms * 2, kLongestBackOffMs);
        co_await clock_.sleep(back_off_ms);
    }
    co_return fail(Code::kCancelled, "following the ledger's events was stopped");
}

// Until the connection ends (nothing, or why), or with what the sink answered.
Task<Result<std::optional<Error>>> Chain::read_events(std::shared_ptr<EventCursor> cursor,
                                                      std::shared_ptr<FollowControl> control, LedgerEventSink sink) {
    net::Request request;
    request.target = "/v1/events?after=" + std::to_string(cursor->height) + "." + std::to_string(cursor->index);
    CO_TRY(socket, co_await transport_.open_socket(node_, std::move(request), kOpenTimeoutMs));
    control->socket = socket;
    while (!control->stopped) {
        Result<net::SocketMessage> message = co_await socket->receive();
        if (!message && message.error().code == Code::kCancelled) {
            co_return std::nullopt;
        }
        if (!message) {
            co_return std::unexpected{std::move(message).error()};
        }
        CO_TRY(value, loose::parse(message->data, "the node"));
        if (const auto code = static_cast<Code>(loose::number(value, "code")); code != Code::kOk) {
            co_return fail(code, loose::text(value, "error"));
        }
        LedgerEvent event;
        event.cursor.height = loose::number(value, "height");
        event.cursor.index = loose::number(value, "index");
        event.event.type = loose::text(value, "type");
        event.event.attributes = attributes_of(loose::at(value, "attributes"));
        *cursor = event.cursor;
        Result<> taken = co_await sink(std::move(event));
        if (!taken) {
            co_return std::optional<Error>{taken.error()};
        }
    }
    co_return std::nullopt;
}

}  // namespace sublet::client
