// world.hpp: a whole market in one thread: replicas of the ledger, providers with the real agent, tenants with the real
// client, and what goes wrong between them.
#pragma once

#include <array>
#include <filesystem>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "api/node.hpp"
#include "consensus.hpp"
#include "process.hpp"

namespace sublet::sim {

struct Campaign {
    std::uint64_t seed = 1;
    std::uint64_t replicas = 3;
    std::uint64_t providers = 2;
    std::uint64_t tenants = 3;
    std::uint64_t creators = 2;
    std::uint64_t workers = 4;
    std::uint64_t job_tasks = 0;                     // not zero: one job of so many, honest creator and workers
    std::uint64_t hostile_ms = 30 * 60'000;          // the safety phase: faults
    std::uint64_t healed_ms = 18 * 60'000;           // the liveness phase: everything must come to an end
    std::optional<std::set<std::string>> attackers;  // by name; nothing: those that the seed draws
    bool faults = true;
    bool twice = false;                           // the second run must go the same way
    std::optional<std::set<std::uint64_t>> only;  // of the troubles, counted from 0; nothing: all of them
    std::string plant;                            // a bug put in on purpose: see kPlants
    bool audited = true;                          // else only the statements judge what the money did
};

// Bugs that exist to be found, of the fake engine or of the rules that all replicas follow.
//   lost-commit  a crash loses one unsynced commit and keeps the next
//   reordered    the last replica executes blocks backwards
//   torn-batch   a crash writes half of a commit
//   early-pay    every ledger pays out a second earlier than docs/spec/money.md says
// Rules of docs/spec/threats.md that every ledger breaks:
//   no-hold        T9: what was earned is paid out at once
//   no-least-bill  T3: who leaves at once pays nothing
//   long-grace     T3: an hour without money instead of ten minutes
//   terms-at-once  T5: worse terms do not wait
// Rules of docs/spec/jobs.md: plants.hpp.
inline constexpr std::array kPlants{"lost-commit", "torn-batch",    "reordered",   "early-pay",
                                    "no-hold",     "no-least-bill", "long-grace",  "terms-at-once",
                                    "paid-twice",  "no-stake",      "same-attempt"};
// Troubles of creators and workers have numbers of their own, from this one on.
inline constexpr std::uint64_t kFirstJobTrouble = 1'000;

struct Report {
    bool ok = false;
    std::string why;  // the broken promise
    Hash digest{};    // of every block's app hash and every mark: the same seed gives the same
    std::uint64_t blocks = 0;
    std::uint64_t transactions = 0;
    std::uint64_t exchanges = 0;
    std::map<std::string, std::uint64_t> marks;  // rare paths that were hit, and how often
    std::uint64_t troubles = 0;                  // how many things went wrong, or would have
    std::uint64_t job_troubles = 0;              // the same, with creators and workers
    std::vector<std::string> story;              // of a broken one: what went wrong and what the ledger said, in order
    std::string digest_hex;                      // as a child process reports it
    double seconds = 0;                          // of the wall clock
};

// Where the process of that number keeps the files of its world.
std::filesystem::path scratch_folder(int process, std::uint64_t seed);

class Attacker;
class JobActor;
class Provider;
class Tenant;

class World {
public:
    explicit World(Campaign campaign);
    ~World();
    World(const World&) = delete;
    World& operator=(const World&) = delete;

    Report run();

    // For the actors.
    SimTime& time() { return time_; }
    SimNetwork& network() { return network_; }
    Consensus& consensus() { return *consensus_; }
    [[nodiscard]] const Dice& dice() const { return dice_; }
    [[nodiscard]] const std::filesystem::path& folder() const { return folder_; }
    [[nodiscard]] bool closing() const { return closing_; }
    [[nodiscard]] std::uint64_t healed_at_ms() const { return healed_at_ms_; }  // of a world that is closing
    [[nodiscard]] std::uint64_t job_tasks() const { return campaign_.job_tasks; }
    void mark(const std::string& what) { ++marks_[what]; }
    // For the story of a failure.
    void tell(std::string what) { story_.emplace_back(time_.now_ms(), std::move(what)); }
    Process& spawn_process(const std::string& name, const std::string& host);
    void kill(Process& process);
    // Where a process of that number dials.
    [[nodiscard]] net::Endpoint node_for(std::size_t number) const;
    crypto::SecretKey key(const std::string& name) const;

private:
    void start_node(std::size_t index);
    void end_node(std::size_t index);          // its process alone
    std::size_t kill_node(std::size_t index);  // gives how many commits its disk lost
    void settle();                             // runs every live loop until nobody has anything to do at this moment
    void pass(std::uint64_t length_ms);
    void heal();
    void trouble(Dice fate);
    void trouble_at_node(Dice& fate, std::uint64_t later_ms);
    void trouble_with_clock(Dice& fate, std::uint64_t later_ms);
    std::string trouble_at_disk(Dice& fate, Provider& provider);
    void trouble_at_provider(Dice& fate, std::uint64_t kind, std::uint64_t later_ms);
    std::vector<std::string> story() const;
    void schedule_trouble();
    void judge(Report& report);
    void mark_events(const std::vector<store::StoredEvent>& events);
    app::Genesis genesis() const;
    [[nodiscard]] bool lives(std::string_view attacker) const;
    // The address of the key of that name, as text.
    std::string address(const std::string& name) const;
    void start_everybody();
    // world_jobs.cpp
    void start_creators_and_workers();
    void schedule_job_trouble();
    void job_trouble(Dice fate, std::uint64_t number);
    void heal_creators_and_workers();
    void pass_until_the_job_is_over();
    [[nodiscard]] std::string job_not_over() const;

    Campaign campaign_;
    Dice dice_;
    Dice fate_, job_fate_;
    SimTime time_;
    SimNetwork network_;
    std::filesystem::path folder_;
    std::unique_ptr<Consensus> consensus_;
    std::vector<Process*> processes_;  // alive; the dead are never destroyed
    std::vector<Process*> node_processes_;
    std::vector<std::unique_ptr<api::Node>> nodes_;
    std::vector<std::unique_ptr<Provider>> providers_;
    std::vector<std::unique_ptr<Tenant>> tenants_;
    std::vector<std::unique_ptr<Attacker>> attackers_;
    std::vector<std::unique_ptr<JobActor>> job_actors_;
    std::map<std::string, std::uint64_t> marks_;
    std::vector<std::pair<std::uint64_t, std::string>> story_;
    std::uint64_t troubles_ = 0, job_troubles_ = 0;
    bool closing_ = false;
    std::uint64_t healed_at_ms_ = 0;
};

}  // namespace sublet::sim
