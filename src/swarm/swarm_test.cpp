// swarm_test.cpp: ciphers, torrents, addresses, and whole swarms on the loopback: nothing but the content arrives, it
// goes on after a kill, and nobody gets more than he is owed.
#include <gtest/gtest.h>
#include <ifaddrs.h>
#include <net/if.h>
#include <netinet/in.h>
#include <unistd.h>

#include <chrono>
#include <cstring>
#include <fstream>
#include <thread>

#include <libtorrent/session.hpp>
#include <libtorrent/torrent_info.hpp>

#include "crypto/sha256.hpp"
#include "swarm/cipher.hpp"
#include "swarm/peer.hpp"

namespace sublet::swarm {
namespace {

namespace fs = std::filesystem;

constexpr std::uint64_t kAny = kMaxSwarmBytes;

Bytes noise(std::size_t size, unsigned seed) {
    Bytes out(size, '\0');
    std::uint32_t state = seed * 2'654'435'761U + 1;
    for (char& each : out) {
        state = state * 1'664'525U + 1'013'904'223U;
        each = static_cast<char>(state >> 24U);
    }
    return out;
}

void write(const fs::path& file, BytesView bytes) {
    fs::create_directories(file.parent_path());
    std::ofstream{file, std::ios::binary | std::ios::trunc} << bytes;
}

Bytes read(const fs::path& file) {
    std::ifstream in{file, std::ios::binary};
    return Bytes{std::istreambuf_iterator<char>{in}, {}};
}

Torrent torrent_of(BytesView content) {
    TorrentMaker maker = *TorrentMaker::begin(content.size());
    for (std::size_t at = 0; at < content.size(); at += 100'001) {
        maker.update(content.substr(at, 100'001));
    }
    return *maker.finish();
}

class SwarmTest : public testing::Test {
protected:
    void SetUp() override {
        folder_ = fs::temp_directory_path() / ("sublet-swarm-" + std::to_string(::getpid()));
        fs::remove_all(folder_);
        fs::create_directories(folder_);
    }
    void TearDown() override { fs::remove_all(folder_); }

    // A folder of its own, with the content where it is to seed.
    fs::path folder(const std::string& name, BytesView content = {}) const {
        if (!content.empty()) {
            write(folder_ / name / kContentName, content);
        }
        fs::create_directories(folder_ / name);
        return folder_ / name;
    }
    static std::unique_ptr<Peer> peer(std::uint64_t upload_bytes_s = 0) {
        return std::move(*Peer::open(
            {.address = "127.0.0.1", .port = 0, .upload_bytes_s = upload_bytes_s, .own = Reach::kLoopback}));
    }
    static PeerAddress address(const Peer& peer) { return {"127.0.0.1", peer.port()}; }
    template <class Condition>
    static bool within(unsigned seconds, Condition condition) {
        const auto until = std::chrono::steady_clock::now() + std::chrono::seconds{seconds};
        while (!condition()) {
            if (std::chrono::steady_clock::now() > until) {
                return false;
            }
            std::this_thread::sleep_for(std::chrono::milliseconds{20});
        }
        return true;
    }
    static bool complete(const Peer& peer, const Torrent& torrent) {
        return peer.progress(torrent.info_hash)->phase == Phase::kComplete;
    }

    fs::path folder_;
};

TEST_F(SwarmTest, ACipherIsTheSameFromAnyByteOn) {
    const Key key = crypto::sha256("a key");
    const Bytes plain = noise(100'000, 1);
    Bytes whole = plain;
    ASSERT_TRUE(Cipher::at(key, 0)->apply(whole).has_value());
    EXPECT_NE(whole, plain);
    for (const std::uint64_t from : {0U, 1U, 15U, 16U, 17U, 4'096U, 99'999U}) {
        Bytes rest = plain.substr(from);
        ASSERT_TRUE(Cipher::at(key, from)->apply(rest).has_value());
        EXPECT_EQ(rest, whole.substr(from)) << from;
    }
    ASSERT_TRUE(Cipher::at(key, 0)->apply(whole).has_value());
    EXPECT_EQ(whole, plain);
}

// NIST SP 800-38A, F.5.5 has another first counter; this is AES-256 of a counter of zero under a key of zeros.
TEST_F(SwarmTest, TheCipherIsAes256InCounterMode) {
    Bytes zeros(32, '\0');
    ASSERT_TRUE(Cipher::at(Key{}, 0)->apply(zeros).has_value());
    EXPECT_EQ(to_hex(zeros).substr(0, 32), "dc95c078a2408989ad48a21492842087");
}

TEST_F(SwarmTest, AFileIsEncryptedInStepsAndBack) {
    const Bytes plain = noise(2 * kStepBytes + 77, 2);
    write(folder_ / "plain", plain);
    const Key key = crypto::sha256("k");
    const auto recode = [&](const char* from, const char* to, const Key& with) {
        FileCipher cipher = *FileCipher::open(folder_ / from, folder_ / to, with);
        Bytes seen;
        for (BytesView piece = *cipher.step(); !piece.empty(); piece = *cipher.step()) {
            seen += piece;
        }
        EXPECT_EQ(seen, read(folder_ / to));
    };
    recode("plain", "sealed", key);
    EXPECT_NE(read(folder_ / "sealed"), plain);
    EXPECT_EQ(fs::status(folder_ / "sealed").permissions(), fs::perms::owner_read | fs::perms::owner_write);
    recode("sealed", "again", key);
    EXPECT_EQ(read(folder_ / "again"), plain);
    recode("sealed", "wrong", crypto::sha256("another"));
    EXPECT_NE(read(folder_ / "wrong"), plain);
    EXPECT_EQ(FileCipher::open(folder_ / "none", folder_ / "x", key).error().code, Code::kNotFound);
    EXPECT_EQ(FileCipher::open(folder_ / "plain", folder_ / "no" / "x", key).error().code, Code::kIo);
}

// Another implementation reads what we write, and calls it by the same name.
TEST_F(SwarmTest, LibtorrentReadsTheSameTorrent) {
    for (const std::size_t size :
         {kMinSwarmBytes, kMinSwarmBytes + 1, 3 * kMinSwarmBytes + 17'000, 5 * kMinSwarmBytes}) {
        const Torrent torrent = torrent_of(noise(size, 3));
        const Bytes metadata = to_metadata(torrent);
        libtorrent::error_code error;
        const libtorrent::torrent_info other{metadata, error, libtorrent::from_span};
        ASSERT_FALSE(error) << error.message();
        EXPECT_FALSE(other.info_hashes().has_v1());
        EXPECT_EQ(other.info_hashes().v2.to_string(), Bytes{view_of(torrent.info_hash)});
        EXPECT_TRUE(other.priv());
        EXPECT_TRUE(other.trackers().empty());
        EXPECT_EQ(other.files().file_size(libtorrent::file_index_t{0}), static_cast<std::int64_t>(size));
        EXPECT_EQ(other.name(), kContentName);
        const Result<Torrent> back = from_metadata(metadata, size);
        ASSERT_TRUE(back.has_value());
        EXPECT_EQ(*back, torrent);
    }
}

TEST_F(SwarmTest, TorrentsAreOfOneForm) {
    const Bytes content = noise(2 * kMinSwarmBytes, 4);
    const Bytes good = to_metadata(torrent_of(content));
    const auto with = [&](const std::string& from, const std::string& to) {
        Bytes out = good;
        const std::size_t at = out.find(from);
        EXPECT_NE(at, Bytes::npos) << from;
        return out.replace(at, from.size(), to);
    };
    const struct {
        const char* what;
        Bytes metadata;
        Code code;
    } rows[] = {
        {"another name", with("4:name5:input", "4:name5:/etc/"), Code::kParse},
        {"a longer name", with("4:name5:input", "4:name8:../input"), Code::kParse},
        {"another file", with("d5:inputd", "d5:outpud"), Code::kParse},
        {"another size", with("2097152", "2097153"), Code::kParse},
        {"another size of pieces", with("262144", "524288"), Code::kParse},
        {"not private", with("7:privatei1e", "7:privatei0e"), Code::kParse},
        {"a tracker", with("d4:info", "d8:announce9:udp://x:14:info"), Code::kParse},
        {"version 1", with("12:meta versioni2e", "12:meta versioni1e"), Code::kParse},
        {"something after it", good + "e", Code::kParse},
        {"cut", good.substr(0, good.size() - 1), Code::kParse},
        {"empty", "", Code::kParse},
        {"too large", Bytes(kMaxTorrentBytes + 1, 'x'), Code::kTooLarge},
    };
    for (const auto& row : rows) {
        const Result<Torrent> read = from_metadata(row.metadata, content.size());
        ASSERT_FALSE(read.has_value()) << row.what;
        EXPECT_EQ(read.error().code, row.code) << row.what;
    }
    Bytes bent = good;
    bent[bent.size() - 10] = static_cast<char>(bent[bent.size() - 10] ^ 1);
    EXPECT_EQ(from_metadata(bent, content.size()).error().code, Code::kBadField);
    EXPECT_EQ(from_metadata(good, content.size() + 1).error().code, Code::kParse);
    EXPECT_EQ(from_metadata(good, kMinSwarmBytes - 1).error().code, Code::kTooLarge);
    EXPECT_EQ(from_metadata(good, kMaxSwarmBytes + 1).error().code, Code::kTooLarge);
    EXPECT_EQ(TorrentMaker::begin(kMinSwarmBytes - 1).error().code, Code::kOutOfRange);
    EXPECT_EQ(TorrentMaker::begin(kMaxSwarmBytes + 1).error().code, Code::kOutOfRange);
    TorrentMaker shorter = *TorrentMaker::begin(kMinSwarmBytes);
    EXPECT_EQ(shorter.finish().error().code, Code::kConflict);
    EXPECT_EQ(piece_bytes_of(kMaxSwarmBytes) * kMaxPieces, kMaxSwarmBytes);
}

TEST_F(SwarmTest, AddressesOfPeers) {
    EXPECT_EQ(parse_peer("192.0.2.1:6881")->ip, "192.0.2.1");
    EXPECT_EQ(parse_peer("[2001:db8::1]:6881")->ip, "2001:db8::1");
    for (const char* wrong : {"", "192.0.2.1", "192.0.2.1:0", "192.0.2.1:65536", "host:80", "2001:db8::1:80",
                              "192.0.2.1:80 ", "[192.0.2.1]:80", "192.0.2.1:080"}) {
        EXPECT_FALSE(parse_peer(wrong).has_value()) << wrong;
    }
    const struct {
        const char* ip;
        Reach reach;
    } rows[] = {
        {"127.0.0.1", Reach::kLoopback},       {"::1", Reach::kLoopback},        {"10.1.2.3", Reach::kPrivate},
        {"172.16.0.1", Reach::kPrivate},       {"172.32.0.1", Reach::kPublic},   {"192.168.1.1", Reach::kPrivate},
        {"100.64.0.1", Reach::kPrivate},       {"fd00::1", Reach::kPrivate},     {"169.254.169.254", Reach::kNowhere},
        {"fe80::1", Reach::kNowhere},          {"0.0.0.0", Reach::kNowhere},     {"::", Reach::kNowhere},
        {"224.0.0.1", Reach::kNowhere},        {"ff02::1", Reach::kNowhere},     {"192.0.2.1", Reach::kPublic},
        {"2001:db8::1", Reach::kPublic},       {"example.org", Reach::kNowhere}, {"::ffff:127.0.0.1", Reach::kLoopback},
        {"64:ff9b::a01:203", Reach::kPrivate},
    };
    for (const auto& row : rows) {
        EXPECT_EQ(reach_of(row.ip), row.reach) << row.ip;
        EXPECT_EQ(may_dial(Reach::kPublic, {row.ip, 80}), row.reach == Reach::kPublic) << row.ip;
        EXPECT_EQ(may_dial(Reach::kPrivate, {row.ip, 80}), row.reach >= Reach::kPrivate) << row.ip;
        EXPECT_EQ(may_dial(Reach::kLoopback, {row.ip, 80}), row.reach != Reach::kNowhere) << row.ip;
    }
}

// Who makes the content listens nowhere: he dials, and those who have pieces give them to each other.
TEST_F(SwarmTest, FourFetchFromOneAndFromEachOther) {
    const Bytes content = noise(8 * kMinSwarmBytes + 12'345, 5);
    const Torrent torrent = torrent_of(content);
    const std::unique_ptr<Peer> creator = std::move(*Peer::open({.upload_bytes_s = 2U << 20U}));
    EXPECT_EQ(creator->port(), 0);
    ASSERT_TRUE(creator->add(torrent, folder("creator", content), Part::kSeed, kAny).has_value());
    std::vector<std::unique_ptr<Peer>> workers;
    std::vector<PeerAddress> told;
    for (int i = 0; i < 4; ++i) {
        workers.push_back(peer());
        ASSERT_TRUE(workers.back()->add(torrent, folder("w" + std::to_string(i)), Part::kFetch, kAny).has_value());
        ASSERT_TRUE(workers.back()->connect(torrent.info_hash, told).has_value());
        ASSERT_TRUE(workers.back()->take_first(torrent.info_hash, static_cast<unsigned>(i), 4).has_value());
        told.push_back(address(*workers.back()));
    }
    ASSERT_TRUE(creator->connect(torrent.info_hash, told).has_value());
    EXPECT_TRUE(
        within(60, [&] { return std::ranges::all_of(workers, [&](const auto& w) { return complete(*w, torrent); }); }));
    for (int i = 0; i < 4; ++i) {
        EXPECT_EQ(read(folder_ / ("w" + std::to_string(i)) / kContentName), content);
    }
    const std::uint64_t given = creator->progress(torrent.info_hash)->uploaded;
    EXPECT_GE(given, content.size());
    EXPECT_LT(given, 2 * content.size()) << "workers do not help each other";
    std::cout << "uploaded by the creator: " << given << " of " << content.size() << "\n";
}

TEST_F(SwarmTest, AKilledPeerGoesOnFromWhatIsThere) {
    const Bytes content = noise(6 * kMinSwarmBytes, 6);
    const Torrent torrent = torrent_of(content);
    const std::unique_ptr<Peer> creator = peer(2U << 20U);
    ASSERT_TRUE(creator->add(torrent, folder("creator", content), Part::kSeed, kAny).has_value());
    std::uint64_t first = 0;
    {
        const std::unique_ptr<Peer> worker = peer();
        ASSERT_TRUE(worker->add(torrent, folder("worker"), Part::kFetch, kAny).has_value());
        ASSERT_TRUE(worker->connect(torrent.info_hash, {address(*creator)}).has_value());
        ASSERT_TRUE(within(30, [&] { return worker->progress(torrent.info_hash)->bytes > 2 * kMinSwarmBytes; }));
        EXPECT_FALSE(complete(*worker, torrent));
        first = worker->progress(torrent.info_hash)->bytes;
    }
    creator->limit(0, 0);
    const std::unique_ptr<Peer> again = peer();
    ASSERT_TRUE(again->add(torrent, folder("worker"), Part::kFetch, kAny).has_value());
    ASSERT_TRUE(again->connect(torrent.info_hash, {address(*creator)}).has_value());
    ASSERT_TRUE(within(30, [&] { return complete(*again, torrent); }));
    EXPECT_LE(again->progress(torrent.info_hash)->downloaded,
              content.size() - first + 2 * torrent.piece_bytes() + kMinSwarmBytes);
    EXPECT_EQ(read(folder_ / "worker" / kContentName), content);
}

// A piece of somebody who does not look at what he gives.
TEST_F(SwarmTest, APieceThatIsNotTheTorrentsIsRefused) {
    Bytes content = noise(2 * kMinSwarmBytes, 7);
    const Torrent torrent = torrent_of(content);
    content[300'000] = static_cast<char>(content[300'000] ^ 1);
    libtorrent::settings_pack settings;
    settings.set_str(libtorrent::settings_pack::listen_interfaces, "127.0.0.1:0");
    settings.set_bool(libtorrent::settings_pack::disable_hash_checks, true);
    settings.set_bool(libtorrent::settings_pack::enable_dht, false);
    settings.set_bool(libtorrent::settings_pack::enable_lsd, false);
    libtorrent::session hostile{settings};
    libtorrent::add_torrent_params params;
    params.ti = std::make_shared<libtorrent::torrent_info>(to_metadata(torrent), libtorrent::from_span);
    params.save_path = folder("hostile", content);
    params.flags = libtorrent::torrent_flags::seed_mode;
    hostile.add_torrent(params);

    const std::unique_ptr<Peer> worker = peer();
    ASSERT_TRUE(worker->add(torrent, folder("worker"), Part::kFetch, kAny).has_value());
    ASSERT_TRUE(worker->connect(torrent.info_hash, {{"127.0.0.1", hostile.listen_port()}}).has_value());
    EXPECT_TRUE(within(30, [&] { return worker->progress(torrent.info_hash)->refused > 0; }));
    EXPECT_FALSE(complete(*worker, torrent));
    content[300'000] = static_cast<char>(content[300'000] ^ 1);
    const std::unique_ptr<Peer> honest = peer();
    ASSERT_TRUE(honest->add(torrent, folder("honest", content), Part::kSeed, kAny).has_value());
    ASSERT_TRUE(worker->connect(torrent.info_hash, {address(*honest)}).has_value());
    EXPECT_TRUE(within(30, [&] { return complete(*worker, torrent); }));
    EXPECT_EQ(read(folder_ / "worker" / kContentName), content);
}

// A creator whose file is not what it was gives nothing wrong away.
TEST_F(SwarmTest, ASeedLooksAtAPieceBeforeItGoes) {
    Bytes content = noise(2 * kMinSwarmBytes, 8);
    const Torrent torrent = torrent_of(content);
    content[5] = static_cast<char>(content[5] ^ 1);
    const std::unique_ptr<Peer> seed = peer();
    ASSERT_TRUE(seed->add(torrent, folder("seed", content), Part::kSeed, kAny).has_value());
    const std::unique_ptr<Peer> worker = peer();
    ASSERT_TRUE(worker->add(torrent, folder("worker"), Part::kFetch, kAny).has_value());
    ASSERT_TRUE(worker->connect(torrent.info_hash, {address(*seed)}).has_value());
    EXPECT_FALSE(within(4, [&] { return complete(*worker, torrent); }));
    EXPECT_EQ(worker->progress(torrent.info_hash)->refused, 0U);
}

TEST_F(SwarmTest, OnlySwarmsThatItKeepsAndOnlySoLarge) {
    const Bytes content = noise(2 * kMinSwarmBytes, 9);
    const Torrent torrent = torrent_of(content);
    const std::unique_ptr<Peer> seed = peer();
    const std::unique_ptr<Peer> worker = peer();
    EXPECT_EQ(worker->add(torrent, folder("worker"), Part::kFetch, content.size() - 1).error().code, Code::kTooLarge);
    EXPECT_EQ(worker->connect(torrent.info_hash, {address(*seed)}).error().code, Code::kNotFound);
    EXPECT_EQ(worker->progress(torrent.info_hash).error().code, Code::kNotFound);
    // The seed dials a worker that does not keep it: nothing is given.
    ASSERT_TRUE(seed->add(torrent, folder("seed", content), Part::kSeed, kAny).has_value());
    ASSERT_TRUE(seed->connect(torrent.info_hash, {address(*worker)}).has_value());
    std::this_thread::sleep_for(std::chrono::milliseconds{500});
    EXPECT_EQ(seed->progress(torrent.info_hash)->uploaded, 0U);
    ASSERT_TRUE(worker->add(torrent, folder("worker"), Part::kFetch, content.size()).has_value());
    EXPECT_TRUE(within(30, [&] { return complete(*worker, torrent); }));  // it is dialled again
    worker->remove(torrent.info_hash, true);
    EXPECT_FALSE(worker->has(torrent.info_hash));
    EXPECT_FALSE(fs::exists(folder_ / "worker" / kContentName));
    std::this_thread::sleep_for(std::chrono::milliseconds{300});
    EXPECT_FALSE(fs::exists(folder_ / "worker" / kContentName));
}

TEST_F(SwarmTest, APauseHoldsAndLimitsHold) {
    const Bytes content = noise(3 * kMinSwarmBytes, 10);
    const Torrent torrent = torrent_of(content);
    const std::unique_ptr<Peer> seed = peer(1U << 20U);
    const std::unique_ptr<Peer> worker = peer();
    ASSERT_TRUE(seed->add(torrent, folder("seed", content), Part::kSeed, kAny).has_value());
    ASSERT_TRUE(worker->add(torrent, folder("worker"), Part::kFetch, kAny).has_value());
    ASSERT_TRUE(worker->pause(torrent.info_hash, true).has_value());
    ASSERT_TRUE(worker->connect(torrent.info_hash, {address(*seed)}).has_value());
    std::this_thread::sleep_for(std::chrono::milliseconds{700});
    EXPECT_EQ(worker->progress(torrent.info_hash)->bytes, 0U);
    ASSERT_TRUE(worker->pause(torrent.info_hash, false).has_value());
    const auto begun = std::chrono::steady_clock::now();
    EXPECT_TRUE(within(30, [&] { return complete(*worker, torrent); }));
    EXPECT_GE(std::chrono::steady_clock::now() - begun, std::chrono::milliseconds{1'500});  // 3 MiB at 1 MiB/s
}

// Whoever listens on all addresses is found at the same port of each.
TEST_F(SwarmTest, OnePortForAllInterfaces) {
    const std::unique_ptr<Peer> everywhere = std::move(*Peer::open({.address = "0.0.0.0"}));
    ASSERT_NE(everywhere->port(), 0);
    ifaddrs* interfaces = nullptr;
    ASSERT_EQ(::getifaddrs(&interfaces), 0);
    for (const ifaddrs* each = interfaces; each != nullptr; each = each->ifa_next) {
        if (each->ifa_addr == nullptr || each->ifa_addr->sa_family != AF_INET || (each->ifa_flags & IFF_UP) == 0) {
            continue;
        }
        sockaddr_in where{};
        std::memcpy(&where, each->ifa_addr, sizeof where);
        where.sin_port = htons(everywhere->port());
        const int handle = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
        EXPECT_EQ(::connect(handle, reinterpret_cast<const sockaddr*>(&where), sizeof where), 0) << each->ifa_name;
        ::close(handle);
    }
    ::freeifaddrs(interfaces);
    EXPECT_EQ(Peer::open({.address = "nowhere"}).error().code, Code::kIo);
}

TEST_F(SwarmTest, APortIsOnesOwn) {
    const std::unique_ptr<Peer> first = peer();
    ASSERT_NE(first->port(), 0);
    const auto second = Peer::open({.address = "127.0.0.1", .port = first->port()});
    ASSERT_FALSE(second.has_value());
    EXPECT_EQ(second.error().code, Code::kIo);
}

}  // namespace
}  // namespace sublet::swarm
