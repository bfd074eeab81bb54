// bank_test.cpp: the codes of the bank's messages in order of precedence, and the spellings of an amount.
#include <gtest/gtest.h>

#include "modules/bank/messages.hpp"

namespace sublet::bank {
namespace {

std::string text(std::uint8_t number) {
    Address address;
    address.bytes.fill(number);
    return crypto::to_bech32(address);
}

Code code_of(const Result<>& answer) { return answer ? Code::kOk : answer.error().code; }

TEST(Bank, SendRefusesInOrder) {
    Ledger ledger;
    const Block block{};
    issue(ledger, account::parsed(text(1)), Amount{100}, kCredit);
    const auto code = [&](const std::string& from, const std::string& to, std::vector<Coin> coins) {
        const MsgSend message{from, to, std::move(coins)};
        const Code first = code_of(check_static(message));
        return first == Code::kOk ? code_of(check_state(message, ledger, block)) : first;
    };
    const std::string one = text(1);
    const std::string two = text(2);
    EXPECT_EQ(code("x", "x", {}), Code::kBadAddress);
    EXPECT_EQ(code(one, "x", {}), Code::kBadAddress);
    EXPECT_EQ(code(one, two, {}), Code::kBadField);
    EXPECT_EQ(code(one, two, {{"gold", "1"}}), Code::kUnknownDenom);
    EXPECT_EQ(code(one, two, {{"ucredit", "0"}}), Code::kOutOfRange);
    EXPECT_EQ(code(one, two, {{"ulet", "1"}, {"ucredit", "1"}}), Code::kBadField);
    EXPECT_EQ(code(one, two, {{"ucredit", "1"}, {"ucredit", "1"}}), Code::kBadField);
    EXPECT_EQ(code(one, two, {{"ucredit", "101"}}), Code::kInsufficientFunds);
    EXPECT_EQ(code(one, two, {{"ucredit", "100"}, {"ulet", "1"}}), Code::kInsufficientFunds);
    EXPECT_EQ(code(one, two, {{"ucredit", "100"}}), Code::kOk);
    EXPECT_EQ(code(one, one, {{"ucredit", "100"}}), Code::kOk);
}

TEST(Bank, AnAmountHasOneSpelling) {
    const struct {
        std::string amount;
        bool good;
    } rows[] = {{"0", true},
                {"1", true},
                {"18446744073709551615", true},
                {"18446744073709551616", false},
                {"", false},
                {"01", false},
                {"+1", false},
                {"-1", false},
                {"1.0", false},
                {" 1", false},
                {"1e3", false},
                {"99999999999999999999", false}};
    for (const auto& row : rows) {
        EXPECT_EQ(amount_of({"ucredit", row.amount}).has_value(), row.good) << row.amount;
    }
}

TEST(Bank, FaucetRefusesInOrder) {
    Ledger ledger;
    Block block;
    block.now = LedgerTime{5};
    const MsgFaucet message{text(1)};
    EXPECT_EQ(code_of(check_static(MsgFaucet{"x"})), Code::kBadAddress);
    EXPECT_EQ(code_of(check_state(message, ledger, block)), Code::kFaucetClosed);
    block.params.faucet_amount = Amount{7};
    apply(message, ledger, block);
    EXPECT_EQ(balance(ledger, account::parsed(text(1))), Amount{7});
    EXPECT_EQ(code_of(check_state(message, ledger, block)), Code::kFaucetLimit);
    block.now = LedgerTime{5 + block.params.faucet_window_ms};
    EXPECT_EQ(code_of(check_state(message, ledger, block)), Code::kOk);
    issue(ledger, account::parsed(text(2)), Amount{~0ULL - 7}, kCredit);
    EXPECT_EQ(code_of(check_state(message, ledger, block)), Code::kOverflow);
}

}  // namespace
}  // namespace sublet::bank
