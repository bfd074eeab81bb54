// listing.cpp: offers and orders in the figures of the board.
// Deterministic. Spec: docs/spec/market.md (matching).
#include "modules/market/listing.hpp"

#include <algorithm>
#include <map>

#include "base/must.hpp"
#include "modules/keys.hpp"

namespace sublet::market {
namespace {

constexpr std::uint64_t kGib = 1ULL << 30U;
constexpr std::uint64_t kMib = 1ULL << 20U;

// FNV-1a: a tag may be shared by chance or on purpose; then a listing is looked at and passed by.
class Fingerprint {
public:
    Fingerprint& add(std::string_view text) {
        for (const char each : text) {
            value_ = (value_ ^ static_cast<unsigned char>(each)) * 0x100000001b3ULL;
        }
        value_ = (value_ ^ 0x100U) * 0x100000001b3ULL;  // no byte: the end of a text
        return *this;
    }
    [[nodiscard]] std::uint64_t tag() const { return 1ULL << (value_ >> 58U); }
    [[nodiscard]] std::uint32_t mark() const { return static_cast<std::uint32_t>(value_ >> 32U); }

private:
    std::uint64_t value_ = 0xcbf29ce484222325ULL;
};

std::uint64_t tag_of(const provider::Attribute& attribute) {
    return Fingerprint{}.add("attribute").add(attribute.key).add(attribute.value).tag();
}
std::uint64_t tag_of(const GpuModel& model) {
    return Fingerprint{}.add("gpu").add(model.vendor).add(model.model).tag();
}

std::uint32_t mib_ceil(std::uint64_t bytes) {
    return static_cast<std::uint32_t>(std::min<std::uint64_t>((bytes + kMib - 1) / kMib, ~std::uint32_t{0}));
}
std::uint32_t in_32_bits(std::uint64_t amount) {
    return static_cast<std::uint32_t>(std::min<std::uint64_t>(amount, ~std::uint32_t{0}));
}

static_assert(kMaxCpuMilli <= ~std::uint32_t{0} && kMaxStorageBytes / kMib <= ~std::uint32_t{0});
static_assert(u128{kMaxCpuMilli} * kGib < (u128{1} << 64U) && u128{kMaxStorageBytes} * 1000 < (u128{1} << 64U) &&
                  u128{kMaxGpuUnits} * 1000 * kGib < (u128{1} << 64U),
              "weights of what one machine can hold");

// One of them will do for the first unit that names models; zero when one of its wishes leaves vendor or model open.
std::uint64_t model_tags(const GroupSpec& spec) {
    const auto unit = std::ranges::find_if(
        spec.units, [](const ResourceUnit& each) { return each.gpu_units > 0 && !each.gpu_any_of.empty(); });
    std::uint64_t tags = 0;
    if (unit == spec.units.end()) {
        return tags;
    }
    for (const GpuModel& model : unit->gpu_any_of) {
        if (model.vendor.empty() || model.model.empty()) {
            return 0;
        }
        tags |= tag_of(model);
    }
    return tags;
}

}  // namespace

std::optional<ledger::Listing> listing_of(const Offer& offer, const provider::Provider& provider) {
    if (offer.state != OfferState::kActive || !provider.beating || !provider.machines[offer.machine].up) {
        return std::nullopt;
    }
    ledger::Listing out;
    out.prices = {offer.price.cpu_core, offer.price.memory_gib, offer.price.storage_gib, offer.price.gpu};
    out.id = offer.id.value();
    out.until = offer.available_until.is_zero() ? ~std::uint64_t{0} : offer.available_until.value();
    out.sizes = {in_32_bits(offer.free.cpu_milli), mib_ceil(offer.free.memory_bytes),
                 mib_ceil(offer.free.storage_bytes), 0};
    out.notice = in_32_bits(offer.notice.value());
    Fingerprint all;
    for (const std::vector<provider::Attribute>* const list : {&offer.attributes, &provider.attributes}) {
        for (const provider::Attribute& each : *list) {
            out.tags |= tag_of(each);
            all.add(each.key).add(each.value);
        }
    }
    if (!offer.free.gpus.empty()) {
        const GpuStock& stock = offer.free.gpus.front();
        out.sizes[3] = in_32_bits(stock.units);
        out.tags |= tag_of(stock.model);
        all.add(stock.model.vendor).add(stock.model.model).add(stock.model.interface);
        all.add(std::to_string(stock.model.ram_bytes));
    }
    out.mark = all.mark();
    return out;
}

std::optional<ledger::Search> search_for(const GroupSpec& spec, LedgerTime now) {
    const Demand all = demand_of(spec.units);
    if (all.cpu_milli > kMaxCpuMilli || all.memory_bytes > kMaxMemoryBytes || all.storage_bytes > kMaxStorageBytes ||
        all.gpus > kMaxGpuUnits || !spec.signed_by_all_of.empty() || !spec.signed_by_any_of.empty()) {
        return std::nullopt;
    }
    ledger::Search out;
    out.weights = {all.cpu_milli * kGib, all.memory_bytes * 1000, all.storage_bytes * 1000, all.gpus * 1000 * kGib};
    out.divisor = 1000 * kGib;
    out.limit = max_rate(spec).value();
    out.sizes = {in_32_bits(all.cpu_milli), mib_ceil(all.memory_bytes), mib_ceil(all.storage_bytes),
                 in_32_bits(all.gpus)};
    out.notice = in_32_bits(spec.min_notice.value());
    out.now = now.value();
    for (const provider::Attribute& each : spec.attributes) {
        out.all_tags |= tag_of(each);
    }
    out.any_tags = model_tags(spec);
    return out;
}

std::optional<ledger::Listing> relist(ledger::Ledger& ledger, OfferId id) {
    std::optional<ledger::Listing> listing;
    if (const std::optional<Offer> offer = find_offer(ledger, id)) {
        listing = listing_of(*offer, must(provider::find(ledger, offer->provider)));
    }
    if (!listing) {
        ledger.board().unlist(id.value());
    }
    return listing && ledger.board().list(*listing) ? listing : std::nullopt;
}

ledger::Board make_board(const ledger::View& view) {
    std::vector<ledger::Listing> all;
    std::map<Address, provider::Provider> providers;
    view.visit(offer_prefix(), offer_prefix(), [&](BytesView, BytesView value) {
        const Result<Offer> offer = codec::decode<Offer>(value);
        SUBLET_ASSERT(offer.has_value());
        auto known = providers.find(offer->provider);
        if (known == providers.end()) {
            known = providers.emplace(offer->provider, must(provider::find(view, offer->provider))).first;
        }
        if (const auto listing = listing_of(*offer, known->second)) {
            all.push_back(*listing);
        }
        return true;
    });
    return ledger::Board{std::move(all)};
}

}  // namespace sublet::market
