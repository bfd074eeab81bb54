// chain_events.hpp: events of a node's ledger, and where a reader of them stands.
// Spec: docs/spec/transactions.md.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>

#include "base/result.hpp"
#include "ledger/event.hpp"
#include "net/http.hpp"
#include "net/task.hpp"

namespace sublet::client {

using net::Task;

// Where a reader of events stands: everything up to and with this event was seen.
struct EventCursor {
    std::uint64_t height = 0;
    std::uint64_t index = 0;
};
struct LedgerEvent {
    EventCursor cursor;
    ledger::Event event;
    [[nodiscard]] std::string attribute(std::string_view key) const;  // "" when it is not there
};
using LedgerEventSink = std::function<Task<Result<>>(LedgerEvent)>;

// Stops a follower from outside: stop() closes its socket. Keep it alive as long as the follower runs.
struct FollowControl {
    bool stopped = false;
    std::shared_ptr<net::WebSocket> socket;
    Task<> stop();
};

}  // namespace sublet::client
