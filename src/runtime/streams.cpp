// streams.cpp: incremental decoders; each survives being fed a byte at a time.
#include "runtime/streams.hpp"

#include <algorithm>

namespace sublet::runtime {
namespace {

constexpr std::size_t kFrameHeader = 8;

// Which part of the line is the time: engines put it first, then one space.
void split_time(LogLine& line) {
    const auto space = line.text.find(' ');
    if (space != std::string::npos && space >= 20 && line.text[4] == '-') {
        line.time = line.text.substr(0, space);
        line.text.erase(0, space + 1);
    }
}

std::string megabytes(std::uint64_t bytes) { return std::to_string((bytes + 500'000) / 1'000'000) + " MB"; }

}  // namespace

Result<std::vector<FrameReader::Piece>> FrameReader::feed(std::string_view chunk) {
    std::vector<Piece> out;
    while (!chunk.empty()) {
        if (mode_ == Mode::kBare) {
            out.push_back({false, std::string(chunk)});
            break;
        }
        if (left_ > 0) {
            const auto count = std::min(left_, chunk.size());
            out.push_back({err_, std::string(chunk.substr(0, count))});
            chunk.remove_prefix(count);
            left_ -= count;
            continue;
        }
        header_.push_back(chunk[0]);
        chunk.remove_prefix(1);
        const auto place = header_.size() - 1;
        const auto byte = static_cast<unsigned char>(header_[place]);
        if (mode_ == Mode::kUnknown && ((place == 0 && byte > 2) || (place > 0 && place < 4 && byte != 0))) {
            mode_ = Mode::kBare;
            out.push_back({false, std::move(header_)});
            header_.clear();
            continue;
        }
        if (header_.size() < kFrameHeader) {
            continue;
        }
        mode_ = Mode::kFramed;
        for (std::size_t i = 4; i < kFrameHeader; ++i) {
            left_ = (left_ << 8U) | static_cast<unsigned char>(header_[i]);
        }
        err_ = header_[0] == 2;
        const bool wrong = static_cast<unsigned char>(header_[0]) > 3 || header_[1] != 0 || left_ > kMaxFrameBytes;
        header_.clear();
        if (wrong) {
            return fail(Code::kParse,
                        "the engine's output stream holds a frame that cannot be: is it an engine's socket?");
        }
    }
    return out;
}

LogLine LineCutter::make(bool err, std::string text) const {
    if (text.ends_with('\r')) {
        text.pop_back();
    }
    LogLine line{.err = err, .time = "", .text = std::move(text)};
    if (timestamps_) {
        split_time(line);
    }
    return line;
}

std::vector<LogLine> LineCutter::feed(bool err, std::string_view data) {
    std::vector<LogLine> out;
    std::string& rest = rest_[err ? 1 : 0];
    while (!data.empty()) {
        const auto end = data.find('\n');
        rest.append(data.substr(0, end));
        while (rest.size() > kMaxLogLineBytes) {
            out.push_back(make(err, rest.substr(0, kMaxLogLineBytes)));
            rest.erase(0, kMaxLogLineBytes);
        }
        if (end == std::string_view::npos) {
            break;
        }
        out.push_back(make(err, std::move(rest)));
        rest.clear();
        data.remove_prefix(end + 1);
    }
    return out;
}

std::vector<LogLine> LineCutter::finish() {
    std::vector<LogLine> out;
    for (const bool err : {false, true}) {
        if (!rest_[err ? 1 : 0].empty()) {
            out.push_back(make(err, std::move(rest_[err ? 1 : 0])));
            rest_[err ? 1 : 0].clear();
        }
    }
    return out;
}

Result<std::vector<Json>> JsonLines::feed(std::string_view chunk) {
    std::vector<Json> out;
    rest_.append(chunk);
    std::size_t start = 0;
    std::size_t depth = 0;
    bool quoted = false;
    for (std::size_t i = 0; i < rest_.size(); ++i) {
        const char c = rest_[i];
        if (quoted) {
            if (c == '\\') {
                ++i;
            } else if (c == '"') {
                quoted = false;
            }
        } else if (c == '"') {
            quoted = true;
        } else if (c == '{') {
            ++depth;
        } else if (c == '}' && depth > 0 && --depth == 0) {
            Json value = Json::parse(rest_.begin() + static_cast<std::ptrdiff_t>(start),
                                     rest_.begin() + static_cast<std::ptrdiff_t>(i + 1), nullptr, false);
            if (value.is_discarded()) {
                return fail(Code::kParse, "the engine sent something that is not JSON: " +
                                              rest_.substr(start, std::min<std::size_t>(i + 1 - start, 120)));
            }
            out.push_back(std::move(value));
            start = i + 1;
        }
    }
    rest_.erase(0, start);
    if (rest_.size() > kMaxJsonLineBytes) {
        return fail(Code::kTooLarge, "the engine sent a message of more than 1 MiB");
    }
    return out;
}

Result<PullProgress> PullMeter::take(const Json& step) {
    std::string words = text_at(step, {"error"});
    if (words.empty()) {
        words = text_at(step, {"errorDetail", "message"});
    }
    if (!words.empty()) {
        return fail(Code::kImage, words);
    }
    const std::string id = text_at(step, {"id"});
    const std::string status = text_at(step, {"status"});
    const bool complete = status == "Pull complete" || status == "Already exists" || status == "Download complete";
    const bool moving = status == "Downloading" || status == "Pulling fs layer" || status == "Waiting" || complete;
    if (!id.empty() && moving && (layers_.contains(id) || layers_.size() < kMaxPullLayers)) {
        Layer& layer = layers_[id];
        layer.total = std::max(layer.total, number_at(step, {"progressDetail", "total"}));
        layer.done = std::max(layer.done, number_at(step, {"progressDetail", "current"}));
        if (complete) {
            layer.complete = true;
            layer.done = layer.total;
        }
    }
    PullProgress out;
    bool all_known = !layers_.empty();
    for (const auto& [name, layer] : layers_) {
        out.done_bytes += layer.done;
        out.total_bytes += layer.total;
        out.layers_done += layer.complete ? 1U : 0U;
        all_known = all_known && (layer.complete || layer.total > 0);
    }
    out.layers = static_cast<unsigned>(layers_.size());
    out.total_bytes = all_known ? out.total_bytes : 0;
    out.status = layers_.empty() ? status
                                 : "downloaded " + std::to_string(out.layers_done) + " of " +
                                       std::to_string(out.layers) + " layers, " + megabytes(out.done_bytes);
    return out;
}

}  // namespace sublet::runtime
