// compare.cpp: compare/1. Spec: docs/spec/verification.md (comparison).
#include "jobs/compare.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdio>
#include <cstring>
#include <limits>
#include <optional>

#include "base/assert.hpp"

namespace sublet::jobs {
namespace {

namespace fs = std::filesystem;

constexpr double kLeastOfScale = 2.0 / 255.0;  // PNG: of full scale
constexpr double kLeastRelative = 0.02;        // OpenEXR: of the value
constexpr double kSlight = 0.1;                // of the least that counts
constexpr double kDark = 0.01;                 // and of a hundredth, where there is next to no light

// How pixels of one kind of picture are measured: in units of the least difference that counts.
class Measure {
public:
    explicit Measure(const Pixels& like)
        : channels_(like.channels.size()),
          largest_(like.largest),
          alpha_(like.largest != 0 && like.channels.back() == "A") {}

    [[nodiscard]] double between(const float* theirs, const float* own) const {
        double most = 0;
        for (std::size_t channel = 0; channel < channels_; ++channel) {
            const double wanted = value(own, channel);
            most = std::max(most, difference(value(theirs, channel), wanted));
        }
        return most;
    }
    // How far a pixel is from the middle of its neighbours.
    [[nodiscard]] double roughness(const float* left, const float* pixel, const float* right) const {
        double most = 0;
        for (std::size_t channel = 0; channel < channels_; ++channel) {
            const double wanted = (value(left, channel) + value(right, channel)) / 2;
            most = std::max(most, difference(value(pixel, channel), wanted));
        }
        return most;
    }
    [[nodiscard]] bool is_finite(const float* pixel) const {
        return std::all_of(pixel, pixel + channels_, [](float each) { return std::isfinite(each); });
    }
    [[nodiscard]] bool is_same(const float* a, const float* b) const {
        return std::memcmp(a, b, channels_ * sizeof(float)) == 0;
    }

private:
    // A PNG's colours as they look over black: where almost nothing covers a pixel its colour means nothing.
    [[nodiscard]] double value(const float* pixel, std::size_t channel) const {
        const double plain = pixel[channel];
        return alpha_ && channel + 1 < channels_ ? plain * pixel[channels_ - 1] / largest_ : plain;
    }
    [[nodiscard]] double difference(double value, double wanted) const {
        const double least = largest_ != 0 ? kLeastOfScale * largest_ : kLeastRelative * (std::abs(wanted) + kDark);
        return std::abs(value - wanted) / least;
    }

