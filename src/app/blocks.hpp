// blocks.hpp: what goes into the App and comes out of it: genesis, blocks, their results, what a commit makes durable.
// Deterministic. Spec: docs/spec/transactions.md.
#pragma once

#include <memory>
#include <optional>
#include <vector>

#include "ledger/ledger.hpp"
#include "ledger/params.hpp"
#include "ledger/wire_types.hpp"
#include "modules/gov/params.hpp"
#include "modules/stake/consensus.hpp"
#include "modules/stake/params.hpp"

namespace sublet::app {

struct GenesisBalance {
    std::string address;
    std::string denom;
    Amount amount;
    static constexpr auto fields() {
        return codec::list(codec::field(1, "address", &GenesisBalance::address),
                           codec::field(2, "denom", &GenesisBalance::denom),
                           codec::field(3, "amount", &GenesisBalance::amount));
    }
};

struct Genesis {
    std::string chain_id;
    BlockTime time;
    ledger::Params params;
    std::vector<GenesisBalance> balances;
    // Of a chain that begins with the state of another one, which has parameters and balances in it: its root, the
    // height that it is of, and `time` is that of its last block.
    Bytes state_root = {};
    Height state_height = {};
    // Of a network whose blocks validators decide; none: one process orders its transactions, and stake and gov do not
    // exist.
    std::vector<stake::Founder> validators = {};
    std::optional<stake::Params> stake = {};  // nothing: the defaults
    std::optional<gov::Params> gov = {};
    static constexpr auto fields() {
        using codec::field;
        return codec::list(field(1, "chain_id", &Genesis::chain_id), field(2, "time", &Genesis::time),
                           field(3, "params", &Genesis::params), field(4, "balances", &Genesis::balances),
                           codec::raw_field(6, "state_root", &Genesis::state_root),
                           field(7, "state_height", &Genesis::state_height),
                           field(10, "validators", &Genesis::validators), field(11, "stake", &Genesis::stake),
                           field(12, "gov", &Genesis::gov));
    }
};

struct TxResult {
    Code code = Code::kOk;
    std::string log;  // for people, UTF-8; never hashed
    std::uint64_t gas_wanted = 0;
    std::uint64_t gas_used = 0;
    std::vector<ledger::Event> events;
};

struct Prepared;  // ante.hpp

struct BlockRequest {
    Height height;
    BlockTime time;
    std::vector<Bytes> transactions;
    // Of each of them where it is at hand already, else nothing; shorter than `transactions` or empty is fine.
    std::vector<std::shared_ptr<const Prepared>> prepared = {};
    // What the engine knows of validators; empty where one process orders the transactions.
    std::optional<stake::ConsensusAddress> proposer = {};  // for people: no rule looks at it
    std::vector<stake::Vote> votes = {};                   // of the commit of the block before
    std::vector<stake::Misbehavior> misbehavior = {};
    ledger::Parallel parallel = {};  // threads to hash the state on; nothing: the caller's
};

struct BlockResult {
    std::vector<TxResult> transactions;            // one each, in order
    std::vector<ledger::Event> events;             // of the block itself: timers, matches
    std::vector<stake::Update> validator_updates;  // ascending keys, each once; never all of them gone
    Hash app_hash{};
};

// What a commit has to make durable, in one batch. Applying the changes of every height in order gives the state.
struct ChangeSet {
    Height height;
    BlockTime time;
    Hash app_hash{};
    struct Change {
        Bytes key;
        std::optional<Bytes> value;  // nothing: erased
    };
    std::vector<Change> changes;  // ascending keys
    std::vector<ledger::Archived> archived;
};

// An immutable committed height.
struct Committed {
    Height height;
    BlockTime time;
    Hash app_hash{};
    ledger::View view;
    std::string chain_id;
};

}  // namespace sublet::app
