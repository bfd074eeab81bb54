// store.hpp: the durable side of the ledger: one synced write batch per block in RocksDB, and the reads of the past.
//
// A folder holds one chain and serves one process. After a crash at any instant it opens at exactly one committed
// height: a torn last write is forgotten, anything else that does not add up is refused (kStoreDamaged), never guessed.
#pragma once

#include <filesystem>
#include <memory>
#include <optional>

#include "ledger/ledger.hpp"
#include "store/search.hpp"

namespace sublet::store {

struct Change {
    Bytes key;
    std::optional<Bytes> value;  // nothing: erased
};

// Everything that one height changes.
struct Commit {
    Height height;
    BlockTime time;
    Hash app_hash{};
    std::vector<Change> changes;
    std::vector<ledger::Archived> archived;
    const FullBlock* block = nullptr;  // nothing at height 0
    void (*when_durable)() = nullptr;  // called when the batch is on the disk and the tip file is not yet written
};

// A whole state that nothing here led to: one that was synced from others, or exported from another chain.
struct Start {
    Height height;  // no block up to it is here
    BlockTime time;
    Hash app_hash{};
    ledger::Tree state;
    void (*half_written)() = nullptr;  // called when keys are written and nothing says so yet
};

struct StoredState {
    std::string chain_id;
    Height height;
    BlockTime time;
    Hash app_hash{};
    Hash block_hash{};  // zero where no block is here yet
    Hash results_hash{};
    std::string genesis;  // as given to begin() or begin_from()
    ledger::Tree state;
};

class Store {
public:
    // Makes the folder (its parent must exist) or opens what is there. Errors: kConflict (another process has it),
    // kStoreDamaged (damaged, or not a folder of ours), kIo (disk full, no permission).
    static Result<std::unique_ptr<Store>> open(const std::filesystem::path& path);
    ~Store();
    Store(const Store&) = delete;
    Store& operator=(const Store&) = delete;

    // The last committed height with all its keys, or nothing in a new folder. Errors: kStoreDamaged, kIo.
    [[nodiscard]] Result<std::optional<StoredState>> load() const;

    // Height 0 of a new chain. Durable when it answers. Errors: kIo.
    Result<> begin(std::string_view chain_id, std::string_view genesis, const Commit& commit);
    // The height of a state that comes whole, also in the place of another such that no block followed; a crash before
    // it answers leaves a folder in which no chain has begun. Errors: kConflict (a chain has begun here), kIo.
    Result<> begin_from(std::string_view chain_id, std::string_view genesis, const Start& start);
    // Of the state with which this folder began; 0: of a genesis. Blocks up to it are not here. Any thread.
    [[nodiscard]] Height base() const;
    // The next height. Durable when it answers; after an error the folder is at the height before and no further commit
    // is taken. Errors: kIo (disk full: says so), kStoreDamaged.
    Result<> commit(const Commit& commit);

    // Reads, from any thread. Errors: kNotFound, kHeightPruned (up to base()), kStoreDamaged, kIo.
    [[nodiscard]] Result<StoredBlock> header(Height height) const;
    [[nodiscard]] Result<FullBlock> block(Height height) const;
    [[nodiscard]] Result<StoredTx> transaction(const Hash& hash) const;
    [[nodiscard]] Result<StoredTx> transaction_at(Height height, std::uint32_t index) const;
    // In order of (height, index). Errors: kBadField (too many conditions, limit over kMaxPage), kStoreDamaged, kIo.
    [[nodiscard]] Result<SearchResult> search(const Search& search) const;
    // Archived values of a key, oldest first.
    [[nodiscard]] Result<std::vector<Bytes>> history(BytesView key) const;

    struct Database;

private:
    explicit Store(std::unique_ptr<Database> database);
    std::unique_ptr<Database> database_;
};

}  // namespace sublet::store
