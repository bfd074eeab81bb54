// bucket.cpp: bucket coordinates and keys.
// Deterministic. Spec: docs/spec/market.md (matching).
#include "modules/market/bucket.hpp"

#include "crypto/sha256.hpp"
#include "modules/keys.hpp"

namespace sublet::market {
namespace {

std::uint8_t class_of(std::uint64_t amount) {
    return amount == 0 ? std::uint8_t{0} : static_cast<std::uint8_t>(64 - __builtin_clzll(amount));
}

std::uint64_t tag_of(std::string_view text) { return text.empty() ? 0 : read_be64(view_of(crypto::sha256(text))); }

std::string_view region_of(const std::vector<provider::Attribute>& attributes) {
    for (const provider::Attribute& each : attributes) {
        if (each.key == "region") {
            return each.value;
        }
    }
    return "";
}

Bucket bucket_of(const Offer& offer) {
    Bucket bucket;
    std::uint64_t vram = 0;
    if (!offer.free.gpus.empty() && offer.free.gpus.front().units > 0) {
        const GpuModel& model = offer.free.gpus.front().model;
        bucket.gpu = tag_of(model.vendor + "/" + model.model);
        vram = model.ram_bytes;
    }
    bucket.region = tag_of(region_of(offer.attributes));
    bucket.classes = {class_of(offer.free.cpu_milli), class_of(offer.free.memory_bytes), class_of(vram),
                      class_of(offer.free.storage_bytes), class_of(offer.notice.value())};
    return bucket;
}

// Orders offers inside a bucket: what one core, one GiB of each kind and one GPU cost together.
std::uint64_t reference_price(const PriceVector& price) {
    return price.cpu_core + price.memory_gib + price.storage_gib + price.gpu;
}

}  // namespace

Bytes bucket_prefix() { return keys::table(5, 5); }

Bytes encode(const Bucket& bucket) {
    Bytes key = keys::with(keys::with(bucket_prefix(), bucket.gpu), bucket.region);
    for (const std::uint8_t each : bucket.classes) {
        key += static_cast<char>(each);
    }
    return key;
}

Bytes bucket_key(const Offer& offer) {
    return keys::with(keys::with(encode(bucket_of(offer)), reference_price(offer.price)), offer.id.value());
}

Bucket bucket_of_key(BytesView key) {
    key.remove_prefix(2);
    Bucket bucket;
    bucket.gpu = read_be64(key);
    bucket.region = read_be64(key.substr(8));
    for (std::size_t i = 0; i < bucket.classes.size(); ++i) {
        bucket.classes[i] = static_cast<std::uint8_t>(key[16 + i]);
    }
    return bucket;
}

OfferId offer_of_key(BytesView key) { return OfferId{read_be64(key.substr(key.size() - 8))}; }

Listing listing_of(const Offer& offer) {
    return {offer.provider,       offer.created_at,        offer.price,
            offer.free.cpu_milli, offer.free.memory_bytes, offer.free.storage_bytes};
}

Bytes encode(const Listing& listing) {
    Bytes value{view_of(listing.provider.bytes)};
    for (const std::uint64_t each :
         {listing.created_at.value(), listing.price.cpu_core, listing.price.memory_gib, listing.price.storage_gib,
          listing.price.gpu, listing.cpu_milli, listing.memory_bytes, listing.storage_bytes}) {
        append_be64(value, each);
    }
    return value;
}

Listing listing_of_value(BytesView value) {
    SUBLET_ASSERT(value.size() == sizeof(Address) + 8 * sizeof(std::uint64_t));
    Listing out;
    out.provider = Address{*fixed_from<20>(value.substr(0, sizeof(Address)))};
    value.remove_prefix(sizeof(Address));
    const auto next = [&] {
        const std::uint64_t number = read_be64(value);
        value.remove_prefix(8);
        return number;
    };
    out.created_at = LedgerTime{next()};
    out.price.cpu_core = next();
    out.price.memory_gib = next();
    out.price.storage_gib = next();
    out.price.gpu = next();
    out.cpu_milli = next();
    out.memory_bytes = next();
    out.storage_bytes = next();
    return out;
}

Bucket least_bucket(const GroupSpec& spec) {
    const Demand all = demand_of(spec.units);
    Bucket bucket;
    bucket.gpu = all.gpus == 0 ? 0 : 1;
    bucket.classes = {class_of(all.cpu_milli), class_of(all.memory_bytes), 0, class_of(all.storage_bytes),
                      class_of(spec.min_notice.value())};
    return bucket;
}

}  // namespace sublet::market
