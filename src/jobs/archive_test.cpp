// archive_test.cpp: folders packed and unpacked: the same bytes whatever the order, the limits from both sides, what
// cannot be packed, and a folder that changes meanwhile.
#include "jobs/archive.hpp"

#include <gtest/gtest.h>
#include <rapidcheck.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>

#include <atomic>
#include <clocale>
#include <functional>
#include <set>
#include <thread>
#include <vector>

#include "base/test_no_room.hpp"
#include "crypto/sha256.hpp"
#include "jobs/test_folder.hpp"

namespace sublet::jobs {
namespace {

constexpr ArchiveLimits kRoomy{.max_bytes = 64ULL << 20U};

// A folder with one of everything.
void fill(const fs::path& top) {
    put(top / "a.txt", "between a and what is in it");
    put(top / "a/b", "b");
    put(top / "a/empty", "");
    put(top / "run.sh", "#!/bin/sh\n", 0700);
    put(top / "\xC3\xA4 \xFF", "a name that is no UTF-8");
    put(top / "large", std::string(300'000, 'l'));
    put(top / std::string(200, 'n') / std::string(255, 'm'), "long names");
    fs::create_directories(top / "nothing/here");
}

TEST(Archive, ComesBack) {
    const TestFolder folder;
    fill(folder.at("in"));
    const auto packed = pack(folder.at("in"), folder.at("a.tar"), kRoomy);
    ASSERT_TRUE(packed) << packed.error().message;
    EXPECT_EQ(packed->entries, 11U);
    EXPECT_EQ(packed->bytes, fs::file_size(folder.at("a.tar")));
    EXPECT_EQ(packed->sha256, *file_sha256(folder.at("a.tar")));
    EXPECT_EQ(packed->sha256, crypto::sha256(get(folder.at("a.tar"))));
    const auto done = unpack(folder.at("a.tar"), folder.at("out"), kRoomy);
    ASSERT_TRUE(done) << done.error().message;
    EXPECT_EQ(tree(folder.at("out")), tree(folder.at("in")));
    EXPECT_EQ(fs::status(folder.at("out")).permissions(), fs::perms{0755});
    EXPECT_EQ(fs::status(folder.at("out/run.sh")).permissions(), fs::perms{0755});
    EXPECT_EQ(fs::status(folder.at("out/a.txt")).permissions(), fs::perms{0644});
    EXPECT_EQ(folder.names(), (std::set<std::string>{"a.tar", "in", "out"}));
    EXPECT_EQ(pack(folder.at("out"), folder.at("b.tar"), kRoomy).value(), *packed);
}

// What a machine, a library or an umask must not change. A new value here is a new form: old archives are refused.
TEST(Archive, HasTheseBytes) {
    const TestFolder folder;
    fill(folder.at("in"));
    const auto packed = pack(folder.at("in"), folder.at("a.tar"), kRoomy);
    ASSERT_TRUE(packed);
    EXPECT_EQ(to_hex(view_of(packed->sha256)), "433cda84fe787bb647185a86a590371f8f941765e0361f17ab5f711bd07a7519");
    fs::create_directory(folder.at("none"));
    const auto none = pack(folder.at("none"), folder.at("none.tar"), {});
    ASSERT_TRUE(none);
    EXPECT_EQ(get(folder.at("none.tar")), std::string(1024, '\0'));
    EXPECT_EQ(none->entries, 0U);
    EXPECT_TRUE(unpack(folder.at("none.tar"), folder.at("none2"), {}));
    EXPECT_TRUE(fs::is_empty(folder.at("none2")));
}

TEST(Archive, OrderTimesAndLocaleDoNotMatter) {
    const TestFolder folder;
    fill(folder.at("one"));
    fs::create_directories(folder.at("two/nothing/here"));
    std::vector<std::string> names;
    for (const auto& [name, content] : tree(folder.at("one"))) {
        names.push_back(name);
    }
    for (auto name = names.rbegin(); name != names.rend(); ++name) {
        if (fs::is_regular_file(folder.at("one") / *name)) {
            const bool runs = *name == "run.sh";
            put(folder.at("two") / *name, get(folder.at("one") / *name), runs ? 0755 : 0600);
            fs::last_write_time(folder.at("two") / *name, fs::file_time_type{std::chrono::hours{names.size()}});
        }
    }
    const auto one = pack(folder.at("one"), folder.at("one.tar"), kRoomy);
    ASSERT_TRUE(one);
    ASSERT_NE(std::setlocale(LC_ALL, "C.UTF-8"), nullptr);
    const mode_t before = ::umask(077);
    const auto two = pack(folder.at("two"), folder.at("two.tar"), kRoomy);
    const auto back = unpack(folder.at("one.tar"), folder.at("back"), kRoomy);
    ::umask(before);
    std::setlocale(LC_ALL, "C");
    ASSERT_TRUE(two);
    EXPECT_EQ(*one, *two);
    EXPECT_TRUE(back) << back.error().message;
    EXPECT_EQ(tree(folder.at("back")), tree(folder.at("two")));
    EXPECT_EQ(fs::status(folder.at("back/a.txt")).permissions(), fs::perms{0644});
}

struct LimitRow {
    const char* name = "";
    ArchiveLimits just, short_by_one;
};

TEST(Archive, EveryLimitFromBothSides) {
    const TestFolder folder;
    put(folder.at("in/a/b/c"), "12345");
    put(folder.at("in/d"), "678");
    ASSERT_TRUE(pack(folder.at("in"), folder.at("good.tar"), kRoomy));
    const LimitRow rows[] = {
        {"bytes", {.max_bytes = 8}, {.max_bytes = 7}},
        {"entries", {.max_bytes = 8, .max_entries = 4}, {.max_bytes = 8, .max_entries = 3}},
        {"path", {.max_bytes = 8, .max_path_bytes = 5}, {.max_bytes = 8, .max_path_bytes = 4}},
        {"depth", {.max_bytes = 8, .max_depth = 3}, {.max_bytes = 8, .max_depth = 2}},
    };
    for (const LimitRow& row : rows) {
        EXPECT_TRUE(pack(folder.at("in"), folder.at("a.tar"), row.just)) << row.name;
        EXPECT_TRUE(unpack(folder.at("good.tar"), folder.at("out"), row.just)) << row.name;
        fs::remove_all(folder.at("out"));
        fs::remove(folder.at("a.tar"));
        const auto packed = pack(folder.at("in"), folder.at("a.tar"), row.short_by_one);
        ASSERT_FALSE(packed) << row.name;
        EXPECT_EQ(packed.error().code, Code::kTooLarge) << packed.error().message;
        const auto unpacked = unpack(folder.at("good.tar"), folder.at("out"), row.short_by_one);
        ASSERT_FALSE(unpacked) << row.name;
        EXPECT_EQ(unpacked.error().code, Code::kTooLarge) << unpacked.error().message;
        EXPECT_EQ(folder.names(), (std::set<std::string>{"good.tar", "in"})) << row.name;
    }
}

TEST(Archive, WhatCannotBePacked) {
    const TestFolder folder;
    struct Special {
        Code code;
        std::string says;
        std::function<void(const fs::path&)> make;
    };
    const Special rows[] = {
        {Code::kUnsupported, "x is a symbolic link", [](const fs::path& p) { fs::create_symlink("kept", p / "x"); }},
        {Code::kUnsupported, "x is a symbolic link",
         [](const fs::path& p) { fs::create_directory_symlink("/", p / "x"); }},
        {Code::kUnsupported, "x is a named pipe", [](const fs::path& p) { ::mkfifo((p / "x").c_str(), 0600); }},
        {Code::kUnsupported, "x is a socket",
         [](const fs::path& p) {
             sockaddr_un address{.sun_family = AF_UNIX, .sun_path = {}};
             (p / "x").string().copy(address.sun_path, sizeof address.sun_path - 1);
             const int socket = ::socket(AF_UNIX, SOCK_STREAM, 0);
             EXPECT_EQ(::bind(socket, reinterpret_cast<const sockaddr*>(&address), sizeof address), 0);
             ::close(socket);
         }},
        {Code::kBadField, "x?y: not a name", [](const fs::path& p) { put(p / "x\ny", ""); }},
        {Code::kBadField, "x?: not a name", [](const fs::path& p) { fs::create_directory(p / "x\x7F"); }},
    };
    for (const Special& row : rows) {
        put(folder.at("in/kept"), "kept");
        row.make(folder.at("in"));
        const auto packed = pack(folder.at("in"), folder.at("a.tar"), kRoomy);
        ASSERT_FALSE(packed) << row.says;
        EXPECT_EQ(packed.error().code, row.code);
        EXPECT_TRUE(packed.error().message.starts_with(row.says)) << packed.error().message;
        EXPECT_EQ(folder.names(), std::set<std::string>{"in"});
        fs::remove_all(folder.at("in"));
    }
}

TEST(Archive, PlacesThatAreNotThere) {
    const TestFolder folder;
    EXPECT_EQ(pack(folder.at("none"), folder.at("a.tar"), kRoomy).error().code, Code::kNotFound);
    EXPECT_EQ(unpack(folder.at("none.tar"), folder.at("out"), kRoomy).error().code, Code::kNotFound);
    EXPECT_EQ(file_sha256(folder.at("none.tar")).error().code, Code::kNotFound);
    put(folder.at("in/file"), "x");
    EXPECT_EQ(pack(folder.at("in/file"), folder.at("a.tar"), kRoomy).error().code, Code::kIo);
    EXPECT_EQ(pack(folder.at("in"), folder.at("none/a.tar"), kRoomy).error().code, Code::kNotFound);
    EXPECT_EQ(file_sha256(folder.at("in")).error().code, Code::kIo);
    ASSERT_TRUE(pack(folder.at("in"), folder.at("a.tar"), kRoomy));
    EXPECT_EQ(unpack(folder.at("a.tar"), folder.at("none/out"), kRoomy).error().code, Code::kNotFound);
    EXPECT_EQ(unpack(folder.at("a.tar"), folder.at("in"), kRoomy).error().code, Code::kConflict);
    EXPECT_EQ(get(folder.at("in/file")), "x");
    put(folder.at("in/second"), "y");
    EXPECT_TRUE(pack(folder.at("in"), folder.at("a.tar"), kRoomy)) << "one that is there is replaced";
    EXPECT_TRUE(unpack(folder.at("a.tar"), folder.at("out"), kRoomy));
    EXPECT_EQ(tree(folder.at("out")), tree(folder.at("in")));
}

TEST(Archive, AFullDiskLeavesNothing) {
    const TestFolder folder;
    put(folder.at("in/file"), "x");
    ASSERT_TRUE(pack(folder.at("in"), folder.at("a.tar"), kRoomy));
    {
        const NoRoom full;
        EXPECT_EQ(pack(folder.at("in"), folder.at("b.tar"), kRoomy).error().code, Code::kIo);
        EXPECT_EQ(unpack(folder.at("a.tar"), folder.at("out"), kRoomy).error().code, Code::kIo);
    }
    EXPECT_EQ(folder.names(), (std::set<std::string>{"a.tar", "in"}));
}

TEST(Archive, AnArchiveInsideOfItsFolderIsAChange) {
    const TestFolder folder;
    put(folder.at("in/file"), "x");
    const auto packed = pack(folder.at("in"), folder.at("in/a.tar"), kRoomy);
    ASSERT_FALSE(packed);
    EXPECT_EQ(packed.error().code, Code::kConflict) << packed.error().message;
    EXPECT_EQ(tree(folder.at("in")).size(), 1U);
}

TEST(Archive, AFolderThatIsWrittenToIsAConflict) {
    const TestFolder folder;
    put(folder.at("in/a"), std::string(8U << 20U, 'a'));
    put(folder.at("in/grows"), "x");
    std::atomic<bool> stop = false;
    std::thread writer{[&] {
        std::ofstream out{folder.at("in/grows"), std::ios::app};
        while (!stop) {
            out << 'x' << std::flush;
            std::this_thread::yield();
        }
    }};
    bool conflict = false;
    for (int i = 0; i < 50 && !conflict; ++i) {  // the writer may get no turn
        const auto packed = pack(folder.at("in"), folder.at("a.tar"), kRoomy);
        conflict = !packed && packed.error().code == Code::kConflict;
        EXPECT_EQ(folder.names().contains("a.tar"), packed.has_value());
        fs::remove(folder.at("a.tar"));
    }
    stop = true;
    writer.join();
    EXPECT_TRUE(conflict);
}

TEST(Archive, AnyFolderComesBack) {
    const bool ok = rc::check("unpack(pack(folder)) is the folder, and packs to the same", [] {
        const TestFolder folder;
        fs::create_directory(folder.at("in"));
        const auto names = rc::gen::container<std::vector<std::string>>(rc::gen::element<std::string>(
            "a", "b", "a.txt", "a-", "A", "\xC3\xA4", "\x80", " ", std::string(101, 'l')));
        for (const auto& path : *rc::gen::resize(8, rc::gen::container<std::vector<std::vector<std::string>>>(names))) {
            fs::path at = folder.at("in");
            for (const std::string& name : path) {
                at /= name;
            }
            std::error_code ignored;
            fs::create_directories(at.parent_path(), ignored);
            if (!path.empty() && !fs::exists(at, ignored) && fs::is_directory(at.parent_path(), ignored)) {
                put(at, std::string(*rc::gen::inRange<std::size_t>(0, 1500), 'x'));
            }
        }
        const auto packed =
            pack(folder.at("in"), folder.at("a.tar"), {.max_bytes = 1ULL << 30U, .max_path_bytes = 4000});
        if (!packed) {
            RC_ASSERT(packed.error().code == Code::kTooLarge);
            return;
        }
        RC_ASSERT(unpack(folder.at("a.tar"), folder.at("out"), {.max_bytes = 1ULL << 30U, .max_path_bytes = 4000})
                      .has_value());
        RC_ASSERT(tree(folder.at("out")) == tree(folder.at("in")));
    });
    EXPECT_TRUE(ok);
}

}  // namespace
}  // namespace sublet::jobs
