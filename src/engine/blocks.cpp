// blocks.cpp: the hashes of a header over canonical bytes.
#include "engine/blocks.hpp"

#include "base/assert.hpp"
#include "crypto/sha256.hpp"
#include "engine/crash.hpp"

namespace sublet::engine {

namespace {

std::vector<store::StoredEvent> stored_all(const std::vector<ledger::Event>& events) {
    std::vector<store::StoredEvent> out;
    out.reserve(events.size());
    for (const ledger::Event& event : events) {
        out.push_back(store::stored(event));
    }
    return out;
}

}  // namespace

store::Commit to_commit(app::ChangeSet set, const store::FullBlock* block) {
    store::Commit out{.height = set.height,
                      .time = set.time,
                      .app_hash = set.app_hash,
                      .changes = {},
                      .archived = std::move(set.archived),
                      .block = block,
                      .when_durable = [] { crash_point(CrashPoint::kBeforeTip); }};
    out.changes.reserve(set.changes.size());
    for (app::ChangeSet::Change& change : set.changes) {
        out.changes.push_back({std::move(change.key), std::move(change.value)});
    }
    return out;
}

store::FullBlock make_full_block(const std::string& chain_id, Height height, BlockTime time, const Previous& previous,
                                 std::vector<NamedTx> transactions, const app::BlockResult& result) {
    SUBLET_ASSERT(transactions.size() == result.transactions.size());
    store::FullBlock out;
    crypto::Sha256 data;
    crypto::Sha256 results;
    for (std::size_t i = 0; i < transactions.size(); ++i) {
        const app::TxResult& each = result.transactions[i];
        data.update(view_of(transactions[i].hash));
        Bytes hashed;
        append_be64(hashed, static_cast<std::uint32_t>(each.code));
        append_be64(hashed, each.gas_wanted);
        append_be64(hashed, each.gas_used);
        results.update(hashed);
        out.block.bytes += transactions[i].bytes.size();
        out.transactions.push_back({.height = height,
                                    .index = static_cast<std::uint32_t>(i),
                                    .hash = transactions[i].hash,
                                    .bytes = std::move(transactions[i].bytes),
                                    .code = static_cast<std::uint32_t>(each.code),
                                    .log = each.log,
                                    .gas_wanted = each.gas_wanted,
                                    .gas_used = each.gas_used,
                                    .events = stored_all(each.events)});
    }
    store::BlockHeader& header = out.block.header;
    header = {.chain_id = chain_id,
              .height = height,
              .time = time,
              .previous_hash = previous.block_hash,
              .data_hash = data.finish(),
              .app_hash = previous.app_hash,
              .results_hash = previous.results_hash,
              .hash = {}};
    header.hash = crypto::sha256(codec::encode(header));
    out.block.app_hash_after = result.app_hash;
    out.block.results_hash_after = results.finish();
    out.block.transactions = static_cast<std::uint32_t>(out.transactions.size());
    out.events = stored_all(result.events);
    return out;
}

}  // namespace sublet::engine
