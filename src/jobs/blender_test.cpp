// blender_test.cpp: headers of scenes, plain and compressed, and files that are none.
#include <gtest/gtest.h>

#include <archive.h>
#include <archive_entry.h>

#include <filesystem>
#include <fstream>

#include <unistd.h>

#include "jobs/blender.hpp"

namespace sublet::jobs {
namespace {

class BlendHeader : public testing::Test {
protected:
    void TearDown() override { std::filesystem::remove(file_); }
    Result<unsigned> of(const std::string& text) const {
        std::ofstream{file_, std::ios::binary} << text;
        return blend_version(file_);
    }
    Result<unsigned> of_compressed(const std::string& text, int (*filter)(archive*)) const {
        archive* out = archive_write_new();
        archive_write_set_format_raw(out);
        filter(out);
        archive_write_open_filename(out, file_.c_str());
        archive_entry* entry = archive_entry_new();
        archive_entry_set_filetype(entry, AE_IFREG);
        archive_write_header(out, entry);
        archive_write_data(out, text.data(), text.size());
        archive_entry_free(entry);
        archive_write_free(out);
        return blend_version(file_);
    }
    std::filesystem::path file_ =
        std::filesystem::temp_directory_path() / ("sublet-" + std::to_string(::getpid()) + ".blend");
};

TEST_F(BlendHeader, TellsTheVersion) {
    EXPECT_EQ(of("BLENDER-v304REND and so on"), 304U);
    EXPECT_EQ(of("BLENDER_v279"), 279U);
    EXPECT_EQ(of_compressed("BLENDER-v402" + std::string(1'000, 'x'), archive_write_add_filter_zstd), 402U);
    EXPECT_EQ(of_compressed("BLENDER-v280" + std::string(1'000, 'x'), archive_write_add_filter_gzip), 280U);
    EXPECT_EQ(version_text(304), "3.4");
    EXPECT_EQ(version_text(402), "4.2");
    EXPECT_EQ(version_text(279), "2.79");
}

TEST_F(BlendHeader, OfNothingElse) {
    for (const std::string& text : {std::string{}, std::string{"BLENDER-v30"}, std::string{"BLENDER-vxyz"},
                                    std::string{"PNG and more bytes"}, std::string(64, '\0')}) {
        EXPECT_EQ(of(text).error().code, Code::kParse) << text;
    }
    EXPECT_EQ(blend_version("/nowhere.blend").error().code, Code::kNotFound);
}

}  // namespace
}  // namespace sublet::jobs
