// app_test.cpp: the list of messages, the codes of the envelope in order of precedence, genesis, the mempool's share of
// an account, restarts. What the market does with accepted messages: test/scenarios.
#include "app/app.hpp"

#include <gtest/gtest.h>

#include <functional>

#include "app/amino.hpp"
#include "crypto/sha256.hpp"

namespace sublet::app {
namespace {

constexpr std::string_view kChain = "app-test";

crypto::SecretKey key(std::string_view name) { return *crypto::SecretKey::from_bytes(view_of(crypto::sha256(name))); }
std::string address(std::string_view name) {
    return crypto::to_bech32(crypto::address_of(*crypto::public_key(key(name))));
}

// A transfer of one ucredit, and everything that can be wrong with its envelope.
struct Draft {
    std::string from = "alice";
    std::string key_of = "alice";
    ledger::SignMode mode = ledger::SignMode::kDirect;
    ledger::SignMode signed_as = ledger::SignMode::kDirect;
    std::string chain{kChain};
    std::uint64_t number = 1;
    std::uint64_t sequence = 0;
    std::uint64_t timeout_height = 0;
    std::uint64_t gas = 100'000;
    std::string fee = "100";
    std::string amount = "1";
    std::size_t messages = 1;
    std::size_t memo = 0;
    bool with_key = true;
    std::string ahead_from;  // whose message comes first, if not only `from`'s

