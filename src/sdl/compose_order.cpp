// compose_order.cpp: start order, restart, health, names and shared volumes of a deployment file go into the manifest.
// Spec: docs/spec/compose.md (lifecycle).
#include <algorithm>
#include <set>

#include "crypto/sha256.hpp"
#include "sdl/compose_words.hpp"
#include "sdl/lifecycle_rules.hpp"
#include "sdl/sdl.hpp"

namespace sublet::sdl {
namespace {

class LifecycleAdder {
public:
    LifecycleAdder(Report& report, const Node& root, const WordsByService& words)
        : report_(report), root_(root), words_(words) {}

    void add(ManifestGroup& group) {
        for (Service& service : group.services) {
            if (const auto words = words_.find(service.name); words != words_.end()) {
                service.lifecycle = words->second.lifecycle;
                for (const ComposeDependency& wait : words->second.waits) {
                    add_wait(group, service, wait.dependency, wait.mark, "depends_on");
                }
            }
            keep_shared(group, service);
        }
        for (Service& service : group.services) {
            add_official(group, service);
        }
        for (Service& service : group.services) {
            std::ranges::sort(service.lifecycle.after, {}, &Dependency::service);
        }
    }

private:
    static bool has(const ManifestGroup& group, const std::string& name) {
        return std::ranges::find(group.services, name, &Service::name) != group.services.end();
    }

    bool add_wait(const ManifestGroup& group, Service& service, const Dependency& wait, Mark mark,
                  const std::string& word) {
        if (wait.service == service.name || !has(group, wait.service)) {
            report_.warn(mark, {.rule = "order-ignored",
                                .message = "service \"" + service.name + "\": " + word + " \"" + wait.service +
                                           "\" is ignored: " +
                                           (wait.service == service.name ? "a service cannot wait for itself"
                                                                         : "it is no service of the same placement"),
                                .fix = "name a service of the same placement"});
            return false;
        }
        auto& after = service.lifecycle.after;
        const bool known = std::ranges::find(after, wait.service, &Dependency::service) != after.end();
        if (!known) {
            after.push_back(wait);
        }
        return !known;
    }

    // `dependencies` is official, and Akash ignores it: a file must not fail for it.
    void add_official(const ManifestGroup& group, Service& service) {
        const Node* node = find(find(root_.find("services"), service.name), "dependencies");
        for (const Node& item : node == nullptr ? std::vector<Node>{} : node->items) {
            const std::string target = text_of(item.find("service"));
            if (target.empty() || !add_wait(group, service, {target, After::kStarted}, item.mark, "dependencies")) {
                continue;
            }
            std::size_t ordered = 0;
            for (const auto& wave : start_order(group)) {
                ordered += wave.size();
            }
            if (ordered < group.services.size()) {
                service.lifecycle.after.pop_back();
                report_.warn(item.mark, {.rule = "order-ignored",
                                         .message = "service \"" + service.name + "\": the dependency on \"" + target +
                                                    "\" is ignored: it closes a circle",
                                         .fix = "remove one of them"});
            }
        }
    }

    // A volume is shared only where its owner runs beside.
    void keep_shared(const ManifestGroup& group, Service& service) {
        std::erase_if(service.lifecycle.shared, [&](const SharedMount& mount) {
            const bool gone = !has(group, mount.owner);
            if (gone) {
                report_.warn({},
                             {.rule = "compose-ignored",
                              .message = "service \"" + service.name + "\": the volume \"" + mount.volume + "\" of \"" +
                                         mount.owner + "\" is ignored: that service is in another placement",
                              .fix = "put both into one placement"});
            }
            return gone;
        });
    }

    Report& report_;
    const Node& root_;
    const WordsByService& words_;
};

}  // namespace

void add_lifecycles(Report& report, const Node& root, const WordsByService& words, Deployment& deployment) {
    for (ManifestGroup& group : deployment.manifest.groups) {
        LifecycleAdder{report, root, words}.add(group);
    }
    deployment.canonical_json = canonical_json(deployment.manifest);
    deployment.hash = crypto::sha256(deployment.canonical_json);
}

}  // namespace sublet::sdl
