// blender.cpp: reads headers of scenes, writes plans.
#include "jobs/blender.hpp"

#include <archive.h>
#include <archive_entry.h>

#include <array>
#include <memory>
#include <nlohmann/json.hpp>

namespace sublet::jobs {
namespace {

constexpr std::size_t kHeaderBytes = 12;  // "BLENDER" pointer-size endianness three digits
constexpr std::size_t kReadAtOnce = 1U << 16U;

struct CloseArchive {
    void operator()(archive* opened) const { archive_read_free(opened); }
};

}  // namespace

Result<unsigned> blend_version(const std::filesystem::path& file) {
    std::error_code error;
    if (!std::filesystem::is_regular_file(file, error)) {
        return fail(Code::kNotFound, "there is no file " + file.string());
    }
    const std::unique_ptr<archive, CloseArchive> opened{archive_read_new()};
    archive_read_support_filter_gzip(opened.get());
    archive_read_support_filter_zstd(opened.get());
    archive_read_support_format_raw(opened.get());
    archive_entry* entry = nullptr;
    std::array<char, kHeaderBytes> header{};
    const bool read = archive_read_open_filename(opened.get(), file.c_str(), kReadAtOnce) == ARCHIVE_OK &&
                      archive_read_next_header(opened.get(), &entry) == ARCHIVE_OK &&
                      archive_read_data(opened.get(), header.data(), header.size()) == la_ssize_t{kHeaderBytes};
    const std::string_view text{header.data(), header.size()};
    const auto digit = [&](std::size_t at) { return text[at] >= '0' && text[at] <= '9'; };
    if (!read || !text.starts_with("BLENDER") || !digit(9) || !digit(10) || !digit(11)) {
        return fail(Code::kParse, file.string() + " is no scene of Blender's: its header says something else");
    }
    return static_cast<unsigned>((text[9] - '0') * 100 + (text[10] - '0') * 10 + (text[11] - '0'));
}

std::string version_text(unsigned version) {
    return std::to_string(version / 100) + "." + std::to_string(version % 100);
}

Bytes plan_json(const RenderPlan& plan) {
    nlohmann::json out{
        {"format", plan.format}, {"samples", plan.samples}, {"scale", plan.scale}, {"audit", plan.audit}};
    out["still"] = plan.still ? nlohmann::json::parse(still_json(*plan.still)) : nlohmann::json{};
    return out.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace);
}

}  // namespace sublet::jobs
