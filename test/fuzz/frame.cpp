// frame.cpp: fuzz target: a picture from a stranger has a size within bounds or is refused; an OpenEXR file that is
// taken can be put together with others, and gives an image of its own shape that is taken again.
#include <fstream>

#include "jobs/exr.hpp"
#include "jobs/frame.hpp"
#include "place.hpp"

namespace sublet::fuzz {
namespace {

constexpr std::uint64_t kSmallPixels = 1ULL << 16U;  // more would make a search for headers one of pixels

void try_image(const Place& place, const fs::path& file) {
    const auto shape = jobs::exr_shape(file);
    if (!shape) {
        return;
    }
    require(!shape->channels.empty() && shape->channels.size() <= jobs::kMaxImageChannels, "channels are bounded");
    require(std::uint64_t{shape->width} * shape->height <= jobs::kMaxImagePixels, "pixels are bounded");
    require(shape->channels.size() * sizeof(float) * shape->width <= jobs::kMaxImageLineBytes, "a line is bounded");
    if (std::uint64_t{shape->width} * shape->height * shape->channels.size() > kSmallPixels) {
        return;
    }
    if (jobs::average_exr({{file, 1}, {file, 2}}, place.path() / "mean.exr")) {
        const auto again = jobs::exr_shape(place.path() / "mean.exr");
        require(again && *again == *shape, "the mean of an image has its shape");
        require(jobs::exr_is_whole(place.path() / "mean.exr").has_value(), "and is whole");
    }
    require(!fs::exists(place.path() / "mean.exr.new"), "an image is whole or not there");
}

void try_picture(BytesView bytes) {
    const Place place;
    const fs::path file = place.path() / "0001.png";
    std::ofstream{file, std::ios::binary} << bytes;
    const auto size = jobs::picture_size(file);
    if (size) {
        require(size->width >= 1 && size->width <= jobs::kMaxImageSide, "a width is bounded");
        require(size->height >= 1 && size->height <= jobs::kMaxImageSide, "a height is bounded");
    }
    const jobs::FrameShape shape{.format = "PNG", .width = 64, .height = 36, .plain = true};
    const bool taken = jobs::check_frame(place.path(), {"0001.png"}, 1, shape).has_value();
    require(!taken || (size && size->width == 64 && size->height == 36), "a frame that is taken has the scene's size");
    try_image(place, file);
}

}  // namespace
}  // namespace sublet::fuzz

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    sublet::fuzz::try_picture(sublet::fuzz::view_of_input(data, size));
    return 0;
}
