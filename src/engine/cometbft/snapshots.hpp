// snapshots.hpp: how a node that is new gets the state from others (state sync).
// Spec: CometBFT v0.38 to v0.40, proto/tendermint/abci/types.proto.
#pragma once

#include "engine/cometbft/types.hpp"

namespace sublet::abci {

struct RequestListSnapshots {
    static constexpr auto fields() { return list(); }
};

struct RequestOfferSnapshot {
    std::optional<Snapshot> snapshot;
    Bytes app_hash;  // that a light client has verified; nothing else of it is
    static constexpr auto fields() {
        return list(field(1, "snapshot", &RequestOfferSnapshot::snapshot),
                    raw_field(2, "app_hash", &RequestOfferSnapshot::app_hash));
    }
};

struct RequestLoadSnapshotChunk {
    std::uint64_t height = 0;
    std::uint32_t format = 0;
    std::uint32_t chunk = 0;
    static constexpr auto fields() {
        return list(field(1, "height", &RequestLoadSnapshotChunk::height),
                    field(2, "format", &RequestLoadSnapshotChunk::format),
                    field(3, "chunk", &RequestLoadSnapshotChunk::chunk));
    }
};

struct RequestApplySnapshotChunk {
    std::uint32_t index = 0;
    Bytes chunk;
    std::string sender;
    static constexpr auto fields() {
        return list(field(1, "index", &RequestApplySnapshotChunk::index),
                    raw_field(2, "chunk", &RequestApplySnapshotChunk::chunk),
                    field(3, "sender", &RequestApplySnapshotChunk::sender));
    }
};

struct ResponseListSnapshots {
    std::vector<Snapshot> snapshots;
    static constexpr auto fields() { return list(field(1, "snapshots", &ResponseListSnapshots::snapshots)); }
};

struct ResponseOfferSnapshot {
    std::uint32_t result = 0;
    static constexpr auto fields() { return list(field(1, "result", &ResponseOfferSnapshot::result)); }
};

struct ResponseLoadSnapshotChunk {
    Bytes chunk;
    static constexpr auto fields() { return list(raw_field(1, "chunk", &ResponseLoadSnapshotChunk::chunk)); }
};

struct ResponseApplySnapshotChunk {
    std::uint32_t result = 0;
    std::vector<std::uint32_t> refetch_chunks;
    std::vector<std::string> reject_senders;
    static constexpr auto fields() {
        return list(field(1, "result", &ResponseApplySnapshotChunk::result),
                    field(2, "refetch_chunks", &ResponseApplySnapshotChunk::refetch_chunks),
                    field(3, "reject_senders", &ResponseApplySnapshotChunk::reject_senders));
    }
};

}  // namespace sublet::abci
