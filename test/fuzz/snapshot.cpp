// snapshot.cpp: fuzz target: whatever is sent as a piece of a state, what is taken of it is the state.
#include "fuzz.hpp"
#include "ledger/tree_range.hpp"

namespace sublet::fuzz {
namespace {

constexpr std::size_t kLeastTarget = 8;

struct Input {
    BytesView rest;
    std::uint8_t byte() {
        const auto out = rest.empty() ? std::uint8_t{0} : static_cast<std::uint8_t>(rest.front());
        rest.remove_prefix(rest.empty() ? 0 : 1);
        return out;
    }
};

// Keys of two tables, so that none is the beginning of another.
ledger::Tree tree_from(Input& input) {
    ledger::Tree out;
    out.put(Bytes("\0\1", 2), "x");  // a state is never empty
    for (int left = input.byte(); left > 0; --left) {
        const std::uint8_t what = input.byte();
        Bytes key{static_cast<char>(1 + what % 2), static_cast<char>(input.byte())};
        key.append(what % 2 * std::size_t{3}, static_cast<char>(input.byte()));
        out.put(key, Bytes(1 + what % 40U, static_cast<char>(what)));
    }
    return out;
}

std::vector<Bytes> cut(const ledger::Tree& tree, std::size_t target) {
    ledger::RangeMaker maker{tree, target};
    std::vector<Bytes> out;
    while (true) {
        auto next = maker.next();
        require(next.has_value(), "every leaf of this tree has room");
        if (!*next) {
            return out;
        }
        out.push_back(**std::move(next));
    }
}

// Each bend sets, puts in, takes out, or copies from another range.
void bend(Bytes& range, const std::vector<Bytes>& others, Input& input) {
    const std::size_t at = (input.byte() * std::size_t{256} + input.byte()) % (range.size() + 1);
    const std::uint8_t how = input.byte();
    const Bytes& other = others[input.byte() % others.size()];
    switch (how % 4) {
        case 0:
            range.insert(at, 1, static_cast<char>(input.byte()));
            break;
        case 1:
            range.erase(at, 1 + how / 4U);
            break;
        case 2:
            range = range.substr(0, at) + Bytes{BytesView{other}.substr(at % other.size())};
            break;
        default:
            range.resize(std::max(range.size(), at + 1));
            range[at] = static_cast<char>(input.byte());
            break;
    }
}

}  // namespace
}  // namespace sublet::fuzz

// A count of leaves, the leaves, the length of ranges; then for each range bends, as many as a byte says.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using namespace sublet;
    fuzz::Input input{fuzz::view_of_input(data, size)};
    const ledger::Tree tree = fuzz::tree_from(input);
    const Hash root = tree.root_hash();
    const std::size_t target = fuzz::kLeastTarget + input.byte();
    const std::vector<Bytes> ranges = fuzz::cut(tree, target);
    ledger::RangeTaker taker{root, target};
    for (const Bytes& range : ranges) {
        fuzz::require(!taker.complete(), "it is complete with its last range and not before");
        Bytes bent = range;
        for (int bends = input.byte() % 8; bends > 0; --bends) {
            fuzz::bend(bent, ranges, input);
        }
        if (!taker.take(bent)) {
            fuzz::require(taker.take(range).has_value(), "the true range is taken after a bent one was refused");
        }
    }
    fuzz::require(taker.complete(), "it is complete with its last range");
    const ledger::Tree again = taker.finish();
    fuzz::require(again.same_content(tree) && again.root_hash() == root, "what was taken is the state");
    return 0;
}
