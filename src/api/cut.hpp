// cut.hpp: the end of a WebSocket whose reader does not read: its last words, a close frame with the reason, then the
// connection. Private to the room.
#pragma once

#include "api/service.hpp"
#include "net/notify.hpp"

namespace sublet::api {

inline constexpr std::uint16_t kClosedNormally = 1000;
inline constexpr std::uint16_t kClosedRefused = 1008;   // what was asked for cannot be had: do not come back so
inline constexpr std::uint16_t kClosedTryLater = 1013;  // too slow, or the node stops: come back with the last place

// One for each socket; lives until the socket's handler and its coroutines ended.
class Cut {
public:
    Cut(net::Loop& loop, std::shared_ptr<net::WebSocket> socket)
        : loop_(loop), socket_(std::move(socket)), done_(loop) {}

    // Sends the last words and closes. Bounded: a peer that reads nothing has five seconds. The first call counts.
    static Task<> end(std::shared_ptr<Cut> cut, std::uint16_t code, std::string reason, std::string last_words);
    // Waits for the end that somebody else began; the handler must not return before, because that ends the connection.
    static Task<> settle(std::shared_ptr<Cut> cut);
    [[nodiscard]] bool begun() const { return begun_; }

private:
    net::Loop& loop_;
    std::shared_ptr<net::WebSocket> socket_;
    net::Notifier done_;
    bool begun_ = false;
    bool finished_ = false;
};

}  // namespace sublet::api
