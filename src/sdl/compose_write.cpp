// compose_write.cpp: a compose file as the deployment file that does the same, with a comment on every default.
// Spec: docs/spec/compose.md (what comes out).
#include <algorithm>

#include "sdl/compose_model.hpp"

namespace sublet::sdl {
namespace {

// The ceiling of a file that names no price: about three times what offers ask by default, in millionths of a credit an
// hour. A match is billed at the offer's price, never at the ceiling.
constexpr std::uint64_t kCoreHour = 20'000;
constexpr std::uint64_t kMemoryGibHour = 10'000;
constexpr std::uint64_t kStorageGibHour = 500;
constexpr std::uint64_t kGpuHour = 3'000'000;
constexpr std::uint64_t kSecondsPerHour = 3600;
constexpr std::uint64_t kGibi = 1ULL << 30U;

// In double quotes, with the escapes that YAML and JSON share.
std::string quoted(std::string_view text) {
    constexpr std::string_view kHex = "0123456789abcdef";
    std::string out = "\"";
    for (const char c : text) {
        const auto byte = static_cast<unsigned char>(c);
        if (c == '"' || c == '\\') {
            out += '\\';
            out += c;
        } else if (c == '\n') {
            out += "\\n";
        } else if (c == '\t') {
            out += "\\t";
        } else if (byte < 0x20 || byte == 0x7f) {
            out += "\\x";
            out += kHex[byte >> 4U];
            out += kHex[byte & 15U];
        } else {
            out += c;
        }
    }
    return out + "\"";
}

std::string quoted_list(const std::vector<std::string>& items) {
    std::string out;
    for (const std::string& item : items) {
        out += (out.empty() ? "[" : ", ") + quoted(item);
    }
    return out.empty() ? "[]" : out + "]";
}

std::string size_text(std::uint64_t bytes) {
    constexpr const char* kUnits[] = {"", "Ki", "Mi", "Gi"};
    std::size_t unit = 0;
    while (unit < 3 && bytes > 0 && bytes % 1024 == 0) {
        bytes /= 1024;
        ++unit;
    }
    return "\"" + std::to_string(bytes) + kUnits[unit] + "\"";
}

std::uint64_t part_of(std::uint64_t per_unit, std::uint64_t amount, std::uint64_t unit) {
    return static_cast<std::uint64_t>(static_cast<u128>(per_unit) * amount / unit);
}

class Writer {
public:
    Writer(const ComposeProject& project, const std::string& file) : project_(project), file_(file) {}

    std::string write() {
        line(0, "# Made from " + file_ + " by `sublet sdl from-compose`. Comments say which defaults were chosen.");
        line(0, "version: \"2.0\"");
        line(0, "services:");
        for (const ComposeService& service : project_.services) {
            write_service(service);
        }
        write_profiles();
        line(0, "deployment:");
        for (const ComposeService& service : project_.services) {
            line(1, service.name + ":");
            line(2, "anywhere:");
            line(3, "profile: " + service.name);
            line(3, "count: " + std::to_string(service.count));
        }
        return std::move(out_);
    }

private:
    void line(std::size_t depth, const std::string& text) { out_ += std::string(depth * 2, ' ') + text + "\n"; }

    void write_service(const ComposeService& service) {
        line(1, service.name + ":");
        line(2, "image: " + quoted(service.image));
        if (!service.entrypoint.empty()) {
            line(2, "command: " + quoted_list(service.entrypoint));
        }
        if (!service.command.empty()) {
            line(2, "args: " + quoted_list(service.command));
        }
        if (!service.environment.empty()) {
            line(2, "env:");
            for (const std::string& entry : service.environment) {
                line(3, "- " + quoted(entry));
            }
        }
        write_expose(service);
        write_mounts(service);
        write_lifecycle(service);
    }

    void write_port(const ComposePort& port) {
        line(3, "- port: " + std::to_string(port.inside));
        if (port.outside != 0 && port.outside != port.inside) {
            line(4, "as: " + std::to_string(port.outside));
        }
        if (port.udp) {
            line(4, "proto: UDP");
        }
        line(4, "to:");
    }

    void write_expose(const ComposeService& service) {
        std::string out;
        std::vector<ComposePort> inside = service.inside;
        std::erase_if(inside, [&](const ComposePort& port) {
            return std::ranges::any_of(service.world, [&](const ComposePort& world) {
                return world.inside == port.inside && world.udp == port.udp;
            });
        });
        const bool alone = project_.services.size() < 2;
        if (service.world.empty() && (inside.empty() || alone)) {
            return;
        }
        line(2, "expose:");
        for (const ComposePort& port : service.world) {
            write_port(port);
            line(5, "- global: true");
        }
        for (const ComposePort& port : alone ? std::vector<ComposePort>{} : inside) {
            ComposePort plain = port;
            plain.outside = 0;
            write_port(plain);
            for (const ComposeService& other : project_.services) {
                if (other.name != service.name) {
                    line(5, "- service: " + other.name);
                }
            }
        }
    }

    void write_mounts(const ComposeService& service) {
        const bool own = std::ranges::any_of(service.mounts, [](const ComposeMount& mount) { return !mount.shared; });
        if (own) {
            line(2, "params:");
            line(3, "storage:");
        }
        for (const ComposeMount& mount : service.mounts) {
            if (!mount.shared) {
                line(4, quoted(mount.volume) + ":");
                line(5, "mount: " + quoted(mount.path));
                if (mount.read_only) {
                    line(5, "readOnly: true");
                }
            }
        }
        bool first = true;
        for (const ComposeMount& mount : service.mounts) {
            if (mount.shared) {
                if (first) {
                    line(2, "volumes: # of another service, seen by this one too");
                }
                first = false;
                line(3, "- " + quoted(mount.volume + ":" + mount.path + (mount.read_only ? ":ro" : "")));
            }
        }
    }

