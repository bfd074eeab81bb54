// shown.hpp: reads of the store that go no further than what is shown. The store may hold a block whose state nobody
// can ask for yet: who has read of a transaction must find its effects in the state.
#pragma once

#include "store/store.hpp"

namespace sublet::engine {

class Shown {
public:
    Shown(const store::Store& store, Height last) : store_(store), last_(last) {}
    // As the store's own; kNotFound for what stands in later blocks than `last`.
    [[nodiscard]] Result<store::FullBlock> block(Height height) const;
    [[nodiscard]] Result<store::StoredBlock> header(Height height) const;
    [[nodiscard]] Result<store::StoredTx> transaction(const Hash& hash) const;
    [[nodiscard]] Result<store::SearchResult> search(store::Search search) const;

private:
    [[nodiscard]] Result<> reached(Height height) const;

    const store::Store& store_;
    Height last_;
};

}  // namespace sublet::engine
