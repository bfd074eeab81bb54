// restart.cpp: a node with a million live offers and leases starts again after a crash, and what it holds in memory; a
// heartbeat of a provider with one lease and of one with 100,000.
//
// usage: restart | restart open|work FOLDER: opens, prints seconds and bytes in memory; work: makes blocks and crashes
#include <jemalloc/jemalloc.h>
#include <unistd.h>

#include <array>
#include <fstream>

#include "modules/bank/messages.hpp"
#include "modules/provider/messages.hpp"
#include "support/node.hpp"

using namespace sublet;
using namespace sublet::bench;
using scenario::World;

namespace {

constexpr std::size_t kObjects = 1'000'000;
constexpr int kRounds = 5;
constexpr std::size_t kBlocksBefore = 20;  // since the last start, so that there is a log to be read
constexpr std::size_t kPerBlock = 1'000;
constexpr std::size_t kCrowd = 100'000;
constexpr int kHeartbeats = 200;  // a round

// What the process has in memory once the allocator has given back what it does not use.
double resident_bytes() {
    const std::string purge = "arena." + std::to_string(MALLCTL_ARENAS_ALL) + ".purge";
    if (mallctl(purge.c_str(), nullptr, nullptr, nullptr, 0) != 0) {
        throw scenario::Failure("the allocator does not purge");
    }
    std::ifstream file{"/proc/self/statm"};
    double whole = 0;
    double resident = 0;
    file >> whole >> resident;
    return resident * static_cast<double>(::sysconf(_SC_PAGESIZE));
}

// Blocks of sends among the tenants, as many as there are.
void work(Node& node) {
    Wallets wallets{node.view(), std::string{scenario::kChainId}};
    std::size_t next = 0;
    std::vector<std::vector<Bytes>> blocks(kBlocksBefore);
    for (std::vector<Bytes>& block : blocks) {
        for (std::size_t i = 0; i < kPerBlock; ++i, ++next) {
            bank::MsgSend message{World::address(tenant_name(next)), World::address(tenant_name(next / 2)), {}};
            message.amount.push_back(bank::coin_of(Amount{1}, "ucredit"));
            block.push_back(wallets.sign(tenant_name(next), wrap(message)));
        }
    }
    node.blocks(std::move(blocks));
}

void open_once(const std::filesystem::path& folder, bool goes_on) {
    const Timer::time_point start = Timer::now();
    Node node{folder};
    const double seconds = seconds_since(start);
    std::printf("%.6f %.0f\n", seconds, resident_bytes());
    std::fflush(stdout);
    if (goes_on) {
        work(node);
        std::_Exit(0);  // a crash: nothing is closed
    }
}

struct Opened {
    double seconds = 0;
    double bytes = 0;
};

// In a process of its own.
Opened reopen(const std::filesystem::path& folder, const char* mode) {
    const std::string self = std::filesystem::read_symlink("/proc/self/exe").string();
    std::FILE* const pipe = ::popen((self + " " + mode + " " + folder.string()).c_str(), "r");
    Opened out;
    const bool said = pipe != nullptr && std::fscanf(pipe, "%lf %lf", &out.seconds, &out.bytes) == 2;
    if (pipe == nullptr || ::pclose(pipe) != 0 || !said) {
        throw scenario::Failure("the node did not start again");
    }
    return out;
}

std::size_t payload_of(const State& state) {
    std::size_t bytes = 0;
    state.tree.visit("", "", [&](BytesView key, BytesView value) {
        bytes += key.size() + value.size();
        return true;
    });
    return bytes;
}

void restarts() {
    const engine::testing::Folder folder;
    std::size_t payload = 0;
    {
        const State state = make_state(half_offers_half_leases(kObjects));
        payload = payload_of(state);
        tell(std::to_string(state.tree.size()) + " keys, " + std::to_string(payload >> 20U) +
             " MiB of keys and values");
        write_state(folder.path() / "ledger", state);
        write_state(folder.path() / "empty", make_state({.tenants = 1, .providers = 0, .offers_each = 0}));
    }
    std::vector<double> seconds;
    std::vector<double> each;
    (void)reopen(folder.path() / "ledger", "work");
    for (int round = 0; round < kRounds; ++round) {
        const Opened empty = reopen(folder.path() / "empty", "open");
        const Opened full = reopen(folder.path() / "ledger", "work");
        seconds.push_back(full.seconds);
        each.push_back((full.bytes - empty.bytes - static_cast<double>(payload)) / kObjects);
        tell("round " + std::to_string(round + 1) + ": " + std::to_string(full.seconds) + " s, " +
             std::to_string(static_cast<std::size_t>(full.bytes) >> 20U) + " MiB, empty " +
             std::to_string(static_cast<std::size_t>(empty.bytes) >> 20U) + " MiB");
    }
    print({.name = "restart after a crash, 1 M live offers and leases",
           .value = median(seconds),
           .unit = "s",
           .against = {},
           .against_value = 0,
           .goal = 3,
           .goal_of_ratio = false,
           .lower_is_better = true,
           .curve = {}});
    print({.name = "memory of a live offer or lease beside its bytes",
           .value = median(each),
           .unit = "B",
           .against = "keys and values of the state, each",
           .against_value = static_cast<double>(payload) / kObjects,
           .goal = 1'024,
           .goal_of_ratio = false,
           .lower_is_better = true,
           .curve = {}});
}

// Heartbeats alone, one a block, by providers 0 and 1 of a ledger.
class Beats {
public:
    explicit Beats(std::size_t crowd) {
        const State state =
            make_state({.tenants = 400, .providers = 2, .offers_each = 16, .leases = 1, .crowd = crowd});
        app_ = need(
            app::App::from_state(state.genesis.chain_id, Height{0}, state.time, state.tree.root_hash(), state.tree));
        wallets_.emplace(app_->committed()->view, state.genesis.chain_id);
        for (std::size_t i = 0; i < leases_.size(); ++i) {
            leases_.at(i) =
                provider::find(app_->committed()->view, World::raw_address(provider_name(i)))->active_leases;
        }
    }
    [[nodiscard]] std::uint64_t leases(std::size_t provider) const { return leases_.at(provider); }
    double microseconds(std::size_t provider) {
        const std::shared_ptr<const app::Committed> before = app_->committed();
        const std::string agent = agent_name(provider);
        app::BlockRequest request{
            Height{before->height.value() + 1}, saturating_add(before->time, BlockTime{10}), {}, {}};
        request.transactions.push_back(wallets_->sign(agent, wrap(provider::MsgHeartbeat{World::address(agent), {}})));
        request.prepared.push_back(app_->prepare(request.transactions.back()));
        const Timer::time_point start = Timer::now();
        const app::BlockResult result = app_->finalize_block(request);
        (void)app_->commit();
        const double seconds = seconds_since(start);
        if (result.transactions.front().code != Code::kOk) {
            throw scenario::Failure("a heartbeat was refused: " + result.transactions.front().log);
        }
        return seconds * 1e6;
    }

private:
    std::unique_ptr<app::App> app_;
    std::optional<Wallets> wallets_;
    std::array<std::uint64_t, 2> leases_{};
};

void heartbeats() {
    Beats many{kCrowd};
    Beats few{0};
    if (many.leases(0) != kCrowd || many.leases(1) != 1 || few.leases(0) + few.leases(1) != 1) {
        throw scenario::Failure("the leases are not where they should be");
    }
    const std::size_t one = few.leases(0) == 1 ? 0 : 1;
    std::vector<double> crowd;
    std::vector<double> beside;
    std::vector<double> alone;
    for (int round = -1; round < kRounds; ++round) {  // one to warm up
        std::array<std::vector<double>, 3> all;
        for (int i = 0; i < kHeartbeats; ++i) {
            all[0].push_back(many.microseconds(0));
            all[1].push_back(many.microseconds(1));
            all[2].push_back(few.microseconds(one));
        }
        if (round >= 0) {
            crowd.push_back(median(all[0]));
            beside.push_back(median(all[1]));
            alone.push_back(median(all[2]));
        }
    }
    const auto row = [](const char* name, const std::vector<double>& value, const char* against,
                        const std::vector<double>& other, std::optional<double> goal) {
        print({.name = name,
               .value = median(value),
               .unit = "µs",
               .against = against,
               .against_value = median(other),
               .goal = goal,
               .goal_of_ratio = true,
               .lower_is_better = true,
               .curve = {}});
    };
    row("heartbeat of a provider with 100,000 leases", crowd, "of one with one lease, same ledger", beside, 1.1);
    row("heartbeat with one lease, 100,000 others in the ledger", beside, "with one lease, no others", alone, {});
}

}  // namespace

int main(int argc, char** argv) {
    return guarded("restart", [&] {
        const std::vector<std::string> words(argv + 1, argv + argc);
        if (words.size() == 2) {
            open_once(words[1], words[0] == "work");
            return;
        }
        heartbeats();
        restarts();
    });
}
