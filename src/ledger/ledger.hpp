// ledger.hpp: what handlers see of the state: View reads, Ledger also writes, emits and reverts.
// Deterministic. Spec: docs/spec/transactions.md.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <vector>

#include "base/assert.hpp"
#include "codec/decode.hpp"
#include "ledger/board.hpp"
#include "ledger/event.hpp"
#include "ledger/tree.hpp"

namespace sublet::ledger {

// Called with key and value in key order; false stops the visit.
using Visitor = std::function<bool(BytesView key, BytesView value)>;

// The hashed state and the derived index beside it (never hashed, never stored, rebuilt on load).
class View {
public:
    View() = default;
    View(Tree state, IndexTree index) : state_(std::move(state)), index_(std::move(index)) {}

    [[nodiscard]] std::optional<BytesView> get(BytesView key) const { return state_.get(key); }
    // Every key that starts with `prefix` and is not below `from` (pass the prefix itself to start at its first).
    void visit(BytesView prefix, BytesView from, const Visitor& visitor) const { state_.visit(prefix, from, visitor); }
    [[nodiscard]] std::optional<BytesView> get_index(BytesView key) const { return index_.get(key); }
    void visit_index(BytesView prefix, BytesView from, const Visitor& visitor) const {
        index_.visit(prefix, from, visitor);
    }
    [[nodiscard]] const Tree& state() const { return state_; }
    [[nodiscard]] const IndexTree& index() const { return index_; }

protected:
    Tree state_;
    IndexTree index_;
};

struct Params;  // params.hpp

// A record that left the hashed state for the history store.
struct Archived {
    Bytes key;
    Bytes value;
};

// What is derived from the state when it is loaded.
struct Derived {
    IndexTree index;
    Board board;
};

class Ledger : public View {
public:
    Ledger() = default;
    explicit Ledger(Tree state, Derived derived = {})
        : View(std::move(state), std::move(derived.index)), board_(std::move(derived.board)) {}
    Ledger(Tree state, IndexTree index) : View(std::move(state), std::move(index)) {}  // one that matches nothing

    void put(BytesView key, BytesView value);  // value is never empty
    void erase(BytesView key);
    void put_index(BytesView key, BytesView value);
    void erase_index(BytesView key);
    // Made anew from the state, at the end of a block: revert() knows nothing of it.
    void derive(Derived derived);
    // The network's parameters as they stand, taken apart once; the defaults where there are none.
    [[nodiscard]] const Params& params() const;
    // Written between transactions alone: revert() leaves it as it is.
    [[nodiscard]] Board& board() { return board_; }
    [[nodiscard]] const Board& board() const { return board_; }
    void emit(Event event) { events_.push_back(std::move(event)); }
    // Takes the record out of the state and hands it to the history store at the commit.
    void archive(BytesView key);

    // A point to come back to, good until the touched keys are taken: four lengths.
    struct Mark {
        std::size_t touched = 0;
        std::size_t indexed = 0;
        std::size_t events = 0;
        std::size_t archived = 0;
    };
    [[nodiscard]] Mark mark() const;
    void revert(const Mark& mark);

    [[nodiscard]] std::vector<Event> take_events();
    // Keys written or erased since the last take, in order of the writes, some twice.
    [[nodiscard]] const std::vector<Bytes>& touched() const { return touched_; }
    // The same, sorted, each once.
    [[nodiscard]] std::vector<Bytes> take_touched();
    [[nodiscard]] std::vector<Archived> take_archived();

private:
    void changed(BytesView key);

    struct IndexWrite {
        Bytes key;
        std::optional<Bytes> before;
    };
    Board board_;
    std::vector<Event> events_;
    std::vector<Bytes> touched_;
    std::vector<std::optional<Bytes>> before_;  // what stood under each of touched_, for the way back
    std::vector<IndexWrite> indexed_;
    std::vector<Archived> archived_;
    mutable std::shared_ptr<const Params> params_;  // nothing: not looked up since they changed
};

// A stored record. A value that does not decode is a broken store, never bad input.
template <codec::Struct T>
std::optional<T> load(const View& view, BytesView key) {
    const std::optional<BytesView> bytes = view.get(key);
    if (!bytes) {
        return std::nullopt;
    }
    Result<T> value = codec::decode<T>(*bytes);
    SUBLET_ASSERT(value.has_value());
    return std::move(*value);
}

template <codec::Struct T>
void save(Ledger& ledger, BytesView key, const T& value) {
    ledger.put(key, codec::encode(value));
}

// Index entries are a function of their record: replacing a record replaces what it indexed.
class IndexEntries {
public:
    void emplace(Bytes key, Bytes value) { all_.emplace_back(std::move(key), std::move(value)); }  // each key once
    [[nodiscard]] auto begin() const { return all_.begin(); }
    [[nodiscard]] auto end() const { return all_.end(); }
    // Null where the key is not among them.
    [[nodiscard]] const Bytes* find(BytesView key) const;

private:
    std::vector<std::pair<Bytes, Bytes>> all_;
};
void replace_index(Ledger& ledger, const IndexEntries& before, const IndexEntries& after);

}  // namespace sublet::ledger
