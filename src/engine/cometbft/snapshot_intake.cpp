// snapshot_intake.cpp: memory is what verified chunks bring and one more; the state that they are of is held anyway.
#include "engine/cometbft/snapshot_intake.hpp"

#include "engine/cometbft/snapshot_folder.hpp"
#include "net/log.hpp"

namespace sublet::engine {

abci::ResponseOfferSnapshot answer(Offer result) { return {static_cast<std::uint32_t>(result)}; }

abci::ResponseApplySnapshotChunk answer(Apply result) {
    return {.result = static_cast<std::uint32_t>(result), .refetch_chunks = {}, .reject_senders = {}};
}

abci::ResponseOfferSnapshot SnapshotIntake::offer(const abci::RequestOfferSnapshot& request, Height above) {
    const Result<Hash> app_hash = fixed_from<sizeof(Hash)>(request.app_hash);
    if (!app_hash) {
        return answer(Offer::kAbort);
    }
    if (!request.snapshot || request.snapshot->height <= above.value()) {
        return answer(Offer::kReject);
    }
    const abci::Snapshot& snapshot = *request.snapshot;
    if (snapshot.format != kSnapshotFormat) {
        return answer(Offer::kRejectFormat);
    }
    // Nobody who has this height says anything else of it.
    const abci::Snapshot honest = described(Height{snapshot.height}, *app_hash, snapshot.chunks);
    if (snapshot.hash != honest.hash || snapshot.metadata != honest.metadata || snapshot.chunks == 0 ||
        snapshot.chunks > kMaxSnapshotChunks) {
        return answer(Offer::kRejectSender);
    }
    begun_.emplace(Begun{.height = Height{snapshot.height},
                         .app_hash = *app_hash,
                         .chunks = snapshot.chunks,
                         .next = 0,
                         .taker = ledger::RangeTaker{*app_hash, target_bytes_}});
    return answer(Offer::kAccept);
}

abci::ResponseApplySnapshotChunk SnapshotIntake::apply(const abci::RequestApplySnapshotChunk& request) {
    if (!begun_) {
        return answer(Apply::kAbort);
    }
    if (request.index != begun_->next || begun_->next == begun_->chunks) {
        begun_.reset();  // CometBFT offers it once more, and begins with its first chunk
        return answer(Apply::kRetrySnapshot);
    }
    if (const Result<> taken = begun_->taker.take(request.chunk); !taken) {
        net::log(
            net::LogLevel::kWarning, "sync",
            "chunk " + std::to_string(request.index) + " is refused, and so is who sent it: " + taken.error().message,
            {{"sender", request.sender}});
        abci::ResponseApplySnapshotChunk out = answer(Apply::kRetry);
        out.refetch_chunks.push_back(request.index);
        out.reject_senders.push_back(request.sender);
        return out;
    }
    ++begun_->next;
    if (begun_->taker.complete() != (begun_->next == begun_->chunks)) {
        // The chunk is true: the number of them is not, and who sends chunks of this snapshot said it.
        net::log(net::LogLevel::kWarning, "sync",
                 "the snapshot of height " + std::to_string(begun_->height.value()) + " has not " +
                     std::to_string(begun_->chunks) + " chunks, as was said");
        begun_.reset();
        abci::ResponseApplySnapshotChunk out = answer(Apply::kRejectSnapshot);
        out.reject_senders.push_back(request.sender);
        return out;
    }
    return answer(Apply::kAccept);
}

std::optional<SnapshotIntake::Whole> SnapshotIntake::take_whole() {
    if (!begun_ || !begun_->taker.complete()) {
        return std::nullopt;
    }
    Whole out{.height = begun_->height, .app_hash = begun_->app_hash, .state = begun_->taker.finish()};
    begun_.reset();
    return out;
}

}  // namespace sublet::engine