    void write_lifecycle(const ComposeService& service) {
        constexpr std::string_view kConditions[] = {"service_started", "service_healthy",
                                                    "service_completed_successfully"};
        const Lifecycle& life = service.lifecycle;
        if (!life.aliases.empty()) {
            line(2, "aliases: " + quoted_list(life.aliases));
        }
        if (!life.after.empty()) {
            line(2, "depends_on:");
            for (const Dependency& each : life.after) {
                line(3, each.service + ": { condition: " +
                            std::string{kConditions[static_cast<std::size_t>(each.condition)]} + " }");
            }
        }
        if (life.health) {
            line(2, "healthcheck:");
            line(3, "test: " + quoted_list(with_form(life.health->test)));
            line(3, "interval: " + std::to_string(life.health->interval_ms) + "ms");
            line(3, "timeout: " + std::to_string(life.health->timeout_ms) + "ms");
            if (life.health->start_period_ms > 0) {
                line(3, "start_period: " + std::to_string(life.health->start_period_ms) + "ms");
            }
            line(3, "retries: " + std::to_string(life.health->retries));
        }
        line(2, "restart: " + restart_text(life.restart) +
                    (service.restart_given
                         ? ""
                         : " # not said in the file: what fails is started again, what ends well is done"));
    }

    static std::vector<std::string> with_form(std::vector<std::string> test) {
        test.insert(test.begin(), "CMD");
        return test;
    }

    static std::string restart_text(const Restart& restart) {
        switch (restart.when) {
            case RestartWhen::kAlways:
                return "always";
            case RestartWhen::kNever:
                return "\"no\"";
            case RestartWhen::kOnFailure:
                break;
        }
        return restart.max_failures == 0 ? "on-failure" : "on-failure:" + std::to_string(restart.max_failures);
    }

    void write_profiles() {
        line(0, "profiles:");
        line(1, "compute:");
        for (const ComposeService& service : project_.services) {
            line(2, service.name + ":");
            line(3, "resources:");
            write_resources(service);
        }
        line(1, "placement:");
        line(2, "anywhere:");
        line(3, "pricing:");
        for (const ComposeService& service : project_.services) {
            const std::uint64_t amount = ceiling(service);
            const std::uint64_t hour = amount * kSecondsPerHour;
            std::string digits = std::to_string(1'000'000 + hour % 1'000'000).substr(1);
            line(4, service.name + ":");
            line(5, "denom: ucredit");
            line(5, "amount: " + std::to_string(amount) + " # at most " + std::to_string(hour / 1'000'000) + "." +
                        digits + " credits an hour and copy; a compose file names no price");
        }
    }

    void write_resources(const ComposeService& service) {
        const auto chosen = [](bool given) { return given ? "" : " # not said in the file"; };
        line(4, "cpu:");
        line(5, "units: \"" + std::to_string(cpu_of(service)) + "m\"" + chosen(service.cpu_milli != 0));
        line(4, "memory:");
        line(5, "size: " + size_text(memory_of(service)) + chosen(service.memory_bytes != 0));
        if (service.gpus.count > 0) {
            line(4, "gpu:");
            line(5, "units: " + std::to_string(service.gpus.count));
            line(5, "attributes:");
            line(6, "vendor:");
            line(7, "nvidia: # any model");
        }
        line(4, "storage:");
        line(5, "- size: " + size_text(root_of(service)) +
                    (service.root_bytes != 0 ? "" : " # what the container writes elsewhere; not said in the file"));
        for (const ComposeMount& mount : service.mounts) {
            if (mount.shared) {
                continue;
            }
            line(5, "- name: " + quoted(mount.volume));
            line(6, "size: " + size_text(mount.bytes) + chosen(mount.size_given));
            line(6, "attributes:");
            line(7, mount.ram ? "persistent: false" : "persistent: true");
            line(7, mount.ram ? "class: ram" : "class: default");
        }
    }

    static std::uint64_t cpu_of(const ComposeService& service) {
        return service.cpu_milli == 0 ? kDefaultCpuMilli : service.cpu_milli;
    }
    static std::uint64_t memory_of(const ComposeService& service) {
        return service.memory_bytes == 0 ? kDefaultMemoryBytes : service.memory_bytes;
    }
    static std::uint64_t root_of(const ComposeService& service) {
        return service.root_bytes == 0 ? kDefaultRootBytes : service.root_bytes;
    }

    // Micro-credits per second, rounded up.
    static std::uint64_t ceiling(const ComposeService& service) {
        std::uint64_t hour = part_of(kCoreHour, cpu_of(service), 1000) +
                             part_of(kMemoryGibHour, memory_of(service), kGibi) +
                             part_of(kStorageGibHour, root_of(service), kGibi) + kGpuHour * service.gpus.count;
        for (const ComposeMount& mount : service.mounts) {
            hour += mount.shared ? 0 : part_of(mount.ram ? kMemoryGibHour : kStorageGibHour, mount.bytes, kGibi);
        }
        return hour / kSecondsPerHour + 1;
    }

    const ComposeProject& project_;
    const std::string& file_;
    std::string out_;
};

}  // namespace

std::string write_deployment(const ComposeProject& project, const std::string& file_name) {
    return Writer{project, file_name}.write();
}

}  // namespace sublet::sdl
