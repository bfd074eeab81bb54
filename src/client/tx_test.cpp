// tx_test.cpp: transactions byte for byte as CosmJS 0.39 (@cosmjs/proto-signing) signs them, and fees.
#include "client/tx.hpp"

#include <gtest/gtest.h>

#include "client/mnemonic.hpp"
#include "crypto/address.hpp"
#include "modules/bank/messages.hpp"

namespace sublet::client {
namespace {

constexpr std::string_view kMnemonic =
    "abandon abandon abandon abandon abandon abandon abandon abandon abandon abandon abandon about";
constexpr std::string_view kRecipient = "sublet1qurswpc8qurswpc8qurswpc8qurswpc8h4m5dj";  // twenty bytes of 7

struct Row {
    const char* name;
    std::string memo;
    std::uint64_t account_number;
    std::uint64_t sequence;
    std::uint64_t gas_limit;
    std::uint64_t fee;
    std::string amount;
    std::string transaction_hex;
    std::string hash_hex;
};

const Row kRows[] = {
    {"with fee, memo and sequence", "hello", 7, 3, 60'000, 60, "1234567",
     "0a9c010a92010a1c2f636f736d6f732e62616e6b2e763162657461312e4d736753656e6412720a2d7375626c65743139"
     "726c34636d32686d7238616679346b6c6470787a33666b61346a67757130616378336e6a78122d7375626c6574317175"
     "72737770633871757273777063387175727377706338717572737770633868346d35646a1a120a077563726564697412"
     "0731323334353637120568656c6c6f12670a500a460a1f2f636f736d6f732e63727970746f2e736563703235366b312e"
     "5075624b657912230a21024f4e2ad99c34d60b9ba6283c9431a8418af8673212961f97a77b6377fcd05b6212040a0208"
     "01180312130a0d0a07756372656469741202363010e0d4031a4015f56bb30c63032818bf0a1f21c5ec669cbd9d877d13"
     "3b4bc453812d85b3976b4338c55bf2dc2cafe5f674bc2590729e8371ee47a97a27cb0991b3b4a6f4064f",
     "519c18b4c0a29f324af895874964d482014417ae60dc72ba1417ce6311330c2f"},
    {"first transaction, free, no memo", "", 1, 0, 41'000, 0, "1",
     "0a8f010a8c010a1c2f636f736d6f732e62616e6b2e763162657461312e4d736753656e64126c0a2d7375626c65743139"
     "726c34636d32686d7238616679346b6c6470787a33666b61346a67757130616378336e6a78122d7375626c6574317175"
     "72737770633871757273777063387175727377706338717572737770633868346d35646a1a0c0a077563726564697412"
     "013112560a4e0a460a1f2f636f736d6f732e63727970746f2e736563703235366b312e5075624b657912230a21024f4e"
     "2ad99c34d60b9ba6283c9431a8418af8673212961f97a77b6377fcd05b6212040a020801120410a8c0021a406b56f475"
     "e076aaeb96f88376f8d79e76f4de97e00450c1450b2d590fd1466889640149381b4e951c315c830b72d09a6ce1bccfa0"
     "8346ac09f4df3fe18420a8ce",
     "adb2e5a5d02ef9d076f9a7b196b1147e07604438221c21c69968ff10a7a91ace"},
};

TEST(Transaction, IsWhatCosmjsSigns) {
    const Result<Mnemonic> words = Mnemonic::parse(kMnemonic);
    ASSERT_TRUE(words.has_value());
    const Result<crypto::SecretKey> secret = derive(*words);
    ASSERT_TRUE(secret.has_value());
    const std::string sender = crypto::to_bech32(crypto::address_of(*crypto::public_key(*secret)));
    for (const Row& row : kRows) {
        bank::MsgSend message;
        message.from_address = sender;
        message.to_address = std::string{kRecipient};
        message.amount.push_back({"ucredit", row.amount});
        TxDraft draft;
        draft.messages.push_back(pack(message).any);
        draft.memo = row.memo;
        draft.chain_id = "sublet-local-1";
        draft.account_number = row.account_number;
        draft.sequence = row.sequence;
        draft.gas_limit = row.gas_limit;
        draft.fee = Amount{row.fee};
        const Bytes signed_bytes = sign_transaction(draft, *secret);
        EXPECT_EQ(to_hex(signed_bytes), row.transaction_hex) << row.name;
        EXPECT_EQ(to_hex(view_of(transaction_hash(signed_bytes))), row.hash_hex) << row.name;
        EXPECT_EQ(unsigned_transaction(draft, *crypto::public_key(*secret)).size(), signed_bytes.size()) << row.name;
    }
}

TEST(Transaction, GasCoversTheSignedSize) {
    const Result<crypto::SecretKey> secret = derive(*Mnemonic::parse(kMnemonic));
    ASSERT_TRUE(secret.has_value());
    bank::MsgSend message;
    message.from_address = std::string{kRecipient};
    message.to_address = std::string{kRecipient};
    message.amount.push_back({"ucredit", "18446744073709551615"});
    for (const std::uint64_t price : {0ULL, 1ULL, 1'000'000ULL, 1'000'000'000'000ULL}) {
        const TxMessage packed = pack(message);
        TxDraft draft;
        draft.messages.push_back(packed.any);
        draft.gas_limit = gas_needed({packed}, draft, *crypto::public_key(*secret));
        draft.fee = fee_ceil(draft.gas_limit, price);
        const std::uint64_t taken = bank::MsgSend::kGas + kGasPerByte * sign_transaction(draft, *secret).size();
        EXPECT_GE(draft.gas_limit, taken) << price;
        EXPECT_LE(draft.gas_limit, taken + 600) << price;
    }
}

TEST(Fee, IsRoundedUp) {
    struct FeeRow {
        std::uint64_t gas;
        std::uint64_t price_nano;
        std::uint64_t fee;
    };
    const FeeRow rows[] = {
        {0, 1'000'000, 0},       {1, 1'000'000, 1}, {1'000, 1'000'000, 1},         {1'001, 1'000'000, 2},
        {60'000, 1'000'000, 60}, {5, 0, 0},         {~0ULL, 1'000'000'000, ~0ULL}, {~0ULL, ~0ULL, ~0ULL},
    };
    for (const FeeRow& row : rows) {
        EXPECT_EQ(fee_ceil(row.gas, row.price_nano).value(), row.fee) << row.gas << " × " << row.price_nano;
    }
}

}  // namespace
}  // namespace sublet::client
