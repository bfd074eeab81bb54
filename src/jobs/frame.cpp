// frame.cpp: names of frames' files, and just enough of PNG and JPEG to know a picture's size.
#include "jobs/frame.hpp"

#include <algorithm>
#include <array>
#include <cstdio>
#include <fstream>
#include <nlohmann/json.hpp>
#include <optional>

#include "jobs/exr.hpp"

namespace sublet::jobs {
namespace {

namespace fs = std::filesystem;

struct NamedFormat {
    std::string_view format;
    std::string_view ending;
};
constexpr std::array<NamedFormat, 14> kFormats{{{"PNG", ".png"},
                                                {"JPEG", ".jpg"},
                                                {"OPEN_EXR", ".exr"},
                                                {"OPEN_EXR_MULTILAYER", ".exr"},
                                                {"BMP", ".bmp"},
                                                {"IRIS", ".rgb"},
                                                {"TARGA", ".tga"},
                                                {"TARGA_RAW", ".tga"},
                                                {"TIFF", ".tif"},
                                                {"CINEON", ".cin"},
                                                {"DPX", ".dpx"},
                                                {"HDR", ".hdr"},
                                                {"JPEG2000", ".jp2"},
                                                {"WEBP", ".webp"}}};
constexpr std::string_view kPngStart{"\x89PNG\r\n\x1a\n\0\0\0\rIHDR", 16};
constexpr std::string_view kPngEnd{"\0\0\0\0IEND\xae\x42\x60\x82", 12};
constexpr std::string_view kJpegStart{"\xff\xd8\xff", 3};
constexpr std::string_view kJpegEnd{"\xff\xd9", 2};
constexpr std::string_view kExrStart{"\x76\x2f\x31\x01", 4};
constexpr std::size_t kPngHeaderBytes = 33;  // start, 13 bytes of IHDR, their checksum
constexpr std::size_t kStartBytes = 64;
constexpr std::size_t kEndBytes = 12;

std::uint32_t byte_at(std::string_view text, std::size_t at) { return static_cast<unsigned char>(text[at]); }
std::uint32_t two_at(std::string_view text, std::size_t at) { return byte_at(text, at) << 8U | byte_at(text, at + 1); }
std::uint32_t four_at(std::string_view text, std::size_t at) { return two_at(text, at) << 16U | two_at(text, at + 2); }

std::uint32_t png_checksum(std::string_view text) {
    constexpr std::uint32_t kPolynomial = 0xedb88320U;
    std::uint32_t out = ~0U;
    for (std::size_t at = 0; at < text.size(); ++at) {
        out ^= byte_at(text, at);
        for (int bit = 0; bit < 8; ++bit) {
            out = (out >> 1U) ^ ((out & 1U) != 0 ? kPolynomial : 0U);
        }
    }
    return ~out;
}

std::unexpected<Error> broken(const fs::path& file, std::string_view why) {
    return fail(Code::kParse, file.filename().string() + " " + std::string{why});
}

Result<PictureSize> bounded(const fs::path& file, std::uint32_t width, std::uint32_t height) {
    if (width == 0 || height == 0) {
        return broken(file, "has no pixels");
    }
    if (width > kMaxImageSide || height > kMaxImageSide) {
        return fail(Code::kTooLarge, file.filename().string() + " says that it has " + std::to_string(width) + " x " +
                                         std::to_string(height) + " pixels");
    }
    return PictureSize{width, height};
}

Result<PictureSize> png_size(const fs::path& file, std::string_view start) {
    if (start.size() < kPngHeaderBytes || png_checksum(start.substr(12, 17)) != four_at(start, 29)) {
        return broken(file, "is a PNG with a broken header");
    }
    return bounded(file, four_at(start, 16), four_at(start, 20));
}

// SOF0 to SOF15; of these numbers three mean something else.
bool is_frame_header(std::uint32_t marker) {
    return marker >= 0xc0 && marker <= 0xcf && marker != 0xc4 && marker != 0xc8 && marker != 0xcc;
}

// From one segment's length to the next: nothing is searched for.
Result<PictureSize> jpeg_size(const fs::path& file, std::ifstream& in) {
    std::array<char, 9> bytes{};
    std::size_t at = 2;
    while (at < kMaxJpegHeaderBytes) {
        in.seekg(static_cast<std::streamoff>(at));
        in.read(bytes.data(), bytes.size());
        const std::string_view segment{bytes.data(), static_cast<std::size_t>(in.gcount())};
        const bool good = segment.size() == bytes.size() && byte_at(segment, 0) == 0xff && byte_at(segment, 1) >= 0xc0;
        if (!good || byte_at(segment, 1) == 0xd9 || byte_at(segment, 1) == 0xda || two_at(segment, 2) < 2) {
            return broken(file, "is a JPEG with a broken header");
        }
        if (is_frame_header(byte_at(segment, 1))) {
            return two_at(segment, 2) < 8 ? broken(file, "is a JPEG with a broken header")
                                          : bounded(file, two_at(segment, 7), two_at(segment, 5));
        }
        at += 2 + two_at(segment, 2);
    }
    return broken(file, "is a JPEG that does not come to its size");
}

Result<PictureSize> exr_size(const fs::path& file) {
    TRY(shape, exr_shape(file));
    TRY_OK(exr_is_whole(file));
    return PictureSize{shape.width, shape.height};
}

// What a name must be; empty where the format is not known.
std::string file_of(std::int64_t frame, const FrameShape& shape) {
    const std::string_view ending = frame_ending(shape.format);
    return ending.empty() ? std::string{} : frame_text(frame) + std::string{ending};
}

bool is_name_of(const std::string& name, std::int64_t frame, const FrameShape& shape) {
    const std::string start = frame_text(frame);
    const std::string wanted = file_of(frame, shape);
    if (shape.plain && !wanted.empty()) {
        return name == wanted;
    }
    // A view's name follows: 0001_L.png.
    const bool own = name.starts_with(start + ".") || (!shape.plain && name.starts_with(start + "_"));
    return own && (wanted.empty() || name.ends_with(frame_ending(shape.format)));
}

std::string list_of(const std::vector<fs::path>& files) {
    constexpr std::size_t kShown = 3;
    std::string out;
    for (std::size_t at = 0; at < std::min(files.size(), kShown); ++at) {
        out += (at == 0 ? "" : ", ") + files[at].string();
    }
    return out + (files.size() > kShown ? " and " + std::to_string(files.size() - kShown) + " more" : "");
}

std::string text_of(PictureSize size) { return std::to_string(size.width) + " x " + std::to_string(size.height); }

// Where nothing is known of a file's format nothing can be said of its size.
Result<> check_picture(const fs::path& file, const FrameShape& shape) {
    constexpr std::array<std::string_view, 3> kRead{".png", ".jpg", ".exr"};
    if (std::ranges::find(kRead, file.extension().string()) == kRead.end()) {
        return {};
    }
    const Result<PictureSize> size = picture_size(file);
    if (!size) {
        const bool views = !shape.plain && size.error().code == Code::kUnsupported;  // OpenEXR with a part for each
        return views ? Result<>{} : std::unexpected{size.error()};
    }
    const PictureSize wanted{shape.width, shape.height};
    if (shape.plain && shape.width != 0 && *size != wanted) {
        return fail(Code::kBadField,
                    file.filename().string() + " has " + text_of(*size) + " pixels, the scene has " + text_of(wanted));
    }
    return {};
}

}  // namespace

std::string frame_shape_json(const FrameShape& shape) {
    return nlohmann::json{
        {"format", shape.format}, {"width", shape.width}, {"height", shape.height}, {"plain", shape.plain}}
        .dump(-1, ' ', false, nlohmann::json::error_handler_t::replace);
}

Result<FrameShape> frame_shape_from_json(BytesView json) {
    const nlohmann::json value = nlohmann::json::parse(json.begin(), json.end(), nullptr, /*allow_exceptions=*/false);
    const auto number = [&](const char* key) { return value.contains(key) && value[key].is_number_unsigned(); };
    if (!value.is_object() || !value.contains("format") || !value["format"].is_string() || !number("width") ||
        !number("height") || !value.contains("plain") || !value["plain"].is_boolean() ||
        std::max(value["width"].get<std::uint64_t>(), value["height"].get<std::uint64_t>()) > 2ULL * kMaxImageSide) {
        return fail(Code::kParse, "this says of no render what its frames are");
    }
    return FrameShape{value["format"].get<std::string>(), value["width"].get<std::uint32_t>(),
                      value["height"].get<std::uint32_t>(), value["plain"].get<bool>()};
}

std::string frame_text(std::int64_t frame) {
    std::array<char, 24> out{};
    const int length = std::snprintf(out.data(), out.size(), "%04lld", static_cast<long long>(frame));
    return {out.data(), static_cast<std::size_t>(length)};
}

std::string_view frame_ending(std::string_view format) {
    const auto* const found = std::ranges::find(kFormats, format, &NamedFormat::format);
    return found == kFormats.end() ? std::string_view{} : found->ending;
}

Result<PictureSize> picture_size(const fs::path& file) {
    std::error_code error;
    if (fs::symlink_status(file, error).type() != fs::file_type::regular) {
        return fail(Code::kNotFound, "there is no file " + file.string());
    }
    std::ifstream in{file, std::ios::binary};
    std::array<char, kStartBytes> first{};
    in.read(first.data(), first.size());
    const std::string_view start{first.data(), static_cast<std::size_t>(in.gcount())};
    in.clear();
    std::array<char, kEndBytes> last{};
    in.seekg(-static_cast<std::streamoff>(kEndBytes), std::ios::end);
    in.read(last.data(), last.size());
    if (in.gcount() != kEndBytes) {
        return broken(file, "is no picture: it has a few bytes");
    }
    const std::string_view end{last.data(), last.size()};
    const bool png = start.starts_with(kPngStart);
    if (png || start.starts_with(kJpegStart)) {
        if (!end.ends_with(png ? kPngEnd : kJpegEnd)) {
            return broken(file, "is a picture that was cut off");
        }
        in.clear();
        return png ? png_size(file, start) : jpeg_size(file, in);
    }
    if (start.starts_with(kExrStart)) {
        return exr_size(file);
    }
    return fail(Code::kUnsupported, file.filename().string() + " is no PNG, JPEG or OpenEXR");
}

Result<> check_frame(const fs::path& folder, const std::vector<fs::path>& files, std::int64_t frame,
                     const FrameShape& shape) {
    const std::string wanted = file_of(frame, shape);
    const bool right_number = shape.plain ? files.size() == 1 : !files.empty() && files.size() <= kMaxFrameFiles;
    const bool right_names =
        std::ranges::all_of(files, [&](const fs::path& each) { return is_name_of(each.string(), frame, shape); });
    if (!right_number || !right_names) {
        return fail(Code::kBadField, "it should hold " + (wanted.empty() ? "frame " + frame_text(frame) : wanted) +
                                         (shape.plain ? " alone" : "") + ", it holds " +
                                         (files.empty() ? "nothing" : list_of(files)));
    }
    for (const fs::path& each : files) {
        TRY_OK(check_picture(folder / each, shape));
    }
    return {};
}

}  // namespace sublet::jobs
