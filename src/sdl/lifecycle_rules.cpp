// lifecycle_rules.cpp: what the lifecycle of a group's services must satisfy, and the order in which they start.
// Spec: docs/spec/compose.md (lifecycle).
#include "sdl/lifecycle_rules.hpp"

#include <algorithm>
#include <set>

namespace sublet::sdl {
namespace {

constexpr std::size_t kMaxAlias = 63;

bool is_word(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9'); }

class LifecycleExaminer {
public:
    explicit LifecycleExaminer(const ManifestGroup& group) : group_(group) {}

    std::vector<ManifestProblem> examine() {
        for (const Service& service : group_.services) {
            service_ = service.name;
            examine_dependencies(service);
            examine_health(service.lifecycle);
            examine_aliases(service.lifecycle);
            examine_shared(service);
        }
        std::size_t ordered = 0;
        for (const auto& wave : start_order(group_)) {
            ordered += wave.size();
        }
        if (problems_.empty() && ordered < group_.services.size()) {
            service_ = unordered();
            add("it waits, perhaps by way of others, for itself", "break the circle of depends_on");
        }
        return std::move(problems_);
    }

private:
    void add(std::string message, std::string fix) {
        problems_.push_back({service_, std::move(message), std::move(fix)});
    }

    [[nodiscard]] const Service* find(const std::string& name) const {
        const auto found = std::ranges::find(group_.services, name, &Service::name);
        return found == group_.services.end() ? nullptr : &*found;
    }

    [[nodiscard]] std::string unordered() const {
        std::set<std::string> ordered;
        for (const auto& wave : start_order(group_)) {
            ordered.insert(wave.begin(), wave.end());
        }
        const auto left = std::ranges::find_if(group_.services,
                                               [&](const Service& service) { return !ordered.contains(service.name); });
        return left == group_.services.end() ? std::string{} : left->name;
    }

    void examine_dependencies(const Service& service) {
        std::set<std::string> seen;
        for (const Dependency& dependency : service.lifecycle.after) {
            const Service* target = find(dependency.service);
            if (target == nullptr || !seen.insert(dependency.service).second) {
                add("it waits for \"" + dependency.service + "\", which is no service of its placement, or twice",
                    "name each service of the same placement once");
            } else if (dependency.condition == After::kCompleted &&
                       target->lifecycle.restart.when == RestartWhen::kAlways) {
                add("it waits for \"" + dependency.service + "\" to end, which is always started again",
                    "give " + dependency.service + " restart: \"no\" or on-failure");
            }
        }
    }

    void examine_health(const Lifecycle& life) {
        if (!life.health) {
            return;
        }
        const HealthCheck& health = *life.health;
        const bool too_long = std::ranges::any_of(health.test, [](const std::string& text) {
            return text.size() > kMaxTextBytes || text.find('\0') != std::string::npos;
        });
        if (health.test.empty() || health.test.size() > kMaxListItems || health.test.front().empty() || too_long) {
            add("its health check has no command, or one that is too long", "write test: [\"CMD\", …]");
        }
        if (health.interval_ms == 0 || health.interval_ms > kMaxHealthMs || health.timeout_ms == 0 ||
            health.timeout_ms > kMaxHealthMs || health.start_period_ms > kMaxHealthMs || health.retries == 0 ||
            health.retries > kMaxHealthRetries) {
            add("the times of its health check are out of range", "use 1ms to 1h and 1 to 1000 retries");
        }
    }

    void examine_aliases(const Lifecycle& life) {
        if (life.aliases.size() > kMaxAliases) {
            add("it has more than " + std::to_string(kMaxAliases) + " further names", "remove some");
        }
        for (const std::string& alias : life.aliases) {
            if (!is_alias(alias) || find(alias) != nullptr) {
                add("\"" + alias + "\" cannot be a further name of it",
                    "use letters, digits, - _ and ., and no name of a service");
            }
        }
    }

    void examine_shared(const Service& service) {
        const Lifecycle& life = service.lifecycle;
        if (life.shared.size() > kMaxSharedMounts) {
            add("it shares more than " + std::to_string(kMaxSharedMounts) + " volumes", "remove some");
        }
        std::set<std::string> paths;
        for (const Mount& mount : service.params.mounts) {
            paths.insert(mount.path);
        }
        for (const SharedMount& mount : life.shared) {
            const Service* owner = find(mount.owner);
            const bool there =
                owner != nullptr && mount.owner != service.name &&
                std::ranges::any_of(owner->resources.storage,
                                    [&](const Storage& storage) {
                                        return storage.name == mount.volume && storage.class_name != "ram";
                                    }) &&
                std::ranges::any_of(owner->params.mounts,
                                    [&](const Mount& own) { return own.volume == mount.volume && !own.path.empty(); });
            if (!there) {
                add("it shares the volume \"" + mount.volume + "\", which \"" + mount.owner + "\" does not mount",
                    "mount it there with params.storage");
            }
            if (!is_mount_path(mount.path) || !paths.insert(mount.path).second) {
                add("\"" + mount.path + "\" is no mount path, or is used twice",
                    "use an absolute path without .. or :");
            }
        }
    }

    const ManifestGroup& group_;
    std::string service_;
    std::vector<ManifestProblem> problems_;
};

}  // namespace

std::vector<ManifestProblem> lifecycle_problems(const ManifestGroup& group) {
    return LifecycleExaminer{group}.examine();
}

bool is_alias(const std::string& name) {
    const auto fine = [](char c) { return is_word(c) || c == '_' || c == '.' || c == '-'; };
    return !name.empty() && name.size() <= kMaxAlias && is_word(name.front()) && std::ranges::all_of(name, fine);
}

std::vector<std::vector<std::string>> start_order(const ManifestGroup& group) {
    std::vector<std::vector<std::string>> waves;
    std::set<std::string> done;
    for (std::size_t turn = 0; turn < group.services.size() && done.size() < group.services.size(); ++turn) {
        std::vector<std::string> wave;
        for (const Service& service : group.services) {
            const bool ready = std::ranges::all_of(service.lifecycle.after,
                                                   [&](const Dependency& each) { return done.contains(each.service); });
            if (ready && !done.contains(service.name)) {
                wave.push_back(service.name);
            }
        }
        if (wave.empty()) {
            break;
        }
        done.insert(wave.begin(), wave.end());
        waves.push_back(std::move(wave));
    }
    return waves;
}

}  // namespace sublet::sdl
