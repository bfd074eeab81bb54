// torrent.hpp: the one form of torrent that is made and taken here: BitTorrent v2 alone, private, one file of a fixed
// name, no trackers and nothing else. Whoever takes one knows its size from elsewhere, so size and number of pieces are
// fixed before it is read. Spec: docs/spec/swarm.md; BEP 3, BEP 27, BEP 52.
#pragma once

#include <vector>

#include "base/bytes.hpp"

namespace sublet::swarm {

inline constexpr const char* kContentName = "input";  // of the file, whoever made it
inline constexpr std::uint64_t kHashedBlockBytes = 16ULL << 10U;
inline constexpr std::uint64_t kMinSwarmPieceBytes = 256ULL << 10U;
inline constexpr std::uint64_t kMaxPieces = 2'048;
inline constexpr std::uint64_t kMinSwarmBytes = 1ULL << 20U;
inline constexpr std::uint64_t kMaxSwarmBytes = 16ULL << 30U;
inline constexpr std::size_t kMaxTorrentBytes = 128U << 10U;  // of the metadata
static_assert(kMinSwarmPieceBytes < kMinSwarmBytes);  // two pieces at least: a single one has no layer of hashes
static_assert(kMaxPieces * sizeof(Hash) < kMaxTorrentBytes);

// The smallest power of two with at most kMaxPieces pieces.
std::uint64_t piece_bytes_of(std::uint64_t content_bytes);

struct Torrent {
    std::uint64_t bytes = 0;  // kMinSwarmBytes to kMaxSwarmBytes
    std::vector<Hash> pieces;
    Hash root{};       // of the Merkle tree over `pieces`
    Hash info_hash{};  // what peers call it

    [[nodiscard]] std::uint64_t piece_bytes() const { return piece_bytes_of(bytes); }
    bool operator==(const Torrent&) const = default;
};

// The bytes of the .torrent file.
Bytes to_metadata(const Torrent& torrent);
// Takes exactly what to_metadata() gives for a content of this size. Errors: kTooLarge; kParse (anything else: another
// name, size or number of pieces, another key, a tracker); kBadField (the pieces are not under the root).
Result<Torrent> from_metadata(BytesView metadata, std::uint64_t bytes);

// From the content as it goes by.
class TorrentMaker {
public:
    // Errors: kOutOfRange (a size that no swarm carries).
    static Result<TorrentMaker> begin(std::uint64_t bytes);
    void update(BytesView bytes);
    // Errors: kConflict (more or less came by than was said).
    Result<Torrent> finish();

private:
    void hash_blocks(bool last);

    std::uint64_t bytes_ = 0;
    std::uint64_t seen_ = 0;
    Bytes rest_;                // less than a block
    std::vector<Hash> blocks_;  // of the piece that goes by
    std::vector<Hash> pieces_;
};

}  // namespace sublet::swarm
