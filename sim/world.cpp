// world.cpp: who is where, what goes wrong when, and what must hold at the end.
#include "world.hpp"

#include <algorithm>

#include <unistd.h>

#include "actors.hpp"
#include "attackers.hpp"
#include "crypto/address.hpp"
#include "crypto/sha256.hpp"
#include "job_actors.hpp"
#include "keep.hpp"
#include "modules/bank/bank.hpp"
#include "modules/market/market.hpp"
#include "replica_engine.hpp"
#include "stakers.hpp"
#include "statements.hpp"

namespace sublet::sim {
namespace {

constexpr std::uint16_t kNodePort = 26'657;
constexpr std::uint64_t kBlockMs = 500;
constexpr std::uint64_t kTasksPerLook = 1'000;  // a look at all sums takes time with the size of the state

}  // namespace

std::filesystem::path scratch_folder(int process, std::uint64_t seed) {
    // In memory where there is such a place: what a crash may lose is simulated, no disk has to be waited for.
    const std::filesystem::path memory = "/dev/shm";
    std::error_code ignored;
    const bool there = std::filesystem::is_directory(memory, ignored);
    return (there ? memory : std::filesystem::temp_directory_path()) /
           ("sublet-sim-" + std::to_string(process) + "-" + std::to_string(seed));
}

World::World(Campaign campaign)
    : campaign_(std::move(campaign)),
      dice_(campaign_.seed),
      fate_(dice_.fork("fate")),
      job_fate_(dice_.fork("fate of jobs")),
      network_(time_, dice_.fork("network")),
      folder_(scratch_folder(::getpid(), campaign_.seed)) {
    draw_people();
    std::filesystem::remove_all(folder_);
    std::filesystem::create_directories(folder_);
    consensus_ = std::make_unique<Consensus>(time_, dice_.fork("consensus"), genesis(), campaign_.replicas);
    consensus_->plant(campaign_.plant);
    consensus_->look_every(1 + campaign_.job_tasks / kTasksPerLook);
    if (!campaign_.audited) {
        consensus_->dismiss_auditor();
    }
    node_processes_.resize(campaign_.replicas);
    nodes_.resize(campaign_.replicas);
}

World::~World() {
    for (auto& each : providers_) {
        keep_for_ever(std::move(each));
    }
    for (auto& each : tenants_) {
        keep_for_ever(std::move(each));
    }
    for (auto& each : attackers_) {
        keep_for_ever(std::move(each));
    }
    for (auto& each : job_actors_) {
        keep_for_ever(std::move(each));
    }
    for (auto& each : nodes_) {
        keep_for_ever(std::move(each));
    }
    keep_for_ever(std::move(consensus_));
    std::error_code ignored;
    std::filesystem::remove_all(folder_, ignored);
}

Process& World::spawn_process(const std::string& name, const std::string& host) {
    auto made = std::make_unique<Process>(time_, network_, dice_.fork(std::to_string(time_.now_ms())), name, host);
    Process& out = *made;
    processes_.push_back(&out);
    keep_for_ever(std::move(made));
    return out;
}

void World::kill(Process& process) {
    std::erase(processes_, &process);
    network_.drop(process.name);
}

net::Endpoint World::node_for(std::size_t number) const {
    net::Endpoint out;
    out.host = "node-" + std::to_string(number % campaign_.replicas);
    out.port = kNodePort;
    return out;
}

void World::end_node(std::size_t index) {
    kill(*node_processes_[index]);
    keep_for_ever(std::move(nodes_[index]));
}

std::size_t World::kill_node(std::size_t index) {
    end_node(index);
    return consensus_->crash(index, 500);
}

void World::start_node(std::size_t index) {
    const Result<> started = consensus_->start(index);
    if (!started) {
        return;  // consensus_->broken() has it
    }
    const std::string name = "node-" + std::to_string(index);
    Process& process = spawn_process(name, name);
    node_processes_[index] = &process;
    api::NodeOptions options;
    options.port = kNodePort;
    auto engine = replica_engine(process.loop, time_, *consensus_, index);
    auto clock = std::make_unique<SimClock>(time_, process.loop);
    nodes_[index] = *api::Node::serve(process.loop, {std::move(clock), std::move(engine), *process.listener}, options);
}

// Loops take turns until none has work: the order is that of their start, so it is the same every time.
void World::settle() {
    bool busy = true;
    while (busy) {
        busy = false;
        for (std::size_t i = 0; i < processes_.size(); ++i) {
            net::Loop& loop = processes_[i]->loop;
            loop.restart();
            busy = loop.poll() > 0 || busy;
        }
    }
}

void World::pass(std::uint64_t length_ms) {
    const std::uint64_t until_ms = time_.now_ms() + length_ms;
    while (time_.now_ms() < until_ms && !consensus_->broken()) {
        const std::uint64_t next_ms = std::min(until_ms, time_.now_ms() + kBlockMs);
        time_.jump_to(next_ms, [this] { settle(); });
        consensus_->turn();
        for (const std::size_t node : consensus_->take_crashed()) {
            mark("a node was killed within a block");
            tell("node-" + std::to_string(node) + " is killed between FinalizeBlock and Commit, back after 10 s");
            end_node(node);
            time_.after(10'000, [this, node] { start_node(node); });
        }
        settle();
    }
}

void World::heal() {
    if (!consensus_->broken()) {
        tell("everything heals; tenants close what they have");
    }
    closing_ = true;
    healed_at_ms_ = time_.now_ms();
    network_.weather = {};
    consensus_->set_gossip(0, 0);
    consensus_->set_clocks_right();
    for (std::size_t i = 0; i < campaign_.replicas; ++i) {
        network_.mend("node-" + std::to_string(i));
    }
    for (const auto& each : providers_) {
        network_.mend(each->name());
        each->set_clock(0);
        each->engine().plan.engine_down = false;
        each->engine().plan.pull_errors.erase("db:1");
    }
    heal_creators_and_workers();
}

// ───── the verdict ─────

void World::judge(Report& report) {
    if (const std::optional<Broken>& broken = consensus_->broken()) {
        report.why = "height " + std::to_string(broken->height.value()) + ": " + broken->what;
        return;
    }
    for (const auto& [what, count] : marks_) {
        if (what.starts_with("BROKEN")) {
            report.why = what;
            return;
        }
    }
    if (consensus_->up_count() != campaign_.replicas) {
        report.why = "a node did not come back";
        return;
    }
    const std::shared_ptr<const app::Committed> last = consensus_->latest();
    const Bytes prefix = market::lease_key(LeaseId{}).substr(0, 2);
    last->view.visit(prefix, prefix, [&](BytesView, BytesView value) {
        const auto lease = codec::decode<market::Lease>(value);
        if (lease && lease->state != market::LeaseState::kClosed && report.why.empty()) {
            report.why = "lease " + std::to_string(lease->id.value()) + " never settled: it is " +
                         std::string{to_name(lease->state)};
        }
        return report.why.empty();
    });
    for (const auto& each : providers_) {
        if (const std::string left = each->leftovers(); !left.empty() && report.why.empty()) {
            report.why = each->name() + " leaves " + left;
        }
    }
    report.why = report.why.empty() ? job_not_over() : report.why;
    Suspects suspects;
    for (const AttackerKind& kind : attacker_kinds()) {
        const std::vector<std::string> accounts = accounts_of(kind);
        if (lives(kind.name) && kind.is_provider) {
            suspects.providers.emplace_back(address(accounts.front()), address(accounts.back()));
        } else if (lives(kind.name)) {
            suspects.tenants.push_back(address(accounts.front()));
        }
    }
    const Judgement judgement = judge_campaign(*consensus_, suspects);
    report.why = report.why.empty() ? judgement.untrue.value_or("") : report.why;
    for (const auto& marks : {judgement.marks, consensus_->auditor().marks()}) {
        for (const auto& [what, times] : marks) {
            marks_[what] += times;
        }
    }
    report.ok = report.why.empty();
}

// Troubles and the events of the ledger, by time.
std::vector<std::string> World::story() const {
    auto all = story_;
    for (const engine::BlockPtr& block : consensus_->blocks()) {
        const std::uint64_t at_ms = consensus_->decided_at_ms()[block->block.header.height.value() - 1];
        const auto add = [&](const std::vector<store::StoredEvent>& events) {
            for (const store::StoredEvent& event : events) {
                if (event.type.starts_with("sublet.")) {
                    std::string line =
                        "block " + std::to_string(block->block.header.height.value()) + ": " + event.type;
                    for (const auto& each : event.attributes) {
                        line += " " + each.key + "=" + each.value;
                    }
                    all.emplace_back(at_ms, std::move(line));
                }
            }
        };
        for (const store::StoredTx& tx : block->transactions) {
            add(tx.events);
        }
        add(block->events);
    }
    std::ranges::stable_sort(all, {}, [](const auto& each) { return each.first; });
    std::vector<std::string> out;
    for (const auto& [at_ms, what] : all) {
        out.push_back(std::to_string(at_ms / 1000) + "." + std::to_string(at_ms % 1000 / 100) + " s  " + what);
    }
    return out;
}

// What the ledger said happened is what a campaign reached.
void World::mark_events(const std::vector<store::StoredEvent>& events) {
    for (const store::StoredEvent& event : events) {
        if (event.type.starts_with("sublet.")) {
            mark(event.type);
        }
    }
}

void World::start_everybody() {
    const bool trouble = campaign_.faults && !(campaign_.only && campaign_.only->empty());
    for (std::size_t i = 0; i < campaign_.replicas; ++i) {
        start_node(i);
        if (trouble && dice_.fork("first start of " + std::to_string(i)).chance(200)) {
            mark("a node was killed before its first block");
            tell("node-" + std::to_string(i) + " is killed before its first block, and starts again");
            kill_node(i);
            start_node(i);
        }
    }
    pass(2'000);
    for (std::size_t i = 0; i < campaign_.providers; ++i) {
        providers_.push_back(std::make_unique<Provider>(*this, i));
        providers_.back()->start();
    }
    for (std::size_t i = 0; i < campaign_.tenants; ++i) {
        tenants_.push_back(std::make_unique<Tenant>(*this, i));
        tenants_.back()->start();
        consensus_->auditor().watch(address("tenant-" + std::to_string(i)));
    }
    for (const AttackerKind& kind : attacker_kinds()) {
        if (lives(kind.name)) {
            attackers_.push_back(kind.make(*this, std::string{kind.name}));
            attackers_.back()->begin();
        }
    }
    start_creators_and_workers();
}

Report World::run() {
    start_everybody();
    if (campaign_.faults) {
        schedule_trouble();
        schedule_job_trouble();
    }
    campaign_.job_tasks > 0 ? pass_until_the_job_is_over() : pass(campaign_.hostile_ms);
    heal();
    pass(campaign_.healed_ms);

    Report report;
    judge(report);
    crypto::Sha256 digest;
    for (const engine::BlockPtr& block : consensus_->blocks()) {
        digest.update(view_of(block->block.app_hash_after));
        report.transactions += block->transactions.size();
        for (const store::StoredTx& tx : block->transactions) {
            mark_events(tx.events);
        }
        mark_events(block->events);
    }
    for (const auto& [what, count] : marks_) {
        digest.update(what + "=" + std::to_string(count));
    }
    report.digest = digest.finish();
    report.blocks = consensus_->blocks().size();
    report.exchanges = network_.exchanges();
    report.marks = marks_;
    report.troubles = troubles_;
    report.job_troubles = job_troubles_;
    if (!report.ok) {
        report.story = story();
    }
    return report;
}

}  // namespace sublet::sim
