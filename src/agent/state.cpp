// state.cpp: what the agent remembers over restarts, in SQLite.
#include "agent/state.hpp"

#include <sqlite3.h>
#include <sys/stat.h>

#include <fcntl.h>
#include <unistd.h>

namespace sublet::agent {

namespace {

constexpr const char* kTables = R"sql(
CREATE TABLE IF NOT EXISTS settings(key TEXT PRIMARY KEY, value TEXT NOT NULL) STRICT;
CREATE TABLE IF NOT EXISTS leases(
  id INTEGER PRIMARY KEY, manifest BLOB, nonce BLOB, received_unix_ms INTEGER NOT NULL DEFAULT 0,
  closed_unix_ms INTEGER) STRICT;
CREATE TABLE IF NOT EXISTS ports(
  lease INTEGER NOT NULL, service TEXT NOT NULL, replica INTEGER NOT NULL, container_port INTEGER NOT NULL,
  udp INTEGER NOT NULL, host_port INTEGER NOT NULL,
  PRIMARY KEY(lease, service, replica, container_port, udp)) STRICT;
CREATE TABLE IF NOT EXISTS events(
  sequence INTEGER PRIMARY KEY AUTOINCREMENT, lease INTEGER NOT NULL, unix_ms INTEGER NOT NULL, kind TEXT NOT NULL,
  text TEXT NOT NULL) STRICT;
CREATE INDEX IF NOT EXISTS events_of_lease ON events(lease, sequence);
)sql";

sqlite3_int64 signed_of(std::uint64_t value) { return static_cast<sqlite3_int64>(value); }

// Cut where a character of UTF-8 begins.
std::string bounded(const std::string& text) {
    if (text.size() <= kMaxEventText) {
        return text;
    }
    std::size_t end = kMaxEventText;
    while (end > 0 && (static_cast<unsigned char>(text[end]) & 0xC0U) == 0x80U) {
        --end;
    }
    return text.substr(0, end) + "…";
}

}  // namespace

// One prepared statement; parameters are bound in order.
class State::Statement {
public:
    Statement(State& state, const char* sql) : state_(state) {
        failed_ = sqlite3_prepare_v2(state.database_, sql, -1, &statement_, nullptr) != SQLITE_OK;
    }
    ~Statement() { sqlite3_finalize(statement_); }
    Statement(const Statement&) = delete;
    Statement& operator=(const Statement&) = delete;

    Statement& bind(std::uint64_t value) {
        failed_ = failed_ || sqlite3_bind_int64(statement_, ++bound_, signed_of(value)) != SQLITE_OK;
        return *this;
    }
    Statement& bind(const std::string& value) {
        failed_ = failed_ || sqlite3_bind_text(statement_, ++bound_, value.data(), static_cast<int>(value.size()),
                                               SQLITE_TRANSIENT) != SQLITE_OK;
        return *this;
    }
    Statement& bind_blob(const Bytes& value) {
        failed_ = failed_ || sqlite3_bind_blob(statement_, ++bound_, value.data(), static_cast<int>(value.size()),
                                               SQLITE_TRANSIENT) != SQLITE_OK;
        return *this;
    }
    // True while there is a row.
    Result<bool> step() {
        const int result = failed_ ? SQLITE_ERROR : sqlite3_step(statement_);
        if (result == SQLITE_ROW) {
            return true;
        }
        if (result == SQLITE_DONE) {
            return false;
        }
        return std::unexpected{state_.damage(sqlite3_errmsg(state_.database_))};
    }
    Result<> run() {
        TRY(row, step());
        static_cast<void>(row);
        return {};
    }
    std::uint64_t number(int column) { return static_cast<std::uint64_t>(sqlite3_column_int64(statement_, column)); }
    Bytes bytes(int column) {
        const void* data = sqlite3_column_blob(statement_, column);
        const int size = sqlite3_column_bytes(statement_, column);
        return data == nullptr ? Bytes{} : Bytes{static_cast<const char*>(data), static_cast<std::size_t>(size)};
    }

private:
    State& state_;
    sqlite3_stmt* statement_ = nullptr;
    int bound_ = 0;
    bool failed_ = false;
};

