// explain.cpp: a deployment in plain words.
// Spec: docs/spec/deployment-files.md.
#include <cstdint>

#include "sdl/sdl.hpp"

namespace sublet::sdl {
namespace {

constexpr std::uint64_t kKibi = 1024;
constexpr std::uint64_t kSecondsPerHour = 3600;
constexpr std::uint64_t kSecondsPerMonth = 30 * 24 * kSecondsPerHour;

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

// Nano-ucredit × seconds as credits with four places, rounded up.
std::string credits_text(u128 nano) {
    constexpr u128 kNanoPerTenThousandth = 100'000'000'000U;  // 10^15 nano-ucredit are a credit
    const auto units = static_cast<std::uint64_t>((nano + kNanoPerTenThousandth - 1) / kNanoPerTenThousandth);
    std::string fraction = std::to_string(units % 10000);
    fraction.insert(0, 4 - fraction.size(), '0');
    return std::to_string(units / 10000) + "." + fraction;
}

std::string join_words(const std::vector<std::string>& words) {
    std::string out;
    for (const std::string& word : words) {
        out += (out.empty() ? "" : " ") + word;
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

void explain_service(std::vector<std::string>& out, const Service& service) {
    const Resources& resources = service.resources;
    std::string line = "  " + service.name + ": runs " + std::to_string(service.count) +
                       (service.count == 1 ? " copy of " : " copies of ") + service.image + ", each with " +
                       std::to_string(resources.cpu_milli / 1000) + "." +
                       std::to_string(1000 + resources.cpu_milli % 1000).substr(1) + " cores and " +
                       bytes_text(resources.memory_bytes) + " of memory";
    out.push_back(line + (resources.gpu.units > 0 ? " and " + gpu_text(resources.gpu) : ""));
    if (!service.command.empty() || !service.args.empty()) {
        out.push_back("    starts: " + join_words(service.command) +
                      (service.command.empty() ? "(image's own) " : " ") + join_words(service.args));
    }
    if (!service.env.empty()) {
        out.push_back("    environment: " + std::to_string(service.env.size()) +
                      (service.env.size() == 1 ? " variable" : " variables"));
    }
    if (service.credentials) {
        out.push_back("    image is pulled from " + service.credentials->host + " as " + service.credentials->username);
    }
}

void explain_reach(std::vector<std::string>& out, const Service& service) {
    for (const Expose& expose : service.expose) {
        const std::string port = std::to_string(expose.port) + "/" + expose.proto;
        const std::string outside = std::to_string(expose.outside_port());
        if (expose.is_http_ingress()) {
            std::string hosts;
            for (const std::string& host : expose.hosts) {
                hosts += (hosts.empty() ? " as " : ", ") + host;
            }
            out.push_back("    port " + port + " is reachable by HTTP from everywhere" + hosts);
        } else if (expose.global) {
            out.push_back("    port " + port +
                          " is reachable from everywhere, on a port that the provider chooses (asked for " + outside +
                          ")" + (expose.ip.empty() ? "" : ", at the leased address \"" + expose.ip + "\""));
        } else {
            out.push_back("    port " + port + " is reachable as " + service.name + ":" + outside + " from " +
                          (expose.to_service.empty() ? "the services of this lease" : expose.to_service) + " only");
        }
    }
    if (service.expose.empty()) {
        out.push_back("    no port of it is reachable");
    }
}

void explain_disk(std::vector<std::string>& out, const Service& service) {
    for (const Storage& storage : service.resources.storage) {
        std::string where;
        for (const Mount& mount : service.params.mounts) {
            if (mount.volume == storage.name && !mount.path.empty()) {
                where = " at " + mount.path + (mount.read_only ? " (read only)" : "");
            }
        }
        const std::string size = "    " + bytes_text(storage.bytes);
        if (storage.persistent) {
            out.push_back(size + " are kept on disk" + where + " as long as the lease lives (volume " + storage.name +
                          ")");
        } else if (storage.class_name == "ram") {
            out.push_back(size + " of memory serve as a file system" + where + ", lost at every restart");
        } else {
            out.push_back(size + " of scratch disk" + where + ", lost when the container is replaced");
        }
    }
}

void explain_group(std::vector<std::string>& out, const Group& group) {
    u128 nano_per_second = 0;
    for (const ResourceUnit& unit : group.units) {
        nano_per_second += static_cast<u128>(unit.max_rate.value()) * unit.count;
    }
    out.push_back("  pays at most " + credits_text(nano_per_second * kSecondsPerHour) + " credits an hour (" +
                  credits_text(nano_per_second * kSecondsPerMonth) + " in 30 days)");
    for (const Attribute& attribute : group.attributes) {
        out.push_back("  only on providers with " + attribute.key + " = " + attribute.value);
    }
    if (!group.signed_by_all_of.empty()) {
        out.push_back("  only on providers vouched for by all of: " + join_words(group.signed_by_all_of));
    }
    if (!group.signed_by_any_of.empty()) {
        out.push_back("  only on providers vouched for by one of: " + join_words(group.signed_by_any_of));
    }
}

}  // namespace

std::vector<std::string> explain(const Deployment& deployment) {
    std::vector<std::string> out;
    for (std::size_t i = 0; i < deployment.manifest.groups.size(); ++i) {
        const ManifestGroup& group = deployment.manifest.groups[i];
        out.push_back("On one machine (" + group.name + "):");
        for (const Service& service : group.services) {
            explain_service(out, service);
            explain_reach(out, service);
            explain_disk(out, service);
        }
        explain_group(out, deployment.groups[i]);
    }
    if (deployment.reclamation_window_s) {
        out.push_back("An owner who wants the machine back must say so " +
                      std::to_string(*deployment.reclamation_window_s) + " seconds before.");
    }
    for (const Note& note : deployment.notes) {
        out.push_back("Note" + (note.line > 0 ? " (line " + std::to_string(note.line) + ")" : std::string{}) + ": " +
                      note.message);
    }
    return out;
}

}  // namespace sublet::sdl