    [[nodiscard]] Bytes bytes() const {
        const bank::MsgSend message{address(from), address("bob"), {{"ucredit", amount}}};
        ledger::TxBody body;
        body.messages.resize(messages, {std::string{bank::MsgSend::kTypeUrl}, codec::encode(message)});
        if (!ahead_from.empty()) {
            const bank::MsgSend ahead{address(ahead_from), address("bob"), {{"ucredit", amount}}};
            body.messages.insert(body.messages.begin(), {std::string{bank::MsgSend::kTypeUrl}, codec::encode(ahead)});
        }
        body.memo = std::string(memo, 'm');
        body.timeout_height = timeout_height;
        ledger::SignerInfo info;
        const crypto::PublicKey public_key = *crypto::public_key(key(key_of));
        if (with_key) {
            info.public_key = ledger::Any{std::string{ledger::kPubKeyTypeUrl},
                                          codec::encode(ledger::PubKey{Bytes{view_of(public_key)}})};
        }
        info.mode_info = ledger::ModeInfo{ledger::SingleMode{mode}};
        info.sequence = sequence;
        ledger::AuthInfo auth;
        auth.signer_infos = {info};
        auth.fee = ledger::Fee{{{"ucredit", fee}}, gas, ""};
        ledger::TxRaw raw{codec::encode(body), codec::encode(auth), {}};
        const ledger::SignDoc document{raw.body_bytes, raw.auth_info_bytes, chain, number};
        Bytes signed_bytes = codec::encode(document);
        if (signed_as == ledger::SignMode::kLegacyAminoJson) {
            raw.signatures = {""};
            const Parsed parsed = *parse_transaction(codec::encode(raw));
            signed_bytes = amino_sign_doc(parsed.transaction, parsed.messages, chain, number).value_or("");
        }
        raw.signatures = {Bytes{view_of(crypto::sign(key(key_of), crypto::sha256(signed_bytes)))}};
        return codec::encode(raw);
    }
};

std::unique_ptr<App> new_app() {
    Genesis genesis;
    genesis.chain_id = kChain;
    genesis.time = BlockTime{1'000'000};
    genesis.balances = {{address("alice"), "ucredit", Amount{1'000'000}}, {address("poor"), "ucredit", Amount{99}}};
    Result<std::unique_ptr<App>> app = App::from_genesis(genesis);
    EXPECT_TRUE(app.has_value());
    (void)(*app)->commit();
    return std::move(*app);
}

TxResult deliver(App& app, const Bytes& transaction) {
    const auto last = app.committed();
    BlockResult result =
        app.finalize_block({Height{last->height.value() + 1}, BlockTime{last->time.value() + 1'000}, {transaction}});
    (void)app.commit();
    return std::move(result.transactions.front());
}

TEST(App, MessagesAreThePublishedList) {
    const std::vector<std::string_view> published = {"/cosmos.bank.v1beta1.MsgSend",
                                                     "/sublet.bank.v1.MsgFaucet",
                                                     "/sublet.provider.v1.MsgRegister",
                                                     "/sublet.provider.v1.MsgUpdate",
                                                     "/sublet.provider.v1.MsgHeartbeat",
                                                     "/sublet.market.v1.MsgPostOffer",
                                                     "/sublet.market.v1.MsgUpdateOffer",
                                                     "/sublet.market.v1.MsgCloseOffer",
                                                     "/sublet.market.v1.MsgCreateDeployment",
                                                     "/sublet.market.v1.MsgUpdateDeployment",
                                                     "/sublet.market.v1.MsgCloseDeployment",
                                                     "/sublet.market.v1.MsgTopUp",
                                                     "/sublet.market.v1.MsgLeaseReady",
                                                     "/sublet.market.v1.MsgCloseLease",
                                                     "/sublet.market.v1.MsgEndLease",
                                                     "/sublet.market.v1.MsgWithdraw",
                                                     "/sublet.job.v1.MsgCreateJob",
                                                     "/sublet.job.v1.MsgPauseJob",
                                                     "/sublet.job.v1.MsgCancelJob",
                                                     "/sublet.job.v1.MsgApproveTasks",
                                                     "/sublet.job.v1.MsgRejectTask",
                                                     "/sublet.job.v1.MsgRetryTask",
                                                     "/sublet.job.v1.MsgClaimTask",
                                                     "/sublet.job.v1.MsgStartTask",
                                                     "/sublet.job.v1.MsgFailTask",
                                                     "/sublet.job.v1.MsgCommitTask",
                                                     "/sublet.job.v1.MsgOpenTask",
                                                     "/sublet.job.v1.MsgPostRate",
                                                     "/sublet.job.v1.MsgCommitProbe",
                                                     "/sublet.job.v1.MsgOpenProbe",
                                                     "/sublet.job.v1.MsgConfirmJob",
                                                     "/sublet.job.v1.MsgFundJob",
                                                     "/sublet.job.v1.MsgDisputeTask",
                                                     "/sublet.audit.v1.MsgStakeWork",
                                                     "/sublet.audit.v1.MsgUnstakeWork",
                                                     "/sublet.audit.v1.MsgRevealSeed",
                                                     "/sublet.audit.v1.MsgCommitAudit",
                                                     "/sublet.audit.v1.MsgJudgeAudit",
                                                     "/sublet.audit.v1.MsgShowAudit",
                                                     "/sublet.stake.v1.MsgCreateValidator",
                                                     "/sublet.stake.v1.MsgEditValidator",
                                                     "/sublet.stake.v1.MsgDelegate",
                                                     "/sublet.stake.v1.MsgUnbond",
                                                     "/sublet.stake.v1.MsgUnjail",
                                                     "/sublet.stake.v1.MsgWithdrawRewards",
                                                     "/sublet.gov.v1.MsgPropose",
                                                     "/sublet.gov.v1.MsgVote"};
    EXPECT_EQ(std::vector<std::string_view>(Messages::kTypeUrls.begin(), Messages::kTypeUrls.end()), published);
}

// Everything is wrong at once; each step mends one thing, so the codes come in the order of the checks.
TEST(App, TheEnvelopeIsRefusedInOrder) {
    const std::unique_ptr<App> app = new_app();
    Draft draft;
    draft.from = "nobody";
    draft.mode = ledger::SignMode::kUnspecified;
    draft.key_of = "mallory";
    draft.chain = "other";
    draft.sequence = 7;
    draft.timeout_height = 1;
    draft.gas = 1;
    draft.fee = "1";
    draft.amount = "0";
    draft.memo = 257;
    draft.messages = 17;
    (void)deliver(*app, "");
    const std::pair<Code, std::function<void()>> steps[] = {
        {Code::kEnvelopeRefused, [&] { draft.messages = 1; }},
        {Code::kEnvelopeRefused, [&] { draft.memo = 0; }},
        {Code::kOutOfRange, [&] { draft.amount = "2000000"; }},
        {Code::kAccountUnknown, [&] { draft.from = "alice"; }},
        {Code::kEnvelopeRefused, [&] { draft.mode = ledger::SignMode::kDirect; }},
        {Code::kWrongSigners, [&] { draft.key_of = "alice"; }},
        {Code::kBadSignature, [&] { draft.chain = kChain; }},
        {Code::kWrongSequence, [&] { draft.sequence = 0; }},
        {Code::kTimeoutHeight, [&] { draft.timeout_height = 1'000; }},
        {Code::kGasTooLow, [&] { draft.gas = 2'000'000; }},
        {Code::kFeeTooLow, [&] { draft.fee = "2000"; }},
    };
    for (const auto& [code, mend] : steps) {
        const Bytes bytes = draft.bytes();
        EXPECT_EQ(code_name(app->check_tx(bytes).code), code_name(code));
        EXPECT_EQ(code_name(deliver(*app, bytes).code), code_name(code));
        mend();
    }
    // Refused by its module: the fee and the sequence are taken, nothing else changes.
    EXPECT_EQ(deliver(*app, draft.bytes()).code, Code::kInsufficientFunds);
    EXPECT_EQ(bank::supply(app->committed()->view).fees, Amount{2'000});
    draft.sequence = 1;
    draft.amount = "1";
    EXPECT_EQ(deliver(*app, draft.bytes()).code, Code::kOk);
    // The key is known now and may be left out; the same transaction does not work twice.
    draft.sequence = 2;
    draft.with_key = false;
    const Bytes last = draft.bytes();
    EXPECT_EQ(deliver(*app, last).code, Code::kOk);
    EXPECT_EQ(deliver(*app, last).code, Code::kWrongSequence);
    Draft poor;
    poor.from = "poor";
    poor.key_of = "poor";
    poor.number = 2;
    EXPECT_EQ(deliver(*app, poor.bytes()).code, Code::kFeeUnpayable);
    EXPECT_EQ(app->broken_invariant(), std::nullopt);
}

// Whoever signs last must not spend for whoever is named first.
TEST(App, MessagesOfTwoSignersAreRefused) {
    const std::unique_ptr<App> app = new_app();
    Draft draft;
    draft.amount = "1";
    draft.from = "poor";
    draft.key_of = "poor";
    draft.number = 2;
    draft.fee = "0";
    draft.ahead_from = "alice";
    for (const char* from : {"poor", "alice"}) {
        draft.from = from;
        draft.ahead_from = draft.from == "poor" ? "alice" : "poor";
        EXPECT_EQ(code_name(app->check_tx(draft.bytes()).code), code_name(Code::kWrongSigners)) << from;
        EXPECT_EQ(code_name(deliver(*app, draft.bytes()).code), code_name(Code::kWrongSigners)) << from;
    }
    EXPECT_EQ(bank::balance(app->committed()->view, *crypto::parse_address(address("alice"))), Amount{1'000'000});
}

TEST(App, AminoSignaturesAreOverTheAminoDocumentAlone) {
    const auto direct = ledger::SignMode::kDirect;
    const auto amino = ledger::SignMode::kLegacyAminoJson;
    const struct {
        const char* what;
        ledger::SignMode says;
        ledger::SignMode does;
        bool with_key;
        std::string chain;
        std::uint64_t number;
        Code code;
    } rows[] = {
        {"amino without its key", amino, amino, false, "other", 1, Code::kWrongSigners},
        {"direct passed off as amino", amino, direct, true, std::string{kChain}, 1, Code::kBadSignature},
        {"amino passed off as direct", direct, amino, true, std::string{kChain}, 1, Code::kBadSignature},
        {"another chain", amino, amino, true, "other", 1, Code::kBadSignature},
        {"another account", amino, amino, true, std::string{kChain}, 2, Code::kBadSignature},
        {"amino", amino, amino, true, std::string{kChain}, 1, Code::kOk},
        {"direct without its key, which is known now", direct, direct, false, std::string{kChain}, 1, Code::kOk},
        {"amino without its key, known or not", amino, amino, false, std::string{kChain}, 1, Code::kEnvelopeRefused},
    };
    const std::unique_ptr<App> app = new_app();
    Draft draft;
    for (const auto& row : rows) {
        draft.mode = row.says;
        draft.signed_as = row.does;
        draft.with_key = row.with_key;
        draft.chain = row.chain;
        draft.number = row.number;
        const Bytes bytes = draft.bytes();
        EXPECT_EQ(simulate(*app->committed(), bytes).code, Code::kOk) << row.what;
        EXPECT_EQ(code_name(app->check_tx(bytes).code), code_name(row.code)) << row.what;
        EXPECT_EQ(code_name(deliver(*app, bytes).code), code_name(row.code)) << row.what;
        app->reset_pending();
        draft.sequence += row.code == Code::kOk ? 1 : 0;
    }
}

TEST(App, BytesThatAreNoTransactionNeverCrash) {
    const std::unique_ptr<App> app = new_app();
    const Bytes good = Draft{}.bytes();
    for (std::size_t i = 0; i < good.size(); ++i) {
        Bytes bad = good;
        bad[i] = static_cast<char>(bad[i] ^ 0x15);
        EXPECT_NE(app->check_tx(bad).code, Code::kOk) << i;
        (void)simulate(*app->committed(), bad);
        EXPECT_NE(app->check_tx(BytesView{good}.substr(0, i)).code, Code::kOk) << i;
    }
    EXPECT_EQ(app->check_tx(good).code, Code::kOk);
}

TEST(App, AnAccountHasSixteenPendingTransactions) {
    const std::unique_ptr<App> app = new_app();
    (void)deliver(*app, "");
    Draft draft;
    for (draft.sequence = 0; draft.sequence < kMaxPendingPerAccount; ++draft.sequence) {
        EXPECT_EQ(app->check_tx(draft.bytes()).code, Code::kOk);
    }
    EXPECT_EQ(app->check_tx(draft.bytes()).code, Code::kMempoolFull);
    app->reset_pending();
    EXPECT_EQ(app->check_tx(draft.bytes()).code, Code::kWrongSequence);
}

TEST(App, SimulateTellsGasThatIsEnoughAndKeepsNothing) {
    const std::unique_ptr<App> app = new_app();
    Draft draft;
    const Hash before = app->committed()->app_hash;
    const TxResult told = simulate(*app->committed(), draft.bytes());
    EXPECT_EQ(told.code, Code::kOk);
    draft.gas = told.gas_used;
    draft.fee = std::to_string((told.gas_used + 999) / 1'000);
    EXPECT_EQ(app->committed()->app_hash, before);
    EXPECT_EQ(deliver(*app, draft.bytes()).code, Code::kOk);
}

TEST(App, AGenesisThatDoesNotHoldTogetherIsRefused) {
    const std::pair<Code, std::function<void(Genesis&)>> rows[] = {
        {Code::kBadField, [](Genesis& g) { g.chain_id = ""; }},
        {Code::kBadField, [](Genesis& g) { g.chain_id = std::string(51, 'c'); }},
        {Code::kBadField, [](Genesis& g) { g.params.min_funding_ms = 0; }},
        {Code::kBadField, [](Genesis& g) { g.params.heartbeat_cover_ms = 0; }},
        {Code::kBadField, [](Genesis& g) { g.params.start_timeout_min_ms = 8'000'000; }},
        {Code::kBadField, [](Genesis& g) { g.params.default_deposit_ms = 1; }},
        {Code::kBadAddress, [](Genesis& g) { g.balances.front().address = "alice"; }},
        {Code::kUnknownDenom, [](Genesis& g) { g.balances.front().denom = "gold"; }},
        {Code::kOverflow, [](Genesis& g) { g.balances.resize(2, g.balances.front()); }},
    };
    for (const auto& [code, spoil] : rows) {
        Genesis genesis;
        genesis.chain_id = kChain;
        genesis.balances = {{address("alice"), "ucredit", Amount{~0ULL}}};
        ASSERT_TRUE(App::from_genesis(genesis).has_value());
        spoil(genesis);
        const auto app = App::from_genesis(genesis);
        ASSERT_FALSE(app.has_value());
        EXPECT_EQ(code_name(app.error().code), code_name(code));
    }
}

TEST(App, AStoredStateStartsOnlyWithItsOwnHash) {
    Genesis genesis;
    genesis.chain_id = kChain;
    genesis.balances = {{address("alice"), "ucredit", Amount{5}}};
    const std::unique_ptr<App> app = std::move(*App::from_genesis(genesis));
    const ChangeSet changes = app->commit();
    std::vector<std::pair<Bytes, Bytes>> state;
    for (const ChangeSet::Change& change : changes.changes) {
        state.emplace_back(change.key, *change.value);
    }
    const auto start = [&](const Hash& hash) -> Result<std::unique_ptr<App>> {
        TRY(tree, ledger::tree_of(state));
        return App::from_state(std::string{kChain}, changes.height, changes.time, hash, tree);
    };
    EXPECT_TRUE(start(changes.app_hash).has_value());
    EXPECT_EQ(start(Hash{}).error().code, Code::kStoreDamaged);
    state.front().second += "x";
    EXPECT_EQ(start(changes.app_hash).error().code, Code::kStoreDamaged);
    state.front().second.clear();
    EXPECT_EQ(start(changes.app_hash).error().code, Code::kStoreDamaged);
    EXPECT_EQ(app->committed_at(Height{1}).error().code, Code::kNotFound);
    for (std::size_t i = 0; i <= kMaxKeptHeights; ++i) {
        (void)deliver(*app, "");
    }
    EXPECT_EQ(app->committed_at(Height{1}).error().code, Code::kHeightPruned);
    EXPECT_TRUE(app->committed_at(Height{kMaxKeptHeights}).has_value());
}

}  // namespace
}  // namespace sublet::app
