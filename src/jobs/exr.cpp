// exr.cpp: reads and writes bands of lines, so that the memory needed does not depend on an image's height.
#include "jobs/exr.hpp"

#include <OpenEXR/ImfChannelList.h>
#include <OpenEXR/ImfFrameBuffer.h>
#include <OpenEXR/ImfHeader.h>
#include <OpenEXR/ImfInputFile.h>
#include <OpenEXR/ImfMultiPartInputFile.h>
#include <OpenEXR/ImfOutputFile.h>
#include <OpenEXR/ImfPartType.h>
#include <OpenEXR/ImfStandardAttributes.h>

#include <algorithm>
#include <functional>
#include <map>

#include "jobs/exr_header.hpp"

namespace sublet::jobs {
namespace {

namespace fs = std::filesystem;

constexpr std::uint32_t kBandLines = 32;       // two blocks of ZIP, one of PIZ
constexpr std::uint32_t kMaxBlockLines = 256;  // of DWAB, the largest

// What OpenEXR throws, as an error that names the file.
template <class Work>
auto guarded(const fs::path& file, Code code, const Work& work) -> decltype(work()) {
    try {
        return work();
    } catch (const std::exception& error) {
        std::string said = error.what();
        said.resize(std::min<std::size_t>(said.size(), 300));
        return fail(code, file.string() + ": " + said);
    }
}

Result<ExrShape> shape_of(const Imf::Header& header, const fs::path& file) {
    if (header.hasType() && Imf::isDeepData(header.type())) {
        return fail(Code::kUnsupported, file.string() + " holds deep pixels, which cannot be put together");
    }
    if (header.hasTileDescription()) {  // whose size a file chooses, and with it how much memory a line takes
        return fail(Code::kUnsupported, file.string() + " is cut into tiles inside, which Blender does not do");
    }
    const Imath::Box2i& window = header.dataWindow();
    const std::int64_t width = std::int64_t{window.max.x} - window.min.x + 1;
    const std::int64_t height = std::int64_t{window.max.y} - window.min.y + 1;
    if (width < 1 || height < 1) {
        return fail(Code::kParse, file.string() + " has no pixels");
    }
    if (width > kMaxImageSide || height > kMaxImageSide ||
        static_cast<std::uint64_t>(width * height) > kMaxImagePixels) {
        return fail(Code::kTooLarge, file.string() + " has " + std::to_string(width) + " x " + std::to_string(height) +
                                         " pixels: a side has at most " + std::to_string(kMaxImageSide) +
                                         ", an image " + std::to_string(kMaxImagePixels));
    }
    ExrShape out{static_cast<std::uint32_t>(width), static_cast<std::uint32_t>(height), {}};
    for (auto each = header.channels().begin(); each != header.channels().end(); ++each) {
        if (each.channel().type == Imf::UINT || each.channel().xSampling != 1 || each.channel().ySampling != 1) {
            return fail(Code::kUnsupported,
                        file.string() + ": channel " + each.name() + " has integers or is subsampled");
        }
        out.channels.emplace_back(each.name());
        if (out.channels.size() > kMaxImageChannels) {
            return fail(Code::kTooLarge,
                        file.string() + " has more than " + std::to_string(kMaxImageChannels) + " channels");
        }
    }
    if (out.channels.empty()) {
        return fail(Code::kParse, file.string() + " has no channels");
    }
    if (out.channels.size() * sizeof(float) * out.width > kMaxImageLineBytes) {
        return fail(Code::kTooLarge,
                    file.string() + ": a line has more than " + std::to_string(kMaxImageLineBytes) + " bytes");
    }
    return out;
}

// Lines as they lie in memory: channel after channel within a line.
struct Band {
    std::uint32_t width = 0;  // of the whole image
    std::vector<std::string> channels;
    std::vector<float> values;

