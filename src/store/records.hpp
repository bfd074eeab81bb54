// records.hpp: what the store keeps of each block: header, transactions with their results, events. Stored by the
// codec.
#pragma once

#include "codec/decode.hpp"
#include "ledger/event.hpp"

namespace sublet::store {

struct StoredAttribute {
    std::string key;
    std::string value;
    static constexpr auto fields() {
        return codec::list(codec::field(1, "key", &StoredAttribute::key),
                           codec::field(2, "value", &StoredAttribute::value));
    }
};

struct StoredEvent {
    std::string type;
    std::vector<StoredAttribute> attributes;
    static constexpr auto fields() {
        return codec::list(codec::field(1, "type", &StoredEvent::type),
                           codec::field(2, "attributes", &StoredEvent::attributes));
    }
};

StoredEvent stored(const ledger::Event& event);

// The parts of a CometBFT header that mean something on one machine. `hash` names the block: SHA-256 over this struct's
// canonical bytes with `hash` empty. It is our own encoding of the header, not CometBFT's Merkle root over its fields.
struct BlockHeader {
    std::string chain_id;
    Height height;
    BlockTime time;
    Hash previous_hash{};
    Hash data_hash{};     // SHA-256 over the hashes of the transactions, in order
    Hash app_hash{};      // of the state BEFORE this block, as CometBFT has it
    Hash results_hash{};  // SHA-256 over (code, gas wanted, gas used) of the previous block's transactions
    Hash hash{};
    static constexpr auto fields() {
        using codec::field;
        return codec::list(field(1, "chain_id", &BlockHeader::chain_id), field(2, "height", &BlockHeader::height),
                           field(3, "time", &BlockHeader::time), field(4, "previous_hash", &BlockHeader::previous_hash),
                           field(5, "data_hash", &BlockHeader::data_hash), field(6, "app_hash", &BlockHeader::app_hash),
                           field(7, "results_hash", &BlockHeader::results_hash), field(8, "hash", &BlockHeader::hash));
    }
};

struct StoredBlock {
    std::uint32_t version = 1;
    BlockHeader header;
    Hash app_hash_after{};
    Hash results_hash_after{};
    std::uint32_t transactions = 0;
    std::uint64_t bytes = 0;  // of the transactions together
    static constexpr auto fields() {
        using codec::field;
        return codec::list(field(1, "version", &StoredBlock::version), field(2, "header", &StoredBlock::header),
                           field(3, "app_hash_after", &StoredBlock::app_hash_after),
                           field(4, "results_hash_after", &StoredBlock::results_hash_after),
                           field(5, "transactions", &StoredBlock::transactions),
                           field(6, "bytes", &StoredBlock::bytes));
    }
};

struct StoredTx {
    std::uint32_t version = 1;
    Height height;
    std::uint32_t index = 0;  // in its block, from 0
    Hash hash{};
    Bytes bytes;
    std::uint32_t code = 0;
    std::string log;
    std::uint64_t gas_wanted = 0;
    std::uint64_t gas_used = 0;
    std::vector<StoredEvent> events;
    static constexpr auto fields() {
        using codec::field;
        return codec::list(field(1, "version", &StoredTx::version), field(2, "height", &StoredTx::height),
                           field(3, "index", &StoredTx::index), field(4, "hash", &StoredTx::hash),
                           codec::raw_field(5, "bytes", &StoredTx::bytes), field(6, "code", &StoredTx::code),
                           field(7, "log", &StoredTx::log), field(8, "gas_wanted", &StoredTx::gas_wanted),
                           field(9, "gas_used", &StoredTx::gas_used), field(10, "events", &StoredTx::events));
    }
};

// A block as readers and subscribers get it.
struct FullBlock {
    StoredBlock block;
    std::vector<StoredTx> transactions;
    std::vector<StoredEvent> events;  // of the block itself: timers, matches
    [[nodiscard]] Height height() const { return block.header.height; }
};

}  // namespace sublet::store
