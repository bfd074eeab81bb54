// png.cpp: libpng with bounds: one line in memory, no chunk but what pixels need, and its errors as ours.
#include "jobs/png.hpp"

#include "jobs/exr.hpp"

#include <png.h>

#include <array>
#include <csetjmp>
#include <cstdio>
#include <cstring>

namespace sublet::jobs {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t kMaxPngChunkBytes = 1U << 20U;  // unpacked: texts, profiles; they are not looked at
constexpr std::size_t kMaxPngSaid = 120;

struct CloseFile {
    void operator()(std::FILE* file) const { static_cast<void>(std::fclose(file)); }
};
using File = std::unique_ptr<std::FILE, CloseFile>;

// What libpng says of a file goes here, and control back to where it was called from.
struct Said {
    std::array<char, kMaxPngSaid> text{};
};
[[noreturn]] void on_error(png_structp png, png_const_charp text) {
    auto* said = static_cast<Said*>(png_get_error_ptr(png));
    std::strncpy(said->text.data(), text, said->text.size() - 1);
    png_longjmp(png, 1);
}
void on_warning(png_structp /*png*/, png_const_charp /*text*/) {}

// libpng leaves its functions by longjmp: each of these holds one setjmp and nothing that would have to be destroyed.
// NOLINTBEGIN(cert-err52-cpp,modernize-avoid-setjmp-longjmp): libpng has no other way to say that something is wrong
class Decoder {
public:
    Decoder() : png_(png_create_read_struct(PNG_LIBPNG_VER_STRING, &said_, on_error, on_warning)) {
        info_ = png_ != nullptr ? png_create_info_struct(png_) : nullptr;
    }
    Decoder(const Decoder&) = delete;
    Decoder& operator=(const Decoder&) = delete;
    ~Decoder() { png_destroy_read_struct(&png_, &info_, nullptr); }

    [[nodiscard]] bool start(std::FILE* file) {
        if (info_ == nullptr || setjmp(png_jmpbuf(png_)) != 0) {
            return false;
        }
        png_init_io(png_, file);
        png_set_user_limits(png_, kMaxImageSide, kMaxImageSide);
        png_set_chunk_malloc_max(png_, kMaxPngChunkBytes);
        png_set_chunk_cache_max(png_, 64);
        png_set_crc_action(png_, PNG_CRC_ERROR_QUIT, PNG_CRC_WARN_DISCARD);
        png_read_info(png_, info_);
        return true;
    }
    [[nodiscard]] bool line(std::uint8_t* out) {
        if (setjmp(png_jmpbuf(png_)) != 0) {
            return false;
        }
        png_read_row(png_, out, nullptr);
        return true;
    }
    [[nodiscard]] std::string said() const { return said_.text.data(); }
    [[nodiscard]] png_structp png() const { return png_; }
    [[nodiscard]] png_infop info() const { return info_; }

private:
    Said said_;
    png_structp png_;
    png_infop info_ = nullptr;
};

class Encoder {
public:
    Encoder() : png_(png_create_write_struct(PNG_LIBPNG_VER_STRING, &said_, on_error, on_warning)) {
        info_ = png_ != nullptr ? png_create_info_struct(png_) : nullptr;
    }
    Encoder(const Encoder&) = delete;
    Encoder& operator=(const Encoder&) = delete;
    ~Encoder() { png_destroy_write_struct(&png_, &info_); }

    [[nodiscard]] bool write(std::FILE* file, PictureSize size, const std::uint8_t* pixels) {
        if (info_ == nullptr || setjmp(png_jmpbuf(png_)) != 0) {
            return false;
        }
        png_init_io(png_, file);
        png_set_IHDR(png_, info_, size.width, size.height, 8, PNG_COLOR_TYPE_RGB, PNG_INTERLACE_NONE,
                     PNG_COMPRESSION_TYPE_DEFAULT, PNG_FILTER_TYPE_DEFAULT);
        png_write_info(png_, info_);
        for (std::uint32_t y = 0; y < size.height; ++y) {
            png_write_row(png_, pixels + std::size_t{y} * size.width * 3);
        }
        png_write_end(png_, nullptr);
        return true;
    }

private:
    Said said_;
    png_structp png_;
    png_infop info_ = nullptr;
};
// NOLINTEND(cert-err52-cpp,modernize-avoid-setjmp-longjmp)

std::vector<std::string> channels_of(int color) {
    switch (color) {
        case PNG_COLOR_TYPE_GRAY:
            return {"V"};
        case PNG_COLOR_TYPE_GRAY_ALPHA:
            return {"V", "A"};
        case PNG_COLOR_TYPE_RGB:
            return {"R", "G", "B"};
        case PNG_COLOR_TYPE_RGB_ALPHA:
            return {"R", "G", "B", "A"};
        default:
            return {};
    }
}

class PngReader : public PictureReader {
public:
    explicit PngReader(fs::path file) : path_(std::move(file)) {}

