// unmet.cpp: what a group asks for that no offer on the ledger has.
#include "cli/unmet.hpp"

#include <algorithm>
#include <set>

#include "cli/format.hpp"

namespace sublet::cli {
namespace {

// The reasons of market::mismatches start with what they are about.
std::string subject_of(const market::Mismatch& reason) {
    if (reason.why.starts_with("attribute ")) {
        return reason.why;
    }
    for (const char* subject : {"cpu", "memory", "storage", "gpu", "signedBy", "price", "notice"}) {
        if (reason.why.starts_with(std::string{subject} + ":")) {
            return subject;
        }
    }
    return "offer";  // paused, silent, over
}

std::set<std::string> subjects_of(const Rejection& rejection) {
    std::set<std::string> out;
    for (const market::Mismatch& reason : rejection.reasons) {
        out.insert(subject_of(reason));
    }
    return out;
}

struct Wanted {
    std::uint64_t cpu_milli = 0, memory = 0, storage = 0, gpus = 0;
};

Wanted wanted_by(const market::GroupSpec& spec) {
    Wanted out;
    for (const market::ResourceUnit& unit : spec.units) {
        out.cpu_milli += unit.cpu_milli * unit.count;
        out.memory += unit.memory_bytes * unit.count;
        out.gpus += unit.gpu_units * unit.count;
        for (const market::Volume& volume : unit.volumes) {
            (volume.storage_class == "ram" ? out.memory : out.storage) += volume.bytes * unit.count;
        }
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

Unmet words_for(const std::string& subject, const GroupPlan& group, const std::vector<market::Offer>& offers) {
    const Wanted wanted = wanted_by(group.spec);
    if (subject == "cpu") {
        const auto most = largest(offers, [](const auto& offer) { return offer.free.cpu_milli; });
        return {"cpu",
                fmt::format("{} cores are asked for; the largest offer has {} free", cores_text(wanted.cpu_milli),
                            cores_text(most)),
                "lower cpu: units:, or use fewer copies"};
    }
    if (subject == "memory") {
        const auto most = largest(offers, [](const auto& offer) { return offer.free.memory_bytes; });
        return {"memory",
                fmt::format("{} of memory are asked for; the largest offer has {} free", bytes_text(wanted.memory),
                            bytes_text(most)),
                "lower memory: size:, or use fewer copies"};
    }
    if (subject == "storage") {
        const auto most = largest(offers, [](const auto& offer) { return offer.free.storage_bytes; });
        return {"storage",
                fmt::format("{} of disk are asked for; the largest offer has {} free", bytes_text(wanted.storage),
                            bytes_text(most)),
                "lower the sizes under storage:"};
    }
    if (subject == "gpu") {
        return {"gpu",
                fmt::format("{} {} asked for; {}", wanted.gpus, wanted.gpus == 1 ? "GPU is" : "GPUs are",
                            gpus_on_offer(offers)),
                "allow another model, or fewer"};
    }
    if (subject == "signedBy") {
        return {"auditor", "no provider is vouched for by the auditors under signedBy",
                "remove signedBy from the placement"};
    }
    if (subject == "notice") {
        return {"notice",
                fmt::format("a notice of {} is asked for, which no offer gives", duration(group.spec.min_notice)),
                "lower reclamation: min_window:"};
    }
    if (subject == "price") {
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
    if (subject == "offer") {
        return {"offer", "no offer is open and answering now", "wait, or use `sublet rent --wait`"};
    }
    const std::string attribute = subject.substr(10, subject.find(" is not offered") - 10);
    return {"attribute", fmt::format("no provider has the attribute {}", attribute),
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
    std::set<std::string> by_all = subjects_of(group.rejections.front());
    const Rejection* closest = &group.rejections.front();
    for (const Rejection& each : group.rejections) {
        const std::set<std::string> own = subjects_of(each);
        std::erase_if(by_all, [&](const std::string& subject) { return !own.contains(subject); });
        closest = each.reasons.size() < closest->reasons.size() ? &each : closest;
    }
    std::vector<Unmet> out;
    for (const std::string& subject : by_all) {
        out.push_back(words_for(subject, group, offers));
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
