// dial_test.cpp: a peer that names others to dial gets nowhere where its word does not reach.
#include <arpa/inet.h>
#include <gtest/gtest.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <fstream>

#include "swarm/peer.hpp"

namespace sublet::swarm {
namespace {

namespace fs = std::filesystem;

constexpr int kSoon_ms = 5'000;
constexpr int kNever_ms = 1'500;
constexpr std::size_t kHandshakeBytes = 68;
constexpr std::size_t kNameAt = 28;  // of the swarm, within a handshake
constexpr std::size_t kNameBytes = 20;

// Waits at one address of this machine for whoever dials it.
class Ear {
public:
    explicit Ear(const char* ip) : handle_(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
        sockaddr_in where{};
        where.sin_family = AF_INET;
        socklen_t size = sizeof where;
        ::inet_pton(AF_INET, ip, &where.sin_addr);
        const bool open = ::bind(handle_, reinterpret_cast<const sockaddr*>(&where), size) == 0 &&
                          ::listen(handle_, 4) == 0 &&
                          ::getsockname(handle_, reinterpret_cast<sockaddr*>(&where), &size) == 0;
        address_ = {ip, open ? ntohs(where.sin_port) : std::uint16_t{0}};
    }
    ~Ear() { ::close(handle_); }
    Ear(const Ear&) = delete;
    Ear& operator=(const Ear&) = delete;
    [[nodiscard]] const PeerAddress& address() const { return address_; }
    // Below zero: nobody did.
    [[nodiscard]] int dialled(int within_ms) const {
        pollfd look{handle_, POLLIN, 0};
        return ::poll(&look, 1, within_ms) == 1 ? ::accept4(handle_, nullptr, nullptr, SOCK_CLOEXEC) : -1;
    }

private:
    int handle_;
    PeerAddress address_;
};

Bytes message(BytesView body) {
    Bytes out(4, '\0');
    out[3] = static_cast<char>(body.size());
    return out.append(body);
}

// "Connect to that one", as BEP 55 has it.
Bytes connect_to(const PeerAddress& target) {
    in_addr ip{};
    ::inet_pton(AF_INET, target.ip.c_str(), &ip);
    constexpr char kExtended = 20;
    constexpr char kHolepunch = 4;  // as libtorrent numbers it
    Bytes out{kExtended, kHolepunch, 1, 0};
    out.append(reinterpret_cast<const char*>(&ip), sizeof ip);
    out += static_cast<char>(target.port >> 8U);
    out += static_cast<char>(target.port & 0xffU);
    return message(out);
}

// Answers as a peer of the swarm and then names another to dial. False: it was not greeted.
bool mislead(int peer, const PeerAddress& target) {
    timeval patience{5, 0};
    ::setsockopt(peer, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
    Bytes theirs(kHandshakeBytes, '\0');
    if (::recv(peer, theirs.data(), theirs.size(), MSG_WAITALL) != static_cast<ssize_t>(kHandshakeBytes)) {
        return false;
    }
    constexpr char kHandshake = 0;
    constexpr char kExtended = 20;
    const Bytes reserved{0, 0, 0, 0, 0, 0x10, 0, 0};
    Bytes ours = Bytes{"\x13"} + "BitTorrent protocol" + reserved + theirs.substr(kNameAt, kNameBytes);
    ours += Bytes(kNameBytes, 'h');
    ours += message(Bytes{kExtended, kHandshake} + "d1:md12:ut_holepunchi4eee");
    ours += connect_to(target);
    return ::send(peer, ours.data(), ours.size(), MSG_NOSIGNAL) == static_cast<ssize_t>(ours.size());
}

class SwarmDialTest : public testing::Test {
protected:
    void SetUp() override {
        folder_ = fs::temp_directory_path() / ("sublet-swarm-dial-" + std::to_string(::getpid()));
        fs::create_directories(folder_);
        const Bytes content(2 * kMinSwarmBytes, 'x');
        std::ofstream{folder_ / kContentName, std::ios::binary} << content;
        TorrentMaker maker = *TorrentMaker::begin(content.size());
        maker.update(content);
        torrent_ = *maker.finish();
    }
    void TearDown() override { fs::remove_all(folder_); }

    // One that is told to connect to a peer, which names another: whether that one hears of it.
    bool reaches(PeerOptions options, const PeerAddress& named, const Ear& other) {
        const std::unique_ptr<Peer> misled = std::move(*Peer::open(std::move(options)));
        EXPECT_TRUE(misled->add(torrent_, folder_, Part::kSeed, kMaxSwarmBytes).has_value());
        const Ear hostile{"127.0.0.1"};
        EXPECT_TRUE(misled->connect(torrent_.info_hash, {hostile.address()}).has_value());
        const int peer = hostile.dialled(kSoon_ms);
        EXPECT_TRUE(peer >= 0 && mislead(peer, named));
        const int reached = other.dialled(kNever_ms);
        ::close(peer);
        ::close(reached);
        return reached >= 0;
    }

    fs::path folder_;
    Torrent torrent_;
};

TEST_F(SwarmDialTest, APeerNamesNobodyToACreator) {
    const Ear other{"127.0.0.2"};
    const PeerOptions at_home{.address = "127.0.0.1", .own = Reach::kLoopback};
    EXPECT_TRUE(reaches(at_home, other.address(), other)) << "the hostile peer is none";
    EXPECT_FALSE(reaches({}, other.address(), other));
}

TEST_F(SwarmDialTest, AWorkerInTheOpenHasNothingToDoWithItsOwnMachine) {
    const std::unique_ptr<Peer> worker = std::move(*Peer::open({.address = "127.0.0.1"}));
    ASSERT_TRUE(worker->add(torrent_, folder_, Part::kSeed, kMaxSwarmBytes).has_value());
    const Ear other{"127.0.0.1"};
    ASSERT_TRUE(worker->connect(torrent_.info_hash, {other.address()}).has_value());
    EXPECT_LT(other.dialled(kNever_ms), 0);
}

TEST_F(SwarmDialTest, RangesSayTheSameAsAddresses) {
    const auto value_of = [](const std::string& ip) {
        Bytes out(16, '\0');
        const bool v4 = ::inet_pton(AF_INET, ip.c_str(), out.data()) == 1;
        EXPECT_TRUE(v4 || ::inet_pton(AF_INET6, ip.c_str(), out.data()) == 1) << ip;
        out.resize(v4 ? 4 : 16);
        return out;
    };
    for (const Reach own : {Reach::kPublic, Reach::kPrivate, Reach::kLoopback}) {
        for (const char* ip : {"127.0.0.1",
                               "10.1.2.3",
                               "172.15.255.255",
                               "172.16.0.0",
                               "172.32.0.0",
                               "192.168.1.1",
                               "100.64.0.1",
                               "169.254.169.254",
                               "0.0.0.0",
                               "8.8.8.8",
                               "223.255.255.255",
                               "224.0.0.1",
                               "255.255.255.255",
                               "::1",
                               "::",
                               "fd00::1",
                               "fe80::1",
                               "ff02::1",
                               "2001:db8::1",
                               "4000::",
                               "::ffff:127.0.0.1",
                               "::ffff:8.8.8.8",
                               "64:ff9b::10.1.2.3",
                               "64:ff9b::8.8.8.8"}) {
            const Bytes value = value_of(ip);
            bool may = false;
            for (const DialRule& each : dial_rules(own)) {
                const Bytes first = value_of(each.first);
                const bool holds = first.size() == value.size() && first <= value && value <= value_of(each.last);
                may = holds ? each.may : may;
            }
            EXPECT_EQ(may, may_dial(own, {ip, 80})) << ip << " from " << static_cast<int>(own);
        }
    }
}

}  // namespace
}  // namespace sublet::swarm
