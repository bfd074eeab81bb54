// rules.cpp: the rules that tie the sections of a deployment file together.
// Spec: docs/spec/deployment-files.md (cross-references).
#include "sdl/rules.hpp"

#include <algorithm>
#include <map>
#include <set>

#include "sdl/letters.hpp"
#include "sdl/units.hpp"

namespace sublet::sdl {
namespace {

// Unlike the grammar's paths, officially these do not escape ~ and /.
std::string join(const std::string& path, std::string_view name) { return path + "/" + std::string(name); }
std::string join(const std::string& path, std::size_t index) { return path + "/" + std::to_string(index); }

Mark mark_or(const Node* node, Mark fallback) { return node == nullptr ? fallback : node->mark; }

// "false", "no", "0" and "" are false, any other text is true, as the official compiler reads it.
bool truthy(const Node* node) {
    if (node == nullptr) {
        return false;
    }
    if (node->is(Kind::kBool)) {
        return node->boolean;
    }
    const std::string text = lower(text_of(node));
    return !(text.empty() || text == "false" || text == "no" || text == "0");
}

class References {
public:
    References(Checker& checker, const Node& root) : checker_(checker), root_(root) {}

    void check() {
        const Node* services = root_.find("services");
        const Node* deployment = root_.find("deployment");
        if (services == nullptr || deployment == nullptr) {
            return;  // the structure check has said so
        }
        for (const Entry& service : services->entries) {
            check_deployments(service, *deployment);
            check_expose(service, *services);
        }
        if (checker_.rules == Rules::kOurs) {
            check_ghosts(*services, *deployment);
        }
        check_endpoints();
        if (checker_.rules == Rules::kOfficial && checker_.report.clean()) {
            check_what_stops_the_compiler(*services, *deployment);
        }
    }

private:
    void find(Mark mark, std::string path, std::string rule, std::string message, std::string fix) {
        checker_.report.find(mark, std::move(path), {std::move(rule), std::move(message), std::move(fix)});
    }

    void ghost(const Entry& deployed) {
        find(deployed.mark, join("/deployment", deployed.key), "required",
             "the deployment names a service \"" + deployed.key + "\" that does not exist",
             "add it under services:, or remove it here");
    }

    void check_ghosts(const Node& services, const Node& deployment) {
        for (const Entry& entry : deployment.entries) {
            if (services.find(entry.key) == nullptr) {
                ghost(entry);
            }
        }
    }

    // Akash's compiler has no rule for these; it stumbles over them where they are used, and only there: sizes of
    // profiles that are deployed, unknown services in a placement that others use.
    void check_what_stops_the_compiler(const Node& services, const Node& deployment) {
        std::set<std::string> used;  // placements
        for (const Entry& service : services.entries) {
            for (const Entry& placement : deployment.find(service.key)->entries) {
                used.insert(placement.key);
                const std::string profile = text_of(placement.value.find("profile"));
                const Node* compute = root_.find("profiles")->find("compute")->find(profile);
                check_sizes(join("/profiles/compute", profile) + "/resources", *compute->find("resources"));
            }
        }
        for (const Entry& entry : deployment.entries) {
            const bool meets_others = std::ranges::any_of(
                entry.value.entries, [&](const Entry& placement) { return used.contains(placement.key); });
            if (services.find(entry.key) == nullptr && meets_others) {
                ghost(entry);
            }
        }
    }

    void check_sizes(const std::string& path, const Node& resources) {
        const Node* storage = resources.find("storage");
        check_size(path + "/memory/size", *resources.find("memory")->find("size"));
        for (std::size_t i = 0; i < storage->items.size(); ++i) {
            check_size(join(path + "/storage", i) + "/size", *storage->items[i].find("size"));
        }
        if (storage->is(Kind::kMap)) {
            check_size(path + "/storage/size", *storage->find("size"));
        }
    }

    void check_size(const std::string& path, const Node& size) {
        if (!official_bytes(size.text)) {
            find(size.mark, path, "pattern", "\"" + size.text + "\" is not a size",
                 "write a number and Ki, Mi, Gi, Ti, k, M, G or T: 512Mi");
        }
    }

    void check_deployments(const Entry& service, const Node& deployment) {
        const Node* placements = deployment.find(service.key);
        if (placements == nullptr) {
            find(deployment.mark, "/deployment", "required", "the service \"" + service.key + "\" is deployed nowhere",
                 "add " + service.key + ": { <placement>: { profile: …, count: 1 } } under deployment:");
            return;
        }
        for (const Entry& placement : placements->entries) {
            const Node* profile_node = placement.value.find("profile");
            const std::string profile = text_of(profile_node);
            const Mark mark = mark_or(profile_node, placement.mark);
            const Node* compute = sublet::sdl::find(sublet::sdl::find(root_.find("profiles"), "compute"), profile);
            check_profile(placement, profile, mark, compute);
            const Node* resources = sublet::sdl::find(compute, "resources");
            check_mounts(service, profile, resources);
            check_persistent(service, resources);
            check_gpu(profile, resources);
            check_tee(service, placement.key, resources);
        }
    }

