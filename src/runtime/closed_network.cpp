// closed_network.cpp: made by a thread that leaves our network for a new one and ends there.
#include "runtime/closed_network.hpp"

#include <arpa/inet.h>
#include <fcntl.h>
#include <net/if.h>
#include <sched.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <thread>
#include <utility>

namespace sublet::runtime {
namespace {

constexpr int kBacklog = 64;

void close_if_open(int& handle) {
    if (handle >= 0) {
        ::close(std::exchange(handle, -1));
    }
}

bool loopback_up() {
    int handle = ::socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    ifreq request{};
    std::strncpy(request.ifr_name, "lo", IFNAMSIZ - 1);
    request.ifr_flags = IFF_UP;
    const bool up = handle >= 0 && ::ioctl(handle, SIOCSIFFLAGS, &request) == 0;
    close_if_open(handle);
    return up;
}

// A socket stays in the network in which it was made.
int listen_inside(std::uint16_t& port) {
    int handle = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    sockaddr_in where{};
    where.sin_family = AF_INET;
    where.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t size = sizeof where;
    auto* address = reinterpret_cast<sockaddr*>(&where);
    const bool listens = handle >= 0 && ::bind(handle, address, size) == 0 && ::listen(handle, kBacklog) == 0 &&
                         ::getsockname(handle, address, &size) == 0;
    if (!listens) {
        close_if_open(handle);
    }
    port = ntohs(where.sin_port);
    return handle;
}

}  // namespace

Result<ClosedNetwork> ClosedNetwork::make() {
    ClosedNetwork out;
    int failed = 0;
    std::thread inside([&] {
        if (::unshare(CLONE_NEWNET) != 0) {
            failed = errno;
            return;
        }
        out.network_ = ::open("/proc/thread-self/ns/net", O_RDONLY | O_CLOEXEC);
        out.listening_ = loopback_up() ? listen_inside(out.port_) : -1;
    });
    inside.join();
    if (failed != 0) {
        return fail(Code::kUnsupported, std::string{"no network of its own can be made: "} + std::strerror(failed));
    }
    if (out.network_ < 0 || out.listening_ < 0) {
        return fail(Code::kIo, "a network of its own has no loopback to listen on");
    }
    return out;
}

ClosedNetwork::ClosedNetwork(ClosedNetwork&& other) noexcept
    : network_(std::exchange(other.network_, -1)),
      listening_(std::exchange(other.listening_, -1)),
      port_(other.port_) {}

ClosedNetwork::~ClosedNetwork() {
    close_if_open(network_);
    close_if_open(listening_);
}

}  // namespace sublet::runtime
