// cut.cpp: the last words go into the queue of the socket, behind what waits there; nobody waits for them here.
#include "api/cut.hpp"

#include "net/log.hpp"
#include "net/run.hpp"

namespace sublet::api {

namespace {

Task<> say(std::shared_ptr<net::WebSocket> socket, std::string text) {
    net::SocketMessage message{net::Frame::kText, std::move(text)};
    Task<Result<>> sending = socket->send(std::move(message));
    const Result<> ignored = co_await std::move(sending);
}

}  // namespace

Task<> Cut::end(std::shared_ptr<Cut> cut, std::uint16_t code, std::string reason, std::string last_words) {
    if (cut->begun_) {
        Task<> waiting = settle(cut);
        co_await std::move(waiting);
        co_return;
    }
    cut->begun_ = true;
    net::log(net::LogLevel::kInfo, "api", "a WebSocket is ended: " + reason, {{"close_code", std::to_string(code)}});
    if (!last_words.empty()) {
        net::spawn(cut->loop_, say(cut->socket_, std::move(last_words)));
        // Its turn on the loop comes before that of what is posted now.
        Task<bool> waiting = cut->done_.wait_for(0);
        co_await std::move(waiting);
    }
    Task<> closing = cut->socket_->close(code, std::move(reason));
    co_await std::move(closing);
    cut->finished_ = true;
    cut->done_.notify_all();
}

Task<> Cut::settle(std::shared_ptr<Cut> cut) {
    while (cut->begun_ && !cut->finished_) {
        Task<> waiting = cut->done_.wait();
        co_await std::move(waiting);
    }
}

}  // namespace sublet::api
