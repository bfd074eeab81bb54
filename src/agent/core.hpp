// core.hpp: what the parts of the agent share: its arguments, what was last read, what is remembered.
#pragma once

#include <map>
#include <optional>
#include <string>

#include "agent/agent.hpp"
#include "agent/plan.hpp"
#include "agent/state.hpp"
#include "agent/tasks.hpp"
#include "net/http.hpp"

namespace sublet::agent {

class JobKeeper;
class Rater;
class Worker;

// The ledger as last read.
struct Snapshot {
    query::StatusReply status;
    provider::Provider provider;
    std::vector<market::Offer> offers;
    std::vector<market::Lease> leases;  // by id
    std::uint64_t read_at_ms = 0;       // monotonic; 0: never
    bool fresh = false;                 // the last attempt to read succeeded and did not go back in height
    std::string error;                  // why not

    [[nodiscard]] const market::Lease* find(LeaseId id) const;
    [[nodiscard]] const market::Offer* offer_of(std::uint32_t machine) const;  // not closed
};

// Used by one loop's thread. Lives as long as any coroutine of the agent.
struct Core {
    Core(AgentParts agent_parts, AgentOptions agent_options);

    AgentParts parts;
    AgentOptions options;
    std::unique_ptr<State> state;
    net::TlsIdentity identity;
    std::string gateway_uri;
    std::string chain_id;
    std::uint32_t machine = 0;  // our position in the provider's list

    Snapshot seen;
    Actual actual;
    Memory memory;
    std::map<LeaseId, Workload> workloads;  // of leases whose manifest is here

    bool engine_up = true;       // answers, or has not been silent for long
    bool machine_ready = false;  // what ran before this process started runs again
    bool stopping = false;
    bool ledger_dirty = true;  // something changed: read it before the next plan
    // Leases whose steps ended since this pass began to look: what it saw of them may be older than their steps.
    std::set<LeaseId> just_done;

    net::Notifier wake;  // of the reconcile loop
    net::Notifier news;  // a lease has a new event
    net::Notifier beat;  // a heartbeat is wanted now
    bool wake_wanted = false;
    bool beat_wanted = false;
    std::uint64_t last_beat_ms = 0;  // monotonic, of the last that the ledger took
    unsigned failed_beats = 0;
    Tasks tasks;
    std::shared_ptr<Worker> worker;     // refers to this
    std::shared_ptr<JobKeeper> keeper;  // so does this, and to the worker
    std::shared_ptr<Rater> rater;       // so does this, and to the worker

    // Something changed: reconcile now, after reading the ledger again when `ledger` is true.
    void wake_up(bool ledger);
    void ask_heartbeat();
    // Writes an event of the lease down, for its tenant and the log.
    void note(LeaseId lease, const std::string& kind, const std::string& text);
    // True when the ledger no longer wants this lease to run.
    [[nodiscard]] bool unwanted(LeaseId lease) const;
    [[nodiscard]] LeaseFacts facts_of(const market::Lease& lease) const;
    // Reads the stored manifest into `workloads`; needs the lease and its deployment.
    Result<> adopt_manifest(const StoredManifest& manifest, const market::Lease& lease,
                            const market::Deployment& deployment);
    // The offered state that the owner asked for last.
    Result<market::OfferState> wished_offer_state();
    // The owner drains this machine, and the notice that its tenants were promised is over.
    [[nodiscard]] bool taken_back() const;
};

// "2026-11-23T17:14:03.120Z"
std::string rfc3339(std::uint64_t unix_ms);

}  // namespace sublet::agent
