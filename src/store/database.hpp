// database.hpp: RocksDB as the store sees it: families, statuses as errors, rows as structs. Private to the room.
#pragma once

#include <rocksdb/db.h>
#include <rocksdb/write_batch.h>

#include <array>
#include <atomic>

#include "store/store.hpp"

namespace sublet::store {

enum class Family : std::uint8_t { kState, kMeta, kBlocks, kTxs, kEvents, kHistory };
inline constexpr std::array<const char*, 6> kFamilyNames = {"state", "meta", "blocks", "txs", "events", "history"};

// The last committed height, in family meta under kHeadKey.
struct Head {
    std::uint32_t version = 1;
    std::string chain_id;
    Height height;
    BlockTime time;
    Hash app_hash{};
    Hash block_hash{};
    Hash results_hash{};
    static constexpr auto fields() {
        using codec::field;
        return codec::list(field(1, "version", &Head::version), field(2, "chain_id", &Head::chain_id),
                           field(3, "height", &Head::height), field(4, "time", &Head::time),
                           field(5, "app_hash", &Head::app_hash), field(6, "block_hash", &Head::block_hash),
                           field(7, "results_hash", &Head::results_hash));
    }
};

// A list of events may be longer than the codec takes at once: block events are kept in pages.
struct EventPage {
    std::vector<StoredEvent> events;
    static constexpr auto fields() { return codec::list(codec::field(1, "events", &EventPage::events)); }
};
inline constexpr std::size_t kEventsPerPage = 1'024;

inline constexpr std::string_view kFormatKey = "format";
inline constexpr std::string_view kFormat = "sublet ledger store 1";
inline constexpr std::string_view kHeadKey = "head";
inline constexpr std::string_view kGenesisKey = "genesis";
inline constexpr std::string_view kBaseKey = "base";  // where it is not 0: 8 bytes, big-endian

struct Store::Database {
    std::filesystem::path path;
    std::unique_ptr<rocksdb::DB> db;
    std::vector<rocksdb::ColumnFamilyHandle*> handles;  // owned through db; in the order of Family, default at the end
    int tip_file = -1;
    bool failed = false;
    std::atomic<std::uint64_t> base = 0;  // height

    Database() = default;
    Database(const Database&) = delete;
    Database& operator=(const Database&) = delete;
    ~Database();

    [[nodiscard]] rocksdb::ColumnFamilyHandle* family(Family which) const {
        return handles[static_cast<std::size_t>(which)];
    }
    [[nodiscard]] Result<std::optional<Bytes>> get(Family which, BytesView key) const;
    [[nodiscard]] std::unique_ptr<rocksdb::Iterator> iterate(Family which) const;
    [[nodiscard]] std::unexpected<Error> error(const rocksdb::Status& status, std::string_view doing) const;
    [[nodiscard]] std::unexpected<Error> damaged(std::string_view what) const;
    Result<> open_tip();
    Result<> read_base();
    // A whole state that no block followed. Errors: kConflict (one did, or there was a genesis).
    Result<> forget_beginning();
    // Keys of the state without a word that they are one: what a crash may leave of begin_from().
    Result<> forget_half_written();
    [[nodiscard]] Result<std::uint64_t> read_tip() const;
    Result<> write_tip(Height height) const;
    // Writes the changes, the new head and what is in `batch` already as one synced batch.
    Result<> write(const Commit& commit, rocksdb::WriteBatch& batch, const Head& head);

    template <codec::Struct T>
    [[nodiscard]] Result<T> record(Family which, BytesView key, std::string_view what) const {
        TRY(bytes, get(which, key));
        if (!bytes) {
            return fail(Code::kNotFound, std::string{what} + " is not in the store");
        }
        Result<T> value = codec::decode<T>(*bytes);
        if (!value) {
            return damaged(std::string{what} + " does not decode: " + value.error().message);
        }
        return std::move(*value);
    }
};

rocksdb::Slice slice(BytesView bytes);
BytesView bytes_of(const rocksdb::Slice& slice);

Bytes block_key(Height height);
Bytes event_page_key(Height height, std::uint32_t page);
Bytes position(Height height, std::uint32_t index);  // key of a transaction in family txs is 't' ‖ position
Bytes tx_key(BytesView position);
Bytes hash_key(const Hash& hash);
// Rows of family events: kind ‖ "type.attribute" ‖ 0 ‖ value ‖ 0 ‖ position. Nothing when the value cannot be a row.
inline constexpr char kTxRow = 't';
inline constexpr char kBlockRow = 'b';
std::optional<Bytes> row_prefix(char kind, BytesView key, BytesView value);

void put_block(rocksdb::WriteBatch& batch, const Store::Database& database, const FullBlock& block);

}  // namespace sublet::store
