// explain.cpp: a deployment in plain words.
// Spec: docs/spec/compose.md (explain).
#include "sdl/explain.hpp"

#include <algorithm>
#include <cstdint>

#include "sdl/lifecycle_rules.hpp"

namespace sublet::sdl {
namespace {

constexpr std::uint64_t kKibi = 1024;

// At most two places, which are cut off: "1.5 GiB".
std::string bytes_text(std::uint64_t bytes) {
    constexpr const char* kUnits[] = {"bytes", "KiB", "MiB", "GiB", "TiB", "PiB", "EiB"};
    std::uint64_t scale = 1;
    std::size_t unit = 0;
    while (unit < 6 && bytes / scale >= kKibi) {
        scale *= kKibi;
        ++unit;
    }
    std::string out = std::to_string(bytes / scale);
    const auto hundredths = static_cast<std::uint64_t>(static_cast<u128>(bytes % scale) * 100 / scale);
    if (hundredths > 0) {
        out += "." + std::string(hundredths < 10 ? "0" : "") + std::to_string(hundredths);
    }
    return out + " " + kUnits[unit];
}

// "2 cores", "0.25 cores", "1 core"
std::string cores_text(std::uint64_t milli) {
    std::string fraction = std::to_string(1000 + milli % 1000).substr(1);
    while (fraction.ends_with('0')) {
        fraction.pop_back();
    }
    return std::to_string(milli / 1000) + (fraction.empty() ? "" : "." + fraction) +
           (milli == 1000 ? " core" : " cores");
}

std::string joined(const std::vector<std::string>& words, std::string_view between) {
    std::string out;
    for (const std::string& word : words) {
        out += (out.empty() ? "" : std::string{between}) + word;
    }
    return out;
}

std::string gpu_text(const Gpu& gpu) {
    std::string out = std::to_string(gpu.units) + (gpu.units == 1 ? " GPU" : " GPUs");
    std::string names;
    for (const GpuModel& model : gpu.any_of) {
        names +=
            (names.empty() ? " (" : " or ") + model.vendor + " " + (model.model == "*" ? "any model" : model.model);
        names += (model.ram.empty() ? "" : " " + model.ram) + (model.interface.empty() ? "" : " " + model.interface);
    }
    return out + names + (names.empty() ? "" : ")");
}

std::string runs_text(const Service& service) {
    const Resources& resources = service.resources;
    return std::to_string(service.count) + (service.count == 1 ? " copy of " : " copies of ") + service.image +
           (service.count == 1 ? ", with " : ", each with ") + cores_text(resources.cpu_milli) + " and " +
           bytes_text(resources.memory_bytes) + " of memory" +
           (resources.gpu.units > 0 ? " and " + gpu_text(resources.gpu) : "");
}

std::string restart_text(const Restart& restart) {
    switch (restart.when) {
        case RestartWhen::kAlways:
            return "is started again whenever it ends";
        case RestartWhen::kNever:
            return "is not started again when it ends";
        case RestartWhen::kOnFailure:
            break;
    }
    return "is started again when it fails" +
           (restart.max_failures == 0 ? std::string{}
                                      : ", at most " + std::to_string(restart.max_failures) + " times in a row") +
           ", and rests when it ends well";
}

std::vector<std::string> details_of(const Service& service) {
    std::vector<std::string> out;
    if (!service.command.empty() || !service.args.empty()) {
        out.push_back("starts with: " +
                      (service.command.empty() ? "(the image's own entry point)" : joined(service.command, " ")) +
                      (service.args.empty() ? "" : " " + joined(service.args, " ")));
    }
    if (!service.env.empty()) {
        std::vector<std::string> names;
        for (const std::string& entry : service.env) {
            names.push_back(entry.substr(0, entry.find('=')));
        }
        out.push_back("is told: " + joined(names, ", "));  // names only: values may be secrets
    }
    if (service.credentials) {
        out.push_back("its image is pulled from " + service.credentials->host + " as " + service.credentials->username);
    }
    out.push_back(restart_text(service.lifecycle.restart));
    if (service.lifecycle.health) {
        out.push_back("is asked for its health by: " + joined(service.lifecycle.health->test, " "));
    }
    return out;
}

std::vector<std::string> reach_of(const ManifestGroup& group, const Service& service) {
    std::vector<std::string> out;
    for (const Expose& expose : service.expose) {
        const std::string port = std::to_string(expose.port) + "/" + expose.proto;
        const std::string hosts = expose.hosts.empty() ? "" : " as " + joined(expose.hosts, ", ");
        if (expose.is_http_ingress()) {
            out.push_back("the world reaches port " + port + " by HTTP" + hosts);
        } else if (expose.global) {
            out.push_back("the world reaches port " + port + ", on a port that the provider chooses (asked for " +
                          std::to_string(expose.outside_port()) + ")" +
                          (expose.ip.empty() ? "" : ", at the leased address \"" + expose.ip + "\"") + hosts);
        } else {
            out.push_back((expose.to_service.empty() ? "the other services" : expose.to_service) + " may reach it at " +
                          service.name + ":" + std::to_string(expose.port) + "/" + expose.proto);
        }
    }
    const bool global = std::ranges::any_of(service.expose, &Expose::global);
    if (group.services.size() > 1) {
        std::vector<std::string> names{service.name};
        names.insert(names.end(), service.lifecycle.aliases.begin(), service.lifecycle.aliases.end());
        out.push_back(std::string{global ? "" : "nobody outside; "} + "the services beside it find it as " +
                      joined(names, " or "));
    } else if (!global) {
        out.emplace_back("nobody reaches it");
    }
    return out;
}

void add_disk(ExplainedService& out, const Service& service) {
    for (const Storage& storage : service.resources.storage) {
        std::string where;
        for (const Mount& mount : service.params.mounts) {
            if (mount.volume == storage.name && !mount.path.empty()) {
                where = " at " + mount.path + (mount.read_only ? " (read only)" : "");
            }
        }
        const std::string size = bytes_text(storage.bytes);
        if (storage.persistent) {
            out.kept.push_back(size + where + " as long as the lease lives (volume " + storage.name + ")");
        } else if (storage.class_name == "ram") {
            out.lost.push_back(size + " of memory as a file system" + where + ", at every restart");
        } else {
            out.lost.push_back(size + " of scratch disk" + (where.empty() ? ", all else it writes" : where) +
                               ", when the container is replaced");
        }
    }
    for (const SharedMount& mount : service.lifecycle.shared) {
        out.kept.push_back("the volume " + mount.volume + " of " + mount.owner + " at " + mount.path +
                           (mount.read_only ? " (read only)" : ""));
    }
}

std::string start_text(const Service& service) {
    constexpr const char* kUntil[] = {" runs", " is healthy", " has ended well"};
    std::vector<std::string> waits;
    for (const Dependency& each : service.lifecycle.after) {
        waits.push_back(each.service + kUntil[static_cast<std::size_t>(each.condition)]);
    }
    return service.name + (waits.empty() ? " starts at once" : " starts when " + joined(waits, " and "));
}

ExplainedGroup explain_group(const ManifestGroup& manifest, const Group& group) {
    ExplainedGroup out;
    out.name = group.name;
    for (const Service& service : manifest.services) {
        ExplainedService each{
            service.name, runs_text(service), details_of(service), reach_of(manifest, service), {}, {}};
        add_disk(each, service);
        out.services.push_back(std::move(each));
    }
    out.order = start_order(manifest);
    for (const auto& wave : out.order) {
        for (const std::string& name : wave) {
            out.start.push_back(start_text(*std::ranges::find(manifest.services, name, &Service::name)));
        }
    }
    for (const Attribute& attribute : group.attributes) {
        out.wants.push_back(attribute.key + " = " + attribute.value);
    }
    if (!group.signed_by_all_of.empty()) {
        out.wants.push_back("vouched for by all of: " + joined(group.signed_by_all_of, " "));
    }
    if (!group.signed_by_any_of.empty()) {
        out.wants.push_back("vouched for by one of: " + joined(group.signed_by_any_of, " "));
    }
    u128 nano_per_second = 0;
    for (const ResourceUnit& unit : group.units) {
        nano_per_second += static_cast<u128>(unit.max_rate.value()) * unit.count;
    }
    out.ceiling = Rate{static_cast<std::uint64_t>(std::min(nano_per_second, static_cast<u128>(~std::uint64_t{0})))};
    return out;
}

}  // namespace

Explanation explain(const Deployment& deployment) {
    Explanation out;
    for (std::size_t i = 0; i < deployment.manifest.groups.size(); ++i) {
        out.groups.push_back(explain_group(deployment.manifest.groups[i], deployment.groups[i]));
    }
    if (deployment.reclamation_window_s) {
        out.notice = "an owner who wants the machine back must say so " +
                     std::to_string(*deployment.reclamation_window_s) + " seconds before";
    }
    return out;
}

}  // namespace sublet::sdl
