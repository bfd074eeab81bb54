// sockets.cpp: Unix and loopback sockets.
#include "engine/cometbft/sockets.hpp"

#include <cerrno>
#include <charconv>
#include <cstring>

#include <arpa/inet.h>
#include <netinet/tcp.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

namespace sublet::abci {
namespace {

constexpr std::string_view kUnix = "unix://";
constexpr std::string_view kTcp = "tcp://";
constexpr int kBacklog = 128;

struct Where {
    sockaddr_storage storage{};
    socklen_t size = 0;
    [[nodiscard]] const sockaddr* get() const { return reinterpret_cast<const sockaddr*>(&storage); }
};

Result<Where> unix_address(const std::string& path) {
    sockaddr_un out{};
    if (path.empty() || path.size() >= sizeof(out.sun_path)) {
        return fail(Code::kUsage, "unix://" + path + ": a socket's path has 1 to 107 bytes");
    }
    out.sun_family = AF_UNIX;
    std::memcpy(out.sun_path, path.c_str(), path.size() + 1);
    Where where;
    std::memcpy(&where.storage, &out, sizeof out);
    where.size = sizeof out;
    return where;
}

Result<Where> tcp_address(const std::string& text) {
    sockaddr_in out{};
    const std::size_t colon = text.rfind(':');
    const std::string host = text.substr(0, colon);
    const std::string port_text = colon == std::string::npos ? "" : text.substr(colon + 1);
    std::uint16_t port = 0;
    const char* end = port_text.data() + port_text.size();
    const auto [stopped, error] = std::from_chars(port_text.data(), end, port);
    if (::inet_pton(AF_INET, host.c_str(), &out.sin_addr) != 1 || ntohl(out.sin_addr.s_addr) >> 24U != 127 ||
        error != std::errc{} || stopped != end) {
        return fail(Code::kUsage, "tcp://" + text + ": a loopback address and a port, such as tcp://127.0.0.1:26658");
    }
    out.sin_family = AF_INET;
    out.sin_port = htons(port);
    Where where;
    std::memcpy(&where.storage, &out, sizeof out);
    where.size = sizeof out;
    return where;
}

Result<Where> where_is(const std::string& address) {
    if (address.starts_with(kUnix)) {
        return unix_address(address.substr(kUnix.size()));
    }
    if (address.starts_with(kTcp)) {
        return tcp_address(address.substr(kTcp.size()));
    }
    return fail(Code::kUsage, address + ": an address is unix:///PATH or tcp://127.0.0.1:PORT");
}

std::unexpected<Error> give_up(int socket, const std::string& address) {
    std::unexpected<Error> error = fail(Code::kIo, address + ": " + std::strerror(errno));
    if (socket >= 0) {
        ::close(socket);
    }
    return error;
}

}  // namespace

std::string socket_file(const std::string& address) {
    return address.starts_with(kUnix) ? address.substr(kUnix.size()) : "";
}

Result<int> listen_at(std::string& address) {
    TRY(where, where_is(address));
    const std::string file = socket_file(address);
    const int made = ::socket(where.storage.ss_family, SOCK_STREAM | SOCK_CLOEXEC, 0);
    const int on = 1;
    if (made < 0 || ::setsockopt(made, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on) != 0) {
        return give_up(made, address);
    }
    if (!file.empty()) {
        ::unlink(file.c_str());  // of a run before; two nodes of one folder are kept apart by the store's lock
    }
    if (::bind(made, where.get(), where.size) != 0 || (!file.empty() && ::chmod(file.c_str(), 0600) != 0) ||
        ::listen(made, kBacklog) != 0) {
        return give_up(made, address);
    }
    if (file.empty()) {
        sockaddr_in bound{};
        socklen_t size = sizeof bound;
        if (::getsockname(made, reinterpret_cast<sockaddr*>(&bound), &size) != 0) {
            return give_up(made, address);
        }
        address = address.substr(0, address.rfind(':') + 1) + std::to_string(ntohs(bound.sin_port));
        ::setsockopt(made, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);  // whoever is accepted has it too
    }
    return made;
}

Result<int> dial(const std::string& address) {
    TRY(where, where_is(address));
    const int made = ::socket(where.storage.ss_family, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (made < 0 || ::connect(made, where.get(), where.size) != 0) {
        return give_up(made, address);
    }
    return made;
}

bool send_all(int socket, BytesView bytes) {
    while (!bytes.empty()) {
        const ssize_t sent = ::send(socket, bytes.data(), bytes.size(), MSG_NOSIGNAL);
        if (sent < 0 && errno == EINTR) {
            continue;
        }
        if (sent <= 0) {
            return false;
        }
        bytes.remove_prefix(static_cast<std::size_t>(sent));
    }
    return true;
}

}  // namespace sublet::abci
