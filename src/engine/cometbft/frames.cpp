// frames.cpp: varint lengths and what is behind them.
#include "engine/cometbft/frames.hpp"

#include "codec/wire.hpp"

namespace sublet::abci {
namespace {

constexpr std::size_t kMaxVarintBytes = 10;
constexpr std::size_t kTidyBytes = 64U << 10U;  // given out, before the buffer is moved together

}  // namespace

Result<std::optional<BytesView>> FrameReader::next() {
    if (taken_ == buffer_.size() || taken_ >= kTidyBytes) {
        buffer_.erase(0, taken_);
        taken_ = 0;
    }
    const BytesView rest = BytesView{buffer_}.substr(taken_);
    std::uint64_t size = 0;
    std::size_t at = 0;
    while (true) {
        if (at == kMaxVarintBytes) {
            return fail(Code::kMalformed, "the length of a message is no varint");
        }
        if (at == rest.size()) {
            return std::optional<BytesView>{};
        }
        const auto byte = static_cast<unsigned char>(rest[at]);
        size |= static_cast<std::uint64_t>(byte & 127U) << (7 * at);
        ++at;
        if (byte < 128) {
            break;
        }
    }
    if (size > kMaxFrameBytes) {
        return fail(Code::kTooLarge, "a message of " + std::to_string(size) + " bytes; at most " +
                                         std::to_string(kMaxFrameBytes) + " are read");
    }
    if (rest.size() - at < size) {
        return std::optional<BytesView>{};
    }
    taken_ += at + size;
    return std::optional{rest.substr(at, size)};
}

void append_frame(Bytes& out, BytesView message) { codec::write_length(out, message); }

}  // namespace sublet::abci
