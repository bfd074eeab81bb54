// mismatch.cpp: says in words why an offer does not take a group, and what would change that.
// Deterministic. Spec: docs/spec/market.md (matching).
#include <algorithm>

#include "modules/market/market.hpp"

namespace sublet::market {
namespace {

struct Need {
    Subject subject;
    std::string_view what;
    std::uint64_t wanted;
    std::uint64_t there;
    std::string_view unit;
};

void compare(std::vector<Mismatch>& out, const Need& need) {
    if (need.wanted > need.there) {
        out.push_back({need.subject, "",
                       std::string{need.what} + ": " + std::to_string(need.wanted) + " " + std::string{need.unit} +
                           " wanted, " + std::to_string(need.there) + " free",
                       "ask for at most " + std::to_string(need.there) + " " + std::string{need.unit} + " of " +
                           std::string{need.what}});
    }
}

void compare_resources(std::vector<Mismatch>& out, const GroupSpec& spec, const Offer& offer) {
    const Demand all = demand_of(spec.units);
    const std::uint64_t free_gpus = offer.free.gpus.empty() ? 0 : offer.free.gpus.front().units;
    compare(out, {Subject::kCpu, "cpu", all.cpu_milli, offer.free.cpu_milli, "milli-cores"});
    compare(out, {Subject::kMemory, "memory", all.memory_bytes, offer.free.memory_bytes, "bytes"});
    compare(out, {Subject::kStorage, "storage", all.storage_bytes, offer.free.storage_bytes, "bytes"});
    compare(out, {Subject::kGpu, "gpu", all.gpus, free_gpus, "GPUs"});
    if (all.gpus > 0 && all.gpus <= free_gpus && !fits(spec.units, offer.free)) {
        const GpuModel& have = offer.free.gpus.front().model;
        out.push_back(
            {Subject::kGpu, "",
             "gpu: the machine has " + have.vendor + " " + have.model + ", which is none of the models wanted",
             "allow model " + have.model + " in gpu.attributes"});
    }
}

void compare_terms(std::vector<Mismatch>& out, const GroupSpec& spec, const Offer& offer) {
    const Rate rate = rate_ceil(spec.units, offer.price);
    if (rate > max_rate(spec)) {
        out.push_back({Subject::kPrice, "",
                       "price: " + std::to_string(rate.value()) + " nano-ucredit per second asked, " +
                           std::to_string(max_rate(spec).value()) + " offered",
                       "offer at least " + std::to_string(rate.value()) + " nano-ucredit per second"});
    }
    if (offer.notice < spec.min_notice) {
        out.push_back({Subject::kNotice, "",
                       "notice: " + std::to_string(spec.min_notice.value() / 1000) + " s wanted, " +
                           std::to_string(offer.notice.value() / 1000) + " s given",
                       "accept a notice of " + std::to_string(offer.notice.value() / 1000) + " s"});
    }
}

}  // namespace

std::vector<Mismatch> mismatches(const GroupSpec& spec, const Offer& offer, const provider::Provider& provider,
                                 LedgerTime now) {
    std::vector<Mismatch> out;
    if (offer.state != OfferState::kActive) {
        out.push_back({Subject::kOffer, "", "the offer is " + std::string{to_name(offer.state)},
                       "wait until its owner opens it again"});
    }
    if (!provider.beating || !provider.machines[offer.machine].up) {
        out.push_back({Subject::kOffer, "", "the machine is silent", "wait until it is back"});
    }
    if (offer.available_until != LedgerTime{} && offer.available_until <= now) {
        out.push_back({Subject::kOffer, "", "the offer has ended", "choose another"});
    }
    compare_resources(out, spec, offer);
    for (const provider::Attribute& each : spec.attributes) {
        const bool there = std::ranges::find(offer.attributes, each) != offer.attributes.end() ||
                           std::ranges::find(provider.attributes, each) != provider.attributes.end();
        if (!there) {
            const std::string attribute = each.key + " = " + each.value;
            out.push_back({Subject::kAttribute, attribute, "attribute " + attribute + " is not offered",
                           "remove placement attribute " + each.key});
        }
    }
    if (!spec.signed_by_all_of.empty() || !spec.signed_by_any_of.empty()) {
        out.push_back({Subject::kSignedBy, "", "signedBy: no auditor has signed this provider",
                       "remove signedBy from the placement"});
    }
    compare_terms(out, spec, offer);
    return out;
}

}  // namespace sublet::market
