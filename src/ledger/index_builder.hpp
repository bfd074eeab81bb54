// index_builder.hpp: makes the index of a whole state at once: entries are gathered in any order, sorted, and put
// together from left to right.
// Deterministic. Spec: docs/spec/transactions.md (state).
#pragma once

#include <array>
#include <vector>

#include "ledger/ledger.hpp"

namespace sublet::ledger {

// Entries of one part of the state. Parts may be gathered at the same time, each by one thread.
class IndexPart {
public:
    void add(const IndexEntries& entries);
    void sort();

private:
    friend IndexTree join(std::vector<IndexPart> parts);
    // Where an entry lies, and what decides most comparisons: the eight bytes after the table's two.
    struct Entry {
        std::uint16_t table = 0;
        std::uint16_t key_size = 0;
        std::uint32_t value_size = 0;
        std::uint64_t head = 0;
        const char* bytes = nullptr;  // the key, then the value
        [[nodiscard]] BytesView key() const { return {bytes, key_size}; }
        [[nodiscard]] BytesView value() const { return {bytes + key_size, value_size}; }
    };
    static bool less(const Entry& a, const Entry& b);

    std::vector<Entry> entries_;
    std::vector<std::vector<char>> blocks_;  // of bytes; one that is full is never moved
};

// Of sorted parts. No key is in two of them, or twice in one.
IndexTree join(std::vector<IndexPart> parts);

}  // namespace sublet::ledger
