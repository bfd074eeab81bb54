// streams.hpp: the three stream formats of the Docker Engine API: framed output, lines of JSON, and pull progress
// inside them.
#pragma once

#include <functional>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "runtime/json_view.hpp"
#include "runtime/states.hpp"

namespace sublet::runtime {

inline constexpr std::size_t kMaxFrameBytes = 16U << 20U;
inline constexpr std::size_t kMaxJsonLineBytes = 1U << 20U;
inline constexpr std::size_t kMaxPullLayers = 1024;

// Output of a container without a terminal comes in frames: stream (0 in, 1 out, 2 err), three zero bytes, length
// (big-endian). With a terminal it comes bare; the first bytes tell the two apart.
class FrameReader {
public:
    struct Piece {
        bool err = false;
        std::string data;
    };
    // Gives the pieces that `chunk` completes; part of a long frame is given as it comes. Errors: kParse.
    Result<std::vector<Piece>> feed(std::string_view chunk);

private:
    enum class Mode : std::uint8_t { kUnknown, kFramed, kBare };
    Mode mode_ = Mode::kUnknown;
    std::string header_;
    std::size_t left_ = 0;
    bool err_ = false;
};

// Cuts pieces into lines, each stream for itself. Lines longer than kMaxLogLineBytes come in parts.
class LineCutter {
public:
    explicit LineCutter(bool timestamps) : timestamps_(timestamps) {}
    std::vector<LogLine> feed(bool err, std::string_view data);
    std::vector<LogLine> finish();  // what stands without a newline at the end

private:
    LogLine make(bool err, std::string text) const;
    bool timestamps_;
    std::string rest_[2];
};

// Objects separated by newlines, or by nothing at all, as engines send them.
class JsonLines {
public:
    // Errors: kParse (not JSON), kTooLarge.
    Result<std::vector<Json>> feed(std::string_view chunk);

private:
    std::string rest_;
};

// Adds up the layers of one pull.
class PullMeter {
public:
    // Takes one object of the stream. Errors: kImage with the engine's words (the HTTP status was 200 long before).
    Result<PullProgress> take(const Json& step);

private:
    struct Layer {
        std::uint64_t done = 0, total = 0;
        bool complete = false;
    };
    std::map<std::string, Layer> layers_;
};

}  // namespace sublet::runtime
