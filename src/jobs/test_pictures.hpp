// test_pictures.hpp: small PNG and OpenEXR files for tests, every value given by a function of place and channel.
#pragma once

#include <OpenEXR/ImfChannelList.h>
#include <OpenEXR/ImfFrameBuffer.h>
#include <OpenEXR/ImfHeader.h>
#include <OpenEXR/ImfOutputFile.h>
#include <png.h>

#include <cstdio>
#include <functional>
#include <string>
#include <vector>

#include "jobs/test_folder.hpp"

namespace sublet::jobs {

struct TestPng {
    std::uint32_t width = 32, height = 32;
    int color = PNG_COLOR_TYPE_RGB;
    int bits = 8;
    int interlace = PNG_INTERLACE_NONE;
};
using PngValue = std::function<unsigned(std::uint32_t x, std::uint32_t y, std::size_t channel)>;

inline fs::path make_png(const fs::path& file, const TestPng& like, const PngValue& value) {
    std::FILE* out = std::fopen(file.c_str(), "wb");
    png_structp png = png_create_write_struct(PNG_LIBPNG_VER_STRING, nullptr, nullptr, nullptr);
    png_infop info = png_create_info_struct(png);
    png_init_io(png, out);
    png_set_IHDR(png, info, like.width, like.height, like.bits, like.color, like.interlace, 0, 0);
    if (like.color == PNG_COLOR_TYPE_PALETTE) {
        const png_color black{};
        png_set_PLTE(png, info, &black, 1);
    }
    png_write_info(png, info);
    const std::size_t channels = png_get_channels(png, info);
    std::vector<std::vector<std::uint8_t>> lines(like.height);
    std::vector<png_bytep> rows;
    for (std::uint32_t y = 0; y < like.height; ++y) {
        for (std::uint32_t x = 0; x < like.width; ++x) {
            for (std::size_t channel = 0; channel < channels; ++channel) {
                const unsigned each = value(x, y, channel);
                if (like.bits == 16) {
                    lines[y].push_back(static_cast<std::uint8_t>(each >> 8U));
                }
                lines[y].push_back(static_cast<std::uint8_t>(each & 255U));
            }
        }
        rows.push_back(lines[y].data());
    }
    png_write_image(png, rows.data());
    png_write_end(png, nullptr);
    png_destroy_write_struct(&png, &info);
    std::fclose(out);
    return file;
}

struct TestExr {
    int width = 32, height = 32;
    std::vector<std::string> channels{"B", "G", "R"};
    Imf::Compression codec = Imf::ZIP_COMPRESSION;
};
using ExrValue = std::function<float(int x, int y, std::size_t channel)>;

inline fs::path make_exr(const fs::path& file, const TestExr& like, const ExrValue& value) {
    Imf::Header header{like.width, like.height};
    header.compression() = like.codec;
    Imf::FrameBuffer buffer;
    const auto wide = static_cast<std::size_t>(like.width);
    std::vector<std::vector<float>> planes(like.channels.size());
    for (std::size_t channel = 0; channel < like.channels.size(); ++channel) {
        for (int y = 0; y < like.height; ++y) {
            for (int x = 0; x < like.width; ++x) {
                planes[channel].push_back(value(x, y, channel));
            }
        }
        header.channels().insert(like.channels[channel], Imf::Channel{Imf::FLOAT});
        buffer.insert(like.channels[channel],
                      Imf::Slice::Make(Imf::FLOAT, planes[channel].data(), Imath::V2i{0, 0}, like.width, like.height,
                                       sizeof(float), wide * sizeof(float)));
    }
    Imf::OutputFile out{file.c_str(), header};
    out.setFrameBuffer(buffer);
    out.writePixels(like.height);
    return file;
}

}  // namespace sublet::jobs
