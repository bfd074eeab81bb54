// compose_resources.cpp: what a compose service asks of the machine: deploy: and the older keys beside it.
// Spec: docs/spec/compose.md (resources).
#include <algorithm>
#include <cmath>
#include <cstdlib>

#include "sdl/compose_model.hpp"

namespace sublet::sdl {
namespace {

constexpr std::uint64_t kMaxReplicas = 1000;

class ResourceReader {
public:
    ResourceReader(ComposeContext& context, ComposeService& service, const Node& node)
        : context_(context), out_(service), node_(node) {}

    void read() {
        const Node* deploy = node_.find("deploy");
        const Node* resources = find(deploy, "resources");
        const Node* limits = find(resources, "limits");
        const Node* reserved = find(resources, "reservations");
        cpus({find(limits, "cpus"), node_.find("cpus"), node_.find("cpu_count"), find(reserved, "cpus")});
        memory(
            {find(limits, "memory"), node_.find("mem_limit"), find(reserved, "memory"), node_.find("mem_reservation")});
        for (const Node* devices : {find(reserved, "devices"), find(limits, "devices"), node_.find("gpus")}) {
            if (devices != nullptr) {
                gpus(*devices);
            }
        }
        if (const Node* size = find(node_.find("storage_opt"), "size")) {
            out_.root_bytes = read_docker_bytes(*size).value_or(0);
        }
        count(find(deploy, "replicas"), node_.find("scale"));
        for (const Entry& entry : deploy == nullptr ? std::vector<Entry>{} : deploy->entries) {
            judge_deploy(entry);
        }
    }

private:
    void refuse(Mark mark, std::string_view key, std::string message, std::string fix) {
        context_.report.find(mark, join(out_.path, key),
                             {.rule = "compose",
                              .message = "service \"" + out_.name_here + "\": " + std::move(message),
                              .fix = std::move(fix)});
    }
    void warn(Mark mark, std::string message, std::string fix) {
        context_.report.warn(mark, {.rule = "compose-ignored",
                                    .message = "service \"" + out_.name_here + "\": " + std::move(message),
                                    .fix = std::move(fix)});
    }

    // The first that is there counts; a container gets exactly that much.
    void cpus(std::initializer_list<const Node*> said) {
        for (const Node* node : said) {
            if (node == nullptr) {
                continue;
            }
            const std::string text = scalar_text(*node).value_or("");
            char* end = nullptr;
            const double cores = std::strtod(text.c_str(), &end);
            const bool fine = !text.empty() && *end == '\0' && cores >= 0.001 && cores < 1e6;
            if (!fine) {
                refuse(node->mark, "cpus", "\"" + text + "\" is no number of cores", "write 0.5");
            } else {
                out_.cpu_milli = static_cast<std::uint64_t>(std::llround(cores * 1000));
            }
            return;
        }
    }

    void memory(std::initializer_list<const Node*> said) {
        for (const Node* node : said) {
            if (node == nullptr) {
                continue;
            }
            const auto bytes = read_docker_bytes(*node);
            if (!bytes || *bytes == 0) {
                refuse(node->mark, "memory", "\"" + scalar_text(*node).value_or("") + "\" is no size", "write 512M");
            } else {
                out_.memory_bytes = *bytes;
            }
            return;
        }
    }

    void gpus(const Node& devices) {
        if (devices.is(Kind::kText) && devices.text == "all") {
            all_gpus(devices.mark);
        } else if (const auto number = devices.is(Kind::kList) ? std::nullopt : read_whole(devices)) {
            out_.gpus.count = *number;
        }
        for (const Node& device : devices.items) {
            const Node* capabilities = device.find("capabilities");
            const bool is_gpu =
                capabilities == nullptr ||
                std::ranges::any_of(capabilities->items, [](const Node& each) { return each.text == "gpu"; });
            const Node* driver = device.find("driver");
            if (!is_gpu || (driver != nullptr && !driver->text.empty() && driver->text != "nvidia")) {
                warn(device.mark, "a device that is no nvidia GPU is ignored", "remove it");
                continue;
            }
            const Node* number = device.find("count");
            const Node* ids = device.find("device_ids");
            if (ids != nullptr) {
                out_.gpus.count += std::max<std::size_t>(ids->items.size(), 1);
                warn(ids->mark, "which GPU it gets cannot be chosen, only how many", "write count:");
            } else if (const auto whole = number == nullptr ? std::nullopt : read_whole(*number)) {
                out_.gpus.count += *whole;
            } else {
                all_gpus(number == nullptr ? device.mark : number->mark);
            }
        }
    }

    void all_gpus(Mark mark) {
        out_.gpus.count += 1;
        warn(mark, "\"all\" GPUs of a machine are read as one", "write count: 2 for two");
    }

    void count(const Node* replicas, const Node* scale) {
        const Node* said = replicas != nullptr ? replicas : scale;
        if (said == nullptr) {
            return;
        }
        const auto number = read_whole(*said);
        if (!number || *number > kMaxReplicas) {
            refuse(said->mark, "deploy", "the number of copies is a whole number up to 1000", "write replicas: 2");
        } else {
            out_.count = *number;
        }
    }

    void judge_deploy(const Entry& entry) {
        if (entry.key == "replicas" || entry.key == "resources" || entry.key.starts_with("x-")) {
            return;
        }
        if (entry.key == "restart_policy") {
            for (const Entry& part : entry.value.entries) {
                if (part.key != "condition") {
                    warn(part.mark,
                         "deploy.restart_policy." + part.key + " is ignored: the provider waits 1 s, 2 s, 4 s … 60 s",
                         "write restart: on-failure:3 to give up after three");
                }
            }
            return;
        }
        const bool replicated = entry.key == "mode" && entry.value.text == "replicated";
        if (!replicated) {
            warn(entry.mark, "deploy." + entry.key + " is ignored: it is for swarms of machines", "remove it");
        }
    }

    ComposeContext& context_;
    ComposeService& out_;
    const Node& node_;
};

}  // namespace

void read_compose_resources(ComposeContext& context, ComposeService& service, const Node& node) {
    ResourceReader{context, service, node}.read();
}

}  // namespace sublet::sdl
