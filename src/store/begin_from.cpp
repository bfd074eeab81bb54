// begin_from.cpp: a folder that begins with a whole state: its keys in batches, and one last write that says that they
// are there.
#include "store/database.hpp"

namespace sublet::store {
namespace {

constexpr std::size_t kBatchBytes = 4U << 20U;  // of keys and values, held a second time while they are written

// Writes that need not be durable before the one that names the height, whose sync takes their log along.
class Batches {
public:
    explicit Batches(Store::Database& database) : database_(database) {}
    // False: the database failed, and says so in finish().
    bool put(BytesView key, BytesView value) {
        batch_.Put(database_.family(Family::kState), slice(key), slice(value));
        return added(key.size() + value.size());
    }
    bool erase(BytesView key) {
        batch_.Delete(database_.family(Family::kState), slice(key));
        return added(key.size());
    }
    Result<> finish(std::string_view doing) {
        if (status_.ok() && batch_.Count() > 0) {
            flush();
        }
        database_.failed = database_.failed || !status_.ok();
        return status_.ok() ? Result<>{} : database_.error(status_, doing);
    }

private:
    bool added(std::size_t bytes) {
        bytes_ += bytes;
        return bytes_ < kBatchBytes || flush();
    }
    bool flush() {
        status_ = database_.db->Write(rocksdb::WriteOptions{}, &batch_);
        batch_.Clear();
        bytes_ = 0;
        return status_.ok();
    }

    Store::Database& database_;
    rocksdb::WriteBatch batch_;
    std::size_t bytes_ = 0;
    rocksdb::Status status_;
};

}  // namespace

Height Store::base() const { return Height{database_->base}; }

Result<> Store::Database::read_base() {
    TRY(raw, get(Family::kMeta, kBaseKey));
    if (raw && raw->size() != 8) {
        return damaged("the height that it began with does not read");
    }
    base = raw ? read_be64(*raw) : 0;
    return {};
}

Result<> Store::Database::forget_beginning() {
    TRY(raw, get(Family::kMeta, kHeadKey));
    if (!raw) {
        return {};
    }
    const Result<Head> head = codec::decode<Head>(*raw);
    if (!head || base == 0 || head->height.value() > base) {
        return fail(Code::kConflict, "a chain has begun in " + path.string() + ": name an empty folder");
    }
    TRY_OK(write_tip(Height{0}));
    rocksdb::WriteBatch batch;
    batch.Delete(family(Family::kMeta), slice(kHeadKey));
    batch.Delete(family(Family::kMeta), slice(kBaseKey));
    rocksdb::WriteOptions options;
    options.sync = true;
    if (const rocksdb::Status status = db->Write(options, &batch); !status.ok()) {
        failed = true;
        return error(status, "clear the folder");
    }
    base = 0;
    return {};
}

// Key by key: RocksDB's deletion of a range does not go together with hints for inserts (store.cpp).
Result<> Store::Database::forget_half_written() {
    Batches batches{*this};
    const auto rows = iterate(Family::kState);
    for (rows->SeekToFirst(); rows->Valid() && batches.erase(bytes_of(rows->key())); rows->Next()) {
    }
    return rows->status().ok() ? batches.finish("clear the folder") : error(rows->status(), "read the state");
}

Result<> Store::begin_from(std::string_view chain_id, std::string_view genesis, const Start& start) {
    TRY_OK(database_->forget_beginning());
    TRY_OK(database_->forget_half_written());
    Batches batches{*database_};
    start.state.visit("", "", [&](BytesView key, BytesView value) { return batches.put(key, value); });
    TRY_OK(batches.finish("write the state"));
    if (start.half_written != nullptr) {
        start.half_written();
    }
    rocksdb::WriteBatch batch;
    Bytes base;
    append_be64(base, start.height.value());
    batch.Put(database_->family(Family::kMeta), slice(kGenesisKey), slice(genesis));
    batch.Put(database_->family(Family::kMeta), slice(kBaseKey), slice(base));
    Commit commit;
    commit.height = start.height;
    commit.time = start.time;
    commit.app_hash = start.app_hash;
    TRY_OK(database_->write(commit, batch,
                            {.chain_id = std::string{chain_id},
                             .height = start.height,
                             .time = start.time,
                             .app_hash = start.app_hash,
                             .block_hash = {},
                             .results_hash = {}}));
    database_->base = start.height.value();
    return {};
}

}  // namespace sublet::store
