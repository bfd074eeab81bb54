// to_ledger.cpp: what the ledger learns of a deployment file, and whether a manifest is within what its tenant pays
// for. Spec: docs/spec/deployment-files.md (groups on the ledger).
#include "sdl/to_ledger.hpp"

#include <algorithm>
#include <map>

namespace sublet::sdl {
namespace {

constexpr std::uint64_t kMillisPerSecond = 1000;

// Endpoints on the ledger are a number: how many ways in there are.
market::ResourceUnit to_unit(const Resources& resources) {
    market::ResourceUnit unit;
    unit.cpu_milli = resources.cpu_milli;
    unit.memory_bytes = resources.memory_bytes;
    for (const Storage& storage : resources.storage) {
        unit.volumes.push_back({storage.name, storage.bytes, storage.persistent, storage.class_name});
    }
    unit.gpu_units = resources.gpu.units;
    for (const GpuModel& model : resources.gpu.any_of) {
        unit.gpu_any_of.push_back(
            {model.vendor, model.model == "*" ? "" : model.model, model.ram_bytes.value_or(0), model.interface});
    }
    unit.endpoints = resources.endpoints.size();
    return unit;
}

// The ledger's own checks, with the place in the file before their words.
Result<> at_place(const std::string& place, Result<> checked) {
    if (!checked) {
        return fail(checked.error().code, place + ": " + checked.error().message);
    }
    return {};
}

Result<market::GroupSpec> to_spec(const Group& group) {
    market::GroupSpec spec;
    spec.name = group.name;
    for (const Attribute& attribute : group.attributes) {
        spec.attributes.push_back({attribute.key, attribute.value});
    }
    std::ranges::sort(spec.attributes);
    spec.signed_by_all_of = group.signed_by_all_of;
    spec.signed_by_any_of = group.signed_by_any_of;
    const std::string place = "placement \"" + group.name + "\"";
    if (spec.name.size() > market::kMaxNameBytes || group.units.size() > market::kMaxUnits ||
        std::max(spec.signed_by_all_of.size(), spec.signed_by_any_of.size()) > market::kMaxSignedBy) {
        return fail(Code::kOutOfRange, place + ": a name of at most 64 bytes, 20 compute profiles and 16 auditors fit");
    }
    TRY_OK(at_place(place, provider::check_attributes(spec.attributes)));
    for (const ResourceUnit& from : group.units) {
        market::ResourceUnit unit = to_unit(from.resources);
        unit.count = from.count;
        unit.max_rate = Rate{std::min(from.max_rate.value(), market::kMaxUnitPrice)};
        const std::string service = from.services.empty() ? "" : ", service \"" + from.services.front() + "\"";
        TRY_OK(at_place(place + service, market::check_units({unit})));
        spec.units.push_back(std::move(unit));
    }
    return spec;
}

std::unexpected<Error> differs(const std::string& group, const std::string& what) {
    return fail(Code::kConflict, "the manifest's group \"" + group + "\" differs from the ledger's: " + what +
                                     "; send the manifest that belongs to this deployment");
}

Result<> check_group(const ManifestGroup& group, const market::GroupSpec& spec) {
    std::map<std::uint32_t, market::ResourceUnit> used;
    for (const Service& service : group.services) {
        const std::uint32_t id = service.resources.id;
        if (id == 0 || id > spec.units.size()) {
            return differs(group.name, "the service \"" + service.name + "\" uses an unknown resource unit");
        }
        market::ResourceUnit unit = to_unit(service.resources);
        const auto [sum, fresh] = used.try_emplace(id, unit);
        if (!fresh) {
            sum->second.endpoints += unit.endpoints;
        }
        sum->second.count += service.count;
        // everything but what services of one unit add up to, and the price, which no manifest holds
        unit.count = spec.units[id - 1].count;
        unit.endpoints = spec.units[id - 1].endpoints;
        unit.max_rate = spec.units[id - 1].max_rate;
        if (unit != spec.units[id - 1]) {
            return differs(group.name, "the resources of the service \"" + service.name + "\"");
        }
    }
    for (std::size_t i = 0; i < spec.units.size(); ++i) {
        const market::ResourceUnit& sum = used[static_cast<std::uint32_t>(i + 1)];
        if (sum.count != spec.units[i].count || sum.endpoints != spec.units[i].endpoints) {
            return differs(group.name, "the replicas or endpoints of resource unit " + std::to_string(i + 1));
        }
    }
    return {};
}

}  // namespace

Result<std::vector<market::GroupSpec>> to_group_specs(const Deployment& deployment) {
    if (deployment.groups.size() > market::kMaxGroups) {
        return fail(Code::kOutOfRange, "the file has more than 20 placements: split it");
    }
    std::vector<market::GroupSpec> out;
    for (const Group& group : deployment.groups) {
        TRY(spec, to_spec(group));
        spec.min_notice = Millis{deployment.reclamation_window_s.value_or(0) * kMillisPerSecond};
        out.push_back(std::move(spec));
    }
    return out;
}

Result<> check_manifest_against_specs(const Manifest& manifest, const std::vector<market::GroupSpec>& specs) {
    if (manifest.groups.size() != specs.size()) {
        return fail(Code::kConflict, "the manifest has " + std::to_string(manifest.groups.size()) +
                                         " groups, the ledger " + std::to_string(specs.size()));
    }
    for (const ManifestGroup& group : manifest.groups) {
        const auto found = std::ranges::find(specs, group.name, &market::GroupSpec::name);
        if (found == specs.end()) {
            return differs(group.name, "the ledger has no group of that name");
        }
        TRY_OK(check_group(group, *found));
    }
    return {};
}

}  // namespace sublet::sdl
