// wire.cpp: reads, writes and TLS over one socket; the only unit that instantiates Asio's TLS stream.
// Spec: RFC 6125 (host names), RFC 8446.
#include "net/wire.hpp"

#include <fcntl.h>
#include <openssl/err.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>
#include <poll.h>

#include <algorithm>
#include <cstring>

#include <boost/asio/ip/address.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/ssl/error.hpp>
#include <boost/asio/ssl/stream.hpp>
#include <boost/asio/use_awaitable.hpp>

namespace sublet::net {

namespace asio = boost::asio;
using boost::system::error_code;

namespace {

constexpr std::size_t kReadBytes = 32 << 10U;
constexpr std::uint64_t kFinishMs = 2'000;
constexpr std::size_t kMaxFinishBytes = kMaxBodyBytes + (1U << 20U);

// Answers go out at once, and the programs that we start do not inherit the connection.
void tune(Socket& socket) {
    error_code ignored;
    socket.set_option(asio::ip::tcp::no_delay(true), ignored);  // a unix socket has no such option
    ::fcntl(socket.native_handle(), F_SETFD, FD_CLOEXEC);
}

}  // namespace

struct Wire::Tls {
    std::shared_ptr<TlsContext> context;
    asio::ssl::stream<Socket&> stream;
    Tls(std::shared_ptr<TlsContext> shared, Socket& socket) : context(std::move(shared)), stream(socket, *context) {}
};

Wire::Wire(Socket socket, std::string name)
    : socket_(std::move(socket)), timer_(socket_.get_executor()), name_(std::move(name)) {
    if (socket_.is_open()) {
        tune(socket_);
    }
}

Wire::~Wire() = default;

Error Wire::error_from(const error_code& error, const char* what) const {
    if (timed_out_) {
        return {Code::kTimeout, std::string(what) + " " + name_ + ": no answer in time"};
    }
    if (closed_here_) {
        return {Code::kCancelled, std::string(what) + " " + name_ + ": the connection was closed here"};
    }
    return {Code::kIo, std::string(what) + " " + name_ + ": " + error.message()};
}

void Wire::set_deadline(std::uint64_t timeout_ms) {
    pace_.reset();
    if (timeout_ms == 0) {
        ++timer_round_;
        timer_.cancel();
        return;
    }
    arm(std::chrono::steady_clock::now() + std::chrono::milliseconds(std::min<std::uint64_t>(timeout_ms, 1ULL << 40U)));
}

void Wire::set_pace(std::uint64_t grace_ms, std::uint64_t most_ms) {
    pace_ = Pace{std::chrono::steady_clock::now(), grace_ms, most_ms, 0};
    moved(0);
}

void Wire::moved(std::size_t count) {
    if (pace_) {
        pace_->bytes += count;
        const std::uint64_t earned_ms = pace_->bytes * 1'000 / kMinBytesPerSecond;
        arm(pace_->began + std::chrono::milliseconds(std::min(pace_->grace_ms + earned_ms, pace_->most_ms)));
    }
}

void Wire::arm(std::chrono::steady_clock::time_point when) {
    const std::uint64_t round = ++timer_round_;
    timer_.expires_at(when);
    timer_.async_wait([weak = weak_from_this(), round](const error_code& error) {
        const std::shared_ptr<Wire> self = weak.lock();
        if (self && !error && self->timer_round_ == round && !self->closed_here_) {
            self->timed_out_ = true;
            self->close();
        }
    });
}

void Wire::close() noexcept {
    closed_here_ = true;
    error_code ignored;
    timer_.cancel(ignored);
    socket_.close(ignored);
}

void Wire::shutdown_send() noexcept {
    error_code ignored;
    socket_.shutdown(Socket::shutdown_send, ignored);
}

bool Wire::stale() {
    if (!socket_.is_open() || !pushed_back_.empty()) {
        return true;
    }
    pollfd look{socket_.native_handle(), POLLIN | POLLRDHUP, 0};
    return ::poll(&look, 1, 0) != 0;
}

Task<Result<>> Wire::connect(Socket::endpoint_type endpoint) {
    error_code error;
    co_await socket_.async_connect(endpoint, asio::redirect_error(asio::use_awaitable, error));
    if (error) {
        co_return std::unexpected(error_from(error, "connecting to"));
    }
    tune(socket_);
    co_return Result<>{};
}

Task<Result<>> Wire::serve_tls(std::shared_ptr<TlsContext> context) {
    tls_ = std::make_unique<Tls>(std::move(context), socket_);
    error_code error;
    co_await tls_->stream.async_handshake(asio::ssl::stream_base::server,
                                          asio::redirect_error(asio::use_awaitable, error));
    ERR_clear_error();
    if (error) {
        co_return std::unexpected(error_from(error, "TLS handshake with"));
    }
    co_return Result<>{};
}

namespace {

// Which name the certificate must carry; OpenSSL checks it during the handshake. Also sends the name (SNI).
bool expect_host(SSL* ssl, const std::string& host) {
    error_code not_an_address;
    asio::ip::make_address(host, not_an_address);
    if (!not_an_address) {
        return X509_VERIFY_PARAM_set1_ip_asc(SSL_get0_param(ssl), host.c_str()) == 1;
    }
    SSL_set_hostflags(ssl, X509_CHECK_FLAG_NO_PARTIAL_WILDCARDS);
    // SSL_set_tlsext_host_name is this call behind a macro with a C cast.
    return SSL_set1_host(ssl, host.c_str()) == 1 &&
           SSL_ctrl(ssl, SSL_CTRL_SET_TLSEXT_HOSTNAME, TLSEXT_NAMETYPE_host_name, const_cast<char*>(host.c_str())) == 1;
}

}  // namespace

Task<Result<>> Wire::start_tls(std::shared_ptr<TlsContext> context, std::string host, std::optional<Hash> pin) {
    tls_ = std::make_unique<Tls>(std::move(context), socket_);
    SSL* ssl = tls_->stream.native_handle();
    if (!expect_host(ssl, host)) {
        co_return fail(Code::kTls, "'" + host + "' cannot be a TLS server's name");
    }
    error_code error;
    co_await tls_->stream.async_handshake(asio::ssl::stream_base::client,
                                          asio::redirect_error(asio::use_awaitable, error));
    ERR_clear_error();
    const long verdict = SSL_get_verify_result(ssl);
    if (error && !pin && verdict != X509_V_OK) {
        co_return fail(Code::kTls,
                       "the certificate of " + name_ + " is not trusted: " + X509_verify_cert_error_string(verdict));
    }
    if (error) {
        Error reason = error_from(error, "TLS handshake with");
        const bool by_tls = error.category() == asio::error::get_ssl_category();
        co_return fail(by_tls && reason.code == Code::kIo ? Code::kTls : reason.code, std::move(reason.message));
    }
    if (pin) {
        X509* certificate = SSL_get1_peer_certificate(ssl);
        const Result<Hash> presented = spki_digest(certificate);
        X509_free(certificate);
        if (!presented) {
            co_return std::unexpected(presented.error());
        }
        co_return check_pin(*pin, *presented);
    }
    co_return Result<>{};
}

std::size_t Wire::take_pushed_back(char* out, std::size_t count) {
    const std::size_t taken = pushed_back_.copy(out, count);
    pushed_back_.erase(0, taken);
    return taken;
}

Task<Result<std::size_t>> Wire::read(Bytes& into) {
    if (!pushed_back_.empty()) {
        const std::size_t count = pushed_back_.size();
        into += std::exchange(pushed_back_, {});
        co_return count;
    }
    scratch_.resize(kReadBytes);
    const asio::mutable_buffer room = asio::buffer(scratch_.data(), scratch_.size());
    error_code error;
    std::size_t count = 0;
    if (tls_) {
        count = co_await tls_->stream.async_read_some(room, asio::redirect_error(asio::use_awaitable, error));
    } else {
        count = co_await socket_.async_read_some(room, asio::redirect_error(asio::use_awaitable, error));
    }
    if (error == asio::error::eof && !closed_here_) {
        co_return std::size_t{0};
    }
    if (error) {
        co_return std::unexpected(error_from(error, "reading from"));
    }
    into.append(scratch_.data(), count);
    moved(count);
    co_return count;
}

Task<Result<>> Wire::write(const Bytes& data) {
    std::size_t written = 0;
    while (written < data.size()) {
        const asio::const_buffer rest = asio::buffer(data.data() + written, data.size() - written);
        error_code error;
        std::size_t count = 0;
        if (tls_) {
            count = co_await tls_->stream.async_write_some(rest, asio::redirect_error(asio::use_awaitable, error));
        } else {
            count = co_await socket_.async_write_some(rest, asio::redirect_error(asio::use_awaitable, error));
        }
        if (error) {
            co_return std::unexpected(error_from(error, "writing to"));
        }
        written += count;
        moved(count);
    }
    co_return Result<>{};
}

// Closing with unread bytes in the kernel's buffer would reset the connection and could take our last answer with it.
Task<> Wire::shake_off() {
    error_code error;
    if (tls_) {
        co_await tls_->stream.async_shutdown(asio::redirect_error(asio::use_awaitable, error));
    }
    shutdown_send();
    std::size_t seen = 0;
    error = {};
    while (!closed() && seen < kMaxFinishBytes) {
        const asio::mutable_buffer room = asio::buffer(scratch_.data(), scratch_.size());
        const std::size_t count =
            co_await socket_.async_read_some(room, asio::redirect_error(asio::use_awaitable, error));
        if (error || count == 0) {
            break;
        }
        seen += count;
    }
}

Task<> Wire::finish() {
    scratch_.resize(kReadBytes);
    set_deadline(kFinishMs);
    Task<> rest = shake_off();
    co_await std::move(rest);
    close();
}

void Wire::start_read(asio::mutable_buffer buffer, Done done) {
    if (!pushed_back_.empty() || buffer.size() == 0) {
        const std::size_t count = take_pushed_back(static_cast<char*>(buffer.data()), buffer.size());
        asio::post(socket_.get_executor(), [done = std::move(done), count] { done(error_code{}, count); });
    } else if (tls_) {
        tls_->stream.async_read_some(buffer, std::move(done));
    } else {
        socket_.async_read_some(buffer, std::move(done));
    }
}

void Wire::start_write(asio::const_buffer buffer, Done done) {
    if (tls_) {
        tls_->stream.async_write_some(buffer, std::move(done));
    } else {
        socket_.async_write_some(buffer, std::move(done));
    }
}

}  // namespace sublet::net
