// compose_read.cpp: a whole compose file as plain values: its top, its services, and how these hang together.
// Spec: docs/spec/compose.md.
#include <algorithm>
#include <set>

#include "modules/market/resources.hpp"
#include "sdl/compose_model.hpp"
#include "sdl/letters.hpp"
#include "sdl/lifecycle_rules.hpp"

namespace sublet::sdl {
namespace {

constexpr std::size_t kMaxServiceName = 63;

class ProjectReader {
public:
    ProjectReader(Report& report, const Node& root, const ComposeSources& sources)
        : report_(report), root_(root), context_{report, sources, {}, {}, {}, 0} {}

    ComposeProject read() {
        judge_top();
        declare_volumes();
        const Node* services = root_.find("services");
        if (services == nullptr || !services->is(Kind::kMap) || services->entries.empty()) {
            find(root_.mark, "/services", "the file has no services", "add services: with a name and an image: below");
            return {};
        }
        if (services->entries.size() > kMaxServices) {
            find(services->mark, "/services", "more than " + std::to_string(kMaxServices) + " services",
                 "split the file");
            return {};
        }
        name_services(*services);
        std::set<std::string> networks;
        for (const Entry& entry : services->entries) {
            if (is_active(entry)) {
                out_.services.push_back(read_compose_service(context_, entry, join("/services", entry.key)));
                note_networks(entry.value, networks);
            }
        }
        if (networks.size() > 1) {
            report_.warn(services->mark,
                         {.rule = "compose-ignored",
                          .message = "networks are not kept apart: all services of the file reach each other",
                          .fix = "rent what must not be reached with a file of its own"});
        }
        drop_idle();
        if (out_.services.size() > market::kMaxUnits) {
            find(services->mark, "/services",
                 std::to_string(out_.services.size()) + " services, and " + std::to_string(market::kMaxUnits) +
                     " fit into one lease",
                 "split the file, or choose fewer with profiles");
        }
        settle_waits();
        settle_aliases();
        return std::move(out_);
    }

private:
    void find(Mark mark, std::string path, std::string message, std::string fix) {
        report_.find(mark, std::move(path), {.rule = "compose", .message = std::move(message), .fix = std::move(fix)});
    }

    void judge_top() {
        constexpr std::string_view kKnown[] = {"version",  "name",    "services", "volumes",
                                               "networks", "secrets", "configs",  "models"};
        for (const Entry& entry : root_.entries) {
            if (entry.key == "include") {
                find(entry.mark, "/include", "other compose files are not read",
                     "run `docker compose config > full.yml` and rent full.yml");
            } else if (!entry.key.starts_with("x-") &&
                       std::ranges::find(kKnown, std::string_view(entry.key)) == std::end(kKnown)) {
                find(entry.mark, join("", entry.key), "\"" + entry.key + "\" is no key at the top of a compose file",
                     "is it indented right? Allowed: name, services, volumes, networks, secrets, configs, x-…");
            }
            if (entry.key == "networks") {
                for (const Entry& network : entry.value.entries) {
                    if (network.value.find("external") != nullptr) {
                        report_.warn(
                            network.mark,
                            {.rule = "compose-ignored",
                             .message =
                                 "the network \"" + network.key +
                                 "\" is of this machine: only the services of this file are in the lease's network",
                             .fix = "put the services that are needed into this file"});
                    }
                }
            }
        }
    }

    void declare_volumes() {
        const Node* volumes = root_.find("volumes");
        std::set<std::string> taken{"default"};
        for (const Entry& entry : volumes == nullptr ? std::vector<Entry>{} : volumes->entries) {
            ComposeDeclared declared;
            declared.name = deployment_name(entry.key);
            while (!taken.insert(declared.name).second) {
                declared.name += "-2";
            }
            const Node* options = entry.value.find("driver_opts");
            const Node* size = sublet::sdl::find(options, "size");
            const Node* device = sublet::sdl::find(options, "device");
            const Node* type = sublet::sdl::find(options, "type");
            declared.bytes = size == nullptr ? 0 : read_docker_bytes(*size).value_or(0);
            declared.bind = device != nullptr && (type == nullptr || type->text != "tmpfs");
            const Node* external = entry.value.find("external");
            if (external != nullptr && !(external->is(Kind::kBool) && !external->boolean)) {
                report_.warn(entry.mark,
                             {.rule = "compose-ignored",
                              .message = "the volume \"" + entry.key + "\" is of this machine: here it starts empty",
                              .fix = "copy its data in once the lease runs"});
            }
            context_.volumes.emplace(entry.key, std::move(declared));
        }
    }

    void name_services(const Node& services) {
        std::set<std::string> taken;
        for (const Entry& entry : services.entries) {
            std::string name = deployment_name(entry.key);
            for (std::size_t turn = 2; !taken.insert(name).second; ++turn) {
                name = deployment_name(entry.key).substr(0, kMaxServiceName - 4) + "-" + std::to_string(turn);
            }
            if (name != entry.key) {
                report_.warn(entry.mark, {.rule = "compose-renamed",
                                          .message = "service \"" + entry.key + "\" is called \"" + name +
                                                     "\" here; the others find it by both names",
                                          .fix = "use a-z, 0-9 and - in names of services"});
            }
            context_.names.emplace(entry.key, std::move(name));
        }
    }

