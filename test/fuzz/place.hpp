// place.hpp: a folder for the files of one run of a fuzz target.
#pragma once

#include <unistd.h>

#include <filesystem>

#include "fuzz.hpp"

namespace sublet::fuzz {

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

}  // namespace sublet::fuzz
