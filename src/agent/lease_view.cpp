// lease_view.cpp: what tenants and the owner are told, as JSON.
#include "agent/lease_view.hpp"

#include <algorithm>

#include <nlohmann/json.hpp>

#include "agent/job_keeper.hpp"
#include "agent/lifecycle.hpp"

namespace sublet::agent {

namespace {

using nlohmann::json;

std::string dump(const json& value) { return value.dump(-1, ' ', false, json::error_handler_t::replace); }

const runtime::ContainerState* container_of(const Core& core, LeaseId lease, const std::string& service,
                                            std::uint32_t replica) {
    const std::string key = lease_key_of(lease);
    const runtime::ContainerState* best = nullptr;
    for (const runtime::ContainerState& container : core.actual.containers) {
        const bool same = container.lease == key && container.service == service && container.replica == replica;
        if (same && (best == nullptr || container.phase == runtime::Phase::kRunning)) {
            best = &container;
        }
    }
    return best;
}

const LeaseMemory* memory_of(const Core& core, LeaseId lease) {
    const auto found = core.memory.find(lease);
    return found == core.memory.end() ? nullptr : &found->second;
}

struct Counts {
    std::uint32_t ready = 0, running = 0, paused = 0, failing = 0, ended = 0, replicas = 0;
    bool image_missing = false;
    bool waits = false;  // for another service
    std::string last_error;
};

Counts count(const Core& core, LeaseId lease, const Workload& workload, const sdl::Service& service) {
    Counts out;
    const LeaseMemory* memory = memory_of(core, lease);
    const std::uint64_t now_ms = core.parts.clock.monotonic_ms();
    out.waits = memory != nullptr && waiting_of(workload, *memory, service.name, now_ms).wait != Wait::kNone;
    for (const Replica& replica : workload.replicas) {
        if (replica.spec.service != service.name) {
            continue;
        }
        out.replicas += 1;
        const runtime::ContainerState* container = container_of(core, lease, service.name, replica.spec.replica);
        const bool runs = container != nullptr && container->phase == runtime::Phase::kRunning;
        out.running += runs ? 1U : 0U;
        out.paused += container != nullptr && container->phase == runtime::Phase::kPaused ? 1U : 0U;
        if (memory == nullptr) {
            continue;
        }
        const auto remembered = memory->replicas.find({service.name, replica.spec.replica});
        if (remembered != memory->replicas.end()) {
            out.ready += runs && is_ready(replica, remembered->second, now_ms) ? 1U : 0U;
            out.ended += !runs && is_over(replica, &remembered->second) ? 1U : 0U;
            out.failing += !runs && remembered->second.failing_since_ms != 0 ? 1U : 0U;
            out.last_error = remembered->second.last_error.empty() ? out.last_error : remembered->second.last_error;
        }
        const auto image = memory->images.find(service.image);
        out.image_missing = container == nullptr && image != memory->images.end() && !image->second.present;
    }
    return out;
}

std::string state_of(const Counts& counts, bool waits_for_image) {
    if (counts.paused > 0) {
        return "paused";
    }
    if (counts.ended == counts.replicas && counts.replicas > 0) {
        return "ended";
    }
    if (counts.ready + counts.ended == counts.replicas) {
        return "running";
    }
    if (counts.failing > 0) {
        return "crashing";
    }
    if (waits_for_image || counts.image_missing) {
        return "pulling";
    }
    return counts.waits ? "waiting" : "starting";
}

std::uint16_t host_port(const Core& core, const std::vector<StoredPort>& stored, LeaseId lease,
                        const std::string& service, std::uint32_t replica, const sdl::Expose& expose) {
    const bool udp = expose.proto == "UDP";
    if (const runtime::ContainerState* container = container_of(core, lease, service, replica)) {
        for (const runtime::PortBinding& port : container->ports) {
            if (port.container_port == expose.port && port.udp == udp && port.host_port != 0) {
                return port.host_port;
            }
        }
    }
    for (const StoredPort& port : stored) {
        if (port.service == service && port.replica == replica && port.container_port == expose.port &&
            port.udp == udp) {
            return port.host_port;
        }
    }
    return 0;
}

void add_ports(json& out, Core& core, LeaseId lease, const sdl::Service& service) {
    const Result<std::vector<StoredPort>> read = core.state->ports(lease);
    const std::vector<StoredPort> stored = read ? *read : std::vector<StoredPort>{};
    out["uris"] = json::array();
    out["ports"] = json::array();
    for (std::uint32_t replica = 0; replica < service.count; ++replica) {
        for (const sdl::Expose& expose : service.expose) {
            const std::uint16_t port =
                expose.global ? host_port(core, stored, lease, service.name, replica, expose) : std::uint16_t{0};
            if (port == 0) {
                continue;
            }
            if (expose.is_http_ingress()) {
                out["uris"].push_back("http://" + core.options.public_host + ":" + std::to_string(port));
            }
            out["ports"].push_back({{"container_port", expose.port},
                                    {"external", expose.outside_port()},
                                    {"proto", expose.proto},
                                    {"host_port", port},
                                    {"replica", replica}});
        }
    }
}

std::string message_of(const market::Lease& lease, bool has_manifest, std::uint32_t ready, std::uint32_t replicas) {
    switch (lease.state) {
        case market::LeaseState::kClosing:
            return "closing: waits for the provider's next heartbeat to settle the bill";
        case market::LeaseState::kClosed:
            return "closed: " + std::string{market::to_name(lease.reason)};
        case market::LeaseState::kPaused:
            return lease.start_by.is_zero() ? "paused: its money is used up; top up to resume"
                                            : "funded again: resuming";
        case market::LeaseState::kAssigned:
        case market::LeaseState::kRunning:
            break;
    }
    if (!has_manifest) {
        return "waiting for the manifest";
    }
    return std::to_string(ready) + " of " + std::to_string(replicas) + " containers ready";
}

json capacity_json(const market::Capacity& capacity) {
    json gpus = json::array();
    for (const market::GpuStock& stock : capacity.gpus) {
        gpus.push_back({{"vendor", stock.model.vendor},
                        {"model", stock.model.model},
                        {"ram_bytes", stock.model.ram_bytes},
                        {"units", stock.units}});
    }
    return {{"cpu_milli", capacity.cpu_milli},
            {"memory_bytes", capacity.memory_bytes},
            {"storage_bytes", capacity.storage_bytes},
            {"gpus", gpus}};
}

// The machine's service clock as last settled on the ledger.
ServiceClock clock_of(const Core& core) {
    const provider::Provider& record = core.seen.provider;
    if (core.machine >= record.machines.size()) {
        return ServiceClock{};
    }
    const provider::Machine& machine = record.machines[core.machine];
    return machine.up ? saturating_sub(record.clock, ServiceClock{machine.offset.value()}) : machine.stopped_at;
}

json machine_of(const Core& core) {
    const provider::Provider& record = core.seen.provider;
    json out;
    out["provider"] = crypto::to_bech32(core.options.owner);
    out["chain_id"] = core.chain_id;
    out["gateway"] = core.gateway_uri;
    out["machine"] = core.options.machine;
    out["up"] = core.machine < record.machines.size() && record.machines[core.machine].up;
    out["storage_bytes"] = core.keeper && core.keeper->offers() ? core.options.storage_bytes : 0;
    if (const market::Offer* offer = core.seen.offer_of(core.machine)) {
        out["offer"] = {{"id", offer->id.value()},
                        {"state", market::to_name(offer->state)},
                        {"notice_ms", offer->notice.value()},
                        {"active_leases", offer->active_leases},
                        {"capacity", capacity_json(offer->capacity)},
                        {"free", capacity_json(offer->free)},
                        {"price",
                         {{"cpu_core", offer->price.cpu_core},
                          {"memory_gib", offer->price.memory_gib},
                          {"storage_gib", offer->price.storage_gib},
                          {"gpu", offer->price.gpu}}}};
    }
    return out;
}

// What creators left here, and who.
json storage_of(const Core& core) {
    json creators = json::array();
    std::uint64_t used = 0;
    for (const auto& [creator, use] : core.keeper ? core.keeper->use() : std::map<crypto::Address, StorageUse>{}) {
        json jobs = json::array();
        for (const JobId id : use.jobs) {
            jobs.push_back(id.value());
        }
        used += use.bytes;
        creators.push_back({{"creator", crypto::to_bech32(creator)}, {"bytes", use.bytes}, {"jobs", jobs}});
    }
    return {{"offered_bytes", core.options.storage_bytes}, {"used_bytes", used}, {"creators", creators}};
}

json lease_value(Core& core, const market::Lease& lease) {
    const auto found = core.workloads.find(lease.id);
    const bool has_manifest = found != core.workloads.end();
    const LeaseMemory* memory = memory_of(core, lease.id);
    std::uint32_t ready = 0;
    std::uint32_t replicas = 0;
    json services = json::array();
    if (has_manifest) {
        const Workload& workload = found->second;
        for (const sdl::Service& service : workload.group.services) {
            const Counts counts = count(core, lease.id, workload, service);
            const bool image_known = memory != nullptr && memory->images.contains(service.image);
            json out{{"name", service.name},
                     {"image", service.image},
                     {"replicas", counts.replicas},
                     {"replicas_ready", counts.ready},
                     {"state", state_of(counts, !image_known && counts.running == 0)},
                     {"last_error", counts.last_error}};
            add_ports(out, core, lease.id, service);
            services.push_back(std::move(out));
            ready += counts.ready;
            replicas += counts.replicas;
        }
    }
    return {{"lease", lease.id.value()},
            {"state", market::shown_state(lease, core.seen.provider)},
            {"services", services},
            {"message", message_of(lease, has_manifest, ready, replicas)}};
}

}  // namespace

std::string lease_json(Core& core, const market::Lease& lease) { return dump(lease_value(core, lease)); }

std::string machine_json(const Core& core) { return dump(machine_of(core)); }

std::string owner_json(Core& core) {
    json out = machine_of(core);
    const std::uint64_t now_ms = core.parts.clock.monotonic_ms();
    out["operator"] = crypto::to_bech32(core.parts.ledger.operator_address());
    out["ledger"] = {{"height", core.seen.status.height.value()},
                     {"fresh", core.seen.fresh},
                     {"read_ms_ago", now_ms - core.seen.read_at_ms},
                     {"error", core.seen.error}};
    out["engine"] = {{"up", core.engine_up}, {"containers", core.actual.containers.size()}};
    out["heartbeat"] = {{"ms_ago", core.last_beat_ms == 0 ? 0 : now_ms - core.last_beat_ms},
                        {"failed", core.failed_beats}};
    out["storage"] = storage_of(core);
    out["leases"] = json::array();
    for (const market::Lease& lease : core.seen.leases) {
        if (lease.state != market::LeaseState::kClosed) {
            out["leases"].push_back(lease_value(core, lease));
        }
    }
    return dump(out);
}

std::string earnings_json(const Core& core) {
    json leases = json::array();
    std::uint64_t open = 0;
    for (const market::Lease& lease : core.seen.leases) {
        const bool settled = lease.state == market::LeaseState::kClosed;  // rounded once, when it was closed
        const Amount due = settled ? lease.account.paid : escrow::earned_floor(lease.account, clock_of(core));
        const std::uint64_t earned = due.value();
        const std::uint64_t paid = lease.account.paid.value();
        open += settled ? lease.due.value() : earned - std::min(earned, paid);
        leases.push_back({{"lease", lease.id.value()},
                          {"state", market::to_name(lease.state)},
                          {"rate", std::to_string(lease.account.rate.value())},
                          {"earned", std::to_string(earned)},
                          {"paid", std::to_string(paid)}});
    }
    return dump({{"provider", crypto::to_bech32(core.options.owner)},
                 {"paid_ever", std::to_string(core.seen.provider.counters.earned.value())},
                 {"not_yet_paid", std::to_string(open)},
                 {"leases", leases}});
}

std::string event_json(const StoredEvent& event) {
    return dump({{"time", rfc3339(event.unix_ms)}, {"kind", event.kind}, {"text", event.text}});
}

std::string error_json(const std::string& error, const std::string& hint) {
    return dump({{"error", error}, {"hint", hint}});
}

net::Response json_response(unsigned status, Bytes body) {
    net::Response out;
    out.status = status;
    out.headers["content-type"] = "application/json";
    out.body = std::move(body);
    return out;
}

}  // namespace sublet::agent
