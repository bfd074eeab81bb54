// wire.hpp: one connection, whatever it runs over: TCP or a unix socket, plain or TLS, with a deadline and a way to
// close it.
#pragma once

#include <chrono>
#include <functional>
#include <memory>
#include <string>

#include <boost/asio/buffer.hpp>
#include <boost/asio/generic/stream_protocol.hpp>
#include <boost/asio/steady_timer.hpp>

#include "net/http.hpp"
#include "net/tls.hpp"

namespace sublet::net {

inline constexpr std::uint64_t kMinBytesPerSecond = 16ULL << 10U;

using Socket = boost::asio::generic::stream_protocol::socket;

// All calls on the loop's thread. A coroutine that awaits a member holds a shared_ptr to the wire in its own frame.
class Wire : public std::enable_shared_from_this<Wire> {
public:
    using Done = std::function<void(boost::system::error_code, std::size_t)>;
    using executor_type = Socket::executor_type;

    // `name` is for messages: whom it talks to.
    Wire(Socket socket, std::string name);
    ~Wire();
    Wire(const Wire&) = delete;
    Wire& operator=(const Wire&) = delete;

    // All of these give kIo, kTimeout (the deadline passed) or kCancelled (close() was called here).
    Task<Result<>> connect(Socket::endpoint_type endpoint);
    Task<Result<>> serve_tls(std::shared_ptr<TlsContext> context);
    // With a pin the key alone counts, else chain and host name. Errors also: kTls.
    Task<Result<>> start_tls(std::shared_ptr<TlsContext> context, std::string host, std::optional<Hash> pin);
    // Appends what comes, at least one byte; 0 at the orderly end. `into` lives in the caller's frame.
    Task<Result<std::size_t>> read(Bytes& into);
    // `data` lives in the caller's frame.
    Task<Result<>> write(const Bytes& data);
    // Says goodbye, waits a moment for the peer to have read everything, closes.
    Task<> finish();

    // From now; when it passes the wire closes. 0 takes the deadline away.
    void set_deadline(std::uint64_t timeout_ms);
    // As a deadline of `grace_ms`, with a second more for each kMinBytesPerSecond that are read or written from now on,
    // and `most_ms` in all: a body byte by byte, or an answer that nobody reads, ends soon.
    void set_pace(std::uint64_t grace_ms, std::uint64_t most_ms);
    void close() noexcept;
    [[nodiscard]] bool closed() const { return !socket_.is_open(); }
    // A kept connection that the peer has closed meanwhile, or where it sent something unasked.
    [[nodiscard]] bool stale();
    // Bytes that were read too far; the next read gives them first.
    void unread(Bytes bytes) { pushed_back_.insert(0, bytes); }
    [[nodiscard]] const std::string& name() const { return name_; }
    [[nodiscard]] bool is_tls() const { return tls_ != nullptr; }
    [[nodiscard]] Error error_from(const boost::system::error_code& error, const char* what) const;

    // What Beast's stream is made of. The completion never runs inside the call.
    executor_type get_executor() { return socket_.get_executor(); }
    void start_read(boost::asio::mutable_buffer buffer, Done done);
    void start_write(boost::asio::const_buffer buffer, Done done);
    void shutdown_send() noexcept;

private:
    struct Tls;
    struct Pace {
        std::chrono::steady_clock::time_point began;
        std::uint64_t grace_ms = 0;
        std::uint64_t most_ms = 0;
        std::uint64_t bytes = 0;
    };
    Task<> shake_off();
    void arm(std::chrono::steady_clock::time_point when);
    void moved(std::size_t count);
    std::size_t take_pushed_back(char* out, std::size_t count);

    Socket socket_;
    std::unique_ptr<Tls> tls_;
    boost::asio::steady_timer timer_;
    std::uint64_t timer_round_ = 0;
    std::optional<Pace> pace_;
    bool timed_out_ = false;
    bool closed_here_ = false;
    std::string name_;
    Bytes pushed_back_;
    std::string scratch_;
};

}  // namespace sublet::net
