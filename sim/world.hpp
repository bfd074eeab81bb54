// world.hpp: a whole market in one thread: replicas of the ledger, providers with the real agent, tenants with the real
// client, and what goes wrong between them.
#pragma once

#include <filesystem>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "api/node.hpp"
#include "campaign.hpp"
#include "consensus.hpp"
#include "process.hpp"

namespace sublet::sim {

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
    [[nodiscard]] std::uint64_t stakers() const { return *campaign_.stakers; }
    [[nodiscard]] std::uint64_t cheats_percent() const { return *campaign_.cheats_percent; }
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
    void draw_people();
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