Error State::damage(const std::string& what) const {
    const int code = sqlite3_errcode(database_);
    if (code == SQLITE_FULL || code == SQLITE_IOERR || code == SQLITE_READONLY || code == SQLITE_BUSY) {
        return {Code::kIo, "the agent's state " + name_ + " cannot be written or read: " + what +
                               ". Is the disk full, or does another agent use this data folder?"};
    }
    return {Code::kStoreDamaged, "the agent's state " + name_ + " is damaged: " + what +
                                     ". Move the file away and start again: running containers are adopted, tenants "
                                     "send their manifests once more when asked"};
}

Result<> State::execute(const char* sql) {
    char* message = nullptr;
    const int result = sqlite3_exec(database_, sql, nullptr, nullptr, &message);
    const std::string text = message == nullptr ? "" : message;
    sqlite3_free(message);
    if (result != SQLITE_OK) {
        return std::unexpected{damage(text)};
    }
    return {};
}

Result<std::unique_ptr<State>> State::open(const std::filesystem::path& file) {
    // Made here, so that it is never readable by others, not even for a moment.
    const int handle = ::open(file.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600);
    if (handle < 0) {
        return fail(Code::kIo, "cannot open " + file.string() + "; check that the folder is there and yours");
    }
    ::fchmod(handle, 0600);
    ::close(handle);
    sqlite3* database = nullptr;
    const int flags = SQLITE_OPEN_READWRITE | SQLITE_OPEN_FULLMUTEX;
    const int opened = sqlite3_open_v2(file.c_str(), &database, flags, nullptr);
    std::unique_ptr<State> state{new State{database, file.string()}};
    if (opened != SQLITE_OK) {
        return std::unexpected{state->damage(database == nullptr ? "no memory" : sqlite3_errmsg(database))};
    }
    TRY_OK(state->prepare_tables());
    return state;
}

State::~State() { sqlite3_close_v2(database_); }

