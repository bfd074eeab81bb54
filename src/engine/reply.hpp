// reply.hpp: one answer that another thread gives to a coroutine of the loop.
#pragma once

#include <utility>  // before Asio with GCC 12

#include <boost/asio/post.hpp>
#include <memory>
#include <optional>

#include "net/notify.hpp"

namespace sublet::engine {

template <class T>
struct Reply {
    explicit Reply(net::Loop& its_loop) : loop(its_loop), notifier(its_loop) {}
    net::Loop& loop;
    net::Notifier notifier;          // loop's thread only
    std::optional<Result<T>> value;  // loop's thread only
};
template <class T>
using ReplyPtr = std::shared_ptr<Reply<T>>;

// From any thread. The first answer counts.
template <class T>
void fulfil(const ReplyPtr<T>& reply, Result<T> value) {
    boost::asio::post(reply->loop, [reply, value = std::move(value)]() mutable {
        if (!reply->value) {
            reply->value.emplace(std::move(value));
            reply->notifier.notify_all();
        }
    });
}

// On the loop's thread. `timeout_ms` 0 waits for as long as it takes. Errors: the answer's own, kTimeout.
template <class T>
net::Task<Result<T>> wait_for(ReplyPtr<T> reply, std::uint64_t timeout_ms) {
    while (!reply->value) {
        if (timeout_ms == 0) {
            co_await reply->notifier.wait();
            continue;
        }
        const bool told = co_await reply->notifier.wait_for(timeout_ms);
        if (!told && !reply->value) {
            co_return fail(Code::kTimeout, "no answer within " + std::to_string(timeout_ms) + " ms");
        }
    }
    co_return *std::move(reply->value);
}

}  // namespace sublet::engine
