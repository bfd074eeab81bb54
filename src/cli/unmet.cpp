// unmet.cpp: what a group asks for that no offer on the ledger has.
#include "cli/unmet.hpp"

#include <algorithm>
#include <set>

#include "cli/format.hpp"

namespace sublet::cli {
namespace {

using market::Subject;
using About = std::pair<Subject, std::string>;  // what a mismatch is about, and which attribute where it is one

std::set<About> subjects_of(const Rejection& rejection) {
    std::set<About> out;
    for (const market::Mismatch& reason : rejection.reasons) {
        out.emplace(reason.subject, reason.attribute);
    }
    return out;
}

template <class Value>
std::uint64_t largest(const std::vector<market::Offer>& offers, Value value) {
    std::uint64_t most = 0;
    for (const market::Offer& offer : offers) {
        most = offer.state == market::OfferState::kClosed ? most : std::max<std::uint64_t>(most, value(offer));
    }
    return most;
}

std::string gpus_on_offer(const std::vector<market::Offer>& offers) {
    std::set<std::string> models;
    for (const market::Offer& offer : offers) {
        for (const market::GpuStock& stock : offer.free.gpus) {
            models.insert(fmt::format("{} × {} {}", stock.units, stock.model.vendor, stock.model.model));
        }
    }
    return models.empty() ? "no offer has a free GPU" : fmt::format("on offer: {}", fmt::join(models, ", "));
}

Unmet words_for(const About& about, const GroupPlan& group, const std::vector<market::Offer>& offers) {
    const market::Demand wanted = market::demand_of(group.spec.units);
    switch (about.first) {
        case Subject::kCpu: {
            const auto most = largest(offers, [](const auto& offer) { return offer.free.cpu_milli; });
            return {"cpu",
                    fmt::format("{} cores are asked for; the largest offer has {} free", cores_text(wanted.cpu_milli),
                                cores_text(most)),
                    "lower cpu: units:, or use fewer copies"};
        }
        case Subject::kMemory: {
            const auto most = largest(offers, [](const auto& offer) { return offer.free.memory_bytes; });
            return {"memory",
                    fmt::format("{} of memory are asked for; the largest offer has {} free",
                                bytes_text(wanted.memory_bytes), bytes_text(most)),
                    "lower memory: size:, or use fewer copies"};
        }
        case Subject::kStorage: {
            const auto most = largest(offers, [](const auto& offer) { return offer.free.storage_bytes; });
            return {"storage",
                    fmt::format("{} of disk are asked for; the largest offer has {} free",
                                bytes_text(wanted.storage_bytes), bytes_text(most)),
                    "lower the sizes under storage:"};
        }
        case Subject::kGpu: {
            return {"gpu",
                    fmt::format("{} {} asked for; {}", wanted.gpus, wanted.gpus == 1 ? "GPU is" : "GPUs are",
                                gpus_on_offer(offers)),
                    "allow another model, or fewer"};
        }
        case Subject::kSignedBy: {
            return {"auditor", "no provider is vouched for by the auditors under signedBy",
                    "remove signedBy from the placement"};
        }
        case Subject::kNotice: {
            return {"notice",
                    fmt::format("a notice of {} is asked for, which no offer gives", duration(group.spec.min_notice)),
                    "lower reclamation: min_window:"};
        }
        case Subject::kPrice: {
            Rate cheapest;
            for (const market::Offer& offer : offers) {
                const Rate rate = market::rate_ceil(group.spec.units, offer.price);
                cheapest = cheapest.value() == 0 ? rate : std::min(cheapest, rate);
            }
            return {"price",
                    fmt::format("at most {} credits an hour are paid; the cheapest offer asks {}",
                                rate_number_ceil(market::max_rate(group.spec), kSecondsPerHour),
                                rate_number_ceil(cheapest, kSecondsPerHour)),
                    "raise the amounts under pricing:"};
        }
        case Subject::kOffer: {
            return {"offer", "no offer is open and answering now", "wait, or use `sublet rent --wait`"};
        }
        case Subject::kAttribute:
            break;
    }
    return {"attribute", fmt::format("no provider has the attribute {}", about.second),
            "remove it from the placement's attributes"};
}

}  // namespace

std::vector<Unmet> unmet_demands(const GroupPlan& group, const std::vector<market::Offer>& offers) {
    if (!group.quotes.empty()) {
        return {};
    }
    if (group.rejections.empty()) {
        return {{"offer", "there are no offers at all", "wait, or use `sublet rent --wait`"}};
    }
    std::set<About> by_all = subjects_of(group.rejections.front());
    const Rejection* closest = &group.rejections.front();
    for (const Rejection& each : group.rejections) {
        const std::set<About> own = subjects_of(each);
        std::erase_if(by_all, [&](const About& about) { return !own.contains(about); });
        closest = each.reasons.size() < closest->reasons.size() ? &each : closest;
    }
    std::vector<Unmet> out;
    for (const About& about : by_all) {
        out.push_back(words_for(about, group, offers));
    }
    if (out.empty()) {
        std::vector<std::string> lacks;
        for (const market::Mismatch& reason : closest->reasons) {
            lacks.push_back(reason.why);
        }
        out.push_back({"offer",
                       fmt::format("everything is on offer somewhere, but nowhere together; closest is offer {}: {}",
                                   closest->offer.value(), fmt::join(lacks, "; ")),
                       closest->reasons.front().fix});
    }
    return out;
}

}  // namespace sublet::cli
