// hostile_peers_test.cpp: peers that corrupt, lie about what they have, are slow or vanish, beside honest ones: what is
// wanted comes from the honest rest, within a bounded time, and who gave wrong pieces is not asked again.
#include <arpa/inet.h>
#include <gtest/gtest.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <atomic>
#include <chrono>
#include <cstring>
#include <fstream>
#include <thread>

#include <libtorrent/session.hpp>
#include <libtorrent/torrent_info.hpp>

#include "swarm/peer.hpp"

namespace sublet::swarm {
namespace {

namespace fs = std::filesystem;
using Clock = std::chrono::steady_clock;

constexpr std::uint64_t kAnySize = kMaxSwarmBytes;
constexpr unsigned kBound_s = 60;  // for each download here; alone it takes about a second

Bytes noise_of(std::size_t size, unsigned seed) {
    Bytes out(size, '\0');
    std::uint32_t state = seed * 2'654'435'761U + 1;
    for (char& each : out) {
        state = state * 1'664'525U + 1'013'904'223U;
        each = static_cast<char>(state >> 24U);
    }
    return out;
}

// Speaks just enough of the protocol to say that it has everything and will give it, and never gives anything.
class Liar {
public:
    explicit Liar(const Torrent& torrent) : torrent_(torrent) {
        listener_ = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
        sockaddr_in where{};
        where.sin_family = AF_INET;
        where.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
        socklen_t size = sizeof where;
        const bool listens = ::bind(listener_, reinterpret_cast<const sockaddr*>(&where), sizeof where) == 0 &&
                             ::listen(listener_, 4) == 0 &&
                             ::getsockname(listener_, reinterpret_cast<sockaddr*>(&where), &size) == 0;
        port_ = listens ? ntohs(where.sin_port) : std::uint16_t{0};
        thread_ = std::thread{[this] { serve(); }};
    }
    ~Liar() {
        stopping_ = true;
        thread_.join();
        ::close(listener_);
    }
    Liar(const Liar&) = delete;
    Liar& operator=(const Liar&) = delete;
    [[nodiscard]] PeerAddress address() const { return {"127.0.0.1", port_}; }
    [[nodiscard]] unsigned asked() const { return asked_; }  // requests for blocks that it left unanswered

private:
    static constexpr std::size_t kHandshakeBytes = 68;
    static constexpr std::size_t kNameBytes = 20;  // of a torrent of version 2, cut

    void serve() {
        while (!stopping_) {
            pollfd ready{listener_, POLLIN, 0};
            if (::poll(&ready, 1, 50) == 1) {
                const int handle = ::accept4(listener_, nullptr, nullptr, SOCK_CLOEXEC);
                talk(handle);
                ::close(handle);
            }
        }
    }
    void talk(int handle) {
        std::string hello =
            "\x13"
            "BitTorrent protocol";
        hello += std::string("\0\0\0\0\0\0\0\x10", 8);  // version 2
        hello += std::string{reinterpret_cast<const char*>(torrent_.info_hash.data()), kNameBytes};
        hello += "-LI0001-abcdefghijkl";
        const std::size_t bytes = (torrent_.pieces.size() + 7) / 8;
        std::string all(bytes, '\xff');
        if (const std::size_t spare = bytes * 8 - torrent_.pieces.size(); spare > 0) {
            all.back() = static_cast<char>(0xffU << spare);
        }
        say(handle, hello);
        say(handle, message('\x05', all));  // bitfield: everything
        say(handle, message('\x01', ""));   // unchoke
        std::string heard;
        while (!stopping_) {
            pollfd ready{handle, POLLIN, 0};
            if (::poll(&ready, 1, 50) != 1) {
                continue;
            }
            std::array<char, 4'096> buffer{};
            const ssize_t got = ::recv(handle, buffer.data(), buffer.size(), 0);
            if (got <= 0) {
                return;
            }
            heard.append(buffer.data(), static_cast<std::size_t>(got));
            count_requests(heard);
        }
    }
    void count_requests(std::string& heard) {
        std::size_t at = first_ ? kHandshakeBytes : 0;
        if (first_ && heard.size() < kHandshakeBytes) {
            return;
        }
        first_ = false;
        while (heard.size() >= at + 4) {
            std::uint32_t length = 0;
            std::memcpy(&length, heard.data() + at, sizeof length);
            length = ntohl(length);
            if (heard.size() < at + 4 + length) {
                break;
            }
            asked_ += length > 0 && heard[at + 4] == '\x06' ? 1U : 0U;
            at += 4 + length;
        }
        heard.erase(0, at);
    }
    static std::string message(char kind, const std::string& rest) {
        const std::uint32_t length = htonl(static_cast<std::uint32_t>(1 + rest.size()));
        return std::string{reinterpret_cast<const char*>(&length), sizeof length} + kind + rest;
    }
    static void say(int handle, const std::string& text) {
        (void)::send(handle, text.data(), text.size(), MSG_NOSIGNAL);
    }

