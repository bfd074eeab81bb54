// index_builder.cpp: gathering, sorting, joining.
// Deterministic. Spec: docs/spec/transactions.md (state).
#include "ledger/index_builder.hpp"

#include <algorithm>

namespace sublet::ledger {
namespace {

constexpr std::size_t kBlockBytes = 1 << 20;
constexpr std::size_t kTableBytes = 2;

// Beyond its end a key reads as zeros, as in the trie.
std::uint64_t number_at(BytesView key, std::size_t from, std::size_t size) {
    std::uint64_t out = 0;
    for (std::size_t i = from; i < from + size; ++i) {
        out = (out << 8U) | (i < key.size() ? static_cast<unsigned char>(key[i]) : 0U);
    }
    return out;
}

}  // namespace

void IndexPart::add(const IndexEntries& entries) {
    for (const auto& [key, value] : entries) {
        const std::size_t size = key.size() + value.size();
        SUBLET_ASSERT(size <= kBlockBytes && key.size() <= 0xffffU);
        if (blocks_.empty() || blocks_.back().size() + size > kBlockBytes) {
            blocks_.emplace_back().reserve(kBlockBytes);
        }
        std::vector<char>& block = blocks_.back();
        Entry entry;
        entry.table = static_cast<std::uint16_t>(number_at(key, 0, kTableBytes));
        entry.head = number_at(key, kTableBytes, sizeof(entry.head));
        entry.key_size = static_cast<std::uint16_t>(key.size());
        entry.value_size = static_cast<std::uint32_t>(value.size());
        entry.bytes = block.data() + block.size();
        block.insert(block.end(), key.begin(), key.end());
        block.insert(block.end(), value.begin(), value.end());
        entries_.push_back(entry);
    }
}

bool IndexPart::less(const Entry& a, const Entry& b) {
    if (a.table != b.table) {
        return a.table < b.table;
    }
    return a.head != b.head ? a.head < b.head : a.key() < b.key();
}

// What was added in the order of its ids mostly stands in order already once the heads are sorted: then a look at the
// neighbours is all.
void IndexPart::sort() {
    const auto rough = [](const Entry& each) { return std::pair{each.table, each.head}; };
    std::ranges::stable_sort(entries_, {}, rough);
    for (auto first = entries_.begin(); first != entries_.end();) {
        const auto last = std::ranges::find_if(first, entries_.end(),
                                               [&](const Entry& each) { return rough(each) != rough(*first); });
        if (!std::ranges::is_sorted(first, last, less)) {
            std::ranges::sort(first, last, less);
        }
        first = last;
    }
}

IndexTree join(std::vector<IndexPart> parts) {
    IndexTree::Builder builder;
    std::vector<std::size_t> next(parts.size());
    while (true) {
        const IndexPart::Entry* least = nullptr;
        std::size_t from = 0;
        for (std::size_t i = 0; i < parts.size(); ++i) {
            if (next[i] < parts[i].entries_.size() &&
                (least == nullptr || IndexPart::less(parts[i].entries_[next[i]], *least))) {
                least = &parts[i].entries_[next[i]];
                from = i;
            }
        }
        if (least == nullptr) {
            break;
        }
        const bool taken = builder.append(least->key(), least->value());
        SUBLET_ASSERT(taken);
        ++next[from];
    }
    return builder.finish();
}

}  // namespace sublet::ledger
