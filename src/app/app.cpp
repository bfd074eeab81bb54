// app.cpp: genesis, the block pipeline, commits.
// Deterministic. Spec: docs/spec/transactions.md (pipeline).
#include "app/app.hpp"

#include <algorithm>

#include "app/ledger_clock.hpp"
#include "app/rebuild.hpp"
#include "app/upgrades.hpp"
#include "base/must.hpp"
#include "modules/audit/keys.hpp"
#include "modules/gov/keys.hpp"
#include "modules/gov/process.hpp"
#include "modules/job/keys.hpp"
#include "modules/job/life.hpp"
#include "modules/keys.hpp"
#include "modules/stake/keys.hpp"
#include "modules/stake/process.hpp"

namespace sublet::app {
namespace {

constexpr std::uint64_t kMaxAdvanceMs = 30'000;  // T1: a block moves ledger time by at most this

Bytes clock_key() { return Bytes("\x00\x02", 2); }

TxResult refused(const Error& error, std::uint64_t gas = 0) {
    TxResult result;
    result.code = error.code;
    result.log = codec::to_utf8(error.message);
    result.gas_used = gas;
    return result;
}

LedgerClock stored_clock(const ledger::View& view) {
    return ledger::load<LedgerClock>(view, clock_key()).value_or(LedgerClock{});
}

ledger::Params params_of(const ledger::View& view) {
    const std::optional<ledger::Params> params = ledger::load<ledger::Params>(view, ledger::params_key());
    SUBLET_ASSERT(params.has_value());
    return *params;
}

ledger::Event message_event(const AnyMessage& message) {
    const std::string_view type_url =
        std::visit([](const auto& each) { return std::decay_t<decltype(each)>::kTypeUrl; }, message);
    return {"message", {{"action", std::string{type_url}}, {"sender", signer_of(message)}}};
}

Result<> check_chain_id(std::string_view chain_id) {
    return chain_id.empty() || chain_id.size() > 50 ? fail(Code::kBadField, "genesis: chain_id has 1 to 50 characters")
                                                    : Result<>{};
}

// Its signature is judged in its turn, or was before.
Prepared parsed_alone(BytesView bytes) { return {parse_transaction(bytes), std::nullopt}; }

Result<> of_genesis(Result<> checked) {
    return checked ? checked : fail(checked.error().code, "genesis: " + checked.error().message);
}

// Fee, sequence and public key; from here on the transaction costs its fee whatever its messages do.
void charge(ledger::Ledger& ledger, const Parsed& parsed, const Signer& signer) {
    account::Account account = signer.is_new ? account::touch(ledger, parsed.signer) : signer.account;
    account.public_key = signer.public_key;
    ++account.sequence;
    account::save(ledger, account);
    bank::pay_fee(ledger, parsed.signer, signer.fee);
    const std::string sender = crypto::to_bech32(parsed.signer);
    ledger.emit({"tx", {{"fee", std::to_string(signer.fee.value()) + "ucredit"}, {"fee_payer", sender}}});
    ledger.emit({"tx", {{"acc_seq", sender + "/" + std::to_string(account.sequence - 1)}}});
}

}  // namespace

Result<> enter_founders(ledger::Ledger& ledger, const Genesis& genesis) {
    if (genesis.validators.empty()) {
        return genesis.stake || genesis.gov
                   ? fail(Code::kBadField, "genesis: parameters of stakes and votes need validators")
                   : Result<>{};
    }
    const gov::Params votes = genesis.gov.value_or(gov::Params{});
    TRY_OK(of_genesis(gov::check(votes)));
    TRY_OK(of_genesis(stake::found(ledger, genesis.validators, genesis.stake.value_or(stake::Params{}))));
    ledger::save(ledger, gov::params_key(), votes);
    return {};
}

Result<std::unique_ptr<App>> App::from_genesis(const Genesis& genesis) {
    TRY_OK(check_chain_id(genesis.chain_id));
    TRY_OK(of_genesis(ledger::check(genesis.params)));
    std::unique_ptr<App> app{new App};
    app->chain_id_ = genesis.chain_id;
    app->time_ = genesis.time;
    ledger::save(app->ledger_, ledger::params_key(), genesis.params);
    ledger::save(app->ledger_, clock_key(), LedgerClock{.now = {}, .time = genesis.time});
    for (const GenesisBalance& each : genesis.balances) {
        TRY(owner, account::parse(each.address, "genesis balance"));
        if (!bank::known_denom(each.denom)) {
            return fail(Code::kUnknownDenom, "genesis: there is no denomination " + each.denom);
        }
        if (!checked_add(bank::supply(app->ledger_, each.denom).issued, each.amount)) {
            return fail(Code::kOverflow, "genesis: the supply of " + each.denom + " exceeds 64 bits");
        }
        bank::issue(app->ledger_, owner, each.amount, each.denom);
    }
    TRY_OK(enter_founders(app->ledger_, genesis));
    (void)app->ledger_.take_events();
    app->app_hash_ = app->ledger_.state().root_hash();
    app->params_ = genesis.params;
    return app;
}

Result<std::unique_ptr<App>> App::from_exported(const Genesis& genesis, const ledger::Tree& state,
                                                const ledger::Parallel& parallel) {
    TRY_OK(check_chain_id(genesis.chain_id));
    const Result<Hash> root = fixed_from<sizeof(Hash)>(genesis.state_root);
    if (!root || state.root_hash(parallel) != *root) {
        return fail(Code::kBadField, "genesis: the state that came with it has root " +
                                         to_hex(view_of(state.root_hash())) + ", not its state_root " +
                                         to_hex(genesis.state_root));
    }
    const ledger::View view{state, {}};
    if (!view.get(ledger::params_key()) || block_time(view) != genesis.time) {
        return fail(Code::kBadField, "genesis: time is that of the state's last block, which was at " +
                                         std::to_string(block_time(view).value()) + " ms");
    }
    TRY_OK(of_genesis(ledger::check(params_of(view))));
    TRY(app, from_state(genesis.chain_id, genesis.state_height, genesis.time, *root, state, parallel));
    if (const std::optional<std::string> broken = app->broken_invariant()) {
        return fail(Code::kBadField, "genesis: the state that came with it does not hold together: " + *broken);
    }
    TRY_OK(app->await_founders(genesis));
    return std::move(app);
}

Result<std::unique_ptr<App>> App::from_state(std::string chain_id, Height height, BlockTime time, const Hash& app_hash,
                                             const ledger::Tree& state, const ledger::Parallel& parallel) {
    if (state.root_hash(parallel) != app_hash) {
        return fail(Code::kStoreDamaged, "the stored state has root " + to_hex(view_of(state.root_hash())) +
                                             ", height " + std::to_string(height.value()) + " was committed with " +
                                             to_hex(view_of(app_hash)) + ": restore a backup or start from genesis");
    }
    std::unique_ptr<App> app{new App};
    app->chain_id_ = std::move(chain_id);
    app->height_ = height;
    app->time_ = time;
    app->app_hash_ = app_hash;
    app->ledger_ = ledger::Ledger{state, rebuild(state, parallel)};
    app->now_ = stored_clock(app->ledger_).now;
    app->params_ = params_of(app->ledger_);
    app->remember_committed();
    return app;
}

Result<> App::await_founders(const Genesis& genesis) {
    ledger::Ledger trial = ledger_;
    TRY_OK(enter_founders(trial, genesis));
    if (!genesis.validators.empty()) {
        entering_ = genesis;
    }
    return {};
}

ledger::Block App::block_at(Height height, BlockTime time, LedgerTime now) const {
    return {height, time, now, params_, chain_id_, app_hash_};
}

PreparedPtr App::prepare(BytesView transaction) const {
    return app::prepare(transaction, committed()->view, chain_id_);
}

TxResult App::check_tx(BytesView transaction) { return check_tx(parsed_alone(transaction)); }

TxResult App::check_tx(const Prepared& prepared) {
    const Result<Parsed>& parsed = prepared.parsed;
    if (!parsed) {
        return refused(parsed.error());
    }
    // Looked up, not made: strangers whose signatures fail must not grow the map.
    const auto waiting = pending_.find(parsed->signer);
    const std::uint64_t pending = waiting == pending_.end() ? 0 : waiting->second;
    if (pending >= kMaxPendingPerAccount) {
        return refused({Code::kMempoolFull, "16 transactions of this account are waiting already"}, parsed->gas);
    }
    const ledger::Block block = block_at(Height{height_.value() + 1}, time_, now_);
    const Result<Signer> signer = check_signer(*parsed, {ledger_, block, pending, prepared.judged}, verdicts_);
    if (!signer) {
        return refused(signer.error(), parsed->gas);
    }
    // With others before it the state is not yet what its messages will see.
    if (pending == 0) {
        const Result<> first = check_state_of(parsed->messages.front(), ledger_, block);
        if (!first) {
            return refused(first.error(), parsed->gas);
        }
    }
    ++pending_[parsed->signer];
    TxResult result;
    result.gas_wanted = must(parsed->transaction.auth.fee).gas_limit;
    result.gas_used = parsed->gas;
    return result;
}

void App::reset_pending() { pending_.clear(); }

TxResult too_large() {
    return refused({Code::kTooLarge, "a transaction has at most " + std::to_string(ledger::kMaxTxBytes) + " bytes"});
}

TxResult simulate(const Committed& committed, BytesView transaction) {
    const Result<Parsed> parsed = parse_transaction(transaction);
    if (!parsed) {
        return refused(parsed.error());
    }
    ledger::Ledger trial{committed.view.state(), committed.view.index()};
    const ledger::Block block{Height{committed.height.value() + 1},
                              committed.time,
                              stored_clock(committed.view).now,
                              params_of(committed.view),
                              committed.chain_id,
                              committed.app_hash};
    for (const AnyMessage& message : parsed->messages) {
        if (const Result<> ok = check_state_of(message, trial, block); !ok) {
            return refused(ok.error(), parsed->gas);
        }
        apply_of(message, trial, block);
    }
    TxResult result;
    // A signed transaction is longer than the one that is simulated: 64 bytes of signature, mode, fee.
    constexpr std::uint64_t kSigningBytes = 160;
    result.gas_used = parsed->gas + kSigningBytes * kGasPerByte;
    result.gas_wanted = result.gas_used;
    result.events = trial.take_events();
    return result;
}

TxResult App::deliver(const Prepared& prepared, const ledger::Block& block, std::set<Address>& beating) {
    const Result<Parsed>& parsed = prepared.parsed;
    if (!parsed) {
        return refused(parsed.error());
    }
    const Result<Signer> signer = check_signer(*parsed, {ledger_, block, 0, prepared.judged}, verdicts_);
    if (!signer) {
        return refused(signer.error(), parsed->gas);
    }
    charge(ledger_, *parsed, *signer);
    fees_ = saturating_add(fees_, signer->fee);
    if (signer->free_of_job) {
        job::Job job = must(job::find_job(ledger_, *signer->free_of_job));
        job.free_messages -= parsed->messages.size();
        job::save(ledger_, job);
    }
    if (std::optional<provider::Provider> provider = provider::find_by_operator(ledger_, parsed->signer)) {
        if (signer->free_for_operator) {
            provider::count_free_message(*provider, block);
        }
        provider::credit_clock(ledger_, *provider, block);
        beating.insert(provider->owner);
    }
    TxResult result;
    result.gas_wanted = must(parsed->transaction.auth.fee).gas_limit;
    result.gas_used = parsed->gas;
    const ledger::Ledger::Mark mark = ledger_.mark();
    for (const AnyMessage& message : parsed->messages) {
        if (const Result<> ok = check_state_of(message, ledger_, block); !ok) {
            ledger_.revert(mark);
            result.code = ok.error().code;
            result.log = codec::to_utf8(ok.error().message);
            break;
        }
        ledger_.emit(message_event(message));
        apply_of(message, ledger_, block);
    }
    result.events = ledger_.take_events();
    return result;
}

BlockResult App::finalize_block(const BlockRequest& request) {
    SUBLET_ASSERT(request.height.value() == height_.value() + 1);
    const std::uint64_t passed = request.time > time_ ? request.time.value() - time_.value() : 0;
    now_ = after(now_, Millis{std::min(passed, kMaxAdvanceMs)});
    height_ = request.height;
    time_ = std::max(time_, request.time);
    ledger::save(ledger_, clock_key(), LedgerClock{.now = now_, .time = time_});
    const ledger::Block block = block_at(height_, time_, now_);

    fees_ = Amount{};
    BlockResult result;
    if (entering_) {
        const Result<> entered = enter_founders(ledger_, *entering_);
        SUBLET_ASSERT(entered);  // tried when the genesis was read
        entering_.reset();
    }
    SUBLET_ASSERT(!must_upgrade());  // the engine has asked
    if (const std::optional<gov::Upgrade> plan = gov::plan(ledger_); plan && plan->height <= height_) {
        gov::enter_upgrade(ledger_);
    }
    stake::begin_block(ledger_, request.votes, request.misbehavior, block);
    std::size_t budget = market::kMaxDue;
    budget -= market::run_timers(ledger_, block, budget);
    budget -= audit::run_timers(ledger_, block, budget);
    budget -= job::run_timers(ledger_, block, budget);
    budget -= stake::run_timers(ledger_, block, budget);
    result.events = ledger_.take_events();
    std::set<Address> beating;
    for (std::size_t i = 0; i < request.transactions.size(); ++i) {
        const bool at_hand = i < request.prepared.size() && request.prepared[i] != nullptr;
        result.transactions.push_back(at_hand ? deliver(*request.prepared[i], block, beating)
                                              : deliver(parsed_alone(request.transactions[i]), block, beating));
    }
    for (const Address& provider : beating) {
        budget -= market::run_clock(ledger_, provider, block, budget);
    }
    market::match(ledger_, block);
    stake::share_out(ledger_, fees_);
    result.validator_updates = stake::update_set(ledger_, block);
    if (gov::end_block(ledger_, block)) {
        ledger_.derive(rebuild(ledger_.state(), request.parallel));
    }
    for (ledger::Event& event : ledger_.take_events()) {
        result.events.push_back(std::move(event));
    }
    app_hash_ = ledger_.state().root_hash(request.parallel);
    result.app_hash = app_hash_;
    return result;
}

ChangeSet App::commit() {
    ChangeSet out;
    out.height = height_;
    out.time = time_;
    out.app_hash = app_hash_;
    for (Bytes& key : ledger_.take_touched()) {
        const std::optional<BytesView> value = ledger_.get(key);
        out.changes.push_back({std::move(key), value ? std::optional<Bytes>{Bytes{*value}} : std::nullopt});
    }
    out.archived = ledger_.take_archived();
    params_ = params_of(ledger_);
    remember_committed();
    return out;
}

void App::remember_committed() {
    kept_.push_back(std::make_shared<const Committed>(
        Committed{height_, time_, app_hash_, ledger::View{ledger_.state(), ledger_.index()}, chain_id_}));
    if (kept_.size() > kMaxKeptHeights) {
        kept_.pop_front();
    }
}

Result<std::shared_ptr<const Committed>> App::committed_at(Height height) const {
    const Height newest = kept_.back()->height;
    const Height oldest = kept_.front()->height;
    if (height > newest) {
        return fail(Code::kNotFound, "height " + std::to_string(height.value()) + " is not there yet, the newest is " +
                                         std::to_string(newest.value()));
    }
    if (height < oldest) {
        return fail(Code::kHeightPruned, "height " + std::to_string(height.value()) +
                                             " is not kept any more, the oldest is " + std::to_string(oldest.value()));
    }
    return kept_[height.value() - oldest.value()];
}

std::optional<std::string> App::must_upgrade() const {
    return unknown_upgrade(committed()->view, Height{committed()->height.value() + 1});
}

App::Due App::next_due() const {
    if (market::has_more_to_match(ledger_)) {
        return {now_, now_};
    }
    Due due{now_, std::nullopt};
    for (const Bytes& timers :
         {keys::timers(), job::timers(), audit::timers(), audit::over(), stake::timers(), gov::timers()}) {
        ledger_.visit_index(timers, timers, [&](BytesView key, BytesView) {
            const LedgerTime at{read_be64(key.substr(2))};
            due.next = std::min(due.next.value_or(at), at);
            return false;
        });
    }
    return due;
}

LedgerTime ledger_time(const ledger::View& view) { return stored_clock(view).now; }
BlockTime block_time(const ledger::View& view) { return stored_clock(view).time; }

std::optional<std::string> App::broken_invariant() const { return first_broken_invariant(ledger_); }

}  // namespace sublet::app
