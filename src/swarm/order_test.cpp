// order_test.cpp: who has a place among others asks for his own pieces first.
#include <gtest/gtest.h>
#include <unistd.h>

#include <array>
#include <chrono>
#include <fstream>
#include <thread>

#include "swarm/peer.hpp"

namespace sublet::swarm {
namespace {

namespace fs = std::filesystem;

constexpr std::uint64_t kContentBytes = 8 * kMinSwarmBytes;
constexpr std::uint64_t kEnough = 2 * kMinSwarmBytes;  // with what is asked for ahead less than half

// How many pieces with an even and with an odd number have anything in this file.
std::array<unsigned, 2> begun_pieces(const fs::path& file, std::uint64_t piece_bytes) {
    std::array<unsigned, 2> out{};
    std::ifstream in{file, std::ios::binary};
    Bytes piece(piece_bytes, '\0');
    for (std::size_t number = 0; in.read(piece.data(), static_cast<std::streamsize>(piece_bytes)) || in.gcount() > 0;
         ++number) {
        const auto got = static_cast<std::size_t>(in.gcount());
        out[number % 2] += piece.find_first_not_of('\0') < got ? 1U : 0U;
    }
    return out;
}

TEST(SwarmOrder, OnesOwnPiecesComeFirst) {
    const fs::path folder = fs::temp_directory_path() / ("sublet-swarm-order-" + std::to_string(::getpid()));
    fs::create_directories(folder / "seed");
    fs::create_directories(folder / "worker");
    const Bytes content(kContentBytes, 'x');
    std::ofstream{folder / "seed" / kContentName, std::ios::binary} << content;
    TorrentMaker maker = *TorrentMaker::begin(content.size());
    maker.update(content);
    const Torrent torrent = *maker.finish();
    {
        const auto seed = std::move(
            *Peer::open({.address = "127.0.0.1", .port = 0, .upload_bytes_s = 1U << 20U, .own = Reach::kLoopback}));
        ASSERT_TRUE(seed->add(torrent, folder / "seed", Part::kSeed, kMaxSwarmBytes).has_value());
        const auto worker = std::move(*Peer::open({.address = "127.0.0.1", .own = Reach::kLoopback}));
        ASSERT_TRUE(worker->add(torrent, folder / "worker", Part::kFetch, kMaxSwarmBytes).has_value());
        ASSERT_TRUE(worker->take_first(torrent.info_hash, 1, 2).has_value());
        ASSERT_TRUE(worker->connect(torrent.info_hash, {{"127.0.0.1", seed->port()}}).has_value());
        const auto until = std::chrono::steady_clock::now() + std::chrono::seconds{30};
        while (worker->progress(torrent.info_hash)->bytes < kEnough && std::chrono::steady_clock::now() < until) {
            std::this_thread::sleep_for(std::chrono::milliseconds{10});
        }
        ASSERT_TRUE(worker->pause(torrent.info_hash, true).has_value());
    }
    const std::array<unsigned, 2> begun = begun_pieces(folder / "worker" / kContentName, torrent.piece_bytes());
    EXPECT_EQ(begun[0], 0U);
    EXPECT_GE(begun[1], 4U);
    fs::remove_all(folder);
}

}  // namespace
}  // namespace sublet::swarm
