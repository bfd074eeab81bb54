// consensus.cpp: the supervisor's thread: replica, sockets, child; and again when one of them has ended.
#include "engine/cometbft/consensus.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <nlohmann/json.hpp>

#include "app/upgrades.hpp"
#include "engine/cometbft/child.hpp"
#include "net/log.hpp"

namespace sublet::engine {
namespace {

using Clock = std::chrono::steady_clock;

constexpr unsigned kServe_ms = 100;
constexpr unsigned kFirstPause_ms = 250;
constexpr unsigned kLongestPause_ms = 30'000;

std::string text_of(const nlohmann::json& line, const char* key) {
    const auto found = line.find(key);
    return found != line.end() && found->is_string() ? found->get<std::string>() : std::string{};
}

}  // namespace

// How one run of the child went.
struct Consensus::Turn {
    int code = 0;
    bool made_blocks = false;
    std::optional<std::string> halted;  // the application could not go on
};

Result<std::unique_ptr<Consensus>> Consensus::start(ConsensusOptions options, Events events) {
    TRY(store, store::Store::open(options.ledger));
    std::unique_ptr<Consensus> out{new Consensus{std::move(options), std::move(events), std::move(store)}};
    TRY_OK(out->open_replica());
    out->thread_ = std::thread{[raw = out.get()] { raw->supervise(); }};
    return out;
}

Consensus::~Consensus() { stop(); }

void Consensus::stop() {
    {
        const std::scoped_lock lock{mutex_};
        stopping_ = true;
    }
    stopped_.notify_all();
    const std::scoped_lock one_joins{joining_};
    if (thread_.joinable()) {
        thread_.join();
    }
}

std::shared_ptr<const Replica> Consensus::replica() const {
    const std::scoped_lock lock{mutex_};
    return replica_;
}

std::optional<std::string> Consensus::halted() const {
    const std::scoped_lock lock{mutex_};
    return halted_;
}

void Consensus::halt(std::string why) {
    net::log(net::LogLevel::kCritical, "engine", "the node stops: " + why);
    const std::scoped_lock lock{mutex_};
    halted_ = std::move(why);
}

// True: it is time to stop.
bool Consensus::pause(unsigned for_ms) {
    std::unique_lock lock{mutex_};
    return stopped_.wait_for(lock, std::chrono::milliseconds{for_ms}, [this] { return stopping_; });
}

// What the last replica had executed and not stored dies with it; readers keep the last one until the new one is there.
Result<> Consensus::open_replica() {
    if (replica_) {
        replica_->end_snapshots();
    }
    TRY(opened, Replica::open(*store_, options_.replica, events_.replica));
    const std::shared_ptr<Replica> fresh{std::move(opened)};
    const std::scoped_lock lock{mutex_};
    replica_ = fresh;
    return {};
}

void Consensus::supervise() {
    unsigned failed = 0;
    unsigned wait_ms = kFirstPause_ms;
    while (true) {
        const Result<Turn> turn = run_once();
        if (pause(0)) {
            return;
        }
        if (!turn || turn->halted) {
            halt(turn ? *turn->halted : turn.error().message);
            return;
        }
        failed = turn->made_blocks ? 0 : failed + 1;
        if (failed == kMaxFailedStarts) {
            halt(fmt::format("CometBFT ended {} times without a block (exit code {}): {}", failed, turn->code,
                             last_words_.empty() ? "it said nothing" : last_words_));
            return;
        }
        wait_ms = turn->made_blocks ? kFirstPause_ms : std::min(2 * wait_ms, kLongestPause_ms);
        events_.lost();
        net::log(net::LogLevel::kWarning, "engine",
                 fmt::format("CometBFT ended (exit code {}); it starts again in {} ms", turn->code, wait_ms),
                 {{"last_words", last_words_}});
        if (pause(wait_ms)) {
            return;
        }
        if (const Result<> opened = open_replica(); !opened) {
            halt(opened.error().message);
            return;
        }
    }
}

Result<Consensus::Turn> Consensus::run_once() {
    std::shared_ptr<Replica> replica;
    {
        const std::scoped_lock lock{mutex_};
        replica = replica_;
    }
    const auto height = [&replica] {
        const std::shared_ptr<const app::Committed> state = replica->committed();
        return state ? state->height : Height{0};
    };
    const Height before = height();
    std::error_code gone;
    std::filesystem::remove(rpc_socket(), gone);  // of one that was killed
    TRY(server, abci::Server::start("unix://" + application_socket().string(), *replica));
    // Its peers are told where it answers: a path of this machine is none of their business.
    const std::vector<std::string> argv = {options_.program.string(), "node", "--home=.",
                                           "--proxy_app=unix://" + application_socket().filename().string(),
                                           "--rpc.laddr=unix://" + rpc_socket().filename().string()};
    TRY(child, Child::start(argv, options_.home.string(), [this](std::string_view line) { said(line); }));
    Turn out;
    while (true) {
        if (const std::optional<int> code = child->serve(kServe_ms)) {
            out.code = *code;
            break;
        }
        warn_of_upgrade(*replica);
        out.halted = server->halted();
        if (out.halted || pause(0)) {
            ending_ = true;
            child->end();  // it still asks while it ends
            break;
        }
    }
    out.halted = server->halted();
    out.made_blocks = height() > before;
    return out;
}

// Once for each, and after each start: whoever runs the node has until then.
void Consensus::warn_of_upgrade(const Replica& replica) {
    const std::shared_ptr<const app::Committed> state = replica.committed();
    std::optional<std::string> ahead = state ? app::unknown_plan(state->view) : std::nullopt;
    if (ahead && ahead != warned_) {
        net::log(net::LogLevel::kWarning, "engine", *ahead);
    }
    warned_ = std::move(ahead);
}

// A line of its log, which is JSON. Errors are for whoever runs the node; the rest is for who looks closely.
void Consensus::said(std::string_view line) {
    const nlohmann::json parsed = nlohmann::json::parse(line, nullptr, false);
    if (!parsed.is_object()) {
        if (!line.empty()) {
            last_words_ = line;
            net::log(net::LogLevel::kDebug, "cometbft", last_words_);
        }
        return;
    }
    const std::string level = ending_ ? "debug" : text_of(parsed, "level");
    const std::string error = text_of(parsed, "err");
    const std::string words = text_of(parsed, "_msg") + (error.empty() ? "" : ": " + error);
    if (level == "error") {
        last_words_ = words;
    }
    net::log(level == "error" ? net::LogLevel::kWarning : net::LogLevel::kDebug, "cometbft", words,
             {{"module", text_of(parsed, "module")}});
}

}  // namespace sublet::engine
