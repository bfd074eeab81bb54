// abci.cpp: fuzz target: a stream of ABCI frames has the same messages wherever it is cut; what is read of a request,
// however it was written, is read again from our own spelling, and a strict reader that takes it reads the same.
#include "codec/decode.hpp"
#include "codec/encode.hpp"
#include "engine/cometbft/frames.hpp"
#include "engine/cometbft/loose.hpp"
#include "engine/cometbft/messages.hpp"
#include "fuzz.hpp"

namespace sublet::fuzz {
namespace {

struct Read {
    std::vector<Bytes> messages;
    bool broken = false;
    bool operator==(const Read&) const = default;
};

Read read_in_pieces(BytesView stream, std::size_t piece) {
    Read out;
    abci::FrameReader frames;
    for (std::size_t at = 0; at < stream.size() && !out.broken; at += piece) {
        frames.feed(stream.substr(at, piece));
        Result<std::optional<BytesView>> next = frames.next();
        for (; next && *next; next = frames.next()) {
            out.messages.emplace_back(**next);
        }
        out.broken = !next;
    }
    return out;
}

template <class T>
void try_message(BytesView bytes) {
    const Result<T> value = abci::decode_loosely<T>(bytes);
    if (!value) {
        require(!codec::decode<T>(bytes), "what a strict reader takes, a loose one takes");
        return;
    }
    const Bytes own = codec::encode(*value);
    const Result<T> again = abci::decode_loosely<T>(own);
    require(again && codec::encode(*again) == own, "our own spelling is read as it was written");
    if (codec::decode<T>(bytes)) {
        require(own == bytes, "a strict and a loose reader read the same");
    }
}

}  // namespace
}  // namespace sublet::fuzz

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using namespace sublet;
    const BytesView stream = fuzz::view_of_input(data, size);
    const fuzz::Read whole = fuzz::read_in_pieces(stream, size + 1);
    for (const std::size_t piece : {std::size_t{1}, std::size_t{7}}) {
        fuzz::require(fuzz::read_in_pieces(stream, piece) == whole, "a stream may be cut anywhere");
    }
    for (const Bytes& each : whole.messages) {
        fuzz::try_message<abci::Request>(each);
        fuzz::try_message<abci::Response>(each);
    }
    return 0;
}
