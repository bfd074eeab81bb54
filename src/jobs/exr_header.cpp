// exr_header.cpp: walks the attributes of an OpenEXR header: name, type, size, value. "OpenEXR File Layout".
#include "jobs/exr_header.hpp"

#include <algorithm>
#include <array>
#include <fstream>
#include <string>

#include "base/bytes.hpp"
#include "jobs/exr.hpp"

namespace sublet::jobs {
namespace {

namespace fs = std::filesystem;

constexpr std::uint32_t kMagic = 20'000'630;
constexpr std::uint32_t kDeep = 0x800;
constexpr std::uint32_t kManyParts = 0x1000;
constexpr std::size_t kMaxNameBytes = 255;

class Header {
public:
    Header(const fs::path& file, Bytes bytes) : file_(file), bytes_(std::move(bytes)) {}

    Result<> check() {
        TRY(magic, number());
        TRY(version, number());
        if (magic != kMagic) {
            return broken("is no OpenEXR file");
        }
        if ((version & (kDeep | kManyParts)) != 0) {
            return fail(Code::kUnsupported, file_.string() + " has more than one part, or deep pixels");
        }
        for (unsigned count = 0; count < kMaxExrAttributes; ++count) {
            TRY(name, text());
            if (name.empty()) {
                return {};  // the end of the header
            }
            TRY(type, text());
            TRY(size, number());
            if (size > bytes_.size() - at_) {
                return broken("has an attribute that is larger than its header: " + type);
            }
            TRY_OK(look_at(name, type, BytesView{bytes_}.substr(at_, size)));
            at_ += size;
        }
        return broken("has more attributes than " + std::to_string(kMaxExrAttributes));
    }

private:
    [[nodiscard]] std::unexpected<Error> broken(const std::string& why) const {
        return fail(Code::kParse, file_.filename().string() + " " + why);
    }
    static std::uint32_t number_at(BytesView bytes, std::size_t at) {
        std::uint32_t out = 0;
        for (std::size_t i = 4; i-- > 0;) {
            out = out << 8U | static_cast<unsigned char>(bytes[at + i]);
        }
        return out;
    }
    Result<std::uint32_t> number() {
        if (bytes_.size() - at_ < 4) {
            return broken("has a header that was cut off, or is larger than 8 MiB");
        }
        at_ += 4;
        return number_at(bytes_, at_ - 4);
    }
    Result<std::string> text() {
        const std::size_t end = bytes_.find('\0', at_);
        if (end == Bytes::npos || end - at_ > kMaxNameBytes) {
            return broken("has a header that was cut off, or a name that is too long");
        }
        const std::string out = bytes_.substr(at_, end - at_);
        at_ = end + 1;
        return out;
    }
    // The two whose values say how much memory is taken.
    Result<> look_at(const std::string& name, const std::string& type, BytesView value) const {
        if (type == "preview") {
            const std::uint64_t pixels =
                value.size() < 8 ? 0 : std::uint64_t{number_at(value, 0)} * number_at(value, 4);
            return value.size() < 8 || pixels > value.size() || 8 + 4 * pixels != value.size()
                       ? Result<>{broken("has a preview of another size than it says")}
                       : Result<>{};
        }
        if (name != "dataWindow" || type != "box2i" || value.size() != 16) {
            return {};
        }
        const auto side = [&](std::size_t from) {
            return std::int64_t{static_cast<std::int32_t>(number_at(value, from + 8))} -
                   static_cast<std::int32_t>(number_at(value, from)) + 1;
        };
        if (std::max(side(0), side(4)) > kMaxImageSide) {
            return fail(Code::kTooLarge, file_.filename().string() + " has " + std::to_string(side(0)) + " x " +
                                             std::to_string(side(4)) + " pixels: a side has at most " +
                                             std::to_string(kMaxImageSide));
        }
        return {};
    }

    fs::path file_;
    Bytes bytes_;
    std::size_t at_ = 0;
};

}  // namespace

Result<> check_exr_header(const fs::path& file) {
    std::ifstream in{file, std::ios::binary};
    if (!in) {
        return fail(Code::kNotFound, "there is no file " + file.string());
    }
    Bytes bytes(kMaxExrHeaderBytes, '\0');
    in.read(bytes.data(), static_cast<std::streamsize>(bytes.size()));
    bytes.resize(static_cast<std::size_t>(in.gcount()));
    return Header{file, std::move(bytes)}.check();
}

}  // namespace sublet::jobs