    // Services with profiles run only where COMPOSE_PROFILES names one of them.
    bool is_active(const Entry& entry) {
        const Node* profiles = entry.value.find("profiles");
        if (profiles == nullptr || profiles->items.empty()) {
            return true;
        }
        const auto wanted = context_.sources.variables.find("COMPOSE_PROFILES");
        const std::string list = wanted == context_.sources.variables.end() ? "" : "," + wanted->second + ",";
        const bool active = list == ",*," || std::ranges::any_of(profiles->items, [&](const Node& profile) {
                                return list.find("," + profile.text + ",") != std::string::npos;
                            });
        if (!active) {
            report_.warn(entry.mark,
                         {.rule = "compose-profile",
                          .message = "service \"" + entry.key + "\" is left out: it is in a profile that is not chosen",
                          .fix = "set COMPOSE_PROFILES to run it"});
        }
        return active;
    }

    static void note_networks(const Node& service, std::set<std::string>& networks) {
        if (const Node* own = service.find("networks")) {
            for (const Node& item : own->items) {
                networks.insert(item.text);
            }
            for (const Entry& entry : own->entries) {
                networks.insert(entry.key);
            }
        }
    }

    void drop_idle() {
        for (const ComposeService& service : out_.services) {
            if (service.count == 0) {
                report_.warn(service.mark,
                             {.rule = "compose-profile",
                              .message = "service \"" + service.name_here + "\" is left out: it has no copies",
                              .fix = "write replicas: 1 to run it"});
            }
        }
        std::erase_if(out_.services, [](const ComposeService& service) { return service.count == 0; });
    }

    void settle_waits() {
        for (ComposeService& service : out_.services) {
            for (const ComposeDependency& each : service.waits) {
                settle_wait(service, each);
            }
            std::ranges::sort(service.lifecycle.after, {}, &Dependency::service);
        }
    }

    void settle_wait(ComposeService& service, const ComposeDependency& wait) {
        const std::string& wanted = wait.dependency.service;
        const auto name = context_.names.find(wanted);
        const auto target =
            std::ranges::find_if(out_.services, [&](const ComposeService& each) { return each.name_here == wanted; });
        if (name == context_.names.end()) {
            if (wait.required) {
                find(wait.mark, service.path + "/depends_on",
                     "service \"" + service.name_here + "\" depends on \"" + wanted +
                         "\", which is no service of this file",
                     "remove it, or add that service");
            }
            return;
        }
        if (target == out_.services.end()) {
            report_.warn(wait.mark, {.rule = "compose-profile",
                                     .message = "service \"" + service.name_here + "\" does not wait for \"" + wanted +
                                                "\", which is left out",
                                     .fix = "set COMPOSE_PROFILES to run both"});
            return;
        }
        if (wait.dependency.condition == After::kCompleted && target->lifecycle.restart.when == RestartWhen::kAlways) {
            find(wait.mark, service.path + "/depends_on",
                 "service \"" + service.name_here + "\" waits for \"" + wanted +
                     "\" to end, which is always started again",
                 "give " + wanted + " restart: \"no\"");
        }
        if (wait.dependency.condition == After::kHealthy && !target->lifecycle.health) {
            report_.warn(
                wait.mark,
                {.rule = "compose-health",
                 .message = "service \"" + wanted +
                            "\" has no healthcheck in this file: where its image has none either, running is enough",
                 .fix = "add healthcheck: with a test: to it"});
        }
        service.lifecycle.after.push_back({name->second, wait.dependency.condition});
    }

    void settle_aliases() {
        std::set<std::string> names;
        for (const ComposeService& service : out_.services) {
            names.insert(service.name);
        }
        for (ComposeService& service : out_.services) {
            auto& aliases = service.lifecycle.aliases;
            for (const std::string& alias : context_.link_aliases[service.name_here]) {
                aliases.push_back(alias);
            }
            std::ranges::sort(aliases);
            const auto same = std::ranges::unique(aliases);
            aliases.erase(same.begin(), same.end());
            std::erase_if(aliases, [&](const std::string& alias) {
                const bool own = alias == service.name;
                if (!own && (!is_alias(alias) || names.contains(alias))) {
                    report_.warn(service.mark, {.rule = "compose-ignored",
                                                .message = "service \"" + service.name_here +
                                                           "\" is not found by the name \"" + alias + "\"",
                                                .fix = "use \"" + service.name + "\""});
                    return true;
                }
                return own;
            });
            aliases.resize(std::min(aliases.size(), kMaxAliases));
        }
    }

    Report& report_;
    const Node& root_;
    ComposeContext context_;
    ComposeProject out_;
};

}  // namespace

std::string deployment_name(const std::string& name) {
    std::string out;
    for (const char c : name) {
        out += is_letter(c) || is_digit(c) ? lower(c) : '-';
    }
    if (out.empty() || !is_lower(out[0])) {
        out = "s" + (out.starts_with('-') ? out : "-" + out);
    }
    out.resize(std::min(out.size(), kMaxServiceName));
    while (out.ends_with('-')) {
        out.pop_back();
    }
    return out;
}

ComposeProject read_project(Report& report, const Node& root, const ComposeSources& sources) {
    return ProjectReader{report, root, sources}.read();
}

}  // namespace sublet::sdl
