// event_socket.cpp: /v1/events: the ledger's facts as JSON, in order, from any cursor on, then live.
//
//   GET /v1/events?after=120.3&type=sublet.market.&lease=7     (WebSocket)
//   {"height":"121","index":0,"time":"…","tx":"6F…","type":"sublet.market.lease_running","attributes":[{"key":…,"value":…}]}
// The index counts all events of a block: those of its transactions in order, then the block's own. A filter hides
// events and does not renumber them. A problem is one message {"code":…,"error":"…"}, then the socket closes.
#include <charconv>

#include "api/shapes.hpp"
#include "engine/time_text.hpp"
#include "net/quiet.hpp"
#include "net/run.hpp"

namespace sublet::api {

namespace {

struct Cursor {
    std::uint64_t height = 0;
    std::uint64_t index = 0;
};

struct Filter {
    std::string type_prefix;
    std::map<std::string, std::string> attributes;  // all of them must be there
};

Result<Cursor> cursor_of(std::string_view text, std::uint64_t last) {
    if (text.empty()) {
        return Cursor{.height = last, .index = ~std::uint64_t{0}};  // only what is still to come
    }
    Cursor out;
    const char* const end = text.data() + text.size();
    const auto height = std::from_chars(text.data(), end, out.height);
    bool fine = height.ec == std::errc{};
    if (fine && height.ptr != end) {
        const auto index = std::from_chars(height.ptr + 1, end, out.index);
        fine = *height.ptr == '.' && index.ec == std::errc{} && index.ptr == end;
    }
    if (!fine) {
        return fail(Code::kBadField, "after: expected HEIGHT.INDEX, for example 120.3");
    }
    if (out.height > last) {
        return fail(Code::kOutOfRange, "after: height " + std::to_string(out.height) +
                                           " is not there yet, the last is " + std::to_string(last) +
                                           "; is this cursor of another chain?");
    }
    return out;
}

bool shows(const Filter& filter, const store::StoredEvent& event) {
    if (!event.type.starts_with(filter.type_prefix)) {
        return false;
    }
    for (const auto& [key, value] : filter.attributes) {
        bool found = false;
        for (const store::StoredAttribute& each : event.attributes) {
            found = found || (each.key == key && each.value == value);
        }
        if (!found) {
            return false;
        }
    }
    return true;
}

// The events of a block after the cursor that pass the filter, as messages.
std::vector<std::string> facts_of(const store::FullBlock& block, const Cursor& after, const Filter& filter) {
    std::vector<std::string> out;
    std::uint64_t index = 0;
    const std::uint64_t height = block.height().value();
    const auto take = [&](const store::StoredEvent& event, const std::string& tx) {
        const bool seen = height < after.height || (height == after.height && index <= after.index);
        if (!seen && shows(filter, event)) {
            Json attributes = Json::array();
            for (const store::StoredAttribute& each : event.attributes) {
                attributes.push_back({{"key", each.key}, {"value", each.value}});
            }
            out.push_back(dump({{"height", text_of(height)},
                                {"index", index},
                                {"time", engine::time_text(block.block.header.time)},
                                {"tx", tx.empty() ? Json{} : Json{tx}},
                                {"type", event.type},
                                {"attributes", std::move(attributes)}}));
        }
        ++index;
    };
    for (const store::StoredTx& tx : block.transactions) {
        const std::string hash = hex_of(tx.hash);
        for (const store::StoredEvent& event : tx.events) {
            take(event, hash);
        }
    }
    for (const store::StoredEvent& event : block.events) {
        take(event, {});
    }
    return out;
}

using SocketPtr = std::shared_ptr<net::WebSocket>;

Task<Result<>> send_text(SocketPtr socket, std::string text) {
    net::SocketMessage message{net::Frame::kText, std::move(text)};
    Task<Result<>> sending = socket->send(std::move(message));
    Result<> sent = co_await std::move(sending);
    co_return sent;
}

Task<Result<>> send_facts(SocketPtr socket, std::vector<std::string> facts) {
    for (std::string& each : facts) {
        Task<Result<>> sending = send_text(socket, std::move(each));
        Result<> sent = co_await std::move(sending);
        CO_TRY_OK(sent);
    }
    co_return Result<>{};
}

Filter filter_of(const net::Request& request) {
    Filter out;
    for (const auto& [name, value] : request.query) {
        if (name == "type") {
            out.type_prefix = value;
        } else if (name != "after") {
            out.attributes[name] = value;
        }
    }
    return out;
}

// Reads until the peer closes, and then wakes who waits for a block; what the peer sends means nothing here.
Task<> drain(SocketPtr socket, std::shared_ptr<engine::Subscription> blocks) {
    while (true) {
        Task<Result<net::SocketMessage>> receiving = socket->receive();
        Result<net::SocketMessage> message = co_await std::move(receiving);
        if (!message) {
            break;
        }
    }
    blocks->close();
}

// Blocks of the past from the store, then those of the subscription, which began before the past was read.
Task<Result<>> follow(ServicePtr service, SocketPtr socket, net::Request request) {
    CO_TRY(subscription, service->engine->subscribe());
    const std::shared_ptr<engine::Subscription> blocks = std::move(subscription);
    net::spawn(service->loop, drain(socket, blocks));
    const std::uint64_t last = service->engine->committed()->height.value();
    const auto after = request.query.find("after");
    CO_TRY(cursor, cursor_of(after == request.query.end() ? std::string_view{} : after->second, last));
    const Filter filter = filter_of(request);
    const Cursor begin = cursor;
    for (std::uint64_t height = std::max<std::uint64_t>(begin.height, 1); height <= last; ++height) {
        CO_TRY(block, service->engine->block(Height{height}));
        Task<Result<>> sending = send_facts(socket, facts_of(block, begin, filter));
        Result<> sent = co_await std::move(sending);
        CO_TRY_OK(sent);
    }
    while (true) {
        Task<Result<engine::BlockPtr>> waiting = blocks->next();
        Result<engine::BlockPtr> block = co_await std::move(waiting);
        CO_TRY_OK(block);
        if ((*block)->height().value() <= last) {
            continue;
        }
        Task<Result<>> sending = send_facts(socket, facts_of(**block, begin, filter));
        Result<> sent = co_await std::move(sending);
        CO_TRY_OK(sent);
    }
}

}  // namespace

Task<> serve_event_socket(ServicePtr service, net::Request request, std::shared_ptr<net::WebSocket> socket) {
    ++service->sockets;
    Task<Result<>> following = follow(service, socket, std::move(request));
    Result<> ended = co_await std::move(following);
    --service->sockets;
    if (!ended && ended.error().code != Code::kCancelled) {
        const Json problem = {{"code", static_cast<std::uint32_t>(ended.error().code)},
                              {"error", ended.error().message}};
        Task<Result<>> sending = send_text(socket, dump(problem));
        Result<> ignored = co_await std::move(sending);
        (void)ignored;
    }
}

}  // namespace sublet::api
