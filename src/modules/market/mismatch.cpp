// mismatch.cpp: says in words why an offer does not take a group, and what would change that.
// Deterministic. Spec: docs/spec/market.md (matching).
#include <algorithm>

#include "modules/market/market.hpp"

namespace sublet::market {
namespace {

struct Need {
    std::string_view what;
    std::uint64_t wanted;
    std::uint64_t there;
    std::string_view unit;
};

void compare(std::vector<Mismatch>& out, const Need& need) {
    if (need.wanted > need.there) {
        out.push_back({std::string{need.what} + ": " + std::to_string(need.wanted) + " " + std::string{need.unit} +
                           " wanted, " + std::to_string(need.there) + " free",
                       "ask for at most " + std::to_string(need.there) + " " + std::string{need.unit} + " of " +
                           std::string{need.what}});
    }
}

void compare_resources(std::vector<Mismatch>& out, const GroupSpec& spec, const Offer& offer) {
    std::uint64_t cpu = 0;
    std::uint64_t memory = 0;
    std::uint64_t storage = 0;
    std::uint64_t gpus = 0;
    for (const ResourceUnit& unit : spec.units) {
        cpu += unit.cpu_milli * unit.count;
        memory += unit.memory_bytes * unit.count;
        gpus += unit.gpu_units * unit.count;
        for (const Volume& volume : unit.volumes) {
            (volume.storage_class == "ram" ? memory : storage) += volume.bytes * unit.count;
        }
    }
    const std::uint64_t free_gpus = offer.free.gpus.empty() ? 0 : offer.free.gpus.front().units;
    compare(out, {"cpu", cpu, offer.free.cpu_milli, "milli-cores"});
    compare(out, {"memory", memory, offer.free.memory_bytes, "bytes"});
    compare(out, {"storage", storage, offer.free.storage_bytes, "bytes"});
    compare(out, {"gpu", gpus, free_gpus, "GPUs"});
    if (gpus > 0 && gpus <= free_gpus && !fits(spec.units, offer.free)) {
        const GpuModel& have = offer.free.gpus.front().model;
        out.push_back(
            {"gpu: the machine has " + have.vendor + " " + have.model + ", which is none of the models wanted",
             "allow model " + have.model + " in gpu.attributes"});
    }
}

void compare_terms(std::vector<Mismatch>& out, const GroupSpec& spec, const Offer& offer) {
    const Rate rate = rate_ceil(spec.units, offer.price);
    if (rate > max_rate(spec)) {
        out.push_back({"price: " + std::to_string(rate.value()) + " nano-ucredit per second asked, " +
                           std::to_string(max_rate(spec).value()) + " offered",
                       "offer at least " + std::to_string(rate.value()) + " nano-ucredit per second"});
    }
    if (offer.notice < spec.min_notice) {
        out.push_back({"notice: " + std::to_string(spec.min_notice.value() / 1000) + " s wanted, " +
                           std::to_string(offer.notice.value() / 1000) + " s given",
                       "accept a notice of " + std::to_string(offer.notice.value() / 1000) + " s"});
    }
}

}  // namespace

std::vector<Mismatch> mismatches(const GroupSpec& spec, const Offer& offer, const provider::Provider& provider,
                                 LedgerTime now) {
    std::vector<Mismatch> out;
    if (offer.state != OfferState::kActive) {
        out.push_back({"the offer is " + std::string{to_name(offer.state)}, "wait until its owner opens it again"});
    }
    if (!provider.beating || !provider.machines[offer.machine].up) {
        out.push_back({"the machine is silent", "wait until it is back"});
    }
    if (offer.available_until != LedgerTime{} && offer.available_until <= now) {
        out.push_back({"the offer has ended", "choose another"});
    }
    compare_resources(out, spec, offer);
    for (const provider::Attribute& each : spec.attributes) {
        const bool there = std::ranges::find(offer.attributes, each) != offer.attributes.end() ||
                           std::ranges::find(provider.attributes, each) != provider.attributes.end();
        if (!there) {
            out.push_back({"attribute " + each.key + " = " + each.value + " is not offered",
                           "remove placement attribute " + each.key});
        }
    }
    if (!spec.signed_by_all_of.empty() || !spec.signed_by_any_of.empty()) {
        out.push_back({"signedBy: no auditor has signed this provider", "remove signedBy from the placement"});
    }
    compare_terms(out, spec, offer);
    return out;
}

}  // namespace sublet::market
