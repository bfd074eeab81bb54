// workload.cpp: turns the manifest of a lease into containers and volumes to run. Pure.
#include "agent/workload.hpp"

#include <algorithm>
#include <charconv>

#include "crypto/sha256.hpp"
#include "sdl/to_ledger.hpp"

namespace sublet::agent {

namespace {

constexpr std::string_view kRevisionFormat = "1";  // a new number recreates every container at the next start
constexpr std::size_t kRevisionDigits = 24;

std::string revision_of(const sdl::Service& service) {
    sdl::Manifest alone;
    alone.groups.push_back({.name = "", .services = {service}});
    const Hash digest = crypto::sha256(std::string{kRevisionFormat} + sdl::canonical_json(alone));
    return to_hex(view_of(digest)).substr(0, kRevisionDigits);
}

// Keys may hold [a-z0-9-] only, names of volumes anything: readable letters, then a digest that keeps them apart.
std::string volume_key(const std::string& service, std::uint32_t replica, const std::string& volume) {
    const std::string full = service + "/" + std::to_string(replica) + "/" + volume;
    std::string readable;
    for (const char c : service + "-" + volume) {
        if ((c >= 'a' && c <= 'z') || (c >= '0' && c <= '9')) {
            readable += c;
        } else if (!readable.empty() && readable.back() != '-') {
            readable += '-';
        }
    }
    readable = readable.substr(0, 48);
    const std::string digest = to_hex(view_of(crypto::sha256(full))).substr(0, 10);
    return (readable.empty() ? std::string{"v"} : readable) + "-" + digest;
}

void add_storage(const sdl::Service& service, Replica& replica, std::vector<WantedVolume>& volumes) {
    for (const sdl::Mount& mount : service.params.mounts) {
        const auto storage = std::ranges::find(service.resources.storage, mount.volume, &sdl::Storage::name);
        if (storage == service.resources.storage.end() || mount.path.empty()) {
            continue;  // the sdl room refuses such a file
        }
        if (storage->class_name == "ram") {
            replica.spec.memory_bytes += storage->bytes;  // sold as memory, so it may be used as memory
            if (mount.path == "/dev/shm") {
                replica.spec.shm_bytes = storage->bytes;
            } else {
                replica.spec.ram_disks.push_back({mount.path, storage->bytes});
            }
            continue;
        }
        const std::string key = volume_key(service.name, replica.spec.replica, mount.volume);
        volumes.push_back({key, storage->bytes});
        replica.spec.mounts.push_back({key, mount.path, mount.read_only});
    }
}

// The owner's first replica has the volume; it is made with the owner's.
void add_lifecycle(const sdl::Service& service, Replica& replica) {
    replica.lifecycle = service.lifecycle;
    replica.spec.aliases = service.lifecycle.aliases;
    for (const sdl::SharedMount& mount : service.lifecycle.shared) {
        replica.spec.mounts.push_back({volume_key(mount.owner, 0, mount.volume), mount.path, mount.read_only});
    }
}

void add_ports(const sdl::Service& service, const LeaseFacts& facts, Replica& replica) {
    for (const sdl::Expose& expose : service.expose) {
        if (!expose.global) {
            continue;
        }
        const bool udp = expose.proto == "UDP";
        const bool there = std::ranges::any_of(replica.spec.ports, [&](const runtime::PortBinding& port) {
            return port.container_port == expose.port && port.udp == udp;
        });
        if (!there) {
            replica.spec.ports.push_back({expose.port, 0, udp, facts.ports_address});
        }
        replica.waits_for_port = replica.waits_for_port || !udp;
    }
}

std::vector<std::string> environment(const sdl::Service& service, std::uint32_t replica, const LeaseFacts& facts) {
    std::vector<std::string> out{
        "SUBLET_LEASE=" + std::to_string(facts.lease.value()),
        "SUBLET_DEPLOYMENT=" + std::to_string(facts.deployment.value()),
        "SUBLET_TENANT=" + crypto::to_bech32(facts.tenant),
        "SUBLET_PROVIDER=" + crypto::to_bech32(facts.provider),
        "SUBLET_SERVICE=" + service.name,
        "SUBLET_REPLICA=" + std::to_string(replica),
        "SUBLET_PUBLIC_HOST=" + facts.public_host,
    };
    for (const std::string& entry : service.env) {
        out.push_back(entry.find('=') == std::string::npos ? entry + "=" : entry);
    }
    return out;
}

}  // namespace

Workload make_workload(const sdl::ManifestGroup& group, const LeaseFacts& facts) {
    Workload out;
    out.group = group;
    for (const sdl::Service& service : group.services) {
        const std::string revision = revision_of(service);
        for (std::uint32_t i = 0; i < service.count; ++i) {
            Replica replica;
            runtime::ContainerSpec& spec = replica.spec;
            spec.lease = lease_key_of(facts.lease);
            spec.service = service.name;
            spec.replica = i;
            spec.revision = revision;
            spec.image = service.image;
            if (!service.command.empty()) {
                spec.entrypoint = service.command;
            }
            if (!service.args.empty()) {
                spec.args = service.args;
            }
            spec.env = environment(service, i, facts);
            spec.cpu_milli =
                static_cast<std::uint32_t>(std::min<std::uint64_t>(service.resources.cpu_milli, 1U << 30U));
            spec.memory_bytes = service.resources.memory_bytes;
            replica.gpus = service.resources.gpu.units;
            if (service.credentials) {
                const sdl::Credentials& from = *service.credentials;
                replica.credentials = runtime::Credentials{from.host, from.username, from.password, from.email};
            }
            add_storage(service, replica, out.volumes);
            add_lifecycle(service, replica);
            add_ports(service, facts, replica);
            out.replicas.push_back(std::move(replica));
        }
    }
    return out;
}

Result<sdl::ManifestGroup> group_of(const sdl::Manifest& manifest, const market::Deployment& deployment,
                                    std::uint32_t group) {
    if (group >= deployment.groups.size()) {
        return fail(Code::kConflict, "the deployment has no group " + std::to_string(group));
    }
    std::vector<market::GroupSpec> specs;
    for (const market::Group& each : deployment.groups) {
        specs.push_back(each.spec);
    }
    TRY_OK(sdl::check_manifest_against_specs(manifest, specs));
    const std::string& name = specs[group].name;
    const auto found = std::ranges::find(manifest.groups, name, &sdl::ManifestGroup::name);
    if (found == manifest.groups.end()) {
        return fail(Code::kConflict, "the manifest has no group \"" + name + "\", which this lease is for");
    }
    return *found;
}

Hash commitment_of(BytesView nonce, BytesView manifest_json) {
    const Hash inner = crypto::sha256(manifest_json);
    return crypto::Sha256{}.update(nonce).update(view_of(inner)).finish();
}

std::string lease_key_of(LeaseId lease) { return std::to_string(lease.value()); }

std::optional<LeaseId> lease_of_key(std::string_view key) {
    std::uint64_t value = 0;
    const auto [end, error] = std::from_chars(key.data(), key.data() + key.size(), value);
    if (error != std::errc{} || end != key.data() + key.size() || value == 0) {
        return std::nullopt;
    }
    return LeaseId{value};
}

std::vector<std::string> remarks(const sdl::ManifestGroup& group) {
    std::vector<std::string> out;
    for (const sdl::Service& service : group.services) {
        for (const sdl::Expose& expose : service.expose) {
            if (!expose.global && expose.outside_port() != expose.port) {
                out.push_back("service " + service.name + " is reached by other services at its own port " +
                              std::to_string(expose.port) + ", not at " + std::to_string(expose.outside_port()));
            }
            if (!expose.ip.empty()) {
                out.push_back("service " + service.name + " asks for an IP address of its own, which this provider " +
                              "does not lease: port " + std::to_string(expose.port) + " gets a host port instead");
            }
            if (!expose.hosts.empty()) {
                out.push_back("service " + service.name + " names hosts for HTTP, which are not routed yet: use the " +
                              "URL with the port");
            }
        }
    }
    return out;
}

}  // namespace sublet::agent
