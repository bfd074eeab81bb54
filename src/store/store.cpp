// store.cpp: open a folder, load the committed height, commit the next.
#include "store/store.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <rocksdb/slice_transform.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <system_error>

#include "store/database.hpp"

namespace sublet::store {

namespace {

namespace fs = std::filesystem;

constexpr std::uint64_t kMaxLogBytes = 64ULL << 20U;  // of the write-ahead log before families are flushed

// RocksDB's own log file is written without an answer to a full disk: the library then ends the process when it closes.
// What matters comes back as a status.
class NoLog : public rocksdb::Logger {
public:
    using rocksdb::Logger::Logv;
    void Logv(const char* /*format*/, va_list /*arguments*/) override {}
};

rocksdb::Options database_options() {
    rocksdb::Options options;
    options.info_log = std::make_shared<NoLog>();
    options.create_missing_column_families = true;
    options.paranoid_checks = true;
    // A torn last record is a crash; damage before it is refused instead of rolling back to where it still read well.
    options.wal_recovery_mode = rocksdb::WALRecoveryMode::kTolerateCorruptedTailRecords;
    options.track_and_verify_wals_in_manifest = true;
    options.max_total_wal_size = kMaxLogBytes;
    options.max_bgerror_resume_count = 0;
    options.max_background_jobs = 2;
    options.write_buffer_size = 16U << 20U;
    // A batch comes in key order, so each key goes in beside the one before it.
    options.memtable_insert_with_hint_prefix_extractor.reset(rocksdb::NewCappedPrefixTransform(1));
    return options;
}

Result<> open_database(Store::Database& database, const fs::path& path, bool create) {
    rocksdb::Options options = database_options();
    options.create_if_missing = create;
    std::vector<rocksdb::ColumnFamilyDescriptor> families;
    for (const char* name : kFamilyNames) {
        families.emplace_back(name, options);
    }
    families.emplace_back(rocksdb::kDefaultColumnFamilyName, options);
    rocksdb::DB* db = nullptr;
    const rocksdb::Status status = rocksdb::DB::Open(options, path.string(), families, &database.handles, &db);
    if (!status.ok()) {
        return database.error(status, "open the ledger");
    }
    database.db.reset(db);
    return {};
}

Result<> sync_folder(const fs::path& path) {
    const int folder = ::open(path.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (folder < 0 || ::fsync(folder) != 0) {
        const std::string why = std::strerror(errno);
        if (folder >= 0) {
            ::close(folder);
        }
        return fail(Code::kIo, "cannot sync " + path.string() + ": " + why);
    }
    ::close(folder);
    return {};
}

// A new folder is made whole beside its name and then renamed, so that whatever stands under the name is complete.
Result<> create(const fs::path& path) {
    const fs::path fresh = path.string() + ".new";
    std::error_code problem;
    fs::remove_all(fresh, problem);
    fs::create_directory(fresh, problem);
    if (problem) {
        return fail(Code::kIo, "cannot make " + fresh.string() + ": " + problem.message());
    }
    fs::permissions(fresh, fs::perms::owner_all, problem);
    {
        Store::Database database;
        database.path = fresh;
        TRY_OK(open_database(database, fresh, true));
        rocksdb::WriteOptions options;
        options.sync = true;
        const rocksdb::Status status =
            database.db->Put(options, database.family(Family::kMeta), slice(kFormatKey), slice(kFormat));
        if (!status.ok()) {
            return database.error(status, "write the first record");
        }
    }
    fs::rename(fresh, path, problem);
    if (problem) {
        return fail(Code::kIo, "cannot rename " + fresh.string() + ": " + problem.message());
    }
    return sync_folder(path.has_parent_path() ? path.parent_path() : fs::path{"."});
}

// Nothing: the folder is new. Refuses what RocksDB would silently make a database of.
Result<bool> is_there(const fs::path& path) {
    std::error_code problem;
    if (!fs::exists(path, problem) || (fs::is_directory(path, problem) && fs::is_empty(path, problem))) {
        return false;
    }
    if (problem) {
        return fail(Code::kIo, "cannot look into " + path.string() + ": " + problem.message());
    }
    if (fs::exists(path / "CURRENT", problem)) {
        return true;
    }
    return fail(Code::kStoreDamaged,
                path.string() + (fs::exists(path / "TIP", problem)
                                     ? " is damaged: its file CURRENT is gone; restore a copy of it"
                                     : " is not a ledger folder; name an empty one"));
}

}  // namespace

StoredEvent stored(const ledger::Event& event) {
    StoredEvent out{.type = event.type, .attributes = {}};
    out.attributes.reserve(event.attributes.size());
    for (const ledger::EventAttribute& attribute : event.attributes) {
        out.attributes.push_back({attribute.key, attribute.value});
    }
    return out;
}

Store::Store(std::unique_ptr<Database> database) : database_(std::move(database)) {}
Store::~Store() = default;

Result<std::unique_ptr<Store>> Store::open(const fs::path& path) {
    TRY(exists, is_there(path));
    if (!exists) {
        std::error_code ignored;
        fs::remove(path, ignored);  // an empty folder makes room for the rename
        TRY_OK(create(path));
    }
    auto database = std::make_unique<Database>();
    database->path = path;
    std::vector<std::string> names;
    if (const rocksdb::Status status = rocksdb::DB::ListColumnFamilies(database_options(), path.string(), &names);
        !status.ok()) {
        return database->error(status, "open the ledger");
    }
    for (const std::string& name : names) {
        if (name != rocksdb::kDefaultColumnFamilyName && std::ranges::find(kFamilyNames, name) == kFamilyNames.end()) {
            return fail(Code::kStoreDamaged, path.string() + " is a database of another program; name an empty folder");
        }
    }
    if (names.size() != kFamilyNames.size() + 1) {
        return fail(Code::kStoreDamaged, path.string() + " is not a ledger folder; name an empty one");
    }
    TRY_OK(open_database(*database, path, false));
    TRY(format, database->get(Family::kMeta, kFormatKey));
    if (format != std::optional<Bytes>{kFormat}) {
        return database->damaged("its format is not '" + std::string{kFormat} + "'");
    }
    TRY_OK(database->open_tip());
    TRY_OK(database->read_base());
    return std::unique_ptr<Store>{new Store{std::move(database)}};
}

Result<std::optional<StoredState>> Store::load() const {
    TRY(tip, database_->read_tip());
    TRY(raw, database_->get(Family::kMeta, kHeadKey));
    if (!raw) {
        return tip == 0 ? Result<std::optional<StoredState>>{std::nullopt}
                        : database_->damaged("its last height is gone");
    }
    Result<Head> head = codec::decode<Head>(*raw);
    if (!head) {
        return database_->damaged("its last height does not decode: " + head.error().message);
    }
    if (head->height.value() < tip) {
        return database_->damaged("it ends at height " + std::to_string(head->height.value()) + " although height " +
                                  std::to_string(tip) + " was committed");
    }
    if (head->height > base()) {
        TRY_OK(header(Height{base().value() + 1}));
        TRY(last, header(head->height));
        if (last.header.hash != head->block_hash) {
            return database_->damaged("its last block is not the one that was committed");
        }
    }
    TRY(genesis, database_->get(Family::kMeta, kGenesisKey));
    if (!genesis) {
        return database_->damaged("its genesis is gone");
    }
    StoredState out{.chain_id = head->chain_id,
                    .height = head->height,
                    .time = head->time,
                    .app_hash = head->app_hash,
                    .block_hash = head->block_hash,
                    .results_hash = head->results_hash,
                    .genesis = *std::move(genesis),
                    .state = {}};
    ledger::Tree::Builder builder;
    const auto rows = database_->iterate(Family::kState);
    for (rows->SeekToFirst(); rows->Valid(); rows->Next()) {
        if (!builder.append(bytes_of(rows->key()), bytes_of(rows->value()))) {
            return database_->damaged("an empty key or value, or keys that do not ascend, at " +
                                      to_hex(bytes_of(rows->key())));
        }
    }
    if (!rows->status().ok()) {
        return database_->error(rows->status(), "read the state");
    }
    out.state = ledger::Tree{builder.finish()};
    return std::optional<StoredState>{std::move(out)};
}

Result<> Store::begin(std::string_view chain_id, std::string_view genesis, const Commit& commit) {
    TRY_OK(database_->forget_half_written());
    rocksdb::WriteBatch batch;
    batch.Put(database_->family(Family::kMeta), slice(kGenesisKey), slice(genesis));
    const Head head{.chain_id = std::string{chain_id},
                    .height = commit.height,
                    .time = commit.time,
                    .app_hash = commit.app_hash,
                    .block_hash = {},
                    .results_hash = {}};
    return database_->write(commit, batch, head);
}

Result<> Store::commit(const Commit& commit) {
    if (commit.block == nullptr || commit.block->height() != commit.height) {
        return fail(Code::kInternal, "a commit needs the block of its height");
    }
    rocksdb::WriteBatch batch;
    put_block(batch, *database_, *commit.block);
    const BlockHeader& header = commit.block->block.header;
    const Head head{.chain_id = header.chain_id,
                    .height = commit.height,
                    .time = commit.time,
                    .app_hash = commit.app_hash,
                    .block_hash = header.hash,
                    .results_hash = commit.block->block.results_hash_after};
    return database_->write(commit, batch, head);
}

}  // namespace sublet::store
