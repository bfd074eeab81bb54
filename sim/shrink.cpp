// shrink.cpp: greedy: each thing that can be left out is left out if the failure stays.
#include "shrink.hpp"

#include <algorithm>
#include <sstream>

#include "attackers.hpp"
#include "children.hpp"
#include "stakers.hpp"

namespace sublet::sim {
namespace {

constexpr unsigned kMaxTries = 200;

// Two failures are the same if the words without a digit are: heights, leases, nodes and hashes may differ.
std::string kind_of(const Report& report) {
    std::istringstream words{report.why};
    std::string out;
    for (std::string word; words >> word;) {
        if (word.find_first_of("0123456789") == std::string::npos) {
            out += word + " ";
        }
    }
    return out;
}

struct Search {
    Shrunk best;
    std::string kind;

    bool try_this(const Campaign& campaign) {
        if (best.tries == kMaxTries) {
            return false;
        }
        ++best.tries;
        const Report report = run_apart(campaign);
        if (report.ok || kind_of(report) != kind) {
            return false;
        }
        best.campaign = campaign;
        best.report = report;
        return true;
    }

    // The fewest from `least` on with which it still fails.
    void fewer(std::uint64_t Campaign::* what, std::uint64_t least) {
        for (std::uint64_t n = least; n < best.campaign.*what; ++n) {
            Campaign campaign = best.campaign;
            campaign.*what = n;
            if (try_this(campaign)) {
                return;
            }
        }
    }

    void fewer_people() {
        fewer(&Campaign::creators, 0);
        fewer(&Campaign::workers, 0);
        fewer_stakers();
        fewer(&Campaign::tenants, 0);
        fewer(&Campaign::providers, 1);
    }

    void fewer_stakers() {
        const std::uint64_t there = best.campaign.stakers.value_or(drawn_stakers(best.campaign.seed));
        for (std::uint64_t n = 0; n < there; ++n) {
            Campaign campaign = best.campaign;
            campaign.stakers = n;
            if (try_this(campaign)) {
                return;
            }
        }
    }

    // Each attacker that is not needed for it goes.
    void fewer_attackers() {
        for (const AttackerKind& one : attacker_kinds()) {
            Campaign campaign = best.campaign;
            if (!campaign.attackers) {
                campaign.attackers = drawn_attackers(campaign.seed);
            }
            if (campaign.attackers->erase(std::string{one.name}) > 0) {
                try_this(campaign);
            }
        }
    }

    // Leaves out half of the troubles, then quarters, then single ones.
    void less_trouble() {
        std::vector<std::uint64_t> kept;
        const auto keep = [&](std::uint64_t first, std::uint64_t count) {
            for (std::uint64_t i = first; i < first + count; ++i) {
                if (!best.campaign.only || best.campaign.only->contains(i)) {
                    kept.push_back(i);
                }
            }
        };
        keep(0, best.report.troubles);
        keep(kFirstJobTrouble, best.report.job_troubles);
        for (std::size_t size = kept.size(); size > 0; size /= 2) {
            for (std::size_t at = 0; at < kept.size();) {
                std::vector<std::uint64_t> fewer = kept;
                const auto from = fewer.begin() + static_cast<std::ptrdiff_t>(at);
                fewer.erase(from, from + static_cast<std::ptrdiff_t>(std::min(size, kept.size() - at)));
                Campaign campaign = best.campaign;
                campaign.only = std::set<std::uint64_t>(fewer.begin(), fewer.end());
                if (try_this(campaign)) {
                    kept = fewer;
                } else {
                    at += size;
                }
            }
        }
    }
};

}  // namespace

Shrunk shrink(const Campaign& campaign, const Report& found) {
    Search search{.best = {.campaign = campaign, .report = found}, .kind = kind_of(found)};
    Campaign honest = campaign;
    honest.attackers.emplace();
    if (!search.try_this(honest)) {
        search.fewer_attackers();
    }
    search.fewer_people();
    search.less_trouble();
    search.fewer(&Campaign::replicas, 1);
    search.fewer_people();  // whoever was needed for a trouble that has gone
    return search.best;
}

std::string command_of(const Campaign& campaign) {
    const Campaign usual;
    std::string out = "sublet-sim --seed " + std::to_string(campaign.seed);
    const auto number = [&](const char* name, std::uint64_t Campaign::* what) {
        if (campaign.*what != usual.*what) {
            out += std::string{" --"} + name + " " + std::to_string(campaign.*what);
        }
    };
    number("replicas", &Campaign::replicas);
    number("providers", &Campaign::providers);
    number("tenants", &Campaign::tenants);
    number("creators", &Campaign::creators);
    number("workers", &Campaign::workers);
    const auto drawn = [&](const char* name, std::optional<std::uint64_t> Campaign::* what) {
        out += campaign.*what ? std::string{" --"} + name + " " + std::to_string(*(campaign.*what)) : "";
    };
    drawn("stakers", &Campaign::stakers);
    drawn("cheats", &Campaign::cheats_percent);
    number("job-tasks", &Campaign::job_tasks);
    if (campaign.attackers && campaign.attackers->empty()) {
        out += " --no-attackers";
    } else if (campaign.attackers) {
        out += " --attackers";
        for (const std::string& each : *campaign.attackers) {
            out += " " + each;
        }
    }
    if (!campaign.faults) {
        out += " --no-faults";
    } else if (campaign.only && campaign.only->empty()) {
        out += " --no-faults";
    } else if (campaign.only) {
        out += " --only";
        for (const std::uint64_t each : *campaign.only) {
            out += " " + std::to_string(each);
        }
    }
    out += campaign.audited ? "" : " --no-auditor";
    return out + (campaign.plant.empty() ? "" : " --plant " + campaign.plant);
}

}  // namespace sublet::sim