    const Torrent& torrent_;
    int listener_ = -1;
    std::uint16_t port_ = 0;
    bool first_ = true;
    std::atomic<bool> stopping_ = false;
    std::atomic<unsigned> asked_ = 0;
    std::thread thread_;
};

class HostilePeers : public testing::Test {
protected:
    void SetUp() override {
        folder_ = fs::temp_directory_path() / ("sublet-hostile-peers-" + std::to_string(::getpid()));
        fs::remove_all(folder_);
        fs::create_directories(folder_);
        content_ = noise_of(8 * kMinSwarmBytes, 3);
        TorrentMaker maker = *TorrentMaker::begin(content_.size());
        maker.update(content_);
        torrent_ = *maker.finish();
    }
    void TearDown() override { fs::remove_all(folder_); }

    fs::path seed_folder(const std::string& name, const Bytes& content) {
        fs::create_directories(folder_ / name);
        std::ofstream{folder_ / name / kContentName, std::ios::binary | std::ios::trunc} << content;
        return folder_ / name;
    }
    static std::unique_ptr<Peer> peer(std::uint64_t upload_bytes_s = 0) {
        return std::move(*Peer::open(
            {.address = "127.0.0.1", .port = 0, .upload_bytes_s = upload_bytes_s, .own = Reach::kLoopback}));
    }
    std::unique_ptr<Peer> honest(const std::string& name, std::uint64_t upload_bytes_s = 0) {
        std::unique_ptr<Peer> out = peer(upload_bytes_s);
        EXPECT_TRUE(out->add(torrent_, seed_folder(name, content_), Part::kSeed, kAnySize).has_value());
        return out;
    }
    // Gives what is in its file without looking at it.
    std::unique_ptr<libtorrent::session> corrupt(const std::string& name, const Bytes& content) {
        libtorrent::settings_pack settings;
        settings.set_str(libtorrent::settings_pack::listen_interfaces, "127.0.0.1:0");
        settings.set_bool(libtorrent::settings_pack::disable_hash_checks, true);
        for (const int off : {libtorrent::settings_pack::enable_dht, libtorrent::settings_pack::enable_lsd,
                              libtorrent::settings_pack::enable_upnp, libtorrent::settings_pack::enable_natpmp}) {
            settings.set_bool(off, false);
        }
        auto out = std::make_unique<libtorrent::session>(settings);
        libtorrent::add_torrent_params params;
        params.ti = std::make_shared<libtorrent::torrent_info>(to_metadata(torrent_), libtorrent::from_span);
        params.save_path = seed_folder(name, content);
        params.flags = libtorrent::torrent_flags::seed_mode;
        out->add_torrent(params);
        return out;
    }
    std::unique_ptr<Peer> fetcher(const std::vector<PeerAddress>& from) {
        std::unique_ptr<Peer> out = peer();
        EXPECT_TRUE(out->add(torrent_, folder_ / "fetched", Part::kFetch, kAnySize).has_value());
        EXPECT_TRUE(out->connect(torrent_.info_hash, from).has_value());
        return out;
    }
    [[nodiscard]] Progress progress(const Peer& of) const { return *of.progress(torrent_.info_hash); }
    template <class Condition>
    static bool within(unsigned seconds, Condition condition) {
        const auto until = Clock::now() + std::chrono::seconds{seconds};
        while (!condition()) {
            if (Clock::now() > until) {
                return false;
            }
            std::this_thread::sleep_for(std::chrono::milliseconds{20});
        }
        return true;
    }
    bool completes(const Peer& of) const {
        const auto begun = Clock::now();
        const bool out = within(kBound_s, [&] { return progress(of).phase == Phase::kComplete; });
        const auto took = std::chrono::duration_cast<std::chrono::milliseconds>(Clock::now() - begun);
        RecordProperty("took_ms", static_cast<int>(took.count()));
        return out;
    }
    void expect_the_content() const {
        std::ifstream in{folder_ / "fetched" / kContentName, std::ios::binary};
        EXPECT_TRUE((Bytes{std::istreambuf_iterator<char>{in}, {}}) == content_);
    }
    static PeerAddress address(const Peer& of) { return {"127.0.0.1", of.port()}; }

