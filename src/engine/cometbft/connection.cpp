// connection.cpp: blocking reads and writes of one socket.
#include "engine/cometbft/connection.hpp"

#include <array>
#include <cerrno>

#include <sys/socket.h>
#include <unistd.h>

#include "engine/cometbft/frames.hpp"
#include "engine/cometbft/sockets.hpp"
#include "net/log.hpp"

namespace sublet::abci {
namespace {

constexpr std::size_t kReadBytes = 256U << 10U;   // at once
constexpr std::size_t kWriteBytes = 256U << 10U;  // gathered before one write, unless one answer is longer

}  // namespace

Connection::~Connection() {
    stop();
    join();
    ::close(socket_);
}

void Connection::start() {
    reader_ = std::thread{[this] { read(); }};
    writer_ = std::thread{[this] { write(); }};
}

void Connection::read() {
    const Result<> ended = read_on();
    if (!ended) {
        net::log(net::LogLevel::kError, "abci", "a connection is closed: " + ended.error().message);
    }
    const std::scoped_lock lock{mutex_};
    read_over_ = true;
    stopping_ = true;
    changed_.notify_all();
}

// Until the other end closes. Errors: what came is no message of ours.
Result<> Connection::read_on() {
    FrameReader frames;
    const auto piece = std::make_unique<std::array<char, kReadBytes>>();
    while (true) {
        const ssize_t got = ::recv(socket_, piece->data(), piece->size(), 0);
        if (got < 0 && errno == EINTR) {
            continue;
        }
        if (got <= 0) {
            return {};
        }
        frames.feed({piece->data(), static_cast<std::size_t>(got)});
        while (true) {
            TRY(message, frames.next());
            if (!message) {
                break;
            }
            std::uint64_t place = 0;
            {
                const std::scoped_lock lock{mutex_};
                if (places_.size() >= kMaxUnanswered) {
                    return fail(Code::kTooLarge, "too many requests wait for an answer");
                }
                place = first_ + places_.size();
                places_.emplace_back();
            }
            TRY_OK(take_(shared_from_this(), place, *message, frames.waiting()));
        }
    }
}

void Connection::answer(std::uint64_t place, Bytes framed) {
    const std::scoped_lock lock{mutex_};
    if (place < first_) {
        return;
    }
    places_[place - first_] = std::move(framed);
    if (place == first_) {
        changed_.notify_all();
    }
}

void Connection::write() {
    Bytes out;
    while (true) {
        out.clear();
        {
            std::unique_lock lock{mutex_};
            const auto ready = [this] { return !places_.empty() && places_.front().has_value(); };
            changed_.wait(lock, [&] { return stopping_ || ready(); });
            if (stopping_) {
                break;
            }
            while (ready() && out.size() < kWriteBytes) {
                out += *places_.front();
                places_.pop_front();
                ++first_;
            }
        }
        if (!send_all(socket_, out)) {
            break;
        }
    }
    ::shutdown(socket_, SHUT_RDWR);  // the reader ends too
    const std::scoped_lock lock{mutex_};
    write_over_ = true;
    stopping_ = true;
}

void Connection::stop() {
    {
        const std::scoped_lock lock{mutex_};
        stopping_ = true;
        changed_.notify_all();
    }
    ::shutdown(socket_, SHUT_RDWR);
}

void Connection::join() {
    for (std::thread* each : {&reader_, &writer_}) {
        if (each->joinable()) {
            each->join();
        }
    }
}

bool Connection::over() const {
    const std::scoped_lock lock{mutex_};
    return read_over_ && write_over_;
}

}  // namespace sublet::abci
