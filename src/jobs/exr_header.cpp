// exr_header.cpp: walks from attribute to attribute: name, type, size, value. Format: OpenEXR file layout, version 2.
#include "jobs/exr_header.hpp"

#include <algorithm>
#include <array>
#include <fstream>
#include <string>

#include "jobs/exr.hpp"

namespace sublet::jobs {
namespace {

namespace fs = std::filesystem;

constexpr std::uint32_t kMagic = 20000630;
constexpr std::uint32_t kVersion = 2;
constexpr std::uint32_t kLongNames = 0x400;
constexpr std::uint32_t kTiled = 0x200;
constexpr std::size_t kMaxNameBytes = 255;

class Header {
public:
    explicit Header(const fs::path& file) : name_(file.string()), in_(file, std::ios::binary) {}

    Result<> check() {
        TRY(magic, number());
        TRY(version, number());
        if (magic != kMagic || (version & 0xffU) != kVersion) {
            return broken("it is no OpenEXR of version 2");
        }
        if ((version & ~(0xffU | kLongNames)) != 0) {
            return fail(Code::kUnsupported,
                        name_ + ((version & kTiled) != 0 ? " is cut into tiles inside, which Blender does not do"
                                                         : " has more than one part, or deep pixels"));
        }
        for (std::size_t count = 0; count < kMaxExrAttributes; ++count) {
            TRY(attribute, word());
            if (attribute.empty()) {
                return sized_ ? Result<>{} : broken("its header does not say how large it is");
            }
            TRY_OK(value_of(attribute));
        }
        return broken("its header has too many attributes");
    }

private:
    [[nodiscard]] std::unexpected<Error> broken(const char* why) const {
        return fail(Code::kParse, name_ + ": " + why);
    }

    Result<std::uint32_t> number() {
        std::array<char, 4> bytes{};
        if (!in_.read(bytes.data(), bytes.size())) {
            return broken("its header was cut off");
        }
        read_ += bytes.size();
        std::uint32_t out = 0;
        for (std::size_t i = bytes.size(); i-- > 0;) {
            out = out << 8U | static_cast<unsigned char>(bytes.at(i));
        }
        return out;
    }

    Result<std::string> word() {
        std::string out;
        for (char letter = 0; in_.get(letter);) {
            ++read_;
            if (letter == '\0') {
                return out;
            }
            out += letter;
            if (out.size() > kMaxNameBytes) {
                return broken("its header has a name that is too long");
            }
        }
        return broken("its header was cut off");
    }

    Result<> value_of(const std::string& attribute) {
        TRY(type, word());
        TRY(bytes, number());
        if (bytes > kMaxExrAttributeBytes || read_ + bytes > kMaxExrHeaderBytes) {
            return fail(Code::kParse, name_ + ": an attribute of its header has " + std::to_string(bytes) + " bytes");
        }
        std::string value(bytes, '\0');
        if (!in_.read(value.data(), static_cast<std::streamsize>(bytes))) {
            return broken("its header was cut off");
        }
        read_ += bytes;
        if (attribute == "tiles" || (attribute == "type" && value != "scanlineimage")) {
            return fail(Code::kUnsupported, name_ + " has no plain lines: deep pixels, or tiles inside");
        }
        if (type == "preview" && !is_preview(value)) {  // the library takes memory for as many pixels as it says
            return broken("its preview is not as large as it says");
        }
        return attribute == "dataWindow" ? window(type, value) : Result<>{};
    }

    static std::uint32_t number_at(const std::string& value, std::size_t at) {
        std::uint32_t out = 0;
        for (std::size_t byte = 4; byte-- > 0;) {
            out = out << 8U | static_cast<unsigned char>(value[at + byte]);
        }
        return out;
    }

    // Width, height, four bytes a pixel.
    static bool is_preview(const std::string& value) {
        return value.size() >= 8 && std::uint64_t{number_at(value, 0)} * number_at(value, 4) == (value.size() - 8) / 4;
    }

    Result<> window(const std::string& type, const std::string& value) {
        if (sized_ || type != "box2i" || value.size() != 16) {
            return broken("its header does not say how large it is");
        }
        std::array<std::int64_t, 4> sides{};  // least x, least y, largest x, largest y
        for (std::size_t i = 0; i < sides.size(); ++i) {
            sides.at(i) = static_cast<std::int32_t>(number_at(value, 4 * i));
        }
        const std::int64_t width = sides[2] - sides[0] + 1;
        const std::int64_t height = sides[3] - sides[1] + 1;
        if (width < 1 || height < 1) {
            return broken("it has no pixels");
        }
        if (std::max(width, height) > kMaxImageSide || static_cast<std::uint64_t>(width * height) > kMaxImagePixels) {
            return fail(Code::kTooLarge, name_ + " says that it has " + std::to_string(width) + " x " +
                                             std::to_string(height) + " pixels");
        }
        sized_ = true;
        return {};
    }

    std::string name_;
    std::ifstream in_;
    std::size_t read_ = 0;
    bool sized_ = false;
};

}  // namespace

Result<> check_exr_header(const fs::path& file) {
    std::error_code error;
    if (!fs::is_regular_file(file, error)) {
        return fail(Code::kNotFound, "there is no file " + file.string());
    }
    return Header{file}.check();
}

}  // namespace sublet::jobs
