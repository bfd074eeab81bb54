// hostile_test.cpp: archives that pack() would not write: each is refused, and nothing of it stays or gets out.
#include <archive.h>
#include <archive_entry.h>
#include <gtest/gtest.h>
#include <sys/stat.h>

#include <functional>
#include <memory>
#include <vector>

#include "jobs/archive.hpp"
#include "jobs/test_folder.hpp"

namespace sublet::jobs {
namespace {

constexpr ArchiveLimits kSmall{.max_bytes = 1U << 20U, .max_entries = 1'000};

// Any tar file, in GNU's form unless told otherwise.
class Tar {
public:
    explicit Tar(int (*format)(archive*) = archive_write_set_format_gnutar) : out_(archive_write_new()) {
        format(out_);
        archive_write_set_bytes_per_block(out_, 0);
        archive_write_set_bytes_in_last_block(out_, 1);
        archive_write_open(out_, &bytes_, nullptr, &Tar::append, nullptr);
    }
    ~Tar() { archive_write_free(out_); }
    Tar(const Tar&) = delete;
    Tar& operator=(const Tar&) = delete;

    Tar& entry(const std::string& name, unsigned type, const std::string& content,
               const std::function<void(archive_entry*)>& change = {}) {
        const std::unique_ptr<archive_entry, void (*)(archive_entry*)> entry{archive_entry_new(), archive_entry_free};
        archive_entry_copy_pathname(entry.get(), name.c_str());
        archive_entry_set_filetype(entry.get(), type);
        archive_entry_set_perm(entry.get(), type == AE_IFDIR ? 0755 : 0644);
        archive_entry_set_size(entry.get(), static_cast<la_int64_t>(content.size()));
        archive_entry_set_mtime(entry.get(), 0, 0);
        if (change) {
            change(entry.get());
        }
        EXPECT_GE(archive_write_header(out_, entry.get()), ARCHIVE_WARN) << archive_error_string(out_);
        archive_write_data(out_, content.data(), content.size());
        return *this;
    }
    Tar& file(const std::string& name, const std::string& content = "x") { return entry(name, AE_IFREG, content); }
    Tar& folder(const std::string& name) { return entry(name, AE_IFDIR, ""); }

    std::string done() {
        archive_write_close(out_);
        return bytes_;
    }
    // As far as it is written, without the end.
    [[nodiscard]] std::string so_far() const { return bytes_; }

private:
    static la_ssize_t append(archive* /*writer*/, void* to, const void* bytes, std::size_t size) {
        static_cast<std::string*>(to)->append(static_cast<const char*>(bytes), size);
        return static_cast<la_ssize_t>(size);
    }

    archive* out_;
    std::string bytes_;
};

// A byte of the first header changed, and its checksum made good again.
std::string bent(std::string bytes, std::size_t at, const std::string& to) {
    bytes.replace(at, to.size(), to);
    bytes.replace(148, 8, 8, ' ');
    unsigned sum = 0;
    for (std::size_t i = 0; i < 512; ++i) {
        sum += static_cast<unsigned char>(bytes[i]);
    }
    char text[8];
    std::snprintf(text, sizeof text, "%06o", sum);
    bytes.replace(148, 7, text, 7);
    return bytes;
}

struct Hostile {
    std::string name;
    std::string bytes;
    Code code = Code::kParse;
    std::string says = {};  // a part of the message
};

void expect_refused(const TestFolder& folder, const Hostile& row, const ArchiveLimits& limits = kSmall) {
    put(folder.at("a.tar"), row.bytes);
    const auto done = unpack(folder.at("a.tar"), folder.at("room/out"), limits);
    ASSERT_FALSE(done) << row.name;
    EXPECT_EQ(done.error().code, row.code) << row.name << ": " << done.error().message;
    EXPECT_NE(done.error().message.find(row.says), std::string::npos) << row.name << ": " << done.error().message;
    EXPECT_EQ(tree(folder.at("room")).size(), 1U) << row.name;
    EXPECT_EQ(get(folder.at("room/secret")), "untouched") << row.name;
    EXPECT_EQ(folder.names(), (std::set<std::string>{"a.tar", "room"})) << row.name;
}

std::vector<Hostile> names() {
    std::vector<Hostile> out;
    const std::string bad[] = {
        "../secret", "/tmp/sublet-hostile", "..", ".", "./a", "a/../../secret", "a/..", "a//b", "a/./b", "x\ny", "\x01",
        "x\x7F",     std::string(256, 'c')};
    for (const std::string& name : bad) {
        out.push_back({"file " + name, Tar{}.folder("a").file(name).done(), Code::kParse, "not a name"});
        out.push_back({"folder " + name, Tar{}.folder(name).done(), Code::kParse, "not a name"});
    }
    const std::string longest = std::string(255, 'a') + "/" + std::string(255, 'b') + "/" + std::string(255, 'c') + "/";
    out.push_back({"over-long", Tar{}.file(longest + std::string(257, 'd')).done(), Code::kTooLarge, "1024 bytes"});
    out.push_back({"in no folder", Tar{}.file("a/b").done(), Code::kParse, "not in a folder that stands before"});
    out.push_back(
        {"in a file", Tar{}.file("a").file("a/b").done(), Code::kParse, "not in a folder that stands before"});
    out.push_back({"twice", Tar{}.file("a").file("a").done(), Code::kParse, "there twice"});
    out.push_back({"folder twice", Tar{}.folder("a").folder("a").done(), Code::kParse, "there twice"});
    out.push_back({"unsorted", Tar{}.file("b").file("a").done(), Code::kParse, "not sorted"});
    out.push_back({"NUL in a long name",
                   [] {
                       std::string bytes = Tar{}.file(std::string(200, 'n')).done();
                       return bytes.replace(512 + 150, 1, 1, '\0');
                   }(),
                   Code::kParse, "form"});
    return out;
}

std::vector<Hostile> links_and_devices() {
    const auto link = [](const char* to) {
        return [to](archive_entry* entry) { archive_entry_set_symlink(entry, to); };
    };
    const auto hard = [](const char* to) {
        return [to](archive_entry* entry) { archive_entry_set_hardlink(entry, to); };
    };
    const std::string special = "is a link or a device";
    std::vector<Hostile> out{
        {"link", Tar{}.entry("a", AE_IFLNK, "", link("../secret")).done(), Code::kParse, special},
        {"through a link", Tar{}.entry("a", AE_IFLNK, "", link("..")).file("a/secret").done(), Code::kParse, special},
        {"link within", Tar{}.file("a").entry("b", AE_IFLNK, "", link("a")).done(), Code::kParse, special},
        {"hard link", Tar{}.entry("a", AE_IFREG, "", hard("../secret")).done(), Code::kParse, special},
        {"hard link, absolute", Tar{}.entry("a", AE_IFREG, "", hard("/etc/passwd")).done(), Code::kParse, special},
        {"hard link within", Tar{}.file("a").entry("b", AE_IFREG, "", hard("a")).done(), Code::kParse, special},
        {"pipe", Tar{}.entry("a", AE_IFIFO, "").done(), Code::kParse, special},
    };
    for (const unsigned type : {AE_IFCHR, AE_IFBLK}) {
        out.push_back(
            {"device",
             Tar{}.entry("a", type, "", [](archive_entry* entry) { archive_entry_set_rdev(entry, 1); }).done(),
             Code::kParse, special});
    }
    return out;
}

std::vector<Hostile> other_forms() {
    const std::string form = "not in the form";
    const auto with = [](const std::function<void(archive_entry*)>& change) {
        return Tar{}.entry("a", AE_IFREG, "x", change).done();
    };
    return {
        {"ustar", Tar{archive_write_set_format_ustar}.file("a").done(), Code::kParse, form},
        {"pax", Tar{archive_write_set_format_pax}.file(std::string(200, 'n')).done(), Code::kParse, form},
        {"v7", Tar{archive_write_set_format_v7tar}.file("a").done(), Code::kParse, form},
        {"cpio", Tar{archive_write_set_format_cpio_newc}.file("a").done(), Code::kParse, "cannot be read"},
        {"zip", Tar{archive_write_set_format_zip}.file("a").done(), Code::kParse, "cannot be read"},
        {"owner", with([](archive_entry* entry) { archive_entry_set_uid(entry, 1); }), Code::kParse, form},
        {"owner's name", with([](archive_entry* entry) { archive_entry_set_uname(entry, "root"); }), Code::kParse,
         form},
        {"time", with([](archive_entry* entry) { archive_entry_set_mtime(entry, 1, 0); }), Code::kParse, form},
        {"set user", with([](archive_entry* entry) { archive_entry_set_perm(entry, 04755); }), Code::kParse, form},
        {"mode", with([](archive_entry* entry) { archive_entry_set_perm(entry, 0600); }), Code::kParse, form},
        {"executable by others", with([](archive_entry* entry) { archive_entry_set_perm(entry, 0645); }), Code::kParse,
         form},
        {"folder's mode",
         Tar{}.entry("a", AE_IFDIR, "", [](archive_entry* entry) { archive_entry_set_perm(entry, 0777); }).done(),
         Code::kParse, form},
        {"old sparse file", bent(Tar{}.file("a").done(), 156, "S"), Code::kParse, ""},
        {"contiguous file", bent(Tar{}.file("a").done(), 156, "7"), Code::kParse, form},
        {"bad checksum", Tar{}.file("a").done().replace(0, 1, "b"), Code::kParse, "cannot be read"},
    };
}

std::vector<Hostile> sizes_and_ends() {
    const std::string good = Tar{}.file("a", "content").file("b").done();
    const std::string form = "not in the form";
    const auto padded = [&](std::size_t at) { return std::string{good}.replace(at, 1, "x"); };
    std::vector<Hostile> out{
        {"nothing", "", Code::kParse, "cannot be read"},
        {"noise", std::string(2048, 'n'), Code::kParse, "cannot be read"},
        {"no end", good.substr(0, good.size() - 1024), Code::kParse, form},
        {"half an end", good.substr(0, good.size() - 512), Code::kParse, form},
        {"a third empty block", good + std::string(512, '\0'), Code::kParse, form},
        {"one byte behind", good + "x", Code::kParse, form},
        {"a second archive behind", good + good, Code::kParse, form},
        {"an end in the middle", Tar{}.file("a").done() + good, Code::kParse, form},
        {"padding", padded(512 + 100), Code::kParse, form},
        {"the end is not empty", padded(good.size() - 1), Code::kParse, ""},
        {"content cut", good.substr(0, 512 + 3), Code::kParse, "cannot be read"},
        {"header cut", good.substr(0, 1024 + 100), Code::kParse, ""},
        {"huge", bent(good, 124, "77777777777"), Code::kTooLarge, "bytes together"},
        {"huger", bent(good, 124, std::string("\x80\0\0\0\x7F\xFF\xFF\xFF\xFF\xFF\xFF\xFF", 12)), Code::kParse,
         "cannot be read"},
        {"negative", bent(good, 124, std::string(12, '\xFF')), Code::kParse, ""},
        {"larger than the file", bent(good, 124, "00003600000"), Code::kParse, "cannot be read"},
        {"folder with content", bent(bent(good, 156, "5"), 0, "a/"), Code::kParse, ""},
    };
    return out;
}

TEST(Hostile, IsRefusedAndNothingStays) {
    const TestFolder folder;
    put(folder.at("room/secret"), "untouched");
    for (const auto& rows : {names(), links_and_devices(), other_forms(), sizes_and_ends()}) {
        for (const Hostile& row : rows) {
            expect_refused(folder, row);
        }
    }
    EXPECT_FALSE(fs::exists("/tmp/sublet-hostile"));
}

// The writer of these tests writes what is taken too: the rows above fail for what they say.
TEST(Hostile, TheSameWriterMakesGoodArchives) {
    const TestFolder folder;
    put(folder.at("a.tar"), Tar{}.folder("a").file("a.txt", "t").file("a/b").file(std::string(200, 'n')).done());
    const auto done = unpack(folder.at("a.tar"), folder.at("out"), kSmall);
    ASSERT_TRUE(done) << done.error().message;
    EXPECT_EQ(tree(folder.at("out")).size(), 4U);
}

TEST(Hostile, TwoHundredThousandEntries) {
    const TestFolder folder;
    put(folder.at("room/secret"), "untouched");
    Tar tar;
    for (int i = 0; i < 200'000; ++i) {
        tar.entry(std::to_string(1'000'000 + i), AE_IFREG, "");
    }
    expect_refused(folder, {"entries", tar.done(), Code::kTooLarge, "more than 1000 files"});
}

// libarchive reads a header of another header by calling itself.
TEST(Hostile, LongNamesOfLongNames) {
    const TestFolder folder;
    put(folder.at("room/secret"), "untouched");
    const std::string one = Tar{}.file(std::string(200, 'n')).so_far().substr(0, 1024);
    std::string bytes;
    for (int i = 0; i < 50'000; ++i) {
        bytes += one;
    }
    expect_refused(folder, {"nested", bytes, Code::kParse, ""});
}

// Whatever byte that says something changes, it is refused or is another archive in the right form.
TEST(Hostile, EveryByteMatters) {
    const TestFolder folder;
    const std::string good = Tar{}.folder("d").file("d/f", "content").file(std::string(120, 'n'), "").done();
    put(folder.at("good.tar"), good);
    ASSERT_TRUE(unpack(folder.at("good.tar"), folder.at("good"), kSmall));
    const auto before = tree(folder.at("good"));
    for (std::size_t at = 0; at < good.size(); ++at) {
        if (good[at] == '\0' && at % 16 != 0) {
            continue;  // most of it is empty
        }
        std::string other = good;
        other[at] = static_cast<char>(other[at] ^ 1);
        put(folder.at("a.tar"), other);
        if (unpack(folder.at("a.tar"), folder.at("out"), kSmall)) {
            EXPECT_NE(tree(folder.at("out")), before) << at;
            ASSERT_TRUE(pack(folder.at("out"), folder.at("b.tar"), kSmall)) << at;
            EXPECT_EQ(get(folder.at("b.tar")), other) << at;
            fs::remove_all(folder.at("out"));
        }
        ASSERT_FALSE(fs::exists(folder.at("out"))) << at;
    }
}

}  // namespace
}  // namespace sublet::jobs