    void check_profile(const Entry& placement, const std::string& profile, Mark mark, const Node* compute) {
        const Node* infra = sublet::sdl::find(sublet::sdl::find(root_.find("profiles"), "placement"), placement.key);
        if (infra == nullptr) {
            find(placement.mark, "/profiles/placement", "required", "there is no placement \"" + placement.key + "\"",
                 "add it under profiles: placement:");
        } else if (sublet::sdl::find(infra->find("pricing"), profile) == nullptr) {
            find(mark, join("/profiles/placement", placement.key) + "/pricing", "required",
                 "the placement \"" + placement.key + "\" has no price for the profile \"" + profile + "\"",
                 "add " + profile + ": { denom: uact, amount: … } to its pricing");
        }
        if (compute == nullptr) {
            find(mark, "/profiles/compute", "required", "there is no compute profile \"" + profile + "\"",
                 "add it under profiles: compute:");
        }
    }

    // The volumes of a profile; a single map stands for one.
    static std::vector<const Node*> volumes_of(const Node* resources) {
        std::vector<const Node*> out;
        const Node* storage = sublet::sdl::find(resources, "storage");
        if (storage != nullptr && storage->is(Kind::kMap)) {
            out.push_back(storage);
        } else if (storage != nullptr) {
            for (const Node& item : storage->items) {
                out.push_back(&item);
            }
        }
        return out;
    }

    void check_mounts(const Entry& service, const std::string& profile, const Node* resources) {
        const Node* mounts = sublet::sdl::find(service.value.find("params"), "storage");
        if (mounts == nullptr) {
            return;
        }
        std::map<std::string, std::string> taken;  // path → volume
        for (const Entry& mount : mounts->entries) {
            const std::string path = join(join("/services", service.key) + "/params/storage", mount.key);
            bool known = false;
            for (const Node* volume : volumes_of(resources)) {
                known = known || text_of(volume->find("name")) == mount.key;
            }
            if (!known) {
                find(mount.mark, join("/profiles/compute", profile) + "/resources/storage", "required",
                     "the service \"" + service.key + "\" mounts a volume \"" + mount.key +
                         "\" that its profile does not have",
                     "add - { name: " + mount.key + ", size: … } to the storage of " + profile);
                continue;
            }
            const Node* where = mount.value.find("mount");
            const std::string key = where == nullptr ? "" : text_of(where);
            const auto [existing, fresh] = taken.emplace(key, mount.key);
            if (!fresh && where == nullptr) {
                find(mount.mark, path, "uniqueItems", "two volumes without a mount path", "give each a mount:");
            } else if (!fresh) {
                find(where->mark, path + "/mount", "uniqueItems",
                     "\"" + key + "\" is already the mount of the volume \"" + existing->second + "\"",
                     "use another path");
            }
        }
    }

    void check_persistent(const Entry& service, const Node* resources) {
        std::set<std::string> names;
        for (const Node* volume : volumes_of(resources)) {
            const std::string name = text_of(volume->find("name"));
            const std::string shown = name.empty() ? "default" : name;
            if (!names.insert(shown).second && checker_.rules == Rules::kOurs) {
                find(volume->mark, "/profiles/compute", "uniqueItems", "two volumes with the name \"" + shown + "\"",
                     "give each volume a name of its own");
            }
            const Node* persistent = sublet::sdl::find(volume->find("attributes"), "persistent");
            const Node* mount = sublet::sdl::find(
                sublet::sdl::find(sublet::sdl::find(service.value.find("params"), "storage"), name), "mount");
            if (truthy(persistent) && text_of(mount).empty()) {
                find(service.mark, join(join("/services", service.key) + "/params/storage", shown), "required",
                     "the persistent volume \"" + shown + "\" is not mounted by \"" + service.key + "\"",
                     "add params: { storage: { " + shown + ": { mount: /some/path } } } to the service");
            }
        }
    }