    std::size_t channels_;
    double largest_;  // 0: floats
    bool alpha_;
};

// More of `pixels` than one in `share`.
bool are_too_many(std::uint64_t differ, std::uint64_t pixels, std::uint32_t share) {
    return differ > kMinDiffer && differ * share > pixels;
}

bool is_quiet(const Measure& measure, const Pixels& own) {
    std::uint64_t rough = 0;
    std::uint64_t seen = 0;
    for (std::uint32_t y = 0; y < own.height; ++y) {
        for (std::uint32_t x = 1; x + 1 < own.width; ++x) {
            rough += measure.roughness(own.at(x - 1, y), own.at(x, y), own.at(x + 1, y)) > 1.0 ? 1U : 0U;
            ++seen;
        }
    }
    return !are_too_many(rough, seen, kDifferShare);
}

std::string percent(std::uint64_t part, std::uint64_t whole) {
    const std::uint64_t tenths = (part * 1'000 + whole - 1) / std::max<std::uint64_t>(whole, 1);
    return std::to_string(tenths / 10) + "." + std::to_string(tenths % 10) + " %";
}

std::string size_text(PictureSize size) { return std::to_string(size.width) + " x " + std::to_string(size.height); }

std::string place_text(const Crop& where) { return "at " + std::to_string(where.x) + ", " + std::to_string(where.y); }

std::uint64_t pixels_in(const Crop& where) { return std::uint64_t{where.width} * where.height; }

Comparison ended(Verdict verdict, std::string why) { return {.verdict = verdict, .tiles = {}, .says = std::move(why)}; }

// What does not fit together before any pixel is looked at; empty where all does.
std::string misfit(const PictureShape& theirs, const PictureShape& own) {
    if ((theirs.largest == 0) != (own.largest == 0)) {
        return own.largest == 0 ? "it is a PNG, an OpenEXR was asked for" : "it is an OpenEXR, a PNG was asked for";
    }
    if (theirs.channels != own.channels || theirs.largest != own.largest) {
        return "it has other channels than the task renders, or another depth of them";
    }
    return {};
}

// The worst tile speaks for all: a failure before what could not be told, before what is right.
void conclude(Comparison& out) {
    const auto rank = [](Verdict verdict) {
        return verdict == Verdict::kFail ? 2 : verdict == Verdict::kInconclusive ? 1U : 0U;
    };
    const auto weight = [](const TileResult& tile) {
        return (tile.differ * std::uint64_t{kDifferShare} + tile.slightly * std::uint64_t{kSlightShare}) * 1'000'000 /
               pixels_in(tile.where);
    };
    const TileResult* worst = nullptr;
    std::uint64_t failed = 0;
    for (const TileResult& each : out.tiles) {
        if (worst == nullptr || rank(each.verdict) > rank(worst->verdict) ||
            (each.verdict == worst->verdict && weight(each) > weight(*worst))) {
            worst = &each;
        }
        failed += each.verdict == Verdict::kFail ? 1U : 0U;
        out.noisy += each.quiet ? 0 : 1;
    }
    SUBLET_ASSERT(worst != nullptr);
    out.verdict = worst->verdict;
    const std::string most = percent(worst->differ, pixels_in(worst->where));
    const std::string all = std::to_string(out.tiles.size());
    if (out.verdict == Verdict::kPass) {
        out.says = "all " + all + " tiles are right, " + std::to_string(out.noisy) +
                   " of them with noise; of the worst " + most + " of the pixels differ, " +
                   percent(worst->slightly, pixels_in(worst->where)) + " slightly";
    } else if (out.verdict == Verdict::kFail) {
        out.says = std::to_string(failed) + " of " + all + " tiles are wrong; the worst, " + place_text(worst->where) +
                   ": " + worst->why;
    } else {
        out.says = "nothing can be said: " + worst->why;
    }
}

// Where within what was rendered of a crop the crop itself lies: it may have pixels around it.
std::optional<Crop> crop_within(PictureSize rendered, const Crop& crop, PictureSize whole) {
    const Crop plain{0, 0, crop.width, crop.height};
    if (rendered == PictureSize{crop.width, crop.height}) {
        return plain;
    }
    const std::uint32_t left = std::min(crop.x, kOverscan);
    const std::uint32_t top = std::min(crop.y, kOverscan);
    const std::uint32_t right = std::min(whole.width - crop.x - crop.width, kOverscan);
    const std::uint32_t bottom = std::min(whole.height - crop.y - crop.height, kOverscan);
    if (rendered == PictureSize{left + crop.width + right, top + crop.height + bottom}) {
        return Crop{left, top, crop.width, crop.height};
    }
    return std::nullopt;
}

TileResult failed_tile(const Crop& where, Verdict verdict, std::string why) {
    return {.where = where, .verdict = verdict, .why = std::move(why)};
}

TileResult compare_crop(PictureReader& theirs, const Crop& crop, const fs::path& file) {
    const auto own_side = [&](const std::string& why) {
        return failed_tile(crop, Verdict::kInconclusive, "the auditor's own crop: " + why);
    };
    const Result<std::unique_ptr<PictureReader>> opened = open_picture(file);
    if (!opened) {
        return own_side(opened.error().message);
    }
    const std::optional<Crop> inside = crop_within((*opened)->shape().size, crop, theirs.shape().size);
    if (!inside) {
        return own_side("it has " + size_text((*opened)->shape().size) + " pixels");
    }
    const Result<Pixels> own = (*opened)->read(*inside);
    if (!own) {
        return own_side(own.error().message);
    }
    if (const std::string why = misfit(theirs.shape(), (*opened)->shape()); !why.empty()) {
        return failed_tile(crop, Verdict::kFail, why);
    }
    const Result<Pixels> pixels = theirs.read(crop);
    if (!pixels) {
        return failed_tile(crop, Verdict::kFail, pixels.error().message);
    }
    TileResult out = compare_tile(*pixels, *own);
    out.where = crop;
    return out;
}

Pixels part_of(const Pixels& pixels, const Crop& where) {
    Pixels out{where.width, where.height, pixels.channels, pixels.largest, {}};
    out.values.reserve(std::size_t{where.width} * where.height * pixels.channels.size());
    for (std::uint32_t y = where.y; y < where.y + where.height; ++y) {
        const float* const from = pixels.at(where.x, y);
        out.values.insert(out.values.end(), from, from + where.width * pixels.channels.size());
    }
    return out;
}

}  // namespace

std::string_view verdict_name(Verdict verdict) {
    constexpr std::array<std::string_view, 3> kNames{"pass", "fail", "inconclusive"};
    return kNames.at(static_cast<std::size_t>(verdict));
}

double pixel_difference(const Pixels& theirs, const Pixels& own, std::uint32_t x, std::uint32_t y) {
    const Measure measure{own};
    const float* const a = theirs.at(x, y);
    const float* const b = own.at(x, y);
    const bool finite = measure.is_finite(a) && measure.is_finite(b);
    return measure.is_same(a, b) ? 0.0 : finite ? measure.between(a, b) : std::numeric_limits<double>::infinity();
}

TileResult compare_tile(const Pixels& theirs, const Pixels& own) {
    SUBLET_ASSERT(theirs.width == own.width && theirs.height == own.height && theirs.channels == own.channels &&
                  theirs.largest == own.largest && own.width > 0 && own.height > 0);
    const Measure measure{own};
    TileResult out{.where = {0, 0, own.width, own.height}};
    bool theirs_broken = false;
    bool own_broken = false;
    for (std::uint32_t y = 0; y < own.height; ++y) {
        for (std::uint32_t x = 0; x < own.width; ++x) {
            const float* const a = theirs.at(x, y);
            const float* const b = own.at(x, y);
            if (measure.is_same(a, b)) {
                continue;
            }
            theirs_broken = theirs_broken || (!measure.is_finite(a) && measure.is_finite(b));
            own_broken = own_broken || (measure.is_finite(a) && !measure.is_finite(b));
            if (measure.is_finite(a) && measure.is_finite(b)) {
                const double difference = measure.between(a, b);
                out.largest = std::max(out.largest, difference);
                out.differ += difference > 1.0 ? 1U : 0U;
                out.slightly += difference > kSlight ? 1U : 0U;
            }
        }
    }
    const std::uint64_t pixels = pixels_in(out.where);
    out.quiet = is_quiet(measure, own);
    if (theirs_broken) {
        out.verdict = Verdict::kFail;
        out.why = "it has pixels that are no numbers";
    } else if (are_too_many(out.differ, pixels, kDifferShare)) {
        out.verdict = Verdict::kFail;
        out.why = percent(out.differ, pixels) + " of its pixels differ, 1 % may";
    } else if (are_too_many(out.slightly, pixels, kSlightShare)) {
        out.verdict = Verdict::kFail;
        out.why = percent(out.slightly, pixels) + " of its pixels differ slightly, 5 % may";
    } else if (own_broken) {
        out.verdict = Verdict::kInconclusive;
        out.why = "the auditor's own pixels are no numbers";
    }
    return out;
}

Comparison compare_crops(const fs::path& theirs, PictureSize size, const std::vector<Crop>& crops,
                         const std::vector<fs::path>& own) {
    const auto fits = [&](const Crop& each) {
        return std::uint64_t{each.x} + each.width <= size.width && std::uint64_t{each.y} + each.height <= size.height;
    };
    if (crops.empty() || crops.size() > kMaxCrops || own.size() != crops.size() || !std::ranges::all_of(crops, fits)) {
        return ended(Verdict::kInconclusive, "the auditor did not render the crops that were drawn");
    }
    const Result<std::unique_ptr<PictureReader>> opened = open_picture(theirs);
    if (!opened) {
        return ended(Verdict::kFail, opened.error().message);
    }
    if ((*opened)->shape().size != size) {
        return ended(Verdict::kFail,
                     "it has " + size_text((*opened)->shape().size) + " pixels, the task renders " + size_text(size));
    }
    Comparison out;
    for (std::size_t i = 0; i < crops.size(); ++i) {
        out.tiles.push_back(compare_crop(**opened, crops[i], own[i]));
    }
    conclude(out);
    return out;
}

Comparison compare_pictures(const fs::path& theirs, const fs::path& own) {
    const Result<std::unique_ptr<PictureReader>> wanted = open_picture(own);
    if (!wanted) {
        return ended(Verdict::kInconclusive, "what it is compared with: " + wanted.error().message);
    }
    const Result<std::unique_ptr<PictureReader>> opened = open_picture(theirs);
    if (!opened) {
        return ended(Verdict::kFail, opened.error().message);
    }
    const PictureSize size = (*wanted)->shape().size;
    if ((*opened)->shape().size != size) {
        return ended(Verdict::kFail,
                     "it has " + size_text((*opened)->shape().size) + " pixels, the other " + size_text(size));
    }
    if (std::string why = misfit((*opened)->shape(), (*wanted)->shape()); !why.empty()) {
        return ended(Verdict::kFail, std::move(why));
    }
    Comparison out;
    for (std::uint32_t y = 0; y < size.height; y += kCompareTile) {
        // Tiles of a band are read together: a PNG goes downwards alone.
        const Crop band{0, y, size.width, std::min(kCompareTile, size.height - y)};
        const Result<Pixels> right = (*wanted)->read(band);
        if (!right) {
            return ended(Verdict::kInconclusive, "what it is compared with: " + right.error().message);
        }
        const Result<Pixels> seen = (*opened)->read(band);
        if (!seen) {
            return ended(Verdict::kFail, seen.error().message);
        }
        for (std::uint32_t x = 0; x < size.width; x += kCompareTile) {
            const Crop tile{x, 0, std::min(kCompareTile, size.width - x), band.height};
            out.tiles.push_back(compare_tile(part_of(*seen, tile), part_of(*right, tile)));
            out.tiles.back().where = {x, y, tile.width, tile.height};
        }
    }
    conclude(out);
    return out;
}

}  // namespace sublet::jobs
