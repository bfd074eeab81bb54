// event_socket.cpp: /v1/events: the ledger's facts as JSON, in order, from any cursor on, then live.
//
//   GET /v1/events?after=120.3&type=sublet.market.&lease=7&query=…     (WebSocket)
//   {"height":"121","index":0,"time":"…","tx":"6F…","type":"sublet.market.lease_running","attributes":[{"key":…,"value":…}]}
// The index counts all events of a block: those of its transactions in order, then the block's own. A filter hides
// events and does not renumber them. `query` keeps the events of those transactions, and of those blocks, that answer
// it. A problem is one message {"code":…,"error":"…"}, then the socket closes with the sentence as its reason. Spec:
// docs/spec/rest.md (events).
#include <algorithm>
#include <charconv>

#include "api/cut.hpp"
#include "api/shapes.hpp"
#include "engine/time_text.hpp"
#include "net/quiet.hpp"
#include "net/run.hpp"

namespace sublet::api {

namespace {

constexpr std::uint64_t kBlocksBetweenBreaths = 64;  // of the past; the loop has other readers

struct Cursor {
    std::uint64_t height = 0;
    std::uint64_t index = 0;
};

struct Filter {
    std::string type_prefix;
    std::map<std::string, std::string> attributes;  // all of them must be there
    std::vector<store::Condition> conditions;       // of a transaction as a whole, or of a block's own events
};

Result<Cursor> cursor_of(std::string_view text, std::uint64_t last) {
    if (text.empty()) {
        return Cursor{.height = last, .index = ~std::uint64_t{0}};  // only what is still to come
    }
    Cursor out{.height = 0, .index = ~std::uint64_t{0}};  // a height alone: all of it was seen
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
    const Height height = block.height();
    const BlockTime time = block.block.header.time;
    const auto take = [&](const std::vector<store::StoredEvent>& events, const Json& tx, bool wanted) {
        for (const store::StoredEvent& event : events) {
            const bool seen = height.value() < after.height || (height.value() == after.height && index <= after.index);
            if (wanted && !seen && shows(filter, event)) {
                Json attributes = Json::array();
                for (const store::StoredAttribute& each : event.attributes) {
                    attributes.push_back({{"key", each.key}, {"value", each.value}});
                }
                out.push_back(dump({{"height", text_of(height.value())},
                                    {"index", index},
                                    {"time", engine::time_text(time)},
                                    {"tx", tx},
                                    {"type", event.type},
                                    {"attributes", std::move(attributes)}}));
            }
            ++index;
        }
    };
    for (const store::StoredTx& tx : block.transactions) {
        take(tx.events, hex_of(tx.hash), store::matches(filter.conditions, {height, &tx.hash, &tx.events, time, "Tx"}));
    }
    take(block.events, nullptr, store::matches(filter.conditions, {height, nullptr, &block.events, time, "NewBlock"}));
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

Result<Filter> filter_of(const net::Request& request) {
    Filter out;
    for (const auto& [name, value] : request.query) {
        if (name == "type") {
            out.type_prefix = value;
        } else if (name == "query") {
            TRY(conditions, store::parse_conditions(value));
            out.conditions = std::move(conditions);
        } else if (name != "after") {
            out.attributes[name] = value;
        }
    }
    return out;
}

// One connection; shared by the coroutines that read it, feed it and cut it.
struct Reader {
    ServicePtr service;
    SocketPtr socket;
    std::shared_ptr<Cut> cut;
    std::shared_ptr<engine::Subscription> blocks;  // once it has the past
    bool gone = false;                             // the peer closed
};
using ReaderPtr = std::shared_ptr<Reader>;

// Reads until the peer closes, and then wakes who waits for a block; what the peer sends means nothing here.
Task<> drain(ReaderPtr reader) {
    while (true) {
        Task<Result<net::SocketMessage>> receiving = reader->socket->receive();
        Result<net::SocketMessage> message = co_await std::move(receiving);
        if (!message) {
            break;
        }
    }
    reader->gone = true;
    if (reader->blocks) {
        reader->blocks->close();
    }
}

std::string last_words(const Error& error) {
    return dump({{"code", static_cast<std::uint32_t>(error.code)}, {"error", error.message}});
}

// A reader that fell too far behind may be stuck in a send: it is cut from here.
Task<> cut_when_dropped(ReaderPtr reader) {
    Task<Error> waiting = reader->blocks->ended();
    const Error why = co_await std::move(waiting);
    if (why.code == Code::kRefused && !reader->gone) {
        Task<> ending = Cut::end(reader->cut, kClosedTryLater, why.message, last_words(why));
        co_await std::move(ending);
    }
}

Task<Result<>> send_stored(ReaderPtr reader, std::uint64_t height, Cursor after, std::shared_ptr<const Filter> filter) {
    Result<store::FullBlock> block = reader->service->engine->block(Height{height});
    if (!block && block.error().code == Code::kNotFound) {
        co_return fail(Code::kHeightPruned, "the events of height " + std::to_string(height) +
                                                " are not kept here any more: read the records anew and follow from "
                                                "their height on");
    }
    CO_TRY_OK(block);
    Task<Result<>> sending = send_facts(reader->socket, facts_of(*block, after, *filter));
    Result<> sent = co_await std::move(sending);
    co_return sent;
}

// Blocks of the past from the store, then those of a subscription. It begins only where the past ends, so that a long
// past does not fill its queue; the blocks committed meanwhile come from the store.
Task<Result<>> follow(ReaderPtr reader, Cursor after, std::shared_ptr<const Filter> filter) {
    const engine::Engine& engine = *reader->service->engine;
    const bool whole = after.index == ~std::uint64_t{0};  // nothing of that height is left
    std::uint64_t next = std::max<std::uint64_t>(after.height + (whole ? 1 : 0), 1);
    while (!reader->gone) {
        for (const std::uint64_t last = engine.committed()->height.value(); next <= last && !reader->gone; ++next) {
            Task<Result<>> sending = send_stored(reader, next, after, filter);
            Result<> sent = co_await std::move(sending);
            CO_TRY_OK(sent);
            if (next % kBlocksBetweenBreaths == 0) {
                Task<> breath = reader->service->clock->sleep(0);
                co_await std::move(breath);
            }
        }
        if (reader->blocks) {
            break;
        }
        CO_TRY(subscription, reader->service->engine->subscribe());
        reader->blocks = std::move(subscription);
        net::spawn(reader->service->loop, cut_when_dropped(reader));
    }
    while (!reader->gone) {
        Task<Result<engine::BlockPtr>> waiting = reader->blocks->next();
        Result<engine::BlockPtr> block = co_await std::move(waiting);
        CO_TRY_OK(block);
        if ((*block)->height().value() < next) {
            continue;
        }
        next = (*block)->height().value() + 1;
        Task<Result<>> sending = send_facts(reader->socket, facts_of(**block, after, *filter));
        Result<> sent = co_await std::move(sending);
        CO_TRY_OK(sent);
    }
    co_return Result<>{};
}

Task<Result<>> serve_reader(ReaderPtr reader, net::Request request) {
    const auto after = request.query.find("after");
    const std::string_view place = after == request.query.end() ? std::string_view{} : after->second;
    CO_TRY(cursor, cursor_of(place, reader->service->engine->committed()->height.value()));
    CO_TRY(filter, filter_of(request));
    Task<Result<>> following = follow(reader, cursor, std::make_shared<const Filter>(std::move(filter)));
    Result<> ended = co_await std::move(following);
    co_return ended;
}

}  // namespace

Task<> serve_event_socket(ServicePtr service, net::Request request, std::shared_ptr<net::WebSocket> socket) {
    ++service->sockets;
    auto reader = std::make_shared<Reader>();
    reader->service = service;
    reader->socket = socket;
    reader->cut = std::make_shared<Cut>(service->loop, socket);
    net::spawn(service->loop, drain(reader));
    Task<Result<>> serving = serve_reader(reader, std::move(request));
    const Result<> ended = co_await std::move(serving);
    const bool ours = !ended && ended.error().code != Code::kCancelled && ended.error().code != Code::kIo &&
                      ended.error().code != Code::kTimeout;
    if (ours && !reader->cut->begun()) {
        const std::uint16_t code = ended.error().code == Code::kRefused ? kClosedTryLater : kClosedRefused;
        Task<> ending = Cut::end(reader->cut, code, ended.error().message, last_words(ended.error()));
        co_await std::move(ending);
    }
    Task<> settling = Cut::settle(reader->cut);
    co_await std::move(settling);
    if (reader->blocks) {
        reader->blocks->close();
    }
    reader->blocks.reset();  // its guard holds the reader: no circle
    --service->sockets;
}

}  // namespace sublet::api
