// known.cpp: first in, first out, with a number and a size that it keeps to.
#include "engine/cometbft/known.hpp"

namespace sublet::engine {

app::PreparedPtr KnownTransactions::find(const Hash& hash) const {
    const auto found = all_.find(hash);
    return found == all_.end() ? nullptr : found->second.prepared;
}

void KnownTransactions::keep(const Hash& hash, std::size_t bytes, app::PreparedPtr prepared) {
    if (!all_.try_emplace(hash, Known{std::move(prepared), bytes}).second) {
        return;
    }
    order_.push_back(hash);
    bytes_ += bytes;
    while (!order_.empty() && (all_.size() > kMaxKnown || bytes_ > kMaxKnownBytes || order_.size() > 2 * kMaxKnown)) {
        const Hash oldest = order_.front();
        order_.pop_front();
        forget(oldest);
    }
}

void KnownTransactions::forget(const Hash& hash) {
    if (const auto found = all_.find(hash); found != all_.end()) {
        bytes_ -= found->second.bytes;
        all_.erase(found);
    }
}

}  // namespace sublet::engine
