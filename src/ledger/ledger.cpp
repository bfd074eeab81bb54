// ledger.cpp: writes with a way back.
// Deterministic. Spec: docs/spec/transactions.md.
#include "ledger/ledger.hpp"

#include <algorithm>
#include <utility>

#include "ledger/params.hpp"

namespace sublet::ledger {

Bytes params_key() { return Bytes("\x00\x01", 2); }

void Ledger::put(BytesView key, BytesView value) {
    if (state_.get(key) == value) {
        return;
    }
    state_.put(key, value);
    touched_.emplace_back(key);
}

void Ledger::erase(BytesView key) {
    if (state_.erase(key)) {
        touched_.emplace_back(key);
    }
}

void Ledger::put_index(BytesView key, BytesView value) { index_.put(key, value); }
void Ledger::erase_index(BytesView key) { index_.erase(key); }

void Ledger::archive(BytesView key) {
    const std::optional<BytesView> value = state_.get(key);
    SUBLET_ASSERT(value.has_value());
    archived_.push_back({Bytes{key}, Bytes{*value}});
    erase(key);
}

Ledger::Mark Ledger::mark() const { return {state_, index_, touched_.size(), events_.size(), archived_.size()}; }

void Ledger::revert(const Mark& mark) {
    state_ = mark.state;
    index_ = mark.index;
    touched_.resize(mark.touched);
    events_.resize(mark.events);
    archived_.resize(mark.archived);
}

std::vector<Event> Ledger::take_events() { return std::exchange(events_, {}); }

std::vector<Bytes> Ledger::take_touched() {
    std::vector<Bytes> keys = std::exchange(touched_, {});
    std::ranges::sort(keys);
    const auto rest = std::ranges::unique(keys);
    keys.erase(rest.begin(), rest.end());
    return keys;
}

std::vector<Archived> Ledger::take_archived() { return std::exchange(archived_, {}); }

void replace_index(Ledger& ledger, const IndexEntries& before, const IndexEntries& after) {
    for (const auto& [key, value] : before) {
        if (!after.contains({key, value})) {
            ledger.erase_index(key);
        }
    }
    for (const auto& [key, value] : after) {
        if (!before.contains({key, value})) {
            ledger.put_index(key, value);
        }
    }
}

}  // namespace sublet::ledger
