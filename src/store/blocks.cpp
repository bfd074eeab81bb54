// blocks.cpp: blocks and transactions in the store: how they are laid out, how they are read and searched.
#include <algorithm>
#include <map>

#include "store/database.hpp"

namespace sublet::store {

namespace {

constexpr std::size_t kPositionBytes = 12;

void add_rows(std::vector<Bytes>& rows, char kind, const StoredEvent& event, BytesView position) {
    for (const StoredAttribute& attribute : event.attributes) {
        std::optional<Bytes> row = row_prefix(kind, event.type + "." + attribute.key, attribute.value);
        if (row) {
            *row += position;
            rows.push_back(*std::move(row));
        }
    }
}

Height height_at(BytesView position) { return Height{read_be64(position)}; }

// The part of a search that the order of rows answers by itself.
struct Range {
    std::uint64_t first = 0;
    std::uint64_t last = ~std::uint64_t{0};
};

std::optional<std::uint64_t> number_of(std::string_view text) {
    std::uint64_t out = 0;
    for (const char c : text) {
        if (c < '0' || c > '9' || out > (~std::uint64_t{0} - 9) / 10) {
            return std::nullopt;
        }
        out = out * 10 + static_cast<std::uint64_t>(c - '0');
    }
    return text.empty() ? std::nullopt : std::optional{out};
}

Range range_of(const Search& search) {
    Range range{.last = search.up_to.value()};
    for (const Condition& condition : search.conditions) {
        const std::optional<std::uint64_t> number = number_of(condition.value);
        if (condition.key != "tx.height" || !number) {
            continue;
        }
        switch (condition.relation) {
            case Relation::kEqual:
                range = {std::max(range.first, *number), std::min(range.last, *number)};
                break;
            case Relation::kGreater:
            case Relation::kGreaterOrEqual:
                range.first = std::max(range.first, *number);
                break;
            case Relation::kLess:
            case Relation::kLessOrEqual:
                range.last = std::min(range.last, *number);
                break;
            default:
                break;
        }
    }
    return range;
}

// Walks the positions under a prefix, either way; the callback says whether to go on.
Result<> walk(const Store::Database& database, Family which, const Bytes& prefix, Range range, bool descending,
              const std::function<Result<bool>(BytesView position)>& visit) {
    const auto rows = database.iterate(which);
    const auto bound = [&](std::uint64_t height, std::uint32_t index) {
        return prefix + position(Height{height}, index);
    };
    if (descending) {
        rows->SeekForPrev(bound(range.last, ~std::uint32_t{0}));
    } else {
        rows->Seek(bound(range.first, 0));
    }
    while (rows->Valid() && rows->key().starts_with(prefix) && rows->key().size() == prefix.size() + kPositionBytes) {
        const BytesView at = bytes_of(rows->key()).substr(prefix.size());
        const std::uint64_t height = height_at(at).value();
        if (height < range.first || height > range.last) {
            break;
        }
        TRY(go_on, visit(at));
        if (!go_on) {
            break;
        }
        if (descending) {
            rows->Prev();
        } else {
            rows->Next();
        }
    }
    return rows->status().ok() ? Result<>{} : database.error(rows->status(), "search");
}

// Where to look: the rows of the first equality, else every transaction.
struct Plan {
    Family family = Family::kTxs;
    Bytes prefix = tx_key({});
    bool exact = false;  // the rows alone decide; a transaction is read only when it is shown
};

std::optional<Plan> plan_of(const std::vector<Condition>& conditions) {
    Plan plan;
    std::size_t others = 0;
    for (const Condition& condition : conditions) {
        const bool positional = condition.key == "tx.height" && condition.relation != Relation::kExists &&
                                condition.relation != Relation::kContains && number_of(condition.value);
        if (condition.key == "tm.event" ||
            (positional && condition.relation != Relation::kLess && condition.relation != Relation::kGreater)) {
            continue;
        }
        if (plan.family == Family::kTxs && condition.relation == Relation::kEqual && condition.key != "tx.hash" &&
            condition.key != "tx.height" && condition.key != "block.height" && condition.kind != ValueKind::kTime) {
            const std::optional<Bytes> prefix = row_prefix(kTxRow, condition.key, condition.value);
            if (!prefix) {
                return std::nullopt;
            }
            plan.family = Family::kEvents;
            plan.prefix = *prefix;
            continue;
        }
        ++others;
    }
    plan.exact = others == 0;
    return plan;
}

}  // namespace

void put_block(rocksdb::WriteBatch& batch, const Store::Database& database, const FullBlock& block) {
    const Height height = block.height();
    rocksdb::ColumnFamilyHandle* const blocks = database.family(Family::kBlocks);
    std::vector<Bytes> rows;
    batch.Put(blocks, slice(block_key(height)), slice(codec::encode(block.block)));
    for (std::size_t first = 0; first < block.events.size(); first += kEventsPerPage) {
        const std::size_t end = std::min(first + kEventsPerPage, block.events.size());
        EventPage page;
        page.events.assign(block.events.begin() + static_cast<std::ptrdiff_t>(first),
                           block.events.begin() + static_cast<std::ptrdiff_t>(end));
        batch.Put(blocks, slice(event_page_key(height, static_cast<std::uint32_t>(first / kEventsPerPage))),
                  slice(codec::encode(page)));
    }
    for (const StoredEvent& event : block.events) {
        add_rows(rows, kBlockRow, event, position(height, 0));
    }
    for (const StoredTx& tx : block.transactions) {
        const Bytes at = position(height, tx.index);
        batch.Put(database.family(Family::kTxs), slice(tx_key(at)), slice(codec::encode(tx)));
        for (const StoredEvent& event : tx.events) {
            add_rows(rows, kTxRow, event, at);
        }
    }
    std::map<Bytes, Bytes> positions;  // by hash
    for (const StoredTx& tx : block.transactions) {
        positions.emplace(hash_key(tx.hash), position(height, tx.index));
    }
    for (const auto& [key, at] : positions) {
        batch.Put(database.family(Family::kTxs), slice(key), slice(at));
    }
    std::ranges::sort(rows);
    for (const Bytes& row : rows) {
        batch.Put(database.family(Family::kEvents), slice(row), rocksdb::Slice{});
    }
}

Result<StoredBlock> Store::header(Height height) const {
    const std::string what = "block " + std::to_string(height.value());
    if (height <= base() && !height.is_zero()) {
        return fail(Code::kHeightPruned,
                    what + " is not here: this node began with the state of height " + std::to_string(base().value()));
    }
    Result<StoredBlock> found = database_->record<StoredBlock>(Family::kBlocks, block_key(height), what);
    if (found || found.error().code != Code::kNotFound || height.is_zero()) {
        return found;
    }
    // A damaged list of files can lose some of them without a word: a committed block is never just "not there".
    const Result<Head> head = database_->record<Head>(Family::kMeta, kHeadKey, "the last height");
    if (head && height <= head->height) {
        return database_->damaged(what + " was committed and is gone");
    }
    return found;
}

Result<FullBlock> Store::block(Height height) const {
    FullBlock out;
    TRY(header, this->header(height));
    out.block = std::move(header);
    for (std::uint32_t page = 0;; ++page) {
        Result<EventPage> events =
            database_->record<EventPage>(Family::kBlocks, event_page_key(height, page), "a page of events");
        if (!events && events.error().code == Code::kNotFound) {
            break;
        }
        TRY_OK(events);
        std::ranges::move(events->events, std::back_inserter(out.events));
    }
    for (std::uint32_t index = 0; index < out.block.transactions; ++index) {
        Result<StoredTx> tx = transaction_at(height, index);
        if (!tx && tx.error().code == Code::kNotFound) {
            return database_->damaged(tx.error().message);
        }
        TRY_OK(tx);
        out.transactions.push_back(*std::move(tx));
    }
    return out;
}

Result<StoredTx> Store::transaction_at(Height height, std::uint32_t index) const {
    return database_->record<StoredTx>(
        Family::kTxs, tx_key(position(height, index)),
        "transaction " + std::to_string(index) + " of block " + std::to_string(height.value()));
}

Result<StoredTx> Store::transaction(const Hash& hash) const {
    TRY(at, database_->get(Family::kTxs, hash_key(hash)));
    if (!at) {
        return fail(Code::kNotFound, "transaction " + to_hex_upper(view_of(hash)) + " is not in any block");
    }
    if (at->size() != kPositionBytes) {
        return database_->damaged("the index of transactions does not decode");
    }
    return database_->record<StoredTx>(Family::kTxs, tx_key(*at), "transaction " + to_hex_upper(view_of(hash)));
}

// A search that names the hash has at most one answer.
static Result<SearchResult> search_hash(const Store& store, const Search& search, std::string_view text) {
    SearchResult out;
    Result<Bytes> raw = from_hex(text);
    Result<Hash> hash = raw ? fixed_from<32>(*raw) : std::unexpected{raw.error()};
    if (!hash) {
        return out;
    }
    Result<StoredTx> tx = store.transaction(*hash);
    if (!tx && tx.error().code != Code::kNotFound) {
        return std::unexpected{tx.error()};
    }
    if (tx && tx->height <= search.up_to && matches(search.conditions, {tx->height, &tx->hash, &tx->events, {}, {}})) {
        out.total = 1;
        if (search.skip == 0 && search.limit > 0) {
            out.transactions.push_back(*std::move(tx));
        }
    }
    return out;
}

Result<SearchResult> Store::search(const Search& search) const {
    if (search.conditions.size() > kMaxConditions || search.limit > kMaxPage) {
        return fail(Code::kBadField, "a search has at most " + std::to_string(kMaxConditions) +
                                         " conditions and pages of " + std::to_string(kMaxPage));
    }
    for (const Condition& condition : search.conditions) {
        if (condition.key == "block.time") {
            return fail(Code::kBadField, "block.time is for subscriptions and block_search; here tx.height");
        }
        if (condition.key == "tx.hash" && condition.relation == Relation::kEqual) {
            return search_hash(*this, search, condition.value);
        }
    }
    SearchResult out;
    const std::optional<Plan> plan = plan_of(search.conditions);
    if (!plan) {
        return out;
    }
    std::size_t scanned = 0;
    const auto visit = [&](BytesView at) -> Result<bool> {
        if (++scanned > kMaxScanned) {
            out.complete = false;
            return false;
        }
        const bool shown = out.total >= search.skip && out.transactions.size() < search.limit;
        if (!plan->exact || shown) {
            Result<StoredTx> tx = database_->record<StoredTx>(Family::kTxs, tx_key(at), "an indexed transaction");
            if (!tx && tx.error().code == Code::kNotFound) {
                return database_->damaged(tx.error().message);
            }
            TRY_OK(tx);
            if (!matches(search.conditions, {tx->height, &tx->hash, &tx->events, {}, {}})) {
                return true;
            }
            if (shown) {
                out.transactions.push_back(*std::move(tx));
            }
        }
        ++out.total;
        return true;
    };
    TRY_OK(walk(*database_, plan->family, plan->prefix, range_of(search), search.descending, visit));
    return out;
}

Result<std::vector<Bytes>> Store::history(BytesView key) const {
    std::vector<Bytes> out;
    const auto rows = database_->iterate(Family::kHistory);
    for (rows->Seek(slice(key)); rows->Valid() && rows->key().starts_with(slice(key)); rows->Next()) {
        if (rows->key().size() == key.size() + 8) {
            out.emplace_back(bytes_of(rows->value()));
        }
    }
    if (!rows->status().ok()) {
        return database_->error(rows->status(), "read the history");
    }
    return out;
}

}  // namespace sublet::store