    [[nodiscard]] std::size_t line_floats() const { return std::size_t{width} * channels.size(); }
    // For a file's `lines` of `its_width` pixels whose first one it calls `origin`; it goes to column x of line y here.
    Imf::FrameBuffer buffer(Imath::V2i origin, std::uint32_t its_width, std::uint32_t lines, std::uint32_t x = 0,
                            std::uint32_t y = 0) {
        Imf::FrameBuffer out;
        for (std::size_t i = 0; i < channels.size(); ++i) {
            float* begin = values.data() + y * line_floats() + i * width + x;
            out.insert(channels[i], Imf::Slice::Make(Imf::FLOAT, begin, origin, its_width, lines, sizeof(float),
                                                     line_floats() * sizeof(float)));
        }
        return out;
    }
};

struct Piece {
    fs::path file;
    ExrShape shape;
};

Result<Piece> piece_of(const fs::path& file) {
    TRY(shape, exr_shape(file));
    return Piece{file, std::move(shape)};
}

// `first`: of the piece's own lines, from its top; they go to column x, line y of the band. The file may have changed
// since it was looked at: its shape is compared.
Result<> read_band(const Piece& piece, std::uint32_t first, std::uint32_t lines, Band& band, std::uint32_t x = 0,
                   std::uint32_t y = 0) {
    return guarded(piece.file, Code::kParse, [&]() -> Result<> {
        Imf::InputFile file{piece.file.c_str(), 1};
        TRY(shape, shape_of(file.header(), piece.file));
        if (shape != piece.shape) {
            return fail(Code::kConflict, piece.file.string() + " has changed meanwhile");
        }
        const Imath::Box2i window = file.header().dataWindow();
        const int top = window.min.y + static_cast<int>(first);
        file.setFrameBuffer(band.buffer({window.min.x, top}, shape.width, lines, x, y));
        file.readPixels(top, top + static_cast<int>(lines) - 1);
        return {};
    });
}

// Lines that are unpacked together, whatever is asked for.
std::uint64_t lines_of_block(const fs::path& file) {
    const Result<Imf::Compression> codec = guarded(file, Code::kParse, [&]() -> Result<Imf::Compression> {
        return Imf::InputFile{file.c_str(), 1}.header().compression();
    });
    const bool unpacked_by_line =
        codec && (*codec == Imf::NO_COMPRESSION || *codec == Imf::RLE_COMPRESSION || *codec == Imf::ZIPS_COMPRESSION);
    const bool zip = codec && (*codec == Imf::ZIP_COMPRESSION || *codec == Imf::PXR24_COMPRESSION);
    const bool large = !codec || *codec == Imf::DWAB_COMPRESSION;
    return unpacked_by_line ? 1 : zip ? 16 : large ? kMaxBlockLines : 32;
}

using FillBand = std::function<Result<>(std::uint32_t first, std::uint32_t lines, Band& band)>;

// Beside `out` and renamed, so that an image is whole or not there.
Result<> write_image(const ExrShape& shape, const fs::path& out, const FillBand& fill) {
    const fs::path fresh = out.string() + ".new";
    const auto write = [&]() -> Result<> {
        Imf::Header header{static_cast<int>(shape.width), static_cast<int>(shape.height)};
        header.compression() = Imf::ZIP_COMPRESSION;
        for (const std::string& each : shape.channels) {
            header.channels().insert(each, Imf::Channel{Imf::FLOAT});
        }
        Imf::OutputFile file{fresh.c_str(), header, 1};
        Band band{shape.width, shape.channels, {}};
        band.values.resize(band.line_floats() * kBandLines);
        for (std::uint32_t first = 0; first < shape.height; first += kBandLines) {
            const std::uint32_t lines = std::min(kBandLines, shape.height - first);
            TRY_OK(fill(first, lines, band));
            file.setFrameBuffer(band.buffer({0, static_cast<int>(first)}, shape.width, lines));
            file.writePixels(static_cast<int>(lines));
        }
        return {};
    };
    Result<> done = guarded(out, Code::kIo, write);
    std::error_code error;
    if (done) {
        fs::rename(fresh, out, error);
        done = error ? fail(Code::kIo, "cannot write " + out.string() + ": " + error.message()) : Result<>{};
    }
    if (!done) {
        fs::remove(fresh, error);
    }
    return done;
}

// Blender's names: "Depth.Z", "ViewLayer.CryptoObject00.R"; a lone depth is "Z".
bool is_no_mean(const std::string& channel) {
    const auto has = [&](std::string_view word) { return channel.find(word) != std::string::npos; };
    return channel == "Z" || has("Depth.") || has("IndexOB.") || has("IndexMA.") || has("Crypto");
}

// Weighs and sums an image's lines; the last step makes means of the sums.
class Mean {
public:
    void begin(const Band& band, std::uint32_t lines) { sums_.assign(band.line_floats() * lines, 0.0); }
    void add(const Band& band, std::uint64_t weight, bool first) {
        each_run(band, [&](std::size_t from, std::size_t to, bool kept) {
            const double factor = !kept ? static_cast<double>(weight) : (first ? 1.0 : 0.0);
            for (std::size_t at = from; factor != 0.0 && at < to; ++at) {
                sums_[at] += band.values[at] * factor;
            }
        });
    }
    void finish(Band& band, std::uint64_t total) const {
        each_run(band, [&](std::size_t from, std::size_t to, bool kept) {
            for (std::size_t at = from; at < to; ++at) {
                band.values[at] = static_cast<float>(kept ? sums_[at] : sums_[at] / static_cast<double>(total));
            }
        });
    }

private:
    // A run: one channel's values in one line.
    template <class Run>
    void each_run(const Band& band, const Run& run) const {
        for (std::size_t from = 0, i = 0; from < sums_.size(); from += band.width, ++i) {
            run(from, from + band.width, is_no_mean(band.channels[i % band.channels.size()]));
        }
    }
    std::vector<double> sums_;
};

Result<std::vector<Piece>> pieces_of(const std::vector<fs::path>& files) {
    if (files.empty() || files.size() > kMaxImages) {
        return fail(Code::kTooLarge,
                    "1 to " + std::to_string(kMaxImages) + " images become one, not " + std::to_string(files.size()));
    }
    std::vector<Piece> out;
    for (const fs::path& each : files) {
        TRY(piece, piece_of(each));
        if (!out.empty() && piece.shape.channels != out.front().shape.channels) {
            return fail(Code::kConflict, each.string() + " has other channels than " + files.front().string());
        }
        out.push_back(std::move(piece));
    }
    return out;
}

std::string size_text(const ExrShape& shape) {
    return std::to_string(shape.width) + " x " + std::to_string(shape.height);
}

}  // namespace

Result<ExrShape> exr_shape(const fs::path& file) {
    std::error_code error;
    if (!fs::is_regular_file(file, error)) {
        return fail(Code::kNotFound, "there is no file " + file.string());
    }
    TRY_OK(check_exr_header(file));
    return guarded(file, Code::kParse, [&]() -> Result<ExrShape> {
        const Imf::MultiPartInputFile opened{file.c_str(), 1};
        if (opened.parts() != 1) {
            return fail(Code::kUnsupported, file.string() + " has more than one part");
        }
        return shape_of(opened.header(0), file);
    });
}

Result<> exr_is_whole(const fs::path& file) {
    TRY(piece, piece_of(file));
    Band band{piece.shape.width, piece.shape.channels, {}};
    if (band.line_floats() * sizeof(float) * kMaxBlockLines > kMaxExrBlockBytes) {
        return {};
    }
    band.values.resize(band.line_floats());
    return read_band(piece, piece.shape.height - 1, 1, band);
}

Result<> read_exr_lines(const fs::path& file, const ExrShape& shape, std::uint32_t first, std::uint32_t lines,
                        std::vector<float>& out) {
    Band band{shape.width, shape.channels, std::move(out)};
    if (lines_of_block(file) * band.line_floats() * sizeof(float) > kMaxExrBlockBytes) {
        return fail(Code::kTooLarge, file.string() + " has too much in one block: write it with the codec ZIP");
    }
    band.values.resize(band.line_floats() * lines);
    const Result<> read = read_band({file, shape}, first, lines, band);
    out = std::move(band.values);
    return read;
}

Result<> average_exr(const std::vector<WeightedImage>& images, const fs::path& out) {
    std::vector<fs::path> files;
    std::uint64_t total = 0;
    for (const WeightedImage& each : images) {
        files.push_back(each.file);
        total += each.weight;
    }
    TRY(pieces, pieces_of(files));
    const ExrShape shape = pieces.front().shape;
    for (const Piece& each : pieces) {
        if (each.shape != shape) {
            return fail(Code::kConflict, each.file.string() + " has " + size_text(each.shape) + " pixels, " +
                                             files.front().string() + " has " + size_text(shape));
        }
    }
    Mean mean;
    const FillBand fill = [&](std::uint32_t first, std::uint32_t lines, Band& band) -> Result<> {
        mean.begin(band, lines);
        for (std::size_t i = 0; i < pieces.size(); ++i) {
            TRY_OK(read_band(pieces[i], first, lines, band));
            mean.add(band, images[i].weight, i == 0);
        }
        mean.finish(band, total);
        return {};
    };
    return write_image(shape, out, fill);
}

Result<> mosaic_exr(const std::vector<fs::path>& tiles, std::uint32_t columns, std::uint32_t rows,
                    const fs::path& out) {
    TRY(pieces, pieces_of(tiles));
    if (pieces.size() != std::uint64_t{columns} * rows) {
        return fail(Code::kConflict, std::to_string(tiles.size()) + " tiles are no " + std::to_string(columns) +
                                         " columns and " + std::to_string(rows) + " rows");
    }
    ExrShape shape{0, 0, pieces.front().shape.channels};
    for (std::uint32_t column = 0; column < columns; ++column) {
        shape.width += pieces[column].shape.width;
    }
    for (std::uint32_t row = 0; row < rows; ++row) {
        shape.height += pieces[std::size_t{row} * columns].shape.height;
    }
    for (std::size_t i = 0; i < pieces.size(); ++i) {
        const ExrShape& tile = pieces[i].shape;
        if (tile.width != pieces[i % columns].shape.width ||
            tile.height != pieces[i / columns * columns].shape.height) {
            return fail(Code::kConflict, pieces[i].file.string() + " has " + size_text(tile) +
                                             " pixels, which do not fit beside its neighbours'");
        }
    }
    if (shape.width > kMaxImageSide || shape.height > kMaxImageSide ||
        std::uint64_t{shape.width} * shape.height > kMaxImagePixels ||
        shape.channels.size() * sizeof(float) * shape.width > kMaxImageLineBytes) {
        return fail(Code::kTooLarge, "the tiles together are an image of " + size_text(shape) + " pixels");
    }
    const FillBand fill = [&](std::uint32_t first, std::uint32_t lines, Band& band) -> Result<> {
        std::uint32_t top = 0;
        for (std::uint32_t row = 0; row < rows; ++row) {
            const std::uint32_t height = pieces[std::size_t{row} * columns].shape.height;
            const std::uint32_t from = std::max(first, top);
            const std::uint32_t to = std::min(first + lines, top + height);
            std::uint32_t x = 0;
            for (std::uint32_t column = 0; from < to && column < columns; ++column) {
                const Piece& piece = pieces[std::size_t{row} * columns + column];
                TRY_OK(read_band(piece, from - top, to - from, band, x, from - first));
                x += piece.shape.width;
            }
            top += height;
        }
        return {};
    };
    return write_image(shape, out, fill);
}

}  // namespace sublet::jobs
