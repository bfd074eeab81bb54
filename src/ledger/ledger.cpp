// ledger.cpp: writes with a way back.
// Deterministic. Spec: docs/spec/transactions.md.
#include "ledger/ledger.hpp"

#include <algorithm>
#include <utility>

#include "ledger/params.hpp"

namespace sublet::ledger {

Bytes params_key() { return Bytes("\x00\x01", 2); }

namespace {

std::optional<Bytes> copied(std::optional<BytesView> bytes) {
    return bytes ? std::optional<Bytes>{Bytes{*bytes}} : std::nullopt;
}

template <class Map>
void put_back(Map& tree, const Bytes& key, const std::optional<Bytes>& before) {
    if (before) {
        tree.put(key, *before);
    } else {
        tree.erase(key);
    }
}

}  // namespace

void Ledger::changed(BytesView key) {
    if (key == params_key()) {
        params_.reset();
    }
}

const Params& Ledger::params() const {
    if (!params_) {
        params_ = std::make_shared<const Params>(load<Params>(*this, params_key()).value_or(Params{}));
    }
    return *params_;
}

void Ledger::put(BytesView key, BytesView value) {
    const std::optional<BytesView> before = state_.get(key);
    if (before == value) {
        return;
    }
    touched_.emplace_back(key);
    before_.push_back(copied(before));
    changed(key);
    state_.put(key, value);
}

void Ledger::erase(BytesView key) {
    if (const std::optional<BytesView> before = state_.get(key)) {
        touched_.emplace_back(key);
        before_.push_back(copied(before));
        changed(key);
        state_.erase(touched_.back());  // `key` may lie in the leaf that goes
    }
}

void Ledger::put_index(BytesView key, BytesView value) {
    indexed_.push_back({Bytes{key}, copied(index_.get(key))});
    index_.put(key, value);
}

void Ledger::erase_index(BytesView key) {
    if (const std::optional<BytesView> before = index_.get(key)) {
        indexed_.push_back({Bytes{key}, copied(before)});
        index_.erase(indexed_.back().key);
    }
}

void Ledger::derive(Derived derived) {
    index_ = std::move(derived.index);
    board_ = std::move(derived.board);
    indexed_.clear();
}

void Ledger::archive(BytesView key) {
    const std::optional<BytesView> value = state_.get(key);
    SUBLET_ASSERT(value.has_value());
    archived_.push_back({Bytes{key}, Bytes{*value}});
    erase(key);
}

Ledger::Mark Ledger::mark() const { return {touched_.size(), indexed_.size(), events_.size(), archived_.size()}; }

void Ledger::revert(const Mark& mark) {
    SUBLET_ASSERT(mark.touched <= touched_.size() && mark.indexed <= indexed_.size());
    for (; touched_.size() > mark.touched; touched_.pop_back(), before_.pop_back()) {
        changed(touched_.back());
        put_back(state_, touched_.back(), before_.back());
    }
    for (; indexed_.size() > mark.indexed; indexed_.pop_back()) {
        put_back(index_, indexed_.back().key, indexed_.back().before);
    }
    events_.resize(mark.events);
    archived_.resize(mark.archived);
}

std::vector<Event> Ledger::take_events() { return std::exchange(events_, {}); }

std::vector<Bytes> Ledger::take_touched() {
    std::vector<Bytes> keys = std::exchange(touched_, {});
    before_.clear();
    indexed_.clear();
    std::ranges::sort(keys);
    const auto rest = std::ranges::unique(keys);
    keys.erase(rest.begin(), rest.end());
    return keys;
}

std::vector<Archived> Ledger::take_archived() { return std::exchange(archived_, {}); }

const Bytes* IndexEntries::find(BytesView key) const {
    const auto found = std::ranges::find(all_, key, &std::pair<Bytes, Bytes>::first);
    return found == all_.end() ? nullptr : &found->second;
}

void replace_index(Ledger& ledger, const IndexEntries& before, const IndexEntries& after) {
    for (const auto& [key, value] : before) {
        if (after.find(key) == nullptr) {
            ledger.erase_index(key);
        }
    }
    for (const auto& [key, value] : after) {
        const Bytes* const old = before.find(key);
        if (old == nullptr || *old != value) {
            ledger.put_index(key, value);
        }
    }
}

}  // namespace sublet::ledger
