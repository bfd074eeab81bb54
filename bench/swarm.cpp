// swarm.cpp: how long until 1, 4 and 8 workers have an input of 200 MB through a creator's uplink of 20 MB/s, by swarm
// and from one HTTP server with the same uplink, and how often the input left the creator.
#include <unistd.h>

#include <array>
#include <filesystem>
#include <fstream>
#include <thread>

#include "net/host.hpp"
#include "net/http.hpp"
#include "net/quiet.hpp"
#include "net/run.hpp"
#include "support/result.hpp"
#include "swarm/peer.hpp"

using namespace sublet;
using namespace sublet::bench;

namespace {

namespace fs = std::filesystem;

constexpr std::uint64_t kInputBytes = 200'000'000;
constexpr std::uint64_t kUplink_bytes_s = 20'000'000;
constexpr std::uint64_t kPieceBytes = 1U << 20U;  // of an answer of the HTTP server
constexpr double kPatience_s = 600;
constexpr std::array<unsigned, 3> kWorkers = {1, 4, 8};

// Not what compresses or repeats.
Bytes input() {
    Bytes out(kInputBytes, '\0');
    std::uint64_t state = 1;
    for (char& each : out) {
        state = state * 6'364'136'223'846'793'005ULL + 1'442'695'040'888'963'407ULL;
        each = static_cast<char>(state >> 56U);
    }
    return out;
}

struct Took {
    double seconds = 0;  // 0: it did not end
    double copies = 0;   // of the input that left the creator
};

std::unique_ptr<swarm::Peer> peer(const std::string& address, std::uint64_t upload_bytes_s) {
    return std::move(*swarm::Peer::open(
        {.address = address, .port = 0, .upload_bytes_s = upload_bytes_s, .own = swarm::Reach::kLoopback}));
}

Took by_swarm(const fs::path& folder, const swarm::Torrent& torrent, unsigned workers) {
    const auto creator = peer("", kUplink_bytes_s);
    (void)creator->add(torrent, folder / "creator", swarm::Part::kSeed, kInputBytes);
    std::vector<std::unique_ptr<swarm::Peer>> all;
    std::vector<swarm::PeerAddress> told;
    const Timer::time_point begun = Timer::now();
    for (unsigned i = 0; i < workers; ++i) {
        const fs::path own = folder / std::to_string(i);
        fs::create_directories(own);
        all.push_back(peer("127.0.0.1", 0));
        (void)all.back()->add(torrent, own, swarm::Part::kFetch, kInputBytes);
        (void)all.back()->take_first(torrent.info_hash, i, workers);
        (void)all.back()->connect(torrent.info_hash, told);
        told.push_back({"127.0.0.1", all.back()->port()});
    }
    (void)creator->connect(torrent.info_hash, told);
    const auto has_all = [&](const auto& each) {
        return each->progress(torrent.info_hash)->phase == swarm::Phase::kComplete;
    };
    Took out;
    while (!std::ranges::all_of(all, has_all)) {
        if (seconds_since(begun) > kPatience_s) {
            return out;
        }
        std::this_thread::sleep_for(std::chrono::milliseconds{50});
    }
    out.seconds = seconds_since(begun);
    out.copies = static_cast<double>(creator->progress(torrent.info_hash)->uploaded) / double{kInputBytes};
    for (unsigned i = 0; i < workers; ++i) {
        fs::remove_all(folder / std::to_string(i));
    }
    return out;
}

// Each answer waits for its turn on the uplink.
struct Uplink {
    net::Clock& clock;
    const Bytes& content;
    double free_s = 0;
    Timer::time_point begun = Timer::now();

    net::Task<net::Response> answer(net::Request request) {
        const std::uint64_t offset = std::strtoull(request.query["offset"].c_str(), nullptr, 10);
        net::Response out;
        out.body = content.substr(std::min<std::uint64_t>(offset, content.size()), kPieceBytes);
        const double now_s = seconds_since(begun);
        free_s = std::max(free_s, now_s) + static_cast<double>(out.body.size()) / double{kUplink_bytes_s};
        co_await clock.sleep(static_cast<std::uint64_t>((free_s - now_s) * 1'000));
        co_return out;
    }
};

net::Task<> fetch(net::Transport& transport, std::uint16_t port, fs::path file, unsigned& left) {
    std::ofstream out{file, std::ios::binary};
    std::uint64_t offset = 0;
    while (offset < kInputBytes) {
        net::Endpoint endpoint;
        endpoint.host = "127.0.0.1";
        endpoint.port = port;
        net::Request request;
        request.method = "GET";
        request.target = "/?offset=" + std::to_string(offset);
        const Result<net::Response> piece = co_await transport.send(endpoint, std::move(request), 60'000);
        if (!piece || piece->body.empty()) {
            co_return;
        }
        out << piece->body;
        offset += piece->body.size();
    }
    left -= 1;
}

net::Task<> wait_for(net::Clock& clock, const unsigned& left, Timer::time_point begun) {
    while (left > 0 && seconds_since(begun) < kPatience_s) {
        co_await clock.sleep(20);
    }
}

Took by_http(const fs::path& folder, const Bytes& content, unsigned workers) {
    net::Loop loop;
    const auto clock = net::system_clock();
    const auto transport = net::system_transport(loop);
    Uplink uplink{.clock = *clock, .content = content};
    net::Handler handler = [&](net::Request request) { return uplink.answer(std::move(request)); };
    const auto server = std::move(*net::listen(loop, net::ServerOptions{}, std::move(handler), {}, {}));
    unsigned left = workers;
    const Timer::time_point begun = Timer::now();
    for (unsigned i = 0; i < workers; ++i) {
        net::spawn(loop, fetch(*transport, server->port(), folder / ("http-" + std::to_string(i)), left));
    }
    net::run(loop, wait_for(*clock, left, begun));
    const Took out{left == 0 ? seconds_since(begun) : 0, static_cast<double>(workers)};
    for (unsigned i = 0; i < workers; ++i) {
        fs::remove(folder / ("http-" + std::to_string(i)));
    }
    return out;
}

void run(const fs::path& folder) {
    const Bytes content = input();
    fs::create_directories(folder / "creator");
    std::ofstream{folder / "creator" / swarm::kContentName, std::ios::binary} << content;
    swarm::TorrentMaker maker = *swarm::TorrentMaker::begin(content.size());
    maker.update(content);
    const swarm::Torrent torrent = *maker.finish();
    for (const unsigned workers : kWorkers) {
        const Took swarm = by_swarm(folder, torrent, workers);
        const Took http = by_http(folder, content, workers);
        char text[128];
        std::snprintf(text, sizeof text, "%u workers: swarm %.1f s (%.2f copies left the creator), HTTP %.1f s",
                      workers, swarm.seconds, swarm.copies, http.seconds);
        tell(text);
        print({.name = "swarm: 200 MB to " + std::to_string(workers) + " through an uplink of 20 MB/s",
               .value = swarm.seconds,
               .unit = "s",
               .against = "one HTTP server, same uplink",
               .against_value = http.seconds,
               .goal = workers == 1 ? std::nullopt : std::optional{workers == 4 ? 0.4 : 0.25},
               .goal_of_ratio = true,
               .lower_is_better = true,
               .curve = {},
               .skipped = swarm.seconds > 0 && http.seconds > 0 ? "" : "not ended in time"});
    }
}

}  // namespace

int main() {
    const fs::path folder = fs::temp_directory_path() / ("sublet-bench-swarm-" + std::to_string(::getpid()));
    run(folder);
    fs::remove_all(folder);
}