Result<> State::prepare_tables() {
    sqlite3_busy_timeout(database_, 2'000);
    TRY_OK(execute("PRAGMA journal_mode=WAL"));
    TRY_OK(execute("PRAGMA synchronous=FULL"));
    TRY_OK(execute("PRAGMA secure_delete=ON"));  // forgotten manifests hold passwords
    {
        Statement check{*this, "PRAGMA quick_check(1)"};
        TRY(row, check.step());
        if (row && check.bytes(0) != "ok") {
            return std::unexpected{damage(check.bytes(0))};
        }
    }
    std::uint64_t version = 0;
    {
        Statement read{*this, "PRAGMA user_version"};
        TRY(row, read.step());
        version = row ? read.number(0) : 0;
    }
    if (version > kStateVersion) {
        return fail(Code::kStoreDamaged, "the agent's state " + name_ + " was written by a newer version of sublet (" +
                                             std::to_string(version) + "); use that version");
    }
    TRY_OK(execute(kTables));
    return execute("PRAGMA user_version=1");
}

Result<std::optional<std::string>> State::setting(const std::string& key) {
    Statement read{*this, "SELECT value FROM settings WHERE key=?"};
    TRY(row, read.bind(key).step());
    if (!row) {
        return std::optional<std::string>{};
    }
    return std::optional<std::string>{read.bytes(0)};
}

Result<> State::set_setting(const std::string& key, const std::string& value) {
    return Statement{*this, "INSERT INTO settings VALUES(?,?) ON CONFLICT(key) DO UPDATE SET value=excluded.value"}
        .bind(key)
        .bind(value)
        .run();
}

Result<> State::put_manifest(const StoredManifest& manifest, std::uint64_t unix_ms) {
    return Statement{*this,
                     "INSERT INTO leases(id,manifest,nonce,received_unix_ms) VALUES(?,?,?,?) ON CONFLICT(id) DO UPDATE "
                     "SET manifest=excluded.manifest,nonce=excluded.nonce,received_unix_ms=excluded.received_unix_ms"}
        .bind(manifest.lease.value())
        .bind_blob(manifest.json)
        .bind_blob(manifest.nonce)
        .bind(unix_ms)
        .run();
}

Result<std::vector<StoredManifest>> State::manifests() {
    Statement read{*this, "SELECT id,manifest,nonce FROM leases WHERE manifest IS NOT NULL ORDER BY id"};
    std::vector<StoredManifest> out;
    while (true) {
        TRY(row, read.step());
        if (!row) {
            return out;
        }
        out.push_back({LeaseId{read.number(0)}, read.bytes(1), read.bytes(2)});
    }
}

Result<> State::forget(LeaseId lease, std::uint64_t unix_ms) {
    TRY_OK(execute("BEGIN IMMEDIATE"));
    const auto work = [&]() -> Result<> {
        TRY_OK(Statement(*this,
                         "INSERT INTO leases(id,closed_unix_ms) VALUES(?,?) ON CONFLICT(id) DO UPDATE SET "
                         "manifest=NULL,nonce=NULL,closed_unix_ms=coalesce(closed_unix_ms,excluded.closed_unix_ms)")
                   .bind(lease.value())
                   .bind(unix_ms)
                   .run());
        TRY_OK(Statement(*this, "DELETE FROM ports WHERE lease=?").bind(lease.value()).run());
        TRY_OK(Statement(*this, "DELETE FROM settings WHERE key GLOB 'ended/' || ? || '/*'").bind(lease.value()).run());
        TRY_OK(Statement(*this,
                         "DELETE FROM leases WHERE closed_unix_ms IS NOT NULL AND id NOT IN (SELECT id FROM leases "
                         "WHERE closed_unix_ms IS NOT NULL ORDER BY closed_unix_ms DESC, id DESC LIMIT ?)")
                   .bind(kMaxClosedRecords)
                   .run());
        // Events may precede the manifest: only those of leases that were dropped above, which are older than all.
        return Statement{*this,
                         "DELETE FROM events WHERE lease NOT IN (SELECT id FROM leases) AND lease < (SELECT "
                         "coalesce(min(id),0) FROM leases)"}
            .run();
    };
    Result<> done = work();
    if (done) {
        done = execute("COMMIT");
    }
    if (!done && sqlite3_get_autocommit(database_) == 0) {  // a full disk may have undone it already
        const Result<> undone = execute("ROLLBACK");
        static_cast<void>(undone);  // what counts is why it came to that
    }
    return done;
}

Result<> State::put_ports(LeaseId lease, const std::vector<StoredPort>& ports) {
    for (const StoredPort& port : ports) {
        TRY_OK(Statement(*this, "INSERT OR REPLACE INTO ports VALUES(?,?,?,?,?,?)")
                   .bind(lease.value())
                   .bind(port.service)
                   .bind(port.replica)
                   .bind(std::uint64_t{port.container_port})
                   .bind(std::uint64_t{port.udp ? 1U : 0U})
                   .bind(std::uint64_t{port.host_port})
                   .run());
    }
    return {};
}

Result<std::vector<StoredPort>> State::ports(LeaseId lease) {
    Statement read{*this,
                   "SELECT service,replica,container_port,udp,host_port FROM ports WHERE lease=? ORDER BY 1,2,3,4"};
    read.bind(lease.value());
    std::vector<StoredPort> out;
    while (true) {
        TRY(row, read.step());
        if (!row) {
            return out;
        }
        out.push_back({read.bytes(0), static_cast<std::uint32_t>(read.number(1)),
                       static_cast<std::uint16_t>(read.number(2)), read.number(3) != 0,
                       static_cast<std::uint16_t>(read.number(4))});
    }
}

Result<> State::drop_ports(LeaseId lease, const std::string& service, std::uint32_t replica) {
    return Statement{*this, "DELETE FROM ports WHERE lease=? AND service=? AND replica=?"}
        .bind(lease.value())
        .bind(service)
        .bind(replica)
        .run();
}

Result<> State::add_event(LeaseId lease, const StoredEvent& event) {
    TRY_OK(Statement(*this, "INSERT INTO events(lease,unix_ms,kind,text) VALUES(?,?,?,?)")
               .bind(lease.value())
               .bind(event.unix_ms)
               .bind(event.kind)
               .bind(bounded(event.text))
               .run());
    return Statement{*this,
                     "DELETE FROM events WHERE lease=?1 AND sequence <= (SELECT sequence FROM events WHERE lease=?1 "
                     "ORDER BY sequence DESC LIMIT 1 OFFSET ?2)"}
        .bind(lease.value())
        .bind(kMaxEventsPerLease)
        .run();
}

Result<std::vector<StoredEvent>> State::events(LeaseId lease, std::uint64_t after_sequence) {
    Statement read{*this,
                   "SELECT sequence,unix_ms,kind,text FROM events WHERE lease=? AND sequence>? ORDER BY sequence"};
    read.bind(lease.value()).bind(after_sequence);
    std::vector<StoredEvent> out;
    while (true) {
        TRY(row, read.step());
        if (!row) {
            return out;
        }
        out.push_back({read.number(0), read.number(1), read.bytes(2), read.bytes(3)});
    }
}

}  // namespace sublet::agent
