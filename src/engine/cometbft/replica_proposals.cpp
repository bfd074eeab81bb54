// replica_proposals.cpp: what a block may hold: the same rule for who proposes it and for who judges it.
#include <algorithm>

#include "engine/cometbft/replica.hpp"

namespace sublet::engine {
namespace {

// Of a block: kMaxBlockTransactions, and kMaxBlockBytes of transactions of at most kMaxTxBytes.
class Room {
public:
    // Takes the transaction in where it fits.
    bool take(BytesView transaction) {
        if (transaction.size() > ledger::kMaxTxBytes || transactions_ == kMaxBlockTransactions ||
            bytes_ + transaction.size() > kMaxBlockBytes) {
            return false;
        }
        ++transactions_;
        bytes_ += transaction.size();
        return true;
    }

private:
    std::size_t transactions_ = 0;
    std::size_t bytes_ = 0;
};

// With what protobuf puts before it: a tag and a length.
std::uint64_t on_the_wire(BytesView transaction) {
    constexpr std::uint64_t kMostBefore = 1 + 5;
    return transaction.size() + kMostBefore;
}

}  // namespace

// In the order of the mempool; what does not fit waits for the next block, with all behind it.
abci::ResponsePrepareProposal Replica::prepare_proposal(const abci::RequestPrepareProposal& request) {
    abci::ResponsePrepareProposal out;
    Room room;
    std::uint64_t bytes = 0;
    for (const Bytes& each : request.txs) {
        bytes += on_the_wire(each);
        if (bytes > request.max_tx_bytes || !room.take(each)) {
            break;
        }
        out.txs.push_back(each);
    }
    return out;
}

// A transaction that fails is no reason: it is in the block, and is refused there.
abci::ResponseProcessProposal Replica::process_proposal(const abci::ProposedBlock& block) {
    constexpr std::uint32_t kAccept = 1;
    constexpr std::uint32_t kReject = 2;
    Room room;
    const bool fits = std::ranges::all_of(block.txs, [&](const Bytes& each) { return room.take(each); });
    return {fits ? kAccept : kReject};
}

}  // namespace sublet::engine
