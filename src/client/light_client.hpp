// light_client.hpp: records of the state that need no trust in the node that answers: proved by a block which the
// trusted validators signed. One loop's thread. Spec: docs/spec/light-client.md; T26.
#pragma once

#include "client/chain.hpp"
#include "client/light_trust.hpp"

namespace sublet::client::light {

inline constexpr std::uint64_t kPatience_ms = 15'000;  // for the next block, and for a node or witness that is behind
inline constexpr std::size_t kMaxBlocksBetween = 128;  // that are looked at on the way from the trusted block
inline constexpr std::size_t kMaxWitnesses = 8;
inline constexpr std::size_t kMaxKeys = 16;  // of one question

struct LightOptions {
    std::optional<TrustPoint> point;       // trusted because the user says so, instead of what the store has
    bool trust_first = false;              // where nothing is trusted yet, the node's newest block is
    std::vector<net::Endpoint> witnesses;  // other nodes, whose block must be the same
};

// How a state was proved.
struct Evidence {
    std::uint64_t state_height = 0;
    Header header;  // of the block after it
    Hash block_hash{};
    Power power;
    std::uint64_t from_height = 0;   // what was trusted before
    std::size_t blocks_between = 0;  // that had to be looked at
    std::size_t witnesses = 0;       // that agreed
    bool trusted_first = false;      // on the node's word: there was nothing else
};

struct Proved {
    std::vector<std::optional<Bytes>> values;  // of each key; nothing: the ledger has no such record
    Evidence evidence;
};

// Errors everywhere: kNotProved (the answer is wrong, old, or proved by nobody: the message says what and what to do),
// kUsage (nothing is trusted yet), kTimeout (no next block), and those of Chain and TrustStore.
class LightClient {
public:
    // All of them outlive it.
    LightClient(net::Transport& transport, net::Clock& clock, TrustStore& store, net::Endpoint node,
                LightOptions options);

    // The records under 1 to kMaxKeys raw keys, all of one state, the newest. Remembers the block in the store.
    Task<Result<Proved>> read(std::vector<Bytes> keys);

private:
    // One answer with its proof.
    struct State {
        std::uint64_t height = 0;
        Bytes key;
        Bytes value;  // empty: no such record
        Bytes proof;
    };
    Task<Result<std::vector<State>>> ask_states(std::vector<Bytes> keys);
    Task<Result<State>> ask_state(Bytes key, std::uint64_t height);
    Result<Bytes> check_state(const State& state, const Hash& root) const;
    Task<Result<>> need_signatures(std::uint64_t height);
    Task<Result<Block>> fetch(Chain& node, std::uint64_t height);
    Task<Result<Block>> fetch_header(Chain& node, std::uint64_t height);  // without validators
    Task<Result<Block>> fetch_once(Chain& node, std::uint64_t height);
    Task<Result<>> begin(const Block& newest, Evidence& evidence);
    Task<Result<>> begin_at(TrustPoint point, std::string chain_id);
    Task<Result<>> advance(Block target, Evidence& evidence);
    Task<Result<>> ask_witnesses(const Block& block, Evidence& evidence);

    net::Clock& clock_;
    TrustStore& store_;
    Chain node_;
    std::vector<Chain> witnesses_;
    LightOptions options_;
    std::optional<Trusted> trusted_;
};

}  // namespace sublet::client::light