    Result<> open() {
        decoder_ = std::make_unique<Decoder>();
        file_ = File{std::fopen(path_.c_str(), "rb")};
        if (file_ == nullptr) {
            return fail(Code::kIo, "cannot read " + path_.string());
        }
        if (!decoder_->start(file_.get())) {
            return broken();
        }
        next_line_ = 0;
        PictureShape found;
        found.size = {png_get_image_width(decoder_->png(), decoder_->info()),
                      png_get_image_height(decoder_->png(), decoder_->info())};
        found.channels = channels_of(png_get_color_type(decoder_->png(), decoder_->info()));
        const int bits = png_get_bit_depth(decoder_->png(), decoder_->info());
        if (found.channels.empty() || (bits != 8 && bits != 16) ||
            png_get_interlace_type(decoder_->png(), decoder_->info()) != PNG_INTERLACE_NONE) {
            return fail(Code::kUnsupported,
                        path_.filename().string() + " has a palette, is interlaced or has less than 8 bits a channel");
        }
        found.largest = bits == 8 ? 255 : 65'535;
        if (shape_.largest != 0 && shape_ != found) {
            return fail(Code::kConflict, path_.filename().string() + " has changed meanwhile");
        }
        shape_ = std::move(found);
        line_.resize(std::size_t{shape_.size.width} * pixel_bytes());
        return {};
    }

    [[nodiscard]] const PictureShape& shape() const override { return shape_; }

    Result<Pixels> read(const Crop& where) override {
        if (where.y < next_line_) {
            TRY_OK(open());
        }
        Pixels out{where.width, where.height, shape_.channels, shape_.largest, {}};
        out.values.reserve(std::size_t{where.width} * where.height * shape_.channels.size());
        while (next_line_ < where.y + where.height) {
            if (!decoder_->line(line_.data())) {
                return broken();
            }
            if (next_line_ >= where.y) {
                add_line(where, out.values);
            }
            ++next_line_;
        }
        return out;
    }

private:
    [[nodiscard]] std::size_t pixel_bytes() const { return shape_.channels.size() * (shape_.largest == 255 ? 1 : 2); }
    [[nodiscard]] std::unexpected<Error> broken() const {
        return fail(Code::kParse, path_.filename().string() + " is a broken PNG: " + decoder_->said());
    }
    void add_line(const Crop& where, std::vector<float>& out) const {
        const std::size_t from = where.x * pixel_bytes();
        const std::size_t to = from + where.width * pixel_bytes();
        const std::size_t step = shape_.largest == 255 ? 1 : 2;
        for (std::size_t at = from; at < to; at += step) {
            out.push_back(step == 1 ? static_cast<float>(line_[at])
                                    : static_cast<float>(line_[at] * 256U + line_[at + 1]));
        }
    }

    fs::path path_;
    File file_;
    std::unique_ptr<Decoder> decoder_;
    PictureShape shape_;
    std::vector<std::uint8_t> line_;
    std::uint32_t next_line_ = 0;
};

}  // namespace

Result<std::unique_ptr<PictureReader>> open_png(const fs::path& file) {
    auto out = std::make_unique<PngReader>(file);
    TRY_OK(out->open());
    return out;
}

Result<> write_png(const fs::path& file, PictureSize size, const std::vector<std::uint8_t>& pixels) {
    const fs::path fresh = file.string() + ".new";
    Encoder encoder;
    File opened{std::fopen(fresh.c_str(), "wb")};
    bool good = opened != nullptr && encoder.write(opened.get(), size, pixels.data());
    good = opened != nullptr && std::fclose(opened.release()) == 0 && good;
    std::error_code error;
    if (good) {
        fs::rename(fresh, file, error);
    }
    if (!good || error) {
        std::error_code ignored;
        fs::remove(fresh, ignored);
        return fail(Code::kIo, "cannot write " + file.string());
    }
    return {};
}

}  // namespace sublet::jobs
