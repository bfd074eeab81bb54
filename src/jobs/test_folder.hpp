// test_folder.hpp: a folder that goes away, for tests of archives, and what is in it.
#pragma once

#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <iterator>
#include <map>
#include <set>
#include <string>

namespace sublet::jobs {

namespace fs = std::filesystem;

class TestFolder {
public:
    TestFolder() {
        std::string pattern = (fs::temp_directory_path() / "sublet-jobs-XXXXXX").string();
        root_ = ::mkdtemp(pattern.data());
    }
    ~TestFolder() {
        std::error_code ignored;
        fs::remove_all(root_, ignored);
    }
    TestFolder(const TestFolder&) = delete;
    TestFolder& operator=(const TestFolder&) = delete;
    [[nodiscard]] fs::path at(const fs::path& name) const { return root_ / name; }
    [[nodiscard]] std::set<std::string> names() const {
        std::set<std::string> out;
        for (const auto& entry : fs::directory_iterator{root_}) {
            out.insert(entry.path().filename().string());
        }
        return out;
    }

private:
    fs::path root_;
};

inline void put(const fs::path& file, const std::string& content, unsigned mode = 0644) {
    fs::create_directories(file.parent_path());
    fs::remove(file);  // some file systems wait for the disk where a file is cut to be written again
    std::ofstream{file, std::ios::binary} << content;
    fs::permissions(file, fs::perms{mode});
}

inline std::string get(const fs::path& file) {
    std::ifstream in{file, std::ios::binary};
    return {std::istreambuf_iterator<char>{in}, {}};
}

// Path -> what it is: "folder", or the content, after an x where it may be executed.
inline std::map<std::string, std::string> tree(const fs::path& top) {
    std::map<std::string, std::string> out;
    for (const auto& entry : fs::recursive_directory_iterator{top}) {
        const bool runs = (entry.symlink_status().permissions() & fs::perms::owner_exec) != fs::perms::none;
        out[fs::relative(entry.path(), top).string()] =
            entry.is_directory() ? "folder" : (runs ? "x" : "-") + get(entry.path());
    }
    return out;
}

}  // namespace sublet::jobs
