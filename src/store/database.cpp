// database.cpp: statuses of RocksDB as sentences, the tip file, and the layout of keys.
#include "store/database.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <charconv>
#include <cstring>

namespace sublet::store {

namespace {

constexpr std::size_t kTipBytes = 21;  // twenty digits and a newline
constexpr char kHeightRow = 'h';
constexpr char kEventsRow = 'e';
constexpr char kTxRecord = 't';
constexpr char kHashRow = 'x';

}  // namespace

rocksdb::Slice slice(BytesView bytes) { return {bytes.data(), bytes.size()}; }
BytesView bytes_of(const rocksdb::Slice& slice) { return {slice.data(), slice.size()}; }

Store::Database::~Database() {
    if (tip_file >= 0) {
        ::close(tip_file);
    }
    if (db) {
        for (rocksdb::ColumnFamilyHandle* handle : handles) {
            db->DestroyColumnFamilyHandle(handle);
        }
        db->Close();
    }
}

std::unexpected<Error> Store::Database::error(const rocksdb::Status& status, std::string_view doing) const {
    const std::string where = "cannot " + std::string{doing} + " in " + path.string() + ": ";
    const std::string detail = status.ToString();
    if (status.IsNoSpace() || status.subcode() == rocksdb::Status::kNoSpace ||
        detail.find("No space left") != std::string::npos) {
        return fail(Code::kIo, where + "the disk is full; make room and start again, nothing committed is lost");
    }
    if (detail.find("LOCK: Resource temporarily unavailable") != std::string::npos ||
        detail.find("lock hold by current process") != std::string::npos) {
        return fail(Code::kConflict, where + "another process uses this folder; stop it first, or name another folder");
    }
    if (status.IsIOError() && detail.find("No such file") == std::string::npos) {
        return fail(Code::kIo, where + detail);
    }
    return fail(Code::kStoreDamaged,
                where + detail + "; the folder is damaged: restore a copy of it, or start with an empty folder");
}

std::unexpected<Error> Store::Database::damaged(std::string_view what) const {
    return fail(Code::kStoreDamaged, path.string() + " is damaged: " + std::string{what} +
                                         "; restore a copy of it, or start with an empty folder");
}

Result<std::optional<Bytes>> Store::Database::get(Family which, BytesView key) const {
    std::string value;
    const rocksdb::Status status = db->Get(rocksdb::ReadOptions{}, family(which), slice(key), &value);
    if (status.IsNotFound()) {
        return std::nullopt;
    }
    if (!status.ok()) {
        return error(status, "read");
    }
    return std::optional<Bytes>{std::move(value)};
}

std::unique_ptr<rocksdb::Iterator> Store::Database::iterate(Family which) const {
    return std::unique_ptr<rocksdb::Iterator>{db->NewIterator(rocksdb::ReadOptions{}, family(which))};
}

// The tip file holds the height of the last commit, written after it was durable and never synced itself. So it may be
// behind the store, but a store behind it has lost blocks that others have already seen.
Result<> Store::Database::open_tip() {
    const std::filesystem::path file = path / "TIP";
    tip_file = ::open(file.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600);
    if (tip_file < 0) {
        return fail(Code::kIo, "cannot open " + file.string() + ": " + std::strerror(errno));
    }
    return {};
}

Result<std::uint64_t> Store::Database::read_tip() const {
    std::array<char, kTipBytes + 1> text{};
    const ssize_t count = ::pread(tip_file, text.data(), text.size(), 0);
    if (count == 0) {
        return std::uint64_t{0};
    }
    std::uint64_t height = 0;
    const char* const end = text.data() + kTipBytes - 1;
    const auto [stopped, problem] = std::from_chars(text.data(), end, height);
    if (count != static_cast<ssize_t>(kTipBytes) || problem != std::errc{} || stopped != end || *end != '\n') {
        return damaged("its file TIP is not a height");
    }
    return height;
}

Result<> Store::Database::write_tip(Height height) const {
    std::string text = std::to_string(height.value());
    text = std::string(kTipBytes - 1 - text.size(), '0') + text + "\n";
    if (::pwrite(tip_file, text.data(), text.size(), 0) != static_cast<ssize_t>(text.size())) {
        return fail(Code::kIo, "cannot write " + (path / "TIP").string() + ": " + std::strerror(errno));
    }
    return {};
}

Result<> Store::Database::write(const Commit& commit, rocksdb::WriteBatch& batch, const Head& head) {
    if (failed) {
        return fail(Code::kIo, "the store stopped at an earlier failed write; start again");
    }
    for (const Change& change : commit.changes) {
        if (change.value) {
            batch.Put(family(Family::kState), slice(change.key), slice(*change.value));
        } else {
            batch.Delete(family(Family::kState), slice(change.key));
        }
    }
    for (const ledger::Archived& archived : commit.archived) {
        Bytes key = archived.key;
        append_be64(key, commit.height.value());
        batch.Put(family(Family::kHistory), slice(key), slice(archived.value));
    }
    batch.Put(family(Family::kMeta), slice(kHeadKey), slice(codec::encode(head)));
    rocksdb::WriteOptions options;
    options.sync = true;
    if (const rocksdb::Status status = db->Write(options, &batch); !status.ok()) {
        failed = true;  // whether the batch is on the disk is not known: only a restart can tell
        return error(status, "write height " + std::to_string(commit.height.value()));
    }
    if (commit.when_durable != nullptr) {
        commit.when_durable();
    }
    return write_tip(commit.height);
}

Bytes block_key(Height height) {
    Bytes key(1, kHeightRow);
    append_be64(key, height.value());
    return key;
}

Bytes event_page_key(Height height, std::uint32_t page) { return Bytes(1, kEventsRow) + position(height, page); }

Bytes position(Height height, std::uint32_t index) {
    Bytes out;
    append_be64(out, height.value());
    append_be32(out, index);
    return out;
}

Bytes tx_key(BytesView position) { return Bytes(1, kTxRecord) + Bytes{position}; }

Bytes hash_key(const Hash& hash) { return Bytes(1, kHashRow) + Bytes{view_of(hash)}; }

std::optional<Bytes> row_prefix(char kind, BytesView key, BytesView value) {
    if (value.size() > kMaxIndexedValueBytes || key.find('\0') != BytesView::npos ||
        value.find('\0') != BytesView::npos) {
        return std::nullopt;
    }
    Bytes out(1, kind);
    out += key;
    out += '\0';
    out += value;
    out += '\0';
    return out;
}

}  // namespace sublet::store
