// pixels.cpp: tells formats apart by what files hold, reads rectangles of OpenEXR, hands PNG on.
#include "jobs/pixels.hpp"

#include <algorithm>
#include <array>
#include <fstream>

#include "jobs/exr.hpp"
#include "jobs/png.hpp"

namespace sublet::jobs {
namespace {

namespace fs = std::filesystem;

constexpr std::uint32_t kReadLines = 32;

class ExrReader : public PictureReader {
public:
    ExrReader(fs::path file, ExrShape exr)
        : file_(std::move(file)), exr_(std::move(exr)), shape_{{exr_.width, exr_.height}, exr_.channels, 0} {}

    [[nodiscard]] const PictureShape& shape() const override { return shape_; }

    Result<Pixels> read(const Crop& where) override {
        Pixels out{where.width, where.height, shape_.channels, 0, {}};
        out.values.reserve(std::size_t{where.width} * where.height * shape_.channels.size());
        std::vector<float> lines;
        for (std::uint32_t first = where.y; first < where.y + where.height; first += kReadLines) {
            const std::uint32_t count = std::min(kReadLines, where.y + where.height - first);
            TRY_OK(read_exr_lines(file_, exr_, first, count, lines));
            for (std::uint32_t line = 0; line < count; ++line) {
                add_line(where, lines.data() + std::size_t{line} * exr_.width * exr_.channels.size(), out.values);
            }
        }
        return out;
    }

private:
    void add_line(const Crop& where, const float* line, std::vector<float>& out) const {
        for (std::uint32_t x = where.x; x < where.x + where.width; ++x) {
            for (std::size_t channel = 0; channel < exr_.channels.size(); ++channel) {
                out.push_back(line[channel * exr_.width + x]);
            }
        }
    }

    fs::path file_;
    ExrShape exr_;
    PictureShape shape_;
};

// Sees that what is asked for is there, so that readers need not.
class Bounded : public PictureReader {
public:
    explicit Bounded(std::unique_ptr<PictureReader> reader) : reader_(std::move(reader)) {}
    [[nodiscard]] const PictureShape& shape() const override { return reader_->shape(); }
    Result<Pixels> read(const Crop& where) override {
        const PictureShape& whole = shape();
        const std::uint64_t pixels = std::uint64_t{where.width} * where.height;
        if (pixels == 0 || std::uint64_t{where.x} + where.width > whole.size.width ||
            std::uint64_t{where.y} + where.height > whole.size.height) {
            return fail(Code::kBadField, "the rectangle is not within the picture");
        }
        if (pixels > kMaxRectanglePixels || pixels * whole.channels.size() > kMaxRectangleValues) {
            return fail(Code::kTooLarge, "the rectangle has too many pixels to be read at once");
        }
        return reader_->read(where);
    }

private:
    std::unique_ptr<PictureReader> reader_;
};

}  // namespace

Result<std::unique_ptr<PictureReader>> open_picture(const fs::path& file) {
    TRY(size, picture_size(file));  // also that it is whole
    std::array<char, 4> start{};
    std::ifstream{file, std::ios::binary}.read(start.data(), start.size());
    std::unique_ptr<PictureReader> reader;
    if (start[0] == '\x89') {
        TRY(png, open_png(file));
        reader = std::move(png);
    } else if (start[0] == '\x76') {
        TRY(exr, exr_shape(file));
        reader = std::make_unique<ExrReader>(file, std::move(exr));
    } else {
        return fail(Code::kUnsupported, file.filename().string() + " is a JPEG: only PNG and OpenEXR are compared");
    }
    if (reader->shape().size != size) {
        return fail(Code::kConflict, file.filename().string() + " has changed meanwhile");
    }
    return std::make_unique<Bounded>(std::move(reader));
}

}  // namespace sublet::jobs
