// frames.hpp: messages on a stream, each behind its length as an unsigned varint, cut where the stream is cut.
// Spec: CometBFT v0.38 abci/types/messages.go; docs/spec/consensus.md.
#pragma once

#include <cstdint>
#include <optional>

#include "base/bytes.hpp"
#include "base/result.hpp"

namespace sublet::abci {

inline constexpr std::size_t kMaxFrameBytes = 1U << 30U;  // CometBFT itself reads up to 2 GiB

class FrameReader {
public:
    // What came from the stream, in pieces of any size.
    void feed(BytesView piece) { buffer_.append(piece); }
    // The next whole message; nothing: more is needed. It is good until the next feed() or next(). What a length
    // announces takes no memory before it is there. Errors: kMalformed (no varint), kTooLarge; the stream is of no use
    // then.
    Result<std::optional<BytesView>> next();
    // Bytes that are there and were not given out.
    [[nodiscard]] std::size_t waiting() const { return buffer_.size() - taken_; }

private:
    Bytes buffer_;
    std::size_t taken_ = 0;
};

void append_frame(Bytes& out, BytesView message);

}  // namespace sublet::abci
