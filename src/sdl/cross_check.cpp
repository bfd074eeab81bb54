// cross_check.cpp: whether a manifest is the one that the ledger's groups were made for.
// Spec: docs/spec/deployment-files.md (manifest against groups).
#include <algorithm>
#include <map>

#include "sdl/sdl.hpp"

namespace sublet::sdl {
namespace {

std::unexpected<Error> differs(const std::string& group, const std::string& what) {
    return fail(Code::kConflict, "the manifest's group \"" + group + "\" differs from the ledger's: " + what +
                                     "; send the manifest that belongs to this deployment");
}

// Endpoints of the unit are those of all its services together.
bool same_machine(const Resources& a, const Resources& b) {
    return a.cpu_milli == b.cpu_milli && a.cpu_attributes == b.cpu_attributes && a.memory_bytes == b.memory_bytes &&
           a.storage == b.storage && a.gpu == b.gpu;
}

struct Used {
    std::uint64_t count = 0;
    std::vector<Endpoint> endpoints;
};

Result<> check_group(const ManifestGroup& manifest, const Group& group) {
    std::map<std::uint32_t, Used> used;
    for (const Service& service : manifest.services) {
        const std::uint32_t id = service.resources.id;
        if (id == 0 || id > group.units.size()) {
            return differs(group.name, "the service \"" + service.name + "\" uses an unknown resource unit");
        }
        if (!same_machine(service.resources, group.units[id - 1].resources)) {
            return differs(group.name, "the resources of the service \"" + service.name + "\"");
        }
        Used& unit = used[id];
        unit.count += service.count;
        unit.endpoints.insert(unit.endpoints.end(), service.resources.endpoints.begin(),
                              service.resources.endpoints.end());
    }
    for (std::size_t i = 0; i < group.units.size(); ++i) {
        Used& unit = used[static_cast<std::uint32_t>(i + 1)];
        if (unit.count != group.units[i].count) {
            return differs(group.name, "the number of replicas of resource unit " + std::to_string(i + 1));
        }
        std::vector<Endpoint> wanted = group.units[i].resources.endpoints;
        std::ranges::sort(wanted);
        std::ranges::sort(unit.endpoints);
        if (wanted != unit.endpoints) {
            return differs(group.name, "the endpoints of resource unit " + std::to_string(i + 1));
        }
    }
    return {};
}

}  // namespace

Result<> check_manifest_against_groups(const Manifest& manifest, const std::vector<Group>& groups) {
    if (manifest.groups.size() != groups.size()) {
        return fail(Code::kConflict, "the manifest has " + std::to_string(manifest.groups.size()) +
                                         " groups, the ledger " + std::to_string(groups.size()));
    }
    for (const ManifestGroup& group : manifest.groups) {
        const auto found = std::ranges::find(groups, group.name, &Group::name);
        if (found == groups.end()) {
            return differs(group.name, "the ledger has no group of that name");
        }
        TRY_OK(check_group(group, *found));
    }
    return {};
}

}  // namespace sublet::sdl
