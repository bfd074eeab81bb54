// bucket.hpp: the index that the matcher scans: GPU model × region × size classes × notice, price order inside (T7).
// Deterministic. Spec: docs/spec/market.md (matching).
#pragma once

#include <array>

#include "modules/market/deployment.hpp"
#include "modules/market/offer.hpp"

namespace sublet::market {

// The coordinates of a bucket in the order in which they are sorted. Classes: 0 for nothing, else 1 +
// floor(log2(amount)).
struct Bucket {
    std::uint64_t gpu = 0;                  // first bytes of the model's digest; 0: no GPU
    std::uint64_t region = 0;               // the same of attribute "region"; 0: none
    std::array<std::uint8_t, 5> classes{};  // cores, memory, VRAM, storage, notice
};
inline constexpr std::size_t kBucketBytes = 8 + 8 + 5;

Bytes bucket_prefix();
Bytes bucket_key(const Offer& offer);
Bucket bucket_of_key(BytesView key);
// The least bucket that could hold an offer for the group: region left open, gpu 1 (any) when it wants one.
Bucket least_bucket(const GroupSpec& spec);
Bytes encode(const Bucket& bucket);
OfferId offer_of_key(BytesView key);

// What the matcher passes an offer by with, without reading its record: the value of its entry in the bucket. Fixed
// width, for it is read 256 times an order.
struct Listing {
    Address provider;
    LedgerTime created_at;
    PriceVector price;
    std::uint64_t cpu_milli = 0;  // free, as the two below
    std::uint64_t memory_bytes = 0;
    std::uint64_t storage_bytes = 0;
};
Listing listing_of(const Offer& offer);
Bytes encode(const Listing& listing);
Listing listing_of_value(BytesView value);

}  // namespace sublet::market
