// workload.hpp: turns the manifest of a lease into containers and volumes to run. Pure.
// Spec: docs/spec/deployment-files.md; ARCHITECTURE §6.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "modules/market/lease.hpp"
#include "runtime/types.hpp"
#include "sdl/sdl.hpp"

namespace sublet::agent {

// What containers are told about where they run.
struct LeaseFacts {
    LeaseId lease;
    DeploymentId deployment;
    crypto::Address tenant;
    crypto::Address provider;
    std::string public_host;
    std::string ports_address;
};

struct Replica {
    runtime::ContainerSpec spec;  // host ports are still 0 = the engine chooses; gpus are still empty
    std::optional<runtime::Credentials> credentials;
    std::uint64_t gpus = 0;       // cards to pick when it is created
    bool waits_for_port = false;  // publishes TCP: ready once it answers
    sdl::Lifecycle lifecycle;     // what it waits for, whether it is started again, its health check
};

struct WantedVolume {
    std::string key;
    std::uint64_t bytes = 0;
};

struct Workload {
    sdl::ManifestGroup group;
    std::vector<Replica> replicas;  // by service, then replica
    std::vector<WantedVolume> volumes;
};

Workload make_workload(const sdl::ManifestGroup& group, const LeaseFacts& facts);

// The group of the manifest that belongs to this lease. Errors: kConflict (a name that the ledger does not know, or
// what a service asks for is not what was ordered: says which).
Result<sdl::ManifestGroup> group_of(const sdl::Manifest& manifest, const market::Deployment& deployment,
                                    std::uint32_t group);

// SHA-256(nonce ‖ SHA-256(manifest)) (T10).
Hash commitment_of(BytesView nonce, BytesView manifest_json);

// The runtime's key of a lease and back; nothing for a label that is none of ours.
std::string lease_key_of(LeaseId lease);
std::optional<LeaseId> lease_of_key(std::string_view key);

// Things the file asks for that this provider does in another way; said to the tenant once, as events.
std::vector<std::string> remarks(const sdl::ManifestGroup& group);

}  // namespace sublet::agent
