// compile.cpp: from a checked tree to groups and manifest.
// Spec: docs/spec/deployment-files.md (what it compiles to).
#include "sdl/compile.hpp"

#include <algorithm>
#include <map>
#include <tuple>

#include "base/assert.hpp"
#include "crypto/sha256.hpp"
#include "sdl/collate.hpp"
#include "sdl/compile_parts.hpp"
#include "sdl/sdl.hpp"
#include "sdl/units.hpp"

namespace sublet::sdl {
namespace {

// Which leased address an endpoint name stands for: the place of its last use among all uses, sorted. Akash's
// numbering.
EndpointNumbers number_endpoints(const Node& services) {
    std::vector<std::string> uses;
    for (const Entry& service : services.entries) {
        const Node* exposes = service.value.find("expose");
        for (const Node& expose : exposes == nullptr ? std::vector<Node>{} : exposes->items) {
            const Node* targets = expose.find("to");
            for (const Node& target : targets == nullptr ? std::vector<Node>{} : targets->items) {
                const Node* global = target.find("global");
                if (global != nullptr && global->boolean && !text_of(target.find("ip")).empty()) {
                    uses.push_back(text_of(target.find("ip")));
                }
            }
        }
    }
    std::ranges::sort(uses);
    EndpointNumbers numbers;
    for (std::size_t i = 0; i < uses.size(); ++i) {
        numbers[uses[i]] = static_cast<std::uint32_t>(i + 1);
    }
    return numbers;
}

std::vector<const Entry*> by_name(const Node& map) {
    std::vector<const Entry*> out;
    for (const Entry& entry : map.entries) {
        out.push_back(&entry);
    }
    std::ranges::stable_sort(out, [](const Entry* a, const Entry* b) { return collates_before(a->key, b->key); });
    return out;
}

class Compiler {
public:
    Compiler(Report& report, const Node& root, Rules rules)
        : report_(report), root_(root), rules_(rules), numbers_(number_endpoints(*root.find("services"))) {}

    Deployment compile() {
        Deployment out;
        out.version = text_of(root_.find("version"));
        for (const Entry* service : by_name(*root_.find("services"))) {
            for (const Entry& placement : root_.find("deployment")->find(service->key)->entries) {
                add(*service, placement);
            }
        }
        for (auto& [name, draft] : drafts_) {
            for (ResourceUnit& unit : draft.group.units) {
                std::ranges::sort(unit.resources.endpoints);
            }
            out.groups.push_back(std::move(draft.group));
            out.manifest.groups.push_back(std::move(draft.manifest));
        }
        if (const Node* reclamation = root_.find("reclamation")) {
            out.reclamation_window_s = read_window_s(text_of(reclamation->find("min_window")));
        }
        out.canonical_json = canonical_json(out.manifest);
        out.hash = crypto::sha256(out.canonical_json);
        return out;
    }

private:
    struct Draft {
        Group group;
        ManifestGroup manifest;
        std::map<std::string, std::size_t> unit_of_profile;
        std::map<std::size_t, double> counts;  // by unit
        bool has_tee = false;
    };

    void add(const Entry& service, const Entry& placement) {
        const Node& infra = *root_.find("profiles")->find("placement")->find(placement.key);
        const std::string profile = text_of(placement.value.find("profile"));
        const Node& compute = *root_.find("profiles")->find("compute")->find(profile);
        const double count = placement.value.find("count")->number;

        const auto [position, fresh] = drafts_.try_emplace(placement.key);
        Draft& draft = position->second;
        if (fresh) {
            draft.group = read_requirements(placement.key, infra);
            draft.manifest.name = placement.key;
        }
        Service out = read_service(service.key, service.value, numbers_);
        out.count = u32_of(count);
        out.foreign_count = foreign_json(count, out.count);
        require_tee(draft, out.params.tee);

        Resources resources = read_resources(*compute.find("resources"), rules_);
        resources.endpoints = endpoints_of(service.value, numbers_);
        const auto [unit, first_use] = draft.unit_of_profile.try_emplace(profile, draft.group.units.size());
        resources.id = static_cast<std::uint32_t>(unit->second + 1);
        if (first_use) {
            draft.group.units.push_back(price(*infra.find("pricing")->find(profile), resources));
        } else {
            auto& endpoints = draft.group.units[unit->second].resources.endpoints;
            endpoints.insert(endpoints.end(), resources.endpoints.begin(), resources.endpoints.end());
        }
        double& total = draft.counts[unit->second];
        total += count;
        draft.group.units[unit->second].count = u32_of(total);
        draft.group.units[unit->second].foreign_count = foreign_json(total, u32_of(total));
        draft.group.units[unit->second].services.push_back(service.key);
        out.resources = std::move(resources);
        draft.manifest.services.push_back(std::move(out));
    }

    // One kind per placement: check_references has seen to that.
    static void require_tee(Draft& draft, const std::string& tee) {
        if (tee.empty() || draft.has_tee) {
            return;
        }
        draft.has_tee = true;
        draft.group.attributes.push_back({"tee/type", tee});
        std::ranges::stable_sort(draft.group.attributes, collates_before, &Attribute::key);
    }

    ResourceUnit price(const Node& coin, const Resources& resources) {
        ResourceUnit unit;
        unit.resources = resources;
        unit.denom = text_of(coin.find("denom"));
        const auto amount = read_decimal(plain_text(*coin.find("amount")));
        SUBLET_ASSERT(amount.has_value() || rules_ == Rules::kOfficial);
        unit.price_amount = amount ? print_decimal(*amount) : official_decimal(plain_text(*coin.find("amount")));
        unit.max_rate = rate_ceil(amount.value_or(0), unit.denom);
        if (unit.denom != "ucredit") {
            report_.note(coin.mark,
                         "prices in " + unit.denom +
                             " per block are read as micro-credits per 6-second block; write denom: ucredit for "
                             "micro-credits per second");
        }
        if (~unit.max_rate.value() == 0) {
            report_.note(coin.mark, "a price beyond what the ledger can hold is read as the largest rate");
        }
        return unit;
    }

    Report& report_;
    const Node& root_;
    Rules rules_;
    EndpointNumbers numbers_;
    std::map<std::string, Draft> drafts_;
};

}  // namespace

Deployment compile(Report& report, const Node& root, Rules rules) { return Compiler(report, root, rules).compile(); }

}  // namespace sublet::sdl
