// torrent.cpp: Merkle trees and the one spelling of the metadata.
#include "swarm/torrent.hpp"

#include <algorithm>

#include "crypto/sha256.hpp"

namespace sublet::swarm {
namespace {

Hash parent(const Hash& left, const Hash& right) {
    return crypto::Sha256{}.update(view_of(left)).update(view_of(right)).finish();
}

std::size_t power_of_two_ceil(std::size_t count) {
    std::size_t out = 1;
    while (out < count) {
        out *= 2;
    }
    return out;
}

// Where leaves are missing up to `width`, a power of two, stands `filler`.
Hash merkle_root(std::vector<Hash> row, std::size_t width, Hash filler) {
    for (; width > 1; width /= 2) {
        if (row.size() % 2 != 0) {
            row.push_back(filler);
        }
        for (std::size_t i = 0; i < row.size() / 2; ++i) {
            row[i] = parent(row[2 * i], row[2 * i + 1]);
        }
        row.resize(row.size() / 2);
        filler = parent(filler, filler);
    }
    return row.empty() ? filler : row.front();
}

std::size_t blocks_of_piece(std::uint64_t bytes) { return piece_bytes_of(bytes) / kHashedBlockBytes; }
std::uint64_t pieces_of(std::uint64_t bytes) { return (bytes + piece_bytes_of(bytes) - 1) / piece_bytes_of(bytes); }
bool fits(std::uint64_t bytes) { return bytes >= kMinSwarmBytes && bytes <= kMaxSwarmBytes; }

// Beyond the content's end a leaf of the tree is zero, so a piece that is not there has the root of zeros.
Hash root_over(const std::vector<Hash>& pieces, std::uint64_t bytes) {
    return merkle_root(pieces, power_of_two_ceil(pieces.size()), merkle_root({}, blocks_of_piece(bytes), Hash{}));
}

Bytes text(BytesView value) { return std::to_string(value.size()) + ":" + Bytes{value}; }
Bytes number(std::uint64_t value) { return "i" + std::to_string(value) + "e"; }

Bytes info_of(const Torrent& torrent) {
    const Bytes file = "d" + text("") + "d" + text("length") + number(torrent.bytes) + text("pieces root") +
                       text(view_of(torrent.root)) + "ee";
    return "d" + text("file tree") + "d" + text(kContentName) + file + "e" + text("meta version") + number(2) +
           text("name") + text(kContentName) + text("piece length") + number(torrent.piece_bytes()) + text("private") +
           number(1) + "e";
}

Bytes layer_of(const Torrent& torrent) {
    Bytes out;
    for (const Hash& each : torrent.pieces) {
        out += view_of(each);
    }
    return out;
}

Result<Hash> hash_at(BytesView bytes, std::size_t offset) { return fixed_from<32>(bytes.substr(offset, 32)); }

}  // namespace

std::uint64_t piece_bytes_of(std::uint64_t content_bytes) {
    std::uint64_t out = kMinSwarmPieceBytes;
    while (content_bytes > out * kMaxPieces) {
        out *= 2;
    }
    return out;
}

Bytes to_metadata(const Torrent& torrent) {
    return "d" + text("info") + info_of(torrent) + text("piece layers") + "d" + text(view_of(torrent.root)) +
           text(layer_of(torrent)) + "ee";
}

// Everything but the hashes is known, so their places are too.
Result<Torrent> from_metadata(BytesView metadata, std::uint64_t bytes) {
    if (!fits(bytes) || metadata.size() > kMaxTorrentBytes) {
        return fail(Code::kTooLarge, "a swarm carries 1 MiB to 16 GiB, its torrent is at most 128 KiB");
    }
    Torrent out{.bytes = bytes, .pieces = std::vector<Hash>(pieces_of(bytes)), .root = {}, .info_hash = {}};
    const Bytes blank = to_metadata(out);
    const std::unexpected<Error> other =
        fail(Code::kParse, "this is not the torrent of one encrypted input of " + std::to_string(bytes) +
                               " bytes: name, size and pieces are fixed, and nothing else may be in it");
    if (metadata.size() != blank.size()) {
        return other;
    }
    constexpr std::size_t kEnd = 2;
    std::size_t at = blank.size() - kEnd - out.pieces.size() * sizeof(Hash);
    const std::string layers_key = std::to_string(out.pieces.size() * sizeof(Hash)) + ":";
    TRY(root, hash_at(metadata, at - layers_key.size() - sizeof(Hash)));
    out.root = root;
    for (Hash& piece : out.pieces) {
        TRY(hash, hash_at(metadata, at));
        piece = hash;
        at += sizeof(Hash);
    }
    if (to_metadata(out) != metadata) {
        return other;
    }
    if (root_over(out.pieces, bytes) != out.root) {
        return fail(Code::kBadField, "the torrent's pieces do not hash to its root");
    }
    out.info_hash = crypto::sha256(info_of(out));
    return out;
}

Result<TorrentMaker> TorrentMaker::begin(std::uint64_t bytes) {
    if (!fits(bytes)) {
        return fail(Code::kOutOfRange, "a swarm carries 1 MiB to 16 GiB");
    }
    TorrentMaker out;
    out.bytes_ = bytes;
    return out;
}

void TorrentMaker::update(BytesView bytes) {
    seen_ += bytes.size();
    while (!bytes.empty()) {
        const std::size_t taken = std::min<std::size_t>(bytes.size(), kHashedBlockBytes - rest_.size());
        rest_ += bytes.substr(0, taken);
        bytes.remove_prefix(taken);
        if (rest_.size() == kHashedBlockBytes) {
            hash_blocks(false);
        }
    }
}

void TorrentMaker::hash_blocks(bool last) {
    if (!rest_.empty()) {
        blocks_.push_back(crypto::sha256(rest_));
        rest_.clear();
    }
    const std::size_t whole = blocks_of_piece(bytes_);
    if (blocks_.size() == whole || (last && !blocks_.empty())) {
        pieces_.push_back(merkle_root(std::move(blocks_), whole, Hash{}));
        blocks_.clear();
    }
}

Result<Torrent> TorrentMaker::finish() {
    hash_blocks(true);
    if (seen_ != bytes_) {
        return fail(Code::kConflict, "the input changed while it was read");
    }
    Torrent out{.bytes = bytes_, .pieces = std::move(pieces_), .root = {}, .info_hash = {}};
    out.root = root_over(out.pieces, bytes_);
    out.info_hash = crypto::sha256(info_of(out));
    return out;
}

}  // namespace sublet::swarm