    fs::path folder_;
    Bytes content_;
    Torrent torrent_;
};

// Two of three give wrong pieces, all of them: the third is enough, and they are not let in again.
TEST_F(HostilePeers, WhoeverCorruptsIsRefusedAndLeftAlone) {
    const Bytes wrong = noise_of(content_.size(), 4);
    const auto first = corrupt("first", wrong);
    const auto second = corrupt("second", wrong);
    const std::unique_ptr<Peer> good = honest("good", 4 * kMinSwarmBytes);
    const std::unique_ptr<Peer> worker =
        fetcher({{"127.0.0.1", first->listen_port()}, {"127.0.0.1", second->listen_port()}, address(*good)});
    EXPECT_TRUE(completes(*worker));
    expect_the_content();
    EXPECT_GT(progress(*worker).refused, 0U);
    EXPECT_LT(progress(*worker).refused, content_.size());  // they are not asked for everything, again and again
}

// One wrong byte in each piece, from a peer that is faster than the honest one.
TEST_F(HostilePeers, ALittleCorruptionInEachPiece) {
    Bytes bent = content_;
    for (std::size_t at = 7'777; at < bent.size(); at += torrent_.piece_bytes()) {
        bent[at] = static_cast<char>(bent[at] ^ 1);
    }
    const auto hostile = corrupt("hostile", bent);
    const std::unique_ptr<Peer> good = honest("good", 2 * kMinSwarmBytes);
    const std::unique_ptr<Peer> worker = fetcher({{"127.0.0.1", hostile->listen_port()}, address(*good)});
    EXPECT_TRUE(completes(*worker));
    expect_the_content();
    EXPECT_GT(progress(*worker).refused, 0U);
}

// It says that it has everything and gives nothing: what was asked of it is asked of others.
TEST_F(HostilePeers, WhoLiesAboutWhatHeHasHoldsNothingUp) {
    Liar liar{torrent_};
    Liar another{torrent_};
    const std::unique_ptr<Peer> worker = fetcher({liar.address(), another.address()});
    EXPECT_TRUE(within(20, [&] { return liar.asked() > 0 && another.asked() > 0; }));
    EXPECT_EQ(progress(*worker).bytes, 0U);
    const std::unique_ptr<Peer> good = honest("good", 4 * kMinSwarmBytes);
    ASSERT_TRUE(worker->connect(torrent_.info_hash, {address(*good)}).has_value());
    EXPECT_TRUE(completes(*worker));
    expect_the_content();
}

TEST_F(HostilePeers, WhoIsSlowHoldsNothingUp) {
    const std::unique_ptr<Peer> slow = honest("slow", 48U << 10U);  // alone it would take three minutes
    const std::unique_ptr<Peer> good = honest("good", 4 * kMinSwarmBytes);
    const std::unique_ptr<Peer> worker = fetcher({address(*slow)});
    EXPECT_TRUE(within(20, [&] { return progress(*worker).peers == 1 && progress(*worker).bytes > 0; }));
    ASSERT_TRUE(worker->connect(torrent_.info_hash, {address(*good)}).has_value());
    EXPECT_TRUE(completes(*worker));
    expect_the_content();
}

TEST_F(HostilePeers, WhoVanishesHalfWayLeavesTheRestToOthers) {
    std::unique_ptr<Peer> first = honest("first", 2 * kMinSwarmBytes);
    const std::unique_ptr<Peer> worker = fetcher({address(*first)});
    ASSERT_TRUE(within(kBound_s, [&] { return progress(*worker).bytes > 2 * kMinSwarmBytes; }));
    first.reset();
    EXPECT_NE(progress(*worker).phase, Phase::kComplete);
    const std::unique_ptr<Peer> second = honest("second", 4 * kMinSwarmBytes);
    ASSERT_TRUE(worker->connect(torrent_.info_hash, {address(*second)}).has_value());
    EXPECT_TRUE(completes(*worker));
    expect_the_content();
    EXPECT_EQ(progress(*worker).refused, 0U);
}

// All at once, and one who is honest.
TEST_F(HostilePeers, OneHonestPeerAmongAllOfThem) {
    Liar liar{torrent_};
    const auto hostile = corrupt("hostile", noise_of(content_.size(), 5));
    const std::unique_ptr<Peer> slow = honest("slow", 48U << 10U);
    std::unique_ptr<Peer> vanishing = honest("vanishing", 1U << 20U);
    const std::unique_ptr<Peer> good = honest("good", 2 * kMinSwarmBytes);
    const std::unique_ptr<Peer> worker = fetcher(
        {liar.address(), {"127.0.0.1", hostile->listen_port()}, address(*slow), address(*vanishing), address(*good)});
    EXPECT_TRUE(within(kBound_s, [&] { return progress(*worker).bytes > kMinSwarmBytes; }));
    vanishing.reset();
    EXPECT_TRUE(completes(*worker));
    expect_the_content();
}

}  // namespace
}  // namespace sublet::swarm
