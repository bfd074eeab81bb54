// address.cpp: reads and judges numeric addresses.
#include "swarm/address.hpp"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <cstring>
#include <optional>
#include <span>

namespace sublet::swarm {
namespace {

using V4 = std::array<std::uint8_t, 4>;
using V6 = std::array<std::uint8_t, 16>;

struct RangeOfV4 {
    V4 first;
    V4 last;
    Reach reach;
};

// What is not public.
constexpr std::array kRangesOfV4 = {
    RangeOfV4{{0, 0, 0, 0}, {0, 255, 255, 255}, Reach::kNowhere},
    RangeOfV4{{10, 0, 0, 0}, {10, 255, 255, 255}, Reach::kPrivate},
    RangeOfV4{{100, 64, 0, 0}, {100, 127, 255, 255}, Reach::kPrivate},  // of carriers
    RangeOfV4{{127, 0, 0, 0}, {127, 255, 255, 255}, Reach::kLoopback},
    RangeOfV4{{169, 254, 0, 0}, {169, 254, 255, 255}, Reach::kNowhere},
    RangeOfV4{{172, 16, 0, 0}, {172, 31, 255, 255}, Reach::kPrivate},
    RangeOfV4{{192, 168, 0, 0}, {192, 168, 255, 255}, Reach::kPrivate},
    RangeOfV4{{224, 0, 0, 0}, {255, 255, 255, 255}, Reach::kNowhere},
};

Reach reach_of_v4(const V4& ip) {
    const auto* found =
        std::ranges::find_if(kRangesOfV4, [&](const RangeOfV4& each) { return each.first <= ip && ip <= each.last; });
    return found == kRangesOfV4.end() ? Reach::kPublic : found->reach;
}

bool within_reach(Reach own, Reach there) {
    return there != Reach::kNowhere && (there == Reach::kPublic || there >= own);
}

std::string text_of(const V4& ip) {
    return std::to_string(ip[0]) + "." + std::to_string(ip[1]) + "." + std::to_string(ip[2]) + "." +
           std::to_string(ip[3]);
}

Reach reach_of_v6(const V6& ip) {
    constexpr V6 kMapped = {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff};
    constexpr V6 kTranslated = {0, 0x64, 0xff, 0x9b};
    constexpr std::size_t kHead = 12;
    V6 loopback{};
    loopback.back() = 1;
    if (ip == loopback) {
        return Reach::kLoopback;
    }
    if (std::memcmp(ip.data(), kMapped.data(), kHead) == 0 || std::memcmp(ip.data(), kTranslated.data(), kHead) == 0) {
        return reach_of_v4({ip[12], ip[13], ip[14], ip[15]});
    }
    if ((ip[0] & 0xfeU) == 0xfcU) {
        return Reach::kPrivate;
    }
    return (ip[0] & 0xe0U) == 0x20U ? Reach::kPublic : Reach::kNowhere;  // 2000::/3 is what is given out
}

}  // namespace

std::string to_text(const PeerAddress& address) {
    const bool v6 = address.ip.find(':') != std::string::npos;
    return (v6 ? "[" + address.ip + "]" : address.ip) + ":" + std::to_string(address.port);
}

Result<PeerAddress> parse_peer(const std::string& text) {
    const std::size_t colon = text.rfind(':');
    PeerAddress out;
    if (colon != std::string::npos) {
        out.ip = text.substr(0, colon);
        const bool bracketed = out.ip.size() > 2 && out.ip.front() == '[' && out.ip.back() == ']';
        out.ip = bracketed ? out.ip.substr(1, out.ip.size() - 2) : out.ip;
        const char* end = text.data() + text.size();
        const auto [stop, error] = std::from_chars(text.data() + colon + 1, end, out.port);
        out.port = error == std::errc{} && stop == end ? out.port : 0;
    }
    V6 room{};
    const bool numeric = ::inet_pton(AF_INET, out.ip.c_str(), room.data()) == 1 ||
                         ::inet_pton(AF_INET6, out.ip.c_str(), room.data()) == 1;
    if (!numeric || out.port == 0 || to_text(out) != text) {
        return fail(Code::kParse, "a peer is a numeric address and a port, such as 192.0.2.1:6881");
    }
    return out;
}

Result<std::uint16_t> free_port(const std::string& ip) {
    sockaddr_in v4{};
    sockaddr_in6 v6{};
    v4.sin_family = AF_INET;
    v6.sin6_family = AF_INET6;
    const bool is_v4 = ::inet_pton(AF_INET, ip.c_str(), &v4.sin_addr) == 1;
    const bool numeric = is_v4 || ::inet_pton(AF_INET6, ip.c_str(), &v6.sin6_addr) == 1;
    auto* where = is_v4 ? reinterpret_cast<sockaddr*>(&v4) : reinterpret_cast<sockaddr*>(&v6);
    socklen_t size = is_v4 ? sizeof v4 : sizeof v6;
    const int handle = numeric ? ::socket(where->sa_family, SOCK_STREAM | SOCK_CLOEXEC, 0) : -1;
    const bool bound = handle >= 0 && ::bind(handle, where, size) == 0 && ::getsockname(handle, where, &size) == 0;
    if (handle >= 0) {
        ::close(handle);
    }
    if (!bound) {
        return fail(Code::kIo, "there is no address " + ip + " here to listen on");
    }
    return ntohs(is_v4 ? v4.sin_port : v6.sin6_port);
}

Reach reach_of(const std::string& ip) {
    V4 v4{};
    if (::inet_pton(AF_INET, ip.c_str(), v4.data()) == 1) {
        return reach_of_v4(v4);
    }
    V6 v6{};
    return ::inet_pton(AF_INET6, ip.c_str(), v6.data()) == 1 ? reach_of_v6(v6) : Reach::kNowhere;
}

bool may_dial(Reach own, const PeerAddress& peer) { return within_reach(own, reach_of(peer.ip)); }

std::vector<DialRule> dial_rules(Reach own) {
    constexpr const char* kLastV6 = "ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff";
    std::vector<DialRule> out = {
        {"::", kLastV6, false},
        {"2000::", "3fff:ffff:ffff:ffff:ffff:ffff:ffff:ffff", true},
        {"fc00::", "fdff:ffff:ffff:ffff:ffff:ffff:ffff:ffff", within_reach(own, Reach::kPrivate)},
        {"::1", "::1", within_reach(own, Reach::kLoopback)},
        {"0.0.0.0", "255.255.255.255", true},
        {"::ffff:0.0.0.0", "::ffff:255.255.255.255", true},
        {"64:ff9b::0.0.0.0", "64:ff9b::255.255.255.255", true},
    };
    for (const RangeOfV4& each : kRangesOfV4) {
        for (const char* head : {"", "::ffff:", "64:ff9b::"}) {
            out.push_back({head + text_of(each.first), head + text_of(each.last), within_reach(own, each.reach)});
        }
    }
    return out;
}

}  // namespace sublet::swarm
