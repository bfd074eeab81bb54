// shown.cpp: the store up to a height.
#include "engine/shown.hpp"

#include <algorithm>

namespace sublet::engine {

Result<> Shown::reached(Height height) const {
    return height <= last_
               ? Result<>{}
               : fail(Code::kNotFound, "block " + std::to_string(height.value()) + " is not there yet; the last is " +
                                           std::to_string(last_.value()));
}

Result<store::FullBlock> Shown::block(Height height) const {
    TRY_OK(reached(height));
    return store_.block(height);
}

Result<store::StoredBlock> Shown::header(Height height) const {
    TRY_OK(reached(height));
    return store_.header(height);
}

Result<store::StoredTx> Shown::transaction(const Hash& hash) const {
    Result<store::StoredTx> found = store_.transaction(hash);
    if (found) {
        TRY_OK(reached(found->height));
    }
    return found;
}

Result<store::SearchResult> Shown::search(store::Search search) const {
    search.up_to = std::min(search.up_to, last_);
    return store_.search(search);
}

}  // namespace sublet::engine
