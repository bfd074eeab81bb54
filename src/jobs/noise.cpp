// noise.cpp: noise in log luminance, by blocks. Spec: docs/spec/verification.md (noise, cross-check).
#include "jobs/noise.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstring>
#include <functional>
#include <optional>

#include "base/assert.hpp"
#include "jobs/pixels.hpp"

namespace sublet::jobs {
namespace {

namespace fs = std::filesystem;

constexpr double kDarkLuminance = 0.001;  // added, so that black has a logarithm
constexpr double kNoNoise = 0.002;        // a block with less in log luminance tells nothing
constexpr std::size_t kFewestBlocks = 12;
// How far a part may be from the middle of all: so many times what parts differ by themselves, and at least so much.
constexpr double kLearned = 6;
constexpr double kLeastRatio = 0.06;
constexpr double kLeastSpread = 0.25;  // in its logarithm
constexpr double kLeastSmooth = 0.08;
constexpr double kLeastShift = 0.02;

using Plane = std::vector<float>;  // one value a pixel, line by line

std::size_t channel_of(const std::vector<std::string>& channels, const std::string& name) {
    const auto found = std::ranges::find_if(
        channels, [&](const std::string& each) { return each == name || each.ends_with("Combined." + name); });
    return found == channels.end() ? 0 : static_cast<std::size_t>(found - channels.begin());
}

Plane log_luminance(const Pixels& pixels) {
    const std::array<std::size_t, 3> which{channel_of(pixels.channels, "R"), channel_of(pixels.channels, "G"),
                                           channel_of(pixels.channels, "B")};
    const double scale = pixels.largest == 0 ? 1.0 : 1.0 / pixels.largest;
    Plane out;
    out.reserve(std::size_t{pixels.width} * pixels.height);
    for (std::uint32_t y = 0; y < pixels.height; ++y) {
        for (std::uint32_t x = 0; x < pixels.width; ++x) {
            const float* const at = pixels.at(x, y);
            const double light = scale * (0.2126 * at[which[0]] + 0.7152 * at[which[1]] + 0.0722 * at[which[2]]);
            const double shown = std::isfinite(light) ? std::max(light, 0.0) : 0.0;
            out.push_back(static_cast<float>(std::log(shown + kDarkLuminance)));
        }
    }
    return out;
}

// Needs: not empty.
double quantile(std::vector<double> values, double at) {
    const auto nth = static_cast<std::ptrdiff_t>(at * static_cast<double>(values.size() - 1) + 0.5);
    std::ranges::nth_element(values, values.begin() + nth);
    return values[static_cast<std::size_t>(nth)];
}

// --- where a picture is noisy

Result<> add_pair(const NoisePair& pair, NoiseMap& map, std::vector<double>& most) {
    TRY(first, open_picture(pair.first));
    TRY(second, open_picture(pair.second));
    const PictureSize size = first->shape().size;
    if (first->shape() != second->shape()) {
        return fail(Code::kConflict, "two renders of one frame have other sizes or channels");
    }
    const std::uint32_t columns = std::min(kNoiseMapCells, size.width);
    const std::uint32_t rows = std::min(kNoiseMapCells, size.height);
    if (most.empty()) {
        map.columns = columns;
        map.rows = rows;
        most.assign(std::size_t{columns} * rows, 0.0);
    }
    if (map.columns != columns || map.rows != rows) {
        return fail(Code::kConflict, "frames of other sizes have no noise map together");
    }
    const auto cut = [](std::uint64_t side, std::uint64_t parts, std::uint64_t at) {
        return static_cast<std::uint32_t>(side * at / parts);
    };
    for (std::uint32_t row = 0; row < rows; ++row) {
        const std::uint32_t top = cut(size.height, rows, row);
        const Crop band{0, top, size.width, cut(size.height, rows, row + 1ULL) - top};
        TRY(a, first->read(band));
        TRY(b, second->read(band));
        const Plane left = log_luminance(a);
        const Plane right = log_luminance(b);
        for (std::uint32_t column = 0; column < columns; ++column) {
            const std::uint32_t from = cut(size.width, columns, column);
            const std::uint32_t to = cut(size.width, columns, column + 1ULL);
            double sum = 0;
            for (std::uint32_t y = 0; y < band.height; ++y) {
                for (std::uint32_t x = from; x < to; ++x) {
                    const std::size_t at = std::size_t{y} * size.width + x;
                    sum += std::abs(static_cast<double>(left[at]) - right[at]);
                }
            }
            double& cell = most[std::size_t{row} * columns + column];
            cell = std::max(cell, sum / (static_cast<double>(to - from) * band.height));
        }
    }
    return {};
}

// --- parts against each other

struct Block {
    double noise = 0;         // mean of absolute residuals
    double shift = 0;         // mean of residuals
    double along = 0;         // sum of products of neighbours' residuals
    double squares = 0;       // sum of squares of those that have a neighbour
    std::uint64_t print = 0;  // of its very values
};

std::uint64_t print_of(std::uint64_t before, float value) {
    std::uint32_t bits = 0;
    std::memcpy(&bits, &value, sizeof bits);
    return (before ^ bits) * 1'099'511'628'211ULL;
}

// blocks[part][block]
using Blocks = std::vector<std::vector<Block>>;

void add_band(const std::vector<Plane>& planes, const std::vector<RangePart>& parts, std::uint32_t width,
              std::uint32_t step, Blocks& blocks) {
    std::uint64_t total = 0;
    for (const RangePart& each : parts) {
        total += each.samples;
    }
    for (std::uint32_t from = 0; from + kCrossBlock <= width; from += kCrossBlock * step) {
        std::vector<Block> found(parts.size());
        std::vector<double> before(parts.size());
        for (std::uint32_t y = 0; y < kCrossBlock; ++y) {
            for (std::uint32_t x = from; x < from + kCrossBlock; ++x) {
                const std::size_t at = std::size_t{y} * width + x;
                double sum = 0;
                for (std::size_t part = 0; part < parts.size(); ++part) {
                    sum += static_cast<double>(parts[part].samples) * planes[part][at];
                }
                for (std::size_t part = 0; part < parts.size(); ++part) {
                    const auto own = static_cast<double>(parts[part].samples);
                    const double others = static_cast<double>(total) - own;
                    const double rest = (sum - own * planes[part][at]) / others;
                    const double residual = planes[part][at] - rest;
                    // What the residual of as many samples is by chance.
                    const double by_chance = std::sqrt(1.0 / own + 1.0 / others);
                    found[part].noise += std::abs(residual) / by_chance;
                    found[part].shift += residual;
                    found[part].along += x == from ? 0.0 : residual * before[part];
                    found[part].squares += x == from ? 0.0 : residual * residual;
                    before[part] = residual;
                    found[part].print = print_of(found[part].print, planes[part][at]);
                }
            }
        }
        constexpr double kPixels = kCrossBlock * kCrossBlock;
        for (std::size_t part = 0; part < parts.size(); ++part) {
            found[part].noise /= kPixels;
            found[part].shift /= kPixels;
            blocks[part].push_back(found[part]);
        }
    }
}

Result<Blocks> read_blocks(const std::vector<RangePart>& parts) {
    std::vector<std::unique_ptr<PictureReader>> readers;
    for (const RangePart& each : parts) {
        TRY(reader, open_picture(each.file));
        if (!readers.empty() && readers.front()->shape() != reader->shape()) {
            return fail(Code::kConflict, "parts of one image have other sizes or channels");
        }
        readers.push_back(std::move(reader));
    }
    const PictureSize size = readers.front()->shape().size;
    const std::uint64_t all = std::uint64_t{size.width / kCrossBlock} * (size.height / kCrossBlock);
    const auto step = static_cast<std::uint32_t>(
        std::ceil(std::sqrt(static_cast<double>(std::max(all, kMaxCrossBlocks)) / kMaxCrossBlocks)));
    Blocks out(parts.size());
    std::vector<Plane> planes(parts.size());
    for (std::uint32_t y = 0; y + kCrossBlock <= size.height; y += kCrossBlock * step) {
        for (std::size_t part = 0; part < parts.size(); ++part) {
            TRY(pixels, readers[part]->read({0, y, size.width, kCrossBlock}));
            planes[part] = log_luminance(pixels);
        }
        add_band(planes, parts, size.width, step, out);
    }
    return out;
}

// The part that has most of this one's noisy blocks, value by value.
std::size_t twin_of(const Blocks& blocks, const std::vector<std::size_t>& noisy, std::size_t part) {
    for (std::size_t other = 0; other < blocks.size(); ++other) {
        const auto same = std::ranges::count_if(
            noisy, [&](std::size_t at) { return blocks[part][at].print == blocks[other][at].print; });
        if (other != part && 2 * static_cast<std::size_t>(same) > noisy.size()) {
            return other;
        }
    }
    return part;
}

std::vector<PartNoise> measure(const Blocks& blocks) {
    std::vector<std::size_t> noisy;
    std::vector<double> usual;
    for (std::size_t at = 0; at < blocks.front().size(); ++at) {
        std::vector<double> all;
        for (const auto& part : blocks) {
            all.push_back(part[at].noise);
        }
        usual.push_back(quantile(std::move(all), 0.5));
        if (usual.back() > kNoNoise) {
            noisy.push_back(at);
        }
    }
    std::vector<PartNoise> out;
    if (noisy.size() < kFewestBlocks) {
        return out;
    }
    for (std::size_t part = 0; part < blocks.size(); ++part) {
        std::vector<double> ratios;
        std::vector<double> shifts;
        std::vector<double> alike;
        for (const std::size_t at : noisy) {
            ratios.push_back(blocks[part][at].noise / usual[at]);
            shifts.push_back(blocks[part][at].shift);
            alike.push_back(blocks[part][at].along / std::max(blocks[part][at].squares, 1e-12));
        }
        out.push_back({.part = static_cast<std::uint32_t>(part),
                       .ratio = quantile(ratios, 0.5),
                       .spread = quantile(ratios, 0.9) / std::max(quantile(ratios, 0.1), 0.01),
                       .smooth = quantile(alike, 0.5),
                       .low = quantile(shifts, 0.05),
                       .high = quantile(shifts, 0.95),
                       .same_as = static_cast<std::uint32_t>(twin_of(blocks, noisy, part))});
    }
    return out;
}

std::string percent_of(double ratio) { return std::to_string(std::lround(ratio * 100)) + " %"; }

// How far each value is from the middle, in units of what is allowed: more than 1 is too far.
std::vector<double> strangeness(const std::vector<double>& values, double least) {
    const double middle = quantile(values, 0.5);
    std::vector<double> off;
    for (const double each : values) {
        off.push_back(std::abs(each - middle));
    }
    const double allowed = std::max(least, kLearned * 1.4826 * quantile(off, 0.5));
    for (double& each : off) {
        each /= allowed;
    }
    return off;
}

std::vector<SuspiciousPart> judge(const std::vector<PartNoise>& parts) {
    if (parts.empty()) {
        return {};
    }
    const auto each = [&](double (*value)(const PartNoise&), double least) {
        std::vector<double> values;
        std::ranges::transform(parts, std::back_inserter(values), value);
        return strangeness(values, least);
    };
    const auto ratio = each([](const PartNoise& part) { return part.ratio; }, kLeastRatio);
    const auto spread = each([](const PartNoise& part) { return std::log(part.spread); }, kLeastSpread);
    const auto smooth = each([](const PartNoise& part) { return part.smooth; }, kLeastSmooth);
    const auto low = each([](const PartNoise& part) { return part.low; }, kLeastShift);
    const auto high = each([](const PartNoise& part) { return part.high; }, kLeastShift);
    std::vector<SuspiciousPart> out;
    for (std::size_t i = 0; i < parts.size(); ++i) {
        std::string why;
        if (parts[i].same_as != parts[i].part) {
            why = "it is a copy of part " + std::to_string(parts[i].same_as + 1);
        } else if (smooth[i] > 1) {
            why = "neighbouring pixels have the same noise: it was smoothed, or rendered smaller";
        } else if (ratio[i] > 1) {
            why = "it has " + percent_of(parts[i].ratio) + " of the noise of the others: " +
                  (parts[i].ratio > 1 ? "fewer samples than it should" : "it is not what it says");
        } else if (spread[i] > 1 || low[i] > 1 || high[i] > 1) {
            why = "its noise lies otherwise than that of the others: it is of something else";
        }
        if (!why.empty()) {
            out.push_back({parts[i].part, std::move(why)});
        }
    }
    return out;
}

// Even groups of at most kMaxCrossChecked.
template <class Run>
Result<> each_group(const std::map<std::uint32_t, RangePart>& parts, const Run& run) {
    if (parts.size() < kMinCrossChecked) {
        return {};
    }
    const std::size_t groups = (parts.size() + kMaxCrossChecked - 1) / kMaxCrossChecked;
    auto at = parts.begin();
    for (std::size_t group = 0; group < groups; ++group) {
        const std::size_t count = parts.size() * (group + 1) / groups - parts.size() * group / groups;
        std::vector<std::uint32_t> numbers;
        std::vector<RangePart> members;
        for (std::size_t i = 0; i < count; ++i, ++at) {
            numbers.push_back(at->first);
            members.push_back(at->second);
        }
        TRY(blocks, read_blocks(members));
        std::vector<PartNoise> found = measure(blocks);
        for (PartNoise& each : found) {
            each.part = numbers[each.part];
            each.same_as = numbers[each.same_as];
        }
        run(std::move(found));
    }
    return {};
}

}  // namespace

Result<NoiseMap> noise_map(const std::vector<NoisePair>& pairs) {
    if (pairs.size() > kMaxNoisePictures) {
        return fail(Code::kTooLarge, "a noise map is made of at most " + std::to_string(kMaxNoisePictures) + " frames");
    }
    NoiseMap out;
    std::vector<double> most;
    for (const NoisePair& each : pairs) {
        TRY_OK(add_pair(each, out, most));
    }
    const double largest = most.empty() ? 0.0 : *std::ranges::max_element(most);
    if (!(largest > 0)) {
        return fail(Code::kBadField, "the picture has no noise");
    }
    for (const double each : most) {
        out.weights.push_back(static_cast<std::uint8_t>(1 + std::lround(254 * each / largest)));
    }
    return out;
}

Result<std::vector<PartNoise>> part_noise(const std::map<std::uint32_t, RangePart>& parts) {
    std::vector<PartNoise> out;
    TRY_OK(each_group(parts, [&](std::vector<PartNoise> found) { std::ranges::move(found, std::back_inserter(out)); }));
    return out;
}

Result<std::vector<SuspiciousPart>> cross_check(const std::map<std::uint32_t, RangePart>& parts) {
    std::vector<SuspiciousPart> out;
    TRY_OK(each_group(
        parts, [&](const std::vector<PartNoise>& found) { std::ranges::move(judge(found), std::back_inserter(out)); }));
    return out;
}

}  // namespace sublet::jobs
