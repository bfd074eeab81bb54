// proof.cpp: fuzz target: the tree is a map with one root, and no bent proof convinces an ICS-23 verifier of a lie.
#include <map>

#include "codec/decode.hpp"
#include "codec/encode.hpp"
#include "crypto/sha256.hpp"
#include "fuzz.hpp"
#include "ledger/ics23.hpp"

namespace sublet::fuzz {
namespace {

// ics23's messages as a verifier reads them.
struct LeafOp {
    std::uint32_t hash = 0;
    std::uint32_t prehash_key = 0;
    std::uint32_t prehash_value = 0;
    std::uint32_t length = 0;
    Bytes prefix;
    static constexpr auto fields() {
        using codec::field;
        return codec::list(field(1, "hash", &LeafOp::hash), field(2, "prehash_key", &LeafOp::prehash_key),
                           field(3, "prehash_value", &LeafOp::prehash_value), field(4, "length", &LeafOp::length),
                           codec::raw_field(5, "prefix", &LeafOp::prefix));
    }
};
struct InnerOp {
    std::uint32_t hash = 0;
    Bytes prefix;
    Bytes suffix;
    static constexpr auto fields() {
        using codec::field;
        return codec::list(field(1, "hash", &InnerOp::hash), codec::raw_field(2, "prefix", &InnerOp::prefix),
                           codec::raw_field(3, "suffix", &InnerOp::suffix));
    }
};
struct Existence {
    Bytes key;
    Bytes value;
    std::optional<LeafOp> leaf;
    std::vector<InnerOp> path;
    static constexpr auto fields() {
        using codec::field;
        return codec::list(codec::raw_field(1, "key", &Existence::key), codec::raw_field(2, "value", &Existence::value),
                           field(3, "leaf", &Existence::leaf), field(4, "path", &Existence::path));
    }
};
struct Absence {
    Bytes key;
    std::optional<Existence> left;
    std::optional<Existence> right;
    static constexpr auto fields() {
        using codec::field;
        return codec::list(codec::raw_field(1, "key", &Absence::key), field(2, "left", &Absence::left),
                           field(3, "right", &Absence::right));
    }
};
struct Commitment {
    std::optional<Existence> exist;
    std::optional<Absence> nonexist;
    static constexpr auto fields() {
        return codec::list(codec::field(1, "exist", &Commitment::exist),
                           codec::field(2, "nonexist", &Commitment::nonexist));
    }
};

// The steps of TendermintSpec: a sibling on the right is a suffix of 32 bytes, one on the left is part of the prefix.
bool on_left(const InnerOp& step) { return step.prefix.size() == 1; }

std::optional<Hash> root_of(const Existence& proof) {
    const auto& leaf = proof.leaf;
    if (!leaf || leaf->hash != 1 || leaf->prehash_key != 0 || leaf->prehash_value != 1 || leaf->length != 1 ||
        leaf->prefix != Bytes(1, '\0') || proof.key.empty() || proof.key.size() > 127 || proof.value.empty()) {
        return std::nullopt;
    }
    Bytes text(1, '\0');
    text += static_cast<char>(proof.key.size());
    text += proof.key + ' ' + Bytes{view_of(crypto::sha256(proof.value))};
    Hash hash = crypto::sha256(text);
    for (const InnerOp& step : proof.path) {
        const bool shaped =
            (step.prefix.size() == 1 && step.suffix.size() == 32) || (step.prefix.size() == 33 && step.suffix.empty());
        if (step.hash != 1 || !shaped || step.prefix[0] != '\1') {
            return std::nullopt;
        }
        hash = crypto::sha256(step.prefix + Bytes{view_of(hash)} + step.suffix);
    }
    return hash;
}

bool outermost(const std::optional<Existence>& proof, std::size_t from_root, bool leftmost) {
    const std::size_t steps = proof->path.size() - from_root;
    for (std::size_t i = 0; i < steps; ++i) {
        if (on_left(proof->path[i]) != leftmost) {
            return false;
        }
    }
    return true;
}

// Both paths part at one inner node, and between the two leaves there is nothing.
bool neighbours(const Absence& proof) {
    if (!proof.left) {
        return outermost(proof.right, 0, true);
    }
    if (!proof.right) {
        return outermost(proof.left, 0, false);
    }
    const auto& left = proof.left->path;
    const auto& right = proof.right->path;
    std::size_t same = 0;
    while (same < std::min(left.size(), right.size()) &&
           codec::encode(left[left.size() - 1 - same]) == codec::encode(right[right.size() - 1 - same])) {
        ++same;
    }
    if (same == left.size() || same == right.size()) {
        return false;
    }
    return on_left(left[left.size() - 1 - same]) && !on_left(right[right.size() - 1 - same]) &&
           outermost(proof.left, same + 1, false) && outermost(proof.right, same + 1, true);
}

// What the proof says about the key: its value, "" for absent, nothing when it proves nothing.
std::optional<Bytes> proved(BytesView bytes, BytesView key, const Hash& root) {
    const auto proof = codec::decode<Commitment>(bytes);
    if (!proof || proof->exist.has_value() == proof->nonexist.has_value()) {
        return std::nullopt;
    }
    if (proof->exist) {
        const bool holds = proof->exist->key == key && root_of(*proof->exist) == root;
        return holds ? std::optional{proof->exist->value} : std::nullopt;
    }
    const Absence& absent = *proof->nonexist;
    if (absent.key != key || (!absent.left && !absent.right)) {
        return std::nullopt;
    }
    for (const auto* side : {&absent.left, &absent.right}) {
        if (*side && root_of(**side) != root) {
            return std::nullopt;
        }
    }
    const bool around = (!absent.left || absent.left->key < key) && (!absent.right || key < absent.right->key);
    return around && neighbours(absent) ? std::optional{Bytes{}} : std::nullopt;
}

struct Input {
    BytesView rest;
    std::uint8_t byte() {
        const auto out = rest.empty() ? std::uint8_t{0} : static_cast<std::uint8_t>(rest.front());
        rest.remove_prefix(rest.empty() ? 0 : 1);
        return out;
    }
    // All of one length, so that none is a prefix of another.
    Bytes key() {
        Bytes out{static_cast<char>(byte()), static_cast<char>(byte())};
        return out;
    }
};

void check(const ledger::Tree& tree, const std::map<Bytes, Bytes>& model, Input& input) {
    require(tree.size() == model.size(), "the tree has the model's size");
    ledger::Tree rebuilt;
    for (auto each = model.rbegin(); each != model.rend(); ++each) {
        rebuilt.put(each->first, each->second);
    }
    const Hash root = tree.root_hash();
    require(root == rebuilt.root_hash(), "one content has one root");
    auto next = model.begin();
    tree.visit("", "", [&](BytesView key, BytesView value) {
        require(next != model.end() && next->first == key && next->second == value, "leaves come in the order of keys");
        ++next;
        return true;
    });
    require(next == model.end(), "every leaf is visited");
    const Bytes key = input.key();
    const auto found = model.find(key);
    const Bytes truth = found == model.end() ? Bytes{} : found->second;
    require(Bytes{tree.get(key).value_or("")} == truth, "the tree has the model's value");
    Bytes bytes = ledger::encode_ics23(tree.prove(key), key);
    if (model.empty()) {
        return;
    }
    require(proved(bytes, key, root) == truth, "the proof convinces of the truth");
    while (!input.rest.empty()) {
        const std::size_t at = (input.byte() * std::size_t{256} + input.byte()) % bytes.size();
        bytes[at] = static_cast<char>(input.byte());
    }
    const std::optional<Bytes> bent = proved(bytes, key, root);
    require(bent.value_or(truth) == truth, "a bent proof convinces of nothing else");
    const auto ours = ledger::check_ics23(bytes, key, root);
    require(ours.has_value() == bent.has_value(), "two verifiers agree on whether it proves anything");
    require(!ours || ours->value_or(Bytes{}) == truth, "and ours reads the truth");
}

}  // namespace
}  // namespace sublet::fuzz

// A count of operations, the operations (put or erase, two bytes of key), the key to prove, then bends of the proof.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using namespace sublet;
    fuzz::Input input{fuzz::view_of_input(data, size)};
    ledger::Tree tree;
    std::map<Bytes, Bytes> model;
    for (int left = input.byte(); left > 0; --left) {
        const std::uint8_t what = input.byte();
        const Bytes key = input.key();
        if (what % 4 == 0) {
            fuzz::require(tree.erase(key) == (model.erase(key) == 1), "what is there can be erased");
        } else {
            const Bytes value(1 + what % 40U, static_cast<char>(what));
            tree.put(key, value);
            model[key] = value;
        }
    }
    fuzz::check(tree, model, input);
    return 0;
}
