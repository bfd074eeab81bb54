// plan_test.cpp: one row per situation: what the ledger says, what the engine has, what was tried, and the steps.
#include <gtest/gtest.h>

#include "agent/plan.hpp"

namespace sublet::agent {
namespace {

using market::LeaseState;
using runtime::Phase;

constexpr std::uint64_t kNow = 1'000'000;
constexpr LeaseId kLease{7};

Workload workload_of(const std::vector<std::string>& services, bool with_port = false) {
    Workload out;
    for (const std::string& name : services) {
        Replica replica;
        replica.spec.lease = "7";
        replica.spec.service = name;
        replica.spec.revision = "r1";
        replica.spec.image = name + ":1";
        replica.waits_for_port = with_port;
        out.replicas.push_back(replica);
    }
    return out;
}

runtime::ContainerState container(const std::string& service, Phase phase, const std::string& revision = "r1",
                                  const std::string& lease = "7") {
    runtime::ContainerState out;
    out.id = "c-" + service + "-" + revision;
    out.lease = lease;
    out.service = service;
    out.revision = revision;
    out.phase = phase;
    return out;
}

struct World {
    Desired desired;
    Actual actual;
    Memory memory;
    Workload workload = workload_of({"web"});

    World(LeaseState state, bool with_manifest) {
        desired.fresh = true;
        desired.now = LedgerTime{500'000};
        WantedLease lease{.id = kLease, .state = state};
        lease.start_by = LedgerTime{900'000};
        lease.workload = with_manifest ? &workload : nullptr;
        desired.leases.push_back(lease);
        memory[kLease].first_seen = LedgerTime{490'000};
    }
    // The agent looks when it is lost, and plans later.
    void lost_at(std::uint64_t since, std::uint64_t now) {
        desired.now = LedgerTime{since};
        observe(memory, desired, actual, kNow);
        desired.now = LedgerTime{now};
    }
    LeaseMemory& remembered() { return memory[kLease]; }
    WantedLease& lease() { return desired.leases.front(); }
    void image_here() { remembered().images["web:1"].present = true; }
    void running_for(std::uint64_t ms) {
        actual.containers.push_back(container("web", Phase::kRunning));
        remembered().replicas[{"web", 0}].running_since_ms = kNow - ms;
    }
};

std::string text(const std::vector<Step>& steps) {
    std::string out;
    for (const Step& step : steps) {
        out += (out.empty() ? "" : " | ") + std::string{to_name(step.kind)};
        out += step.kind == StepKind::kEnd ? " " + std::string{std::to_string(static_cast<int>(step.reason))} : "";
        out += step.target.empty() ? "" : " " + step.target;
    }
    return out;
}

struct Row {
    const char* name;
    LeaseState state;
    bool manifest;
    void (*arrange)(World&);
    const char* steps;
};

const Row kRows[] = {
    {"assigned, no manifest yet", LeaseState::kAssigned, false, [](World&) {}, ""},
    {"assigned, no manifest for long", LeaseState::kAssigned, false,
     [](World& w) { w.remembered().first_seen = LedgerTime{435'000}; }, "end 11"},
    {"assigned, no manifest, one millisecond less", LeaseState::kAssigned, false,
     [](World& w) { w.remembered().first_seen = LedgerTime{435'001}; }, ""},
    {"assigned, the stored manifests were not read", LeaseState::kAssigned, false,
     [](World& w) {
         w.remembered().first_seen = LedgerTime{1'000};
         w.desired.manifests_read = false;
     },
     ""},
    {"funded, manifest and containers lost", LeaseState::kPaused, false,
     [](World& w) {
         w.lease().funded = true;
         w.lost_at(500'000, 1'100'000);
     },
     "end 15"},
    {"running, manifest lost, a container is left", LeaseState::kRunning, false,
     [](World& w) {
         w.lost_at(500'000, 1'100'000);
         w.actual.containers.push_back(container("web", Phase::kRunning));
     },
     ""},
    {"assigned, manifest came", LeaseState::kAssigned, true, [](World&) {}, "pull web:1"},
    {"assigned, pull failed twice, waits", LeaseState::kAssigned, true,
     [](World& w) { w.remembered().images["web:1"] = {.tries = 2, .next_try_ms = kNow + 1}; }, ""},
    {"assigned, pull failed twice, due", LeaseState::kAssigned, true,
     [](World& w) { w.remembered().images["web:1"] = {.tries = 2, .next_try_ms = kNow}; }, "pull web:1"},
    {"assigned, pull failed three times", LeaseState::kAssigned, true,
     [](World& w) { w.remembered().images["web:1"] = {.tries = 3}; }, "end 12"},
    {"assigned, no such image", LeaseState::kAssigned, true,
     [](World& w) { w.remembered().images["web:1"] = {.hopeless = true, .tries = 1}; }, "end 12"},
    {"running, no such image any more: keeps trying", LeaseState::kRunning, true,
     [](World& w) { w.remembered().images["web:1"] = {.hopeless = true, .tries = 9}; }, "pull web:1"},
    {"image here", LeaseState::kAssigned, true, [](World& w) { w.image_here(); }, "network | create web:1"},
    {"with volumes", LeaseState::kAssigned, true,
     [](World& w) {
         w.image_here();
         w.workload.volumes.push_back({"data", 1});
     },
     "network | volume data | create web:1"},
    {"created, not started: crash in between", LeaseState::kAssigned, true,
     [](World& w) { w.actual.containers.push_back(container("web", Phase::kCreated)); }, "start c-web-r1"},
    {"runs, not yet settled", LeaseState::kAssigned, true, [](World& w) { w.running_for(kSettle_ms - 1); }, ""},
    {"runs", LeaseState::kAssigned, true, [](World& w) { w.running_for(kSettle_ms); }, "ready"},
    {"runs, port silent", LeaseState::kAssigned, true,
     [](World& w) {
         w.workload = workload_of({"web"}, true);
         w.running_for(kPortPatience_ms - 1);
     },
     ""},
    {"runs, port answers", LeaseState::kAssigned, true,
     [](World& w) {
         w.workload = workload_of({"web"}, true);
         w.running_for(1);
         w.remembered().replicas[{"web", 0}].port_open = true;
     },
     "ready"},
    {"runs, never listens", LeaseState::kAssigned, true,
     [](World& w) {
         w.workload = workload_of({"web"}, true);
         w.running_for(kPortPatience_ms);
     },
     "ready"},
    {"running and well", LeaseState::kRunning, true, [](World& w) { w.running_for(5'000); }, ""},
    {"running, frozen by a crash of the agent", LeaseState::kRunning, true,
     [](World& w) { w.actual.containers.push_back(container("web", Phase::kPaused)); }, "unpause c-web-r1"},
    {"running, machine was rebooted", LeaseState::kRunning, true,
     [](World& w) { w.actual.containers.push_back(container("web", Phase::kExited)); }, "start c-web-r1"},
    {"running, manifest lost, container ended", LeaseState::kRunning, false,
     [](World& w) { w.actual.containers.push_back(container("web", Phase::kExited)); }, "start c-web-r1"},
    {"running, manifest and containers lost, one millisecond less", LeaseState::kRunning, false,
     [](World& w) { w.lost_at(500'000, 1'099'999); }, ""},
    {"running, manifest and containers lost for ten minutes", LeaseState::kRunning, false,
     [](World& w) { w.lost_at(500'000, 1'100'000); }, "end 15"},
    {"running, seen for long, manifest and containers lost just now", LeaseState::kRunning, false,
     [](World& w) { w.lost_at(1'100'000, 1'100'000); }, ""},
    {"crashed, waits", LeaseState::kRunning, true,
     [](World& w) {
         w.actual.containers.push_back(container("web", Phase::kExited));
         w.remembered().replicas[{"web", 0}] = {.failing_since_ms = kNow - 500, .next_try_ms = kNow + 1, .failures = 1};
     },
     ""},
    {"crashes for nearly ten minutes", LeaseState::kRunning, true,
     [](World& w) {
         w.actual.containers.push_back(container("web", Phase::kExited));
         w.remembered().replicas[{"web", 0}] = {.failing_since_ms = kNow - kUnstable_ms + 1, .failures = 9};
     },
     "start c-web-r1"},
    {"crashes for ten minutes", LeaseState::kRunning, true,
     [](World& w) {
         w.actual.containers.push_back(container("web", Phase::kExited));
         w.remembered().replicas[{"web", 0}] = {.failing_since_ms = kNow - kUnstable_ms, .failures = 9};
     },
     "end 13"},
    {"assigned, crashes, start_by near", LeaseState::kAssigned, true,
     [](World& w) {
         w.lease().start_by = LedgerTime{500'000 + kStartMargin_ms};
         w.actual.containers.push_back(container("web", Phase::kExited));
         w.remembered().replicas[{"web", 0}] = {.failing_since_ms = kNow - 5'000, .failures = 3};
     },
     "end 12"},
    {"new revision: pull before anything stops", LeaseState::kRunning, true,
     [](World& w) { w.actual.containers.push_back(container("web", Phase::kRunning, "r0")); }, "pull web:1"},
    {"new revision", LeaseState::kRunning, true,
     [](World& w) {
         w.image_here();
         w.actual.containers.push_back(container("web", Phase::kRunning, "r0"));
     },
     "stop c-web-r0 | remove c-web-r0 | network | create web:1"},
    {"money used up", LeaseState::kPaused, true, [](World& w) { w.running_for(9'000); }, "pause c-web-r1"},
    {"machine taken back, running", LeaseState::kRunning, true,
     [](World& w) {
         w.desired.taken_back = true;
         w.running_for(9'000);
     },
     "end 14"},
    {"machine taken back, paused", LeaseState::kPaused, true, [](World& w) { w.desired.taken_back = true; }, "end 14"},
    {"machine taken back, the ledger cannot be read", LeaseState::kRunning, true,
     [](World& w) {
         w.desired.taken_back = true;
         w.desired.fresh = false;
         w.running_for(9'000);
     },
     ""},
    {"money used up, frozen", LeaseState::kPaused, true,
     [](World& w) { w.actual.containers.push_back(container("web", Phase::kPaused)); }, ""},
    {"paused, crashed: not started", LeaseState::kPaused, true,
     [](World& w) { w.actual.containers.push_back(container("web", Phase::kExited)); }, ""},
    {"funded again", LeaseState::kPaused, true,
     [](World& w) {
         w.lease().funded = true;
         w.actual.containers.push_back(container("web", Phase::kPaused));
     },
     "unpause c-web-r1"},
    {"funded again and running", LeaseState::kPaused, true,
     [](World& w) {
         w.lease().funded = true;
         w.running_for(kSettle_ms);
     },
     "ready"},
    {"closing", LeaseState::kClosing, true,
     [](World& w) {
         w.running_for(9'000);
         w.actual.networks.push_back({.name = "n", .lease = "7"});
         w.actual.volumes.push_back({.name = "v", .lease = "7", .key = "data"});
     },
     "settle | stop c-web-r1 | remove c-web-r1 | remove network | remove volume data | forget"},
    {"closing, frozen", LeaseState::kClosing, true,
     [](World& w) { w.actual.containers.push_back(container("web", Phase::kPaused)); },
     "settle | unpause c-web-r1 | stop c-web-r1 | remove c-web-r1 | forget"},
    {"closing while busy: the ledger need not wait", LeaseState::kClosing, true,
     [](World& w) {
         w.running_for(9'000);
         w.remembered().busy = true;
     },
     "settle"},
    {"closed, only the manifest left", LeaseState::kClosed, true, [](World&) {}, "forget"},
    {"closed and clean", LeaseState::kClosed, false, [](World&) {}, ""},
    {"closed, ledger silent: nothing is removed", LeaseState::kClosed, true,
     [](World& w) {
         w.desired.fresh = false;
         w.running_for(9'000);
     },
     ""},
    {"ledger silent, container ended: starts again", LeaseState::kRunning, true,
     [](World& w) {
         w.desired.fresh = false;
         w.actual.containers.push_back(container("web", Phase::kExited));
     },
     "start c-web-r1"},
    {"ledger silent: no Ready", LeaseState::kAssigned, true,
     [](World& w) {
         w.desired.fresh = false;
         w.running_for(9'000);
     },
     ""},
    {"a step failed, waits", LeaseState::kAssigned, true, [](World& w) { w.remembered().next_try_ms = kNow + 1; }, ""},
    {"unknown lease, patient", LeaseState::kClosed, false,
     [](World& w) {
         w.actual.containers.push_back(container("web", Phase::kRunning, "r1", "99"));
         w.memory[LeaseId{99}].unknown_since_ms = kNow - kUnknownPatience_ms + 1;
     },
     ""},
    {"unknown lease", LeaseState::kClosed, false,
     [](World& w) {
         w.actual.containers.push_back(container("web", Phase::kRunning, "r1", "99"));
         w.memory[LeaseId{99}].unknown_since_ms = kNow - kUnknownPatience_ms;
     },
     "stop c-web-r1 | remove c-web-r1 | forget"},
    {"unknown lease, ledger silent", LeaseState::kClosed, false,
     [](World& w) {
         w.desired.fresh = false;
         w.actual.containers.push_back(container("web", Phase::kRunning, "r1", "99"));
         w.memory[LeaseId{99}].unknown_since_ms = kNow - kUnknownPatience_ms;
     },
     ""},
};

TEST(Plan, OneRowPerSituation) {
    for (const Row& row : kRows) {
        World world{row.state, row.manifest};
        row.arrange(world);
        EXPECT_EQ(text(plan(world.desired, world.actual, world.memory, kNow)), row.steps) << row.name;
    }
}

TEST(Plan, IsBounded) {
    World world{LeaseState::kRunning, true};
    world.image_here();
    for (std::uint64_t i = 0; i < 3'000; ++i) {
        world.desired.leases.push_back(world.lease());
        world.desired.leases.back().id = LeaseId{1'000 + i};
    }
    EXPECT_LE(plan(world.desired, world.actual, world.memory, kNow).size(), kMaxSteps + 8);
}

TEST(Observe, WhatEndedBeforeThisProcessLookedIsNoFailure) {
    World world{LeaseState::kRunning, true};
    runtime::ContainerState ended = container("web", Phase::kExited);
    ended.finished_unix_ms = 10;
    world.actual.containers = {ended};
    observe(world.memory, world.desired, world.actual, kNow);
    const ReplicaMemory& replica = world.remembered().replicas[{"web", 0}];
    EXPECT_EQ(replica.failures, 0U);
    world.actual.containers[0].finished_unix_ms = 20;
    world.actual.containers[0].exit_code = 3;
    observe(world.memory, world.desired, world.actual, kNow + 1);
    EXPECT_EQ(replica.failures, 1U);
    EXPECT_EQ(replica.next_try_ms, kNow + 1 + 1'000);
    EXPECT_EQ(replica.last_error, "ended with exit code 3");
    observe(world.memory, world.desired, world.actual, kNow + 2);
    EXPECT_EQ(replica.failures, 1U) << "one end counts once";
    world.actual.containers[0].phase = Phase::kRunning;
    observe(world.memory, world.desired, world.actual, kNow + 3);
    EXPECT_EQ(replica.failures, 1U);
    observe(world.memory, world.desired, world.actual, kNow + 3 + kStable_ms);
    EXPECT_EQ(replica.failures, 0U) << "a minute of running forgets";
}

TEST(Observe, BackOffDoublesUpToAMinute) {
    EXPECT_EQ(back_off_ms(1), 1'000U);
    EXPECT_EQ(back_off_ms(2), 2'000U);
    EXPECT_EQ(back_off_ms(6), 32'000U);
    EXPECT_EQ(back_off_ms(7), kMaxBackOff_ms);
    EXPECT_EQ(back_off_ms(4'000'000'000U), kMaxBackOff_ms);
}

}  // namespace
}  // namespace sublet::agent
