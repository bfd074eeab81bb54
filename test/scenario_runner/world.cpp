// world.cpp: genesis, signing, blocks, and the copy that must not differ.
#include "world.hpp"

#include <algorithm>

#include "crypto/sha256.hpp"

namespace sublet::scenario {
namespace {

constexpr std::uint64_t kGenesisTimeMs = 1'767'225'600'000;  // 2026-01-01
constexpr std::uint64_t kMaxStepMs = 30'000;

struct Identity {
    crypto::SecretKey secret;
    crypto::PublicKey public_key;
    Address address;
    std::string text;
};

// Made once for each name: half of a history's time would go into keys.
const Identity& identity(std::string_view name) {
    static std::map<std::string, Identity, std::less<>> known;
    if (const auto found = known.find(name); found != known.end()) {
        return found->second;
    }
    const crypto::SecretKey secret = *crypto::SecretKey::from_bytes(view_of(crypto::sha256(name)));
    const crypto::PublicKey public_key = *crypto::public_key(secret);
    const Address address = crypto::address_of(public_key);
    return known.emplace(std::string{name}, Identity{secret, public_key, address, crypto::to_bech32(address)})
        .first->second;
}

}  // namespace

// Gas costs nothing unless a scenario says so: its sums then need no fees.
World::World() {
    params.gas_price_nano = 0;
    genesis_.chain_id = kChainId;
    genesis_.time = BlockTime{kGenesisTimeMs};
}

void World::give(const std::string& name, std::uint64_t amount, std::string_view denom) {
    genesis_.balances.push_back({address(name), std::string{denom}, Amount{amount}});
}

void World::found(const std::string& name, std::uint64_t power) {
    const Hash key = consensus_key(name);
    genesis_.validators.push_back({address(name), Bytes{view_of(key)}, power, name});
    for (EngineSet& each : sets_) {
        each[key] = power;
    }
}

void World::start() {
    genesis_.params = params;
    if (!genesis_.validators.empty()) {
        genesis_.stake = stakes;
        genesis_.gov = votes;
    }
    Result<std::unique_ptr<app::App>> app = app::App::from_genesis(genesis_);
    if (!app) {
        throw Failure("genesis: " + app.error().message);
    }
    app_ = std::move(*app);
    time_ = genesis_.time;
    remember(app_->commit());
    block(Millis{1'000}, {});
}

crypto::SecretKey World::key(std::string_view name) { return identity(name).secret; }
Address World::raw_address(std::string_view name) { return identity(name).address; }
std::string World::address(std::string_view name) { return identity(name).text; }

Hash World::consensus_key(std::string_view name) { return crypto::sha256(std::string{name} + "'s key"); }

std::uint64_t World::power(std::string_view name) const {
    const auto found = sets_.back().find(consensus_key(name));
    return found == sets_.back().end() ? 0 : found->second;
}

app::BlockRequest World::request(const std::vector<Bytes>& transactions) {
    app::BlockRequest out{.height = height_, .time = time_, .transactions = transactions};
    for (const auto& [key, power] : sets_.front()) {
        const bool away = std::ranges::any_of(absent, [&](const auto& name) { return consensus_key(name) == key; });
        out.votes.push_back({stake::consensus_address(key), power, !away});
    }
    out.misbehavior = std::exchange(misbehavior_, {});
    return out;
}

// What CometBFT would end itself for is a Failure. A change of block h holds from block h + 2 on.
void World::follow(const std::vector<stake::Update>& updates) {
    sets_[0] = sets_[1];
    sets_[1] = sets_[2];
    std::optional<Hash> last;
    u128 total = 0;
    for (const stake::Update& each : updates) {
        if ((last && *last >= each.key) || (each.power == 0 && sets_[2].erase(each.key) == 0)) {
            throw Failure("the engine gets a key twice, or one goes that it does not have");
        }
        last = each.key;
        if (each.power > 0) {
            sets_[2][each.key] = each.power;
        }
    }
    for (const auto& [key, power] : sets_[2]) {
        total += power;
    }
    if (total > (u128{1} << 60U) || (sets_[2].empty() && !sets_[1].empty())) {
        throw Failure("the engine's set is empty, or has too much power");
    }
}

Bytes World::sign(const std::string& name, std::vector<ledger::Any> messages, const TxOptions& options,
                  std::uint64_t before) const {
    const std::optional<account::Account> account = account::find(view(), raw_address(name));
    const Identity& signing = identity(options.signed_by.empty() ? name : options.signed_by);
    ledger::TxBody body;
    body.messages = std::move(messages);
    body.memo = options.memo;
    body.timeout_height = options.timeout_height;
    ledger::AuthInfo auth;
    ledger::SignerInfo info;
    info.public_key = ledger::Any{std::string{ledger::kPubKeyTypeUrl},
                                  codec::encode(ledger::PubKey{Bytes{view_of(signing.public_key)}})};
    info.mode_info = ledger::ModeInfo{ledger::SingleMode{ledger::SignMode::kDirect}};
    info.sequence = options.sequence.value_or((account ? account->sequence : 0) + before);
    auth.signer_infos.push_back(std::move(info));
    ledger::Fee fee;
    const u128 least = (u128{options.gas} * params.gas_price_nano + 999'999'999) / 1'000'000'000;
    const std::uint64_t coins = options.fee.value_or(static_cast<std::uint64_t>(least));
    if (coins > 0) {
        fee.amount.push_back({options.fee_denom, std::to_string(coins)});
    }
    fee.gas_limit = options.gas;
    fee.payer = options.payer.empty() ? "" : address(options.payer);
    auth.fee = std::move(fee);
    ledger::TxRaw raw;
    raw.body_bytes = codec::encode(body);
    raw.auth_info_bytes = codec::encode(auth);
    const Bend bend{options.envelope, signing.secret, options.chain_id,
                    options.account_number.value_or(account ? account->number.value() : 0)};
    sign_again(raw, bend);
    return options.envelope.empty() ? codec::encode(raw) : bent(raw, bend);
}

app::BlockResult World::block(Millis passed, const std::vector<Bytes>& transactions) {
    height_ = Height{height_.value() + 1};
    time_ = saturating_add(time_, BlockTime{passed.value()});
    for (const Bytes& transaction : transactions) {
        (void)app_->check_tx(transaction);  // what a node does first; its memory must not decide anything
    }
    request_ = request(transactions);
    last_ = app_->finalize_block(request_);
    follow(last_.validator_updates);
    if (copy_) {
        const app::BlockResult other = copy_->finalize_block(request_);
        (void)copy_->commit();
        if (other.app_hash != last_.app_hash || other.validator_updates != last_.validator_updates) {
            throw Failure("the restarted copy came to another state at height " + std::to_string(height_.value()));
        }
    }
    remember(app_->commit());
    app_->reset_pending();
    const std::optional<std::string> broken =
        height_.value() % check_every == 0 ? app_->broken_invariant() : std::nullopt;
    if (broken) {
        throw Failure("broken invariant at height " + std::to_string(height_.value()) + ": " + *broken);
    }
    if (restart_every != 0 && height_.value() % restart_every == 0) {
        restart();
    }
    return last_;
}

void World::remember(const app::ChangeSet& changes) {
    for (const app::ChangeSet::Change& change : changes.changes) {
        if (change.value) {
            store_[change.key] = *change.value;
        } else {
            store_.erase(change.key);
        }
    }
    for (const ledger::Archived& each : changes.archived) {
        archived_.insert(each.key);
    }
}

void World::restart() {
    Result<std::unique_ptr<app::App>> copy =
        app::App::from_state(std::string{kChainId}, height_, time_, last_.app_hash, *ledger::tree_of(store_));
    if (!copy) {
        throw Failure("restart: " + copy.error().message);
    }
    copy_ = std::move(*copy);
}

void World::wait(Millis length) {
    const std::uint64_t end = time_.value() + length.value();
    while (time_.value() < end) {
        std::uint64_t step = std::min(kMaxStepMs, end - time_.value());
        const app::App::Due due = app_->next_due();
        if (due.next && *due.next > due.now) {
            step = std::min(step, due.next->value() - due.now.value());
        }
        block(Millis{step}, {});
    }
}

std::string World::app_hash() const { return to_hex(view_of(app_->committed()->app_hash)); }

}  // namespace sublet::scenario
