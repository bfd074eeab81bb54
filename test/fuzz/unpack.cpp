// unpack.cpp: fuzz target: an archive that is taken is the one that its folder packs to; a refused one leaves nothing.
#include <unistd.h>

#include <filesystem>
#include <fstream>

#include "crypto/sha256.hpp"
#include "fuzz.hpp"
#include "jobs/archive.hpp"

namespace sublet::fuzz {
namespace {

namespace fs = std::filesystem;

// In memory where there is such a place: the disk would set the pace.
class Place {
public:
    Place() {
        std::error_code none;
        const fs::path memory = "/dev/shm";
        std::string name =
            ((fs::is_directory(memory, none) ? memory : fs::temp_directory_path()) / "sublet-fuzz-XXXXXX").string();
        require(::mkdtemp(name.data()) != nullptr, "there is room for a folder");
        path_ = name;
    }
    ~Place() {
        std::error_code ignored;
        fs::remove_all(path_, ignored);
    }
    Place(const Place&) = delete;
    Place& operator=(const Place&) = delete;
    [[nodiscard]] const fs::path& path() const { return path_; }

private:
    fs::path path_;
};

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
