// world.hpp: one App with its clock, its keys and a copy that is restarted from the store again and again.
#pragma once

#include <array>

#include "app/app.hpp"
#include "values.hpp"

namespace sublet::scenario {

inline constexpr std::string_view kChainId = "scenario-1";

// Departures from a plain transaction, for those that want to be refused. Nothing: what a wallet would do.
struct TxOptions {
    std::optional<std::uint64_t> sequence;
    std::optional<std::uint64_t> account_number;
    std::optional<std::uint64_t> fee;  // ucredit; otherwise the least for the gas limit
    std::uint64_t gas = 500'000;
    std::string fee_denom = "ucredit";
    std::string payer;
    std::string memo;
    std::string chain_id{kChainId};
    std::string signed_by;  // another's key
    std::uint64_t timeout_height = 0;
    std::string envelope;  // see envelope.cpp
};

class World {
public:
    World();

    // Before start().
    ledger::Params params;
    void give(const std::string& name, std::uint64_t amount, std::string_view denom);
    // A validator of the genesis: its key is SHA-256 of its name and "'s key".
    void found(const std::string& name, std::uint64_t power);
    stake::Params stakes;
    gov::Params votes;
    // Genesis and a first block one second after it.
    void start();
    [[nodiscard]] bool started() const { return app_ != nullptr; }

    static crypto::SecretKey key(std::string_view name);
    static std::string address(std::string_view name);
    static Address raw_address(std::string_view name);

    static Hash consensus_key(std::string_view name);
    // Who signs no blocks from now on.
    std::set<std::string> absent;
    // For the next block.
    void report(const stake::Misbehavior& what) { misbehavior_.push_back(what); }
    // Of the engine's set for the next block.
    [[nodiscard]] std::uint64_t power(std::string_view name) const;
    [[nodiscard]] Height height() const { return height_; }
    [[nodiscard]] BlockTime time() const { return time_; }

    // Signs with the account's number and next sequence (after `before` transactions of it in the same block).
    Bytes sign(const std::string& name, std::vector<ledger::Any> messages, const TxOptions& options = {},
               std::uint64_t before = 0) const;
    // One block, `passed` after the last. Throws when an invariant breaks or the restarted copy differs.
    app::BlockResult block(Millis passed, const std::vector<Bytes>& transactions);
    // Blocks until `length` is over: one at each timer that falls due, at most 30 s apart.
    void wait(Millis length);

    [[nodiscard]] const ledger::View& view() const { return app_->committed()->view; }
    [[nodiscard]] LedgerTime now() const { return app_->next_due().now; }
    [[nodiscard]] const app::Genesis& genesis() const { return genesis_; }
    [[nodiscard]] const app::App& app() const { return *app_; }
    // For a benchmark's last block: this World is over then.
    [[nodiscard]] app::App& app() { return *app_; }
    [[nodiscard]] std::string app_hash() const;
    [[nodiscard]] const app::BlockResult& last() const { return last_; }
    [[nodiscard]] const app::BlockRequest& last_request() const { return request_; }
    [[nodiscard]] bool archived(const Bytes& key) const { return archived_.contains(key); }
    // A restart from the store every so many blocks; 0: never.
    std::uint64_t restart_every = 5;
    // The invariants are looked at every so many blocks.
    std::uint64_t check_every = 1;

private:
    void remember(const app::ChangeSet& changes);
    void restart();
    [[nodiscard]] app::BlockRequest request(const std::vector<Bytes>& transactions);
    void follow(const std::vector<stake::Update>& updates);

    using EngineSet = std::map<Hash, std::uint64_t>;
    app::Genesis genesis_;
    std::unique_ptr<app::App> app_;
    std::unique_ptr<app::App> copy_;
    std::map<Bytes, Bytes> store_;
    std::set<Bytes> archived_;
    app::BlockResult last_;
    app::BlockRequest request_;
    Height height_;
    BlockTime time_;
    std::vector<stake::Misbehavior> misbehavior_;
    // The engine's sets of the block that was last, of the next one and of the one after that.
    std::array<EngineSet, 3> sets_;
};

// Bends a finished transaction as `kind` says: amino (signed in the other mode), amino_as_direct, direct_as_amino, tip,
// granter, multisig, extension, unordered, two_signatures, high_s, no_fee, no_messages, trailing. Signed again where
// the envelope and not the signature is to be refused.
struct Bend {
    const std::string& kind;
    const crypto::SecretKey& key;
    const std::string& chain_id;
    std::uint64_t account_number = 0;
};
Bytes bent(const ledger::TxRaw& plain, const Bend& bend);
void sign_again(ledger::TxRaw& raw, const Bend& bend);

}  // namespace sublet::scenario