    void check_gpu(const std::string& profile, const Node* resources) {
        const Node* gpu = sublet::sdl::find(resources, "gpu");
        const Node* attributes = sublet::sdl::find(gpu, "attributes");
        const Node* units = sublet::sdl::find(gpu, "units");
        const bool has_units = units != nullptr && (units->is(Kind::kText) || units->number != 0);
        if (checker_.rules == Rules::kOfficial && attributes == nullptr && has_units) {
            find(gpu->mark, join("/profiles/compute", profile) + "/resources/gpu", "required",
                 "a GPU needs attributes that say which would do", "add attributes: { vendor: { nvidia: } }");
        }
        if (attributes != nullptr && attributes->find("vendor") == nullptr) {
            find(attributes->mark, join("/profiles/compute", profile) + "/resources/gpu/attributes", "required",
                 "the GPU has no vendor", "add vendor: { nvidia: } for any NVIDIA card");
        }
    }

    void check_tee(const Entry& service, const std::string& placement, const Node* resources) {
        const Node* tee = sublet::sdl::find(service.value.find("params"), "tee");
        if (tee == nullptr || text_of(tee).empty()) {
            return;
        }
        const std::string path = join("/services", service.key) + "/params/tee";
        const Node* units = sublet::sdl::find(sublet::sdl::find(resources, "gpu"), "units");
        const bool has_gpu = units != nullptr && plain_text(*units) != "0";
        if (tee->text == "cpu-gpu" && !has_gpu) {
            find(tee->mark, path, "required", "tee: cpu-gpu needs a GPU in the compute profile",
                 "add gpu:, or write tee: cpu");
        }
        const auto [existing, fresh] = tee_of_placement_.emplace(placement, tee->text);
        if (!fresh && existing->second != tee->text) {
            find(tee->mark, path, "tee", "the placement \"" + placement + "\" already has tee: " + existing->second,
                 "use one kind per placement");
        }
    }

    void check_expose(const Entry& service, const Node& services) {
        const Node* exposes = service.value.find("expose");
        const std::size_t count = exposes == nullptr ? 0 : exposes->items.size();
        for (std::size_t i = 0; i < count; ++i) {
            const Node& expose = exposes->items[i];
            const Node* targets = expose.find("to");
            const std::size_t target_count = targets == nullptr ? 0 : targets->items.size();
            for (std::size_t j = 0; j < target_count; ++j) {
                const std::string path = join(join(join("/services", service.key) + "/expose", i) + "/to", j);
                check_target(service, expose, targets->items[j], path, services);
            }
        }
    }

    void check_target(const Entry& service, const Node& expose, const Node& target, const std::string& path,
                      const Node& services) {
        const std::string other = text_of(target.find("service"));
        if (!other.empty() && services.find(other) == nullptr) {  // officially fine: a published file has such a slip
            checker_.report.note(target.mark, "\"" + service.key + "\" is exposed to \"" + other +
                                                  "\", which is no service of this file: that line has no effect");
        }
        const Node* ip = target.find("ip");
        if (text_of(ip).empty()) {
            return;
        }
        const Node* declared = sublet::sdl::find(root_.find("endpoints"), ip->text);
        if (declared == nullptr) {
            find(ip->mark, join("/endpoints", ip->text), "required",
                 "the endpoint \"" + ip->text + "\" is not declared",
                 "add endpoints: { " + ip->text + ": { kind: ip } }");
        }
        endpoints_used_.insert(ip->text);
        const Node* port = expose.find("as") != nullptr ? expose.find("as") : expose.find("port");
        std::string proto = text_of(expose.find("proto"));
        proto = proto == "udp" || proto == "UDP" ? "UDP" : "TCP";
        const std::string key = ip->text + " port " + (port == nullptr ? "" : plain_text(*port)) + " " + proto;
        const auto [existing, fresh] = ports_used_.emplace(key, service.key);
        if (!fresh) {
            find(ip->mark, path + "/ip", "uniqueItems",
                 key + " is already used by the service \"" + existing->second + "\"",
                 "use another port (as:) or another endpoint");
        }
    }

    void check_endpoints() {
        const Node* endpoints = root_.find("endpoints");
        if (endpoints == nullptr) {
            return;
        }
        for (const Entry& endpoint : endpoints->entries) {
            if (!endpoints_used_.contains(endpoint.key)) {
                find(endpoint.mark, join("/endpoints", endpoint.key), "additionalProperties",
                     "the endpoint \"" + endpoint.key + "\" is declared and never used",
                     "remove it, or expose a port with its ip:");
            }
        }
    }

    Checker& checker_;
    const Node& root_;
    std::set<std::string> endpoints_used_;
    std::map<std::string, std::string> ports_used_;
    std::map<std::string, std::string> tee_of_placement_;
};

}  // namespace

void check_references(Checker& checker, const Node& root) { References(checker, root).check(); }

}  // namespace sublet::sdl
