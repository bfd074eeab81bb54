// amino_test.cpp: a transaction that CosmJS made with an amino wallet, the text of every message, and what two
// transactions under one signature would take. Random values of all messages against @cosmjs/amino: test/e2e/amino.sh.
#include "app/amino.hpp"

#include <gtest/gtest.h>

#include <functional>

#include "codec/amino.hpp"
#include "crypto/sha256.hpp"

namespace sublet::app {
namespace {

// Made by CosmJS 0.39: SigningStargateClient.sign with a Secp256k1HdWallet, a payer, a timeout, and a memo of what JSON
// escapes and what it does not.
constexpr std::string_view kForeign =
    "0ab1010a8f010a1c2f636f736d6f732e62616e6b2e763162657461312e4d736753656e64126f0a2d7375626c65743139726c34636d3268"
    "6d7238616679346b6c6470787a33666b61346a67757130616378336e6a78122d7375626c6574317235763573726461377866746833686e"
    "327332367478767263726e746c646a756c646d3436761a0f0a0775637265646974120431323334121b3c623e4772c3bcc39f6520262022"
    "5c080c0a01e280a820f09f988018631297010a500a460a1f2f636f736d6f732e63727970746f2e736563703235366b312e5075624b6579"
    "12230a21024f4e2ad99c34d60b9ba6283c9431a8418af8673212961f97a77b6377fcd05b6212040a02087f180312430a0e0a0775637265"
    "646974120332303010f093091a2d7375626c65743139726c34636d32686d7238616679346b6c6470787a33666b61346a67757130616378"
    "336e6a781a40ec5949fcd5efae547385d03b01a3359cfdd39d162281310705c3f6748460f66b06c7aaa3dc89887a531537b63f00f782cd"
    "62f105b3674a47bf4dc0c346c70095";
constexpr std::string_view kForeignDoc =
    "{\"account_number\":\"7\",\"chain_id\":\"gold-1\",\"fee\":{\"amount\":[{\"amount\":\"200\","
    "\"denom\":\"ucredit\"}],\"gas\":\"150000\",\"payer\":\"sublet19rl4cm2hmr8afy4kldpxz3fka4jguq0acx3njx\"},"
    "\"memo\":\"\\u003cb\\u003eGr\xc3\xbc"
    "\xc3\x9f"
    "e \\u0026 \\\"\\\\\\b\\f\\n\\u0001\xe2\x80\xa8"
    " \xf0\x9f\x98\x80"
    "\","
    "\"msgs\":[{\"type\":\"cosmos-sdk/MsgSend\",\"value\":{\"amount\":[{\"amount\":\"1234\","
    "\"denom\":\"ucredit\"}],\"from_address\":\"sublet19rl4cm2hmr8afy4kldpxz3fka4jguq0acx3njx\","
    "\"to_address\":\"sublet1r5v5srda7xfth3hn2s26txvrcrntldjuldm46v\"}}],\"sequence\":\"3\","
    "\"timeout_height\":\"99\"}";

struct Opened {
    ledger::Transaction transaction;
    std::vector<AnyMessage> messages;
};
Opened open(BytesView bytes) {
    Opened out{.transaction = *ledger::decode_transaction(bytes), .messages = {}};
    for (const ledger::Any& wire : out.transaction.body.messages) {
        out.messages.push_back(*Messages::decode(wire));
    }
    return out;
}

TEST(Amino, SameSignBytesAsAnotherImplementation) {
    const Opened opened = open(*from_hex(kForeign));
    const Result<std::string> doc = amino_sign_doc(opened.transaction, opened.messages, "gold-1", 7);
    ASSERT_TRUE(doc.has_value()) << doc.error().message;
    EXPECT_EQ(*doc, kForeignDoc);
    const ledger::SignerInfo& info = opened.transaction.auth.signer_infos.front();
    const auto key = codec::decode<ledger::PubKey>(info.public_key->value);
    const auto signature = fixed_from<64>(opened.transaction.raw.signatures.front());
    EXPECT_TRUE(crypto::verify(*fixed_from<33>(key->key), crypto::sha256(*doc), *signature));
}

// Everything the sign bytes do not name must be there and be the same in every transaction.
TEST(Amino, WhatTheSignBytesDoNotNameIsRefused) {
    const std::pair<const char*, std::function<void(Opened&)>> rows[] = {
        {"must carry its public key", [](Opened& o) { o.transaction.auth.signer_infos.front().public_key.reset(); }},
        {"the fee is missing", [](Opened& o) { o.transaction.auth.fee.reset(); }},
        {"not UTF-8", [](Opened& o) { o.transaction.body.memo = "\xc3"; }},
        {"not UTF-8", [](Opened& o) { o.transaction.body.memo = "\xed\xa0\x80"; }},  // half of a surrogate pair
        {"not UTF-8", [](Opened& o) { o.transaction.auth.fee->payer = "\xff"; }},
        {"not UTF-8", [](Opened& o) { o.transaction.auth.fee->amount.front().denom = "\xc0\x80"; }},
        {"not UTF-8", [](Opened& o) { std::get<bank::MsgSend>(o.messages.front()).to_address = "a\x80"; }},
    };
    for (const auto& [why, spoil] : rows) {
        Opened opened = open(*from_hex(kForeign));
        spoil(opened);
        const Result<std::string> doc = amino_sign_doc(opened.transaction, opened.messages, "gold-1", 7);
        ASSERT_FALSE(doc.has_value()) << why;
        EXPECT_EQ(doc.error().code, Code::kEnvelopeRefused);
        EXPECT_NE(doc.error().message.find(why), std::string::npos) << doc.error().message;
    }
}

TEST(Amino, EveryChangeOfATransactionChangesTheSignBytes) {
    std::set<std::string> docs = {std::string{kForeignDoc}};
    const auto add = [&](const Opened& opened, std::string_view chain, std::uint64_t number) {
        docs.insert(*amino_sign_doc(opened.transaction, opened.messages, chain, number));
    };
    const std::function<void(Opened&)> changes[] = {
        [](Opened& o) { o.transaction.body.memo += "x"; },
        [](Opened& o) { o.transaction.body.memo.clear(); },
        [](Opened& o) { o.transaction.body.memo = "\\u003c"; },
        [](Opened& o) { o.transaction.body.memo = "<"; },
        [](Opened& o) { o.transaction.body.timeout_height = 0; },
        [](Opened& o) { o.transaction.body.timeout_height = 100; },
        [](Opened& o) { o.transaction.auth.signer_infos.front().sequence = 4; },
        [](Opened& o) { o.transaction.auth.fee->gas_limit = 0; },
        [](Opened& o) { o.transaction.auth.fee->payer.clear(); },
        [](Opened& o) { o.transaction.auth.fee->amount.clear(); },
        [](Opened& o) { o.transaction.auth.fee->amount.front().denom = "ulet"; },
        [](Opened& o) { o.messages.push_back(o.messages.front()); },
        [](Opened& o) { std::get<bank::MsgSend>(o.messages.front()).amount.clear(); },
        [](Opened& o) { std::get<bank::MsgSend>(o.messages.front()).to_address.clear(); },
        [](Opened& o) { o.messages.front() = market::MsgCloseLease{.tenant = "a", .lease = LeaseId{1}}; },
        [](Opened& o) { o.messages.front() = market::MsgLeaseReady{.operator_address = "a", .lease = LeaseId{1}}; },
    };
    for (const auto& change : changes) {
        Opened opened = open(*from_hex(kForeign));
        change(opened);
        add(opened, "gold-1", 7);
    }
    const Opened plain = open(*from_hex(kForeign));
    add(plain, "gold-2", 7);
    add(plain, "gold-1", 8);
    EXPECT_EQ(docs.size(), 1 + std::size(changes) + 2);
}

TEST(Amino, NamesArePublishedAndFitAHardwareWallet) {
    const std::vector<std::string_view> published = {"cosmos-sdk/MsgSend",
                                                     "sublet/bank/MsgFaucet",
                                                     "sublet/provider/MsgRegister",
                                                     "sublet/provider/MsgUpdate",
                                                     "sublet/provider/MsgHeartbeat",
                                                     "sublet/market/MsgPostOffer",
                                                     "sublet/market/MsgUpdateOffer",
                                                     "sublet/market/MsgCloseOffer",
                                                     "sublet/market/MsgCreateDeployment",
                                                     "sublet/market/MsgUpdateDeployment",
                                                     "sublet/market/MsgCloseDeployment",
                                                     "sublet/market/MsgTopUp",
                                                     "sublet/market/MsgLeaseReady",
                                                     "sublet/market/MsgCloseLease",
                                                     "sublet/market/MsgEndLease",
                                                     "sublet/market/MsgWithdraw",
                                                     "sublet/job/MsgCreateJob",
                                                     "sublet/job/MsgPauseJob",
                                                     "sublet/job/MsgCancelJob",
                                                     "sublet/job/MsgApproveTasks",
                                                     "sublet/job/MsgRejectTask",
                                                     "sublet/job/MsgRetryTask",
                                                     "sublet/job/MsgClaimTask",
                                                     "sublet/job/MsgStartTask",
                                                     "sublet/job/MsgFailTask",
                                                     "sublet/job/MsgCommitTask",
                                                     "sublet/job/MsgOpenTask",
                                                     "sublet/job/MsgPostRate",
                                                     "sublet/job/MsgCommitProbe",
                                                     "sublet/job/MsgOpenProbe",
                                                     "sublet/job/MsgConfirmJob",
                                                     "sublet/job/MsgFundJob",
                                                     "sublet/job/MsgDisputeTask",
                                                     "sublet/audit/MsgStakeWork",
                                                     "sublet/audit/MsgUnstakeWork",
                                                     "sublet/audit/MsgRevealSeed",
                                                     "sublet/audit/MsgCommitAudit",
                                                     "sublet/audit/MsgJudgeAudit",
                                                     "sublet/audit/MsgShowAudit",
                                                     "sublet/stake/MsgCreateValidator",
                                                     "sublet/stake/MsgEditValidator",
                                                     "sublet/stake/MsgDelegate",
                                                     "sublet/stake/MsgUnbond",
                                                     "sublet/stake/MsgUnjail",
                                                     "sublet/stake/MsgWithdrawRewards",
                                                     "sublet/gov/MsgPropose",
                                                     "sublet/gov/MsgVote"};
    ASSERT_EQ(published.size(), Messages::kAminoNames.size());
    for (std::size_t i = 0; i < published.size(); ++i) {
        EXPECT_EQ(Messages::kAminoNames[i].view(), published[i]);
        EXPECT_LT(published[i].size(), 40U);
    }
}

// One message with a field of each kind, present and left out.
TEST(Amino, FieldsOfEachKind) {
    const auto text = [](const auto& message) {
        std::string out;
        EXPECT_TRUE(codec::append_amino_json(out, message));
        return out;
    };
    market::MsgCreateDeployment create;
    EXPECT_EQ(text(create), "{}");
    create.owner = "o";
    create.commitment = std::string("\0\xff\xfe", 3);
    create.deposit = Amount{~std::uint64_t{0}};
    create.depositors = {"", "<"};
    create.groups.resize(2);
    create.groups[1].name = "g";
    create.groups[1].attributes = {{"k", ""}};
    create.groups[1].units.resize(1);
    create.groups[1].units[0].volumes = {{.name = "v", .bytes = 1, .persistent = true, .storage_class = ""}};
    EXPECT_EQ(
        text(create),
        R"({"commitment":"AP/+","deposit":"18446744073709551615","depositors":["","\u003c"],"groups":[{},)"
        R"({"attributes":[{"key":"k"}],"name":"g","units":[{"volumes":[{"bytes":"1","name":"v","persistent":true}]}]}],)"
        R"("owner":"o"})");
    EXPECT_EQ(
        text(market::MsgEndLease{.operator_address = "o", .lease = {}, .reason = market::CloseReason::kNoManifest}),
        R"({"operator_address":"o","reason":11})");
    EXPECT_EQ(text(market::MsgWithdraw{.operator_address = "", .leases = {LeaseId{}, LeaseId{7}}}),
              R"({"leases":["0","7"]})");
    EXPECT_EQ(text(provider::MsgHeartbeat{.operator_address = "o",
                                          .changes = {{.machine = 3, .up = false}, {.machine = 0, .up = true}}}),
              R"({"changes":[{"machine":3},{"up":true}],"operator_address":"o"})");
    market::MsgPostOffer offer;
    EXPECT_EQ(text(offer), "{}");
    offer.capacity.gpus = {{}};
    offer.price.gpu = 5;
    EXPECT_EQ(text(offer), R"({"capacity":{"gpus":[{}]},"price":{"gpu":"5"}})");
    EXPECT_EQ(text(bank::MsgFaucet{}), "{}");
}

}  // namespace
}  // namespace sublet::app
