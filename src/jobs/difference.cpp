// difference.cpp: shrinks two pictures band by band and paints what differs beside them.
#include "jobs/difference.hpp"

#include <algorithm>
#include <array>
#include <cmath>

#include "jobs/compare.hpp"

namespace sublet::jobs {
namespace {

namespace fs = std::filesystem;

constexpr std::uint32_t kGap = 4;  // pixels between panels
using Color = std::array<std::uint8_t, 3>;

Color heat_of(double difference) {
    struct Step {
        double at;
        Color color;
    };
    constexpr std::array<Step, 4> kSteps{
        {{0.1, {30, 60, 200}}, {1.0, {255, 220, 0}}, {10.0, {255, 0, 0}}, {1e9, {255, 0, 0}}}};
    if (!(difference > 0)) {
        return {0, 0, 0};
    }
    if (difference <= kSteps[0].at) {
        return {10, 20, 60};
    }
    for (std::size_t at = 1; at < kSteps.size(); ++at) {
        if (difference <= kSteps[at].at) {
            const double part = std::log(difference / kSteps[at - 1].at) / std::log(kSteps[at].at / kSteps[at - 1].at);
            Color out{};
            for (std::size_t i = 0; i < out.size(); ++i) {
                const double from = kSteps[at - 1].color[i];
                out[i] = static_cast<std::uint8_t>(from + (kSteps[at].color[i] - from) * part);
            }
            return out;
        }
    }
    return kSteps.back().color;
}

// Which channels are shown as red, green and blue.
std::array<std::size_t, 3> shown(const std::vector<std::string>& channels) {
    const auto ending = [&](const std::string& name) {
        const auto found = std::ranges::find_if(
            channels, [&](const std::string& each) { return each == name || each.ends_with("Combined." + name); });
        return found == channels.end() ? std::size_t{0} : static_cast<std::size_t>(found - channels.begin());
    };
    return {ending("R"), ending("G"), ending("B")};
}

Color color_of(const Pixels& pixels, std::uint32_t x, std::uint32_t y, const std::array<std::size_t, 3>& which) {
    Color out{};
    for (std::size_t i = 0; i < out.size(); ++i) {
        const double value = pixels.at(x, y)[which[i]];
        const double part =
            pixels.largest != 0 ? value / pixels.largest : std::pow(std::clamp(value, 0.0, 1.0), 1 / 2.2);
        out[i] = static_cast<std::uint8_t>(std::isfinite(part) ? std::clamp(part, 0.0, 1.0) * 255 + 0.5 : 255.0);
    }
    return out;
}

class Painting {
public:
    explicit Painting(PictureSize panel) : panel_(panel) {
        out_.size = {3 * panel.width + 2 * kGap, panel.height};
        out_.rgb.assign(std::size_t{out_.size.width} * out_.size.height * 3, 128);
    }
    void put(std::uint32_t which, std::uint32_t x, std::uint32_t y, Color color) {
        const std::size_t at = (std::size_t{y} * out_.size.width + which * (panel_.width + kGap) + x) * 3;
        std::ranges::copy(color, out_.rgb.begin() + static_cast<std::ptrdiff_t>(at));
    }
    DifferencePicture take() { return std::move(out_); }

private:
    PictureSize panel_;
    DifferencePicture out_;
};

}  // namespace

Result<DifferencePicture> difference_picture(const fs::path& theirs, const fs::path& own) {
    TRY(a, open_picture(theirs));
    TRY(b, open_picture(own));
    if (a->shape() != b->shape()) {
        return fail(Code::kConflict, "size, channels or depth of the two pictures do not fit together");
    }
    const PictureSize whole = a->shape().size;
    const std::uint32_t step = (std::max(whole.width, whole.height) + kMaxPanelSide - 1) / kMaxPanelSide;
    const PictureSize panel{(whole.width + step - 1) / step, (whole.height + step - 1) / step};
    const std::array<std::size_t, 3> which = shown(a->shape().channels);
    Painting painting{panel};
    for (std::uint32_t y = 0; y < panel.height; ++y) {
        const Crop band{0, y * step, whole.width, std::min(step, whole.height - y * step)};
        TRY(left, a->read(band));
        TRY(right, b->read(band));
        for (std::uint32_t x = 0; x < panel.width; ++x) {
            double most = 0;
            for (std::uint32_t down = 0; down < band.height; ++down) {
                for (std::uint32_t across = x * step; across < std::min((x + 1) * step, whole.width); ++across) {
                    most = std::max(most, pixel_difference(left, right, across, down));
                }
            }
            painting.put(0, x, y, color_of(left, x * step, 0, which));
            painting.put(1, x, y, color_of(right, x * step, 0, which));
            painting.put(2, x, y, heat_of(most));
        }
    }
    return painting.take();
}

}  // namespace sublet::jobs
