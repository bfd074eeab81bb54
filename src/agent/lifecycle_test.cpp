// lifecycle_test.cpp: who may start and who rests: one row per situation of two services, "web" waiting for "db".
#include "agent/lifecycle.hpp"

#include <gtest/gtest.h>

namespace sublet::agent {
namespace {

using market::LeaseState;
using runtime::Phase;

constexpr std::uint64_t kNow = 1'000'000;
constexpr LeaseId kLease{7};

Replica replica_of(const std::string& service) {
    Replica out;
    out.spec.lease = "7";
    out.spec.service = service;
    out.spec.revision = "r1";
    out.spec.image = service + ":1";
    return out;
}

struct World {
    Workload workload;
    Desired desired;
    Actual actual;
    Memory memory;

    explicit World(sdl::After condition, sdl::Restart restart = {}) {
        workload.replicas = {replica_of("db"), replica_of("web")};
        workload.replicas[0].lifecycle.restart = restart;
        workload.replicas[1].lifecycle.after = {{"db", condition}};
        desired.fresh = true;
        desired.now = LedgerTime{500'000};
        WantedLease lease{.id = kLease, .state = LeaseState::kAssigned};
        lease.start_by = LedgerTime{900'000};
        lease.workload = &workload;
        desired.leases.push_back(lease);
        for (const char* image : {"db:1", "web:1"}) {
            memory[kLease].images[image].present = true;
        }
    }
    World(const World&) = delete;
    World& operator=(const World&) = delete;

    ReplicaMemory& of(const std::string& service) { return memory[kLease].replicas[{service, 0}]; }
    void has(const std::string& service, Phase phase, int exit_code = 0) {
        std::erase_if(actual.containers, [&](const auto& each) { return each.service == service; });
        runtime::ContainerState state;
        state.id = "c-" + service;
        state.lease = "7";
        state.service = service;
        state.revision = "r1";
        state.phase = phase;
        state.exit_code = exit_code;
        state.finished_unix_ms = phase == Phase::kExited ? ++ends_ : 0;
        actual.containers.push_back(state);
    }
    // What the agent sees, and what it would do.
    std::string look(std::uint64_t now_ms = kNow) {
        observe(memory, desired, actual, now_ms);
        std::string out;
        for (const Step& step : plan(desired, actual, memory, now_ms)) {
            out += (out.empty() ? "" : " | ") + std::string{to_name(step.kind)};
            out += step.target.empty() ? "" : " " + step.target;
            out += step.kind == StepKind::kEnd ? ": " + step.why : "";
        }
        return out;
    }
    std::uint64_t ends_ = 0;
};

TEST(Lifecycle, AServiceStartsAfterTheOneItWaitsFor) {
    World world{sdl::After::kStarted};
    EXPECT_EQ(world.look(), "network | create db:1");
    world.has("db", Phase::kCreated);
    EXPECT_EQ(world.look(), "start c-db");
    world.has("db", Phase::kRunning);
    EXPECT_EQ(world.look(), "network | create web:1");
    world.has("web", Phase::kRunning);
    EXPECT_EQ(world.look(), "");
    EXPECT_EQ(world.look(kNow + kSettle_ms), "ready");
    // What runs stays when what it waited for is started again.
    world.has("db", Phase::kExited, 1);
    EXPECT_EQ(world.look(kNow + kSettle_ms), "");
    EXPECT_EQ(world.look(kNow + kSettle_ms + 1'000), "start c-db");
}

TEST(Lifecycle, HealthIsAskedForAndWaitedFor) {
    World world{sdl::After::kHealthy};
    world.workload.replicas[0].lifecycle.health = sdl::HealthCheck{.test = {"true"}};
    EXPECT_TRUE(health_is_wanted(world.workload, "db"));
    EXPECT_FALSE(health_is_wanted(world.workload, "web"));
    world.has("db", Phase::kRunning);
    EXPECT_EQ(world.look(), "");
    world.of("db").healthy = true;
    EXPECT_EQ(world.look(), "network | create web:1");
    world.has("db", Phase::kExited, 1);
    world.look();
    EXPECT_FALSE(world.of("db").healthy);  // it is asked again when it runs again

    World image{sdl::After::kHealthy};  // no check in the file: the image's own, where the engine runs it
    image.has("db", Phase::kRunning);
    image.actual.containers[0].health = "starting";
    EXPECT_EQ(image.look(), "");
    EXPECT_EQ(image.look(kNow + kImageHealthPatience_ms), "network | create web:1");
    image.actual.containers[0].health = "healthy";
    EXPECT_EQ(image.look(), "network | create web:1");
}

TEST(Lifecycle, CompletionIsWaitedFor) {
    World world{sdl::After::kCompleted, {sdl::RestartWhen::kNever, 0}};
    world.has("db", Phase::kRunning);
    EXPECT_EQ(world.look(), "");
    world.has("db", Phase::kExited, 0);
    EXPECT_EQ(world.look(), "network | create web:1");
    EXPECT_TRUE(world.of("db").ended);
    world.has("web", Phase::kRunning);
    world.look();
    EXPECT_EQ(world.look(kNow + kSettle_ms), "ready");  // what has ended well counts

    World failed{sdl::After::kCompleted, {sdl::RestartWhen::kNever, 0}};
    failed.has("db", Phase::kRunning);
    failed.look();
    failed.has("db", Phase::kExited, 3);
    EXPECT_EQ(failed.look(), "end: service web waits for db to end well, which ended with exit code 3");
    // A removed container of what has ended is not made again.
    World gone{sdl::After::kStarted, {sdl::RestartWhen::kNever, 0}};
    gone.has("db", Phase::kRunning);
    gone.look();
    gone.has("db", Phase::kExited, 0);
    gone.look();
    gone.actual.containers.clear();
    EXPECT_EQ(gone.look(), "network | create web:1");
    gone.workload.replicas[0].spec.revision = "r2";  // but another manifest is another service
    EXPECT_EQ(gone.look(), "network | create db:1");
}

TEST(Lifecycle, WaitingForEverEndsTheLeaseBeforeItsProviderIsLate) {
    World world{sdl::After::kHealthy};
    world.workload.replicas[0].lifecycle.health = sdl::HealthCheck{.test = {"false"}};
    world.has("db", Phase::kRunning);
    EXPECT_EQ(world.look(), "");
    world.desired.now = LedgerTime{900'000 - kStartMargin_ms};
    EXPECT_EQ(world.look(), "end: service web waits for db, which is not healthy yet");
}

TEST(Lifecycle, RestartPolicies) {
    struct Row {
        sdl::Restart restart;
        int exit_code = 0;
        unsigned earlier_failures = 0;
        const char* later = "";  // a minute after the end
    };
    using enum sdl::RestartWhen;
    const Row rows[] = {
        {{kAlways, 0}, 0, 0, "start c-db"},
        {{kAlways, 0}, 1, 9, "start c-db"},
        {{kNever, 0}, 0, 0, ""},
        {{kNever, 0}, 1, 0, ""},
        {{kOnFailure, 0}, 0, 0, ""},
        {{kOnFailure, 0}, 1, 9, "start c-db"},
        {{kOnFailure, 2}, 1, 1, "start c-db"},
        {{kOnFailure, 2}, 1, 2, ""},
    };
    for (const Row& row : rows) {
        World world{sdl::After::kStarted, row.restart};
        world.desired.leases[0].state = LeaseState::kRunning;
        world.has("web", Phase::kRunning);
        world.has("db", Phase::kRunning);
        world.look();
        world.of("db").failures = row.earlier_failures;
        world.has("db", Phase::kExited, row.exit_code);
        EXPECT_EQ(world.look(), "") << row.exit_code;  // nobody is started in the same breath
        EXPECT_EQ(world.look(kNow + kMaxBackOff_ms), row.later)
            << static_cast<int>(row.restart.when) << " " << row.restart.max_failures << " " << row.exit_code;
    }
}

TEST(Lifecycle, WhatEndedWhileNobodyLookedIsStartedAgain) {
    World world{sdl::After::kStarted, {sdl::RestartWhen::kNever, 0}};
    world.has("db", Phase::kExited, 0);  // a reboot, a stop of the agent
    EXPECT_EQ(world.look(), "start c-db");
    // Unless it is remembered to have ended.
    World known{sdl::After::kStarted, {sdl::RestartWhen::kNever, 0}};
    known.of("db").ended = true;
    known.of("db").ended_revision = "r1";
    known.has("db", Phase::kExited, 0);
    EXPECT_EQ(known.look(), "network | create web:1");
}

}  // namespace
}  // namespace sublet::agent
