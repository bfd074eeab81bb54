// unpack.cpp: fuzz target: an archive that is taken is the one that its folder packs to; a refused one leaves nothing.
#include <fstream>

#include "crypto/sha256.hpp"
#include "fuzz.hpp"
#include "jobs/archive.hpp"
#include "place.hpp"

namespace sublet::fuzz {
namespace {

void try_archive(BytesView bytes) {
    constexpr jobs::ArchiveLimits kLimits{.max_bytes = 1U << 20U, .max_entries = 64};
    const Place place;
    const fs::path archive = place.path() / "in.tar";
    const fs::path folder = place.path() / "out";
    std::ofstream{archive, std::ios::binary} << bytes;
    if (jobs::unpack(archive, folder, kLimits)) {
        const auto packed = jobs::pack(folder, place.path() / "again.tar", kLimits);
        require(packed && packed->sha256 == crypto::sha256(bytes), "the folder packs to the same archive");
        fs::remove_all(folder);
        fs::remove(place.path() / "again.tar");
    }
    fs::remove(archive);
    require(fs::is_empty(place.path()), "nothing is left");
}

}  // namespace
}  // namespace sublet::fuzz

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    sublet::fuzz::try_archive(sublet::fuzz::view_of_input(data, size));
    return 0;
}
