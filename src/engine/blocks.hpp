// blocks.hpp: a finalized block as the store keeps it: header, hashes, results, events.
#pragma once

#include "app/app.hpp"
#include "store/store.hpp"

namespace sublet::engine {

// What a header takes from the block before it.
struct Previous {
    Hash block_hash{};
    Hash results_hash{};
    Hash app_hash{};
};

struct NamedTx {
    Hash hash{};
    Bytes bytes;
};

// `result` has one entry per transaction, in order.
store::FullBlock make_full_block(const std::string& chain_id, Height height, BlockTime time, const Previous& previous,
                                 std::vector<NamedTx> transactions, const app::BlockResult& result);

// What the store makes durable of a height. The block outlives what is answered.
store::Commit to_commit(app::ChangeSet set, const store::FullBlock* block);

}  // namespace sublet::engine
