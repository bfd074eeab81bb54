// served.cpp: starts this program again as `--serve`, and what it does then.
#include "served.hpp"

#include <signal.h>
#include <unistd.h>

#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <thread>

#include "engine/cometbft/replica.hpp"
#include "engine/cometbft/server.hpp"
#include "engine/cometbft/sockets.hpp"
#include "net/log.hpp"
#include "plants.hpp"

namespace sublet::sim {
namespace {

constexpr unsigned kLook_ms = 2;
constexpr std::size_t kThreads = 1;          // beside the application's own
constexpr std::uint64_t kSnapshotEvery = 5;  // heights
constexpr int kRefused = 3;                  // the exit code of one that did not open its folder

// Whether somebody listens there.
bool listens(const std::string& address) {
    const Result<int> socket = abci::dial(address);
    if (socket) {
        ::close(*socket);
    }
    return socket.has_value();
}

}  // namespace

Result<> ServedReplica::start(const std::string& crash_at) {
    kill();
    last_words_.clear();
    std::filesystem::remove(abci::socket_file(address()));
    crash_at.empty() ? ::unsetenv("SUBLET_CRASH_AT") : ::setenv("SUBLET_CRASH_AT", crash_at.c_str(), 1);
    const std::string self = std::filesystem::read_symlink("/proc/self/exe").string();
    std::vector<std::string> argv{self, "--serve", folder_.string()};
    if (!plant_.empty()) {
        argv.insert(argv.end(), {"--plant", plant_});
    }
    TRY(child, engine::Child::start(argv, folder_.string(), [this](std::string_view line) { last_words_ = line; }));
    child_ = std::move(child);
    const auto until = std::chrono::steady_clock::now() + std::chrono::milliseconds{kServedPatience_ms};
    while (!listens(address())) {
        if (const std::optional<int> code = child_->serve(kLook_ms)) {
            return fail(Code::kIo, last_words_.empty() ? "it ended with " + std::to_string(*code) : last_words_);
        }
        if (std::chrono::steady_clock::now() > until) {
            return fail(Code::kTimeout, "it does not listen");
        }
    }
    return {};
}

void ServedReplica::kill() {
    if (child_ && !child_->serve(0)) {
        ::kill(child_->pid(), SIGKILL);
        child_->serve(engine::kChildPatience_ms);
    }
    child_.reset();
}

std::optional<int> ServedReplica::ended(unsigned within_ms) {
    return child_ ? child_->serve(within_ms) : std::optional{128 + SIGKILL};
}

int serve_replica(const std::filesystem::path& folder, const std::string& plant) {
    const auto say = [](const std::string& words) {
        std::fprintf(stderr, "%s\n", words.c_str());
        return kRefused;
    };
    net::set_log_sink([&](const net::LogLine& line) {
        if (line.level == net::LogLevel::kCritical) {
            say(line.message);
        }
    });
    auto store = store::Store::open(folder / "ledger");
    if (!store) {
        return say(store.error().message);
    }
    engine::ReplicaOptions options;
    options.threads = kThreads;
    options.snapshots = engine::SnapshotOptions{
        .folder = folder / "snapshots", .every = kSnapshotEvery, .keep = 2, .target_bytes = kSnapshotChunk};
    auto replica = engine::Replica::open(**store, options, {});
    if (!replica) {
        return say(replica.error().message);
    }
    const std::unique_ptr<abci::Application> bent = plant_into(plant, **replica, folder);
    abci::Application& application = bent ? *bent : **replica;
    const bool relayed = plant == kEarlyFlush;
    const std::string outer = "unix://" + (folder / "abci.sock").string();
    const auto server =
        abci::Server::start(relayed ? "unix://" + (folder / "inner.sock").string() : outer, application);
    if (!server) {
        return say(server.error().message);
    }
    if (relayed) {
        return answer_flushes_early(outer, (*server)->address());
    }
    while (!(*server)->halted()) {
        std::this_thread::sleep_for(std::chrono::milliseconds{kLook_ms});
    }
    ::pause();  // CometBFT, which was told why, ends, and the node with it
    return 0;
}

}  // namespace sublet::sim
