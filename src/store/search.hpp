// search.hpp: questions to the index of transactions: `message.sender='sublet1…' AND tx.height>10`.
#pragma once

#include "store/records.hpp"
#include "store/search_value.hpp"

namespace sublet::store {

inline constexpr std::size_t kMaxConditions = 8;
inline constexpr std::size_t kMaxQueryBytes = 1'024;
inline constexpr std::size_t kMaxPage = 100;
inline constexpr std::size_t kMaxScanned = 20'000;         // index rows looked at for one question
inline constexpr std::size_t kMaxIndexedValueBytes = 256;  // longer values are not indexed, and do not match

enum class Relation : std::uint8_t { kEqual, kLess, kLessOrEqual, kGreater, kGreaterOrEqual, kExists, kContains };

// `key` is "type.attribute", or "tx.hash", "tx.height", "tm.event", "block.height", "block.time".
struct Condition {
    std::string key;
    Relation relation = Relation::kEqual;
    std::string value;
    ValueKind kind = ValueKind::kText;
};

// The query language of CometBFT's clients: conditions joined by AND; operators = < <= > >= EXISTS CONTAINS; texts in
// single quotes, numbers bare, TIME 2026-01-02T03:04:05Z, DATE 2026-01-02. Errors: kParse with the place.
Result<std::vector<Condition>> parse_conditions(std::string_view text);
std::string to_text(const std::vector<Condition>& conditions);

// What a query is asked about: a transaction, or a block and its own events.
struct Subject {
    Height height;
    const Hash* hash = nullptr;  // nothing for a block
    const std::vector<StoredEvent>* events = nullptr;
    std::optional<BlockTime> time;  // nothing: `block.time` is not known here
    std::string_view kind;          // what `tm.event` is; empty: those conditions hold
};
bool matches(const std::vector<Condition>& conditions, const Subject& subject);

struct Search {
    std::vector<Condition> conditions;
    bool descending = false;
    std::size_t skip = 0;
    std::size_t limit = 30;           // at most kMaxPage
    Height up_to{~std::uint64_t{0}};  // what stands in later blocks is not found
};

struct SearchResult {
    std::vector<StoredTx> transactions;
    std::size_t total = 0;
    bool complete = true;  // false: kMaxScanned was reached, there may be more
};

}  // namespace sublet::store
