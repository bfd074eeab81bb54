// provider_test.cpp: the codes of the providers' messages in order of precedence, and the service clock.
#include <gtest/gtest.h>

#include <functional>

#include "modules/provider/messages.hpp"

namespace sublet::provider {
namespace {

Address who(std::uint8_t number) {
    Address address;
    address.bytes.fill(number);
    return address;
}
std::string text(std::uint8_t number) { return crypto::to_bech32(who(number)); }

struct Fixture {
    Ledger ledger;
    Block block;
    Fixture() {
        block.now = LedgerTime{1'000};
        ledger::save(ledger, ledger::params_key(), block.params);
    }
    template <class M>
    Code code_of(const M& message) const {
        Result<> answer = check_static(message);
        if (answer) {
            answer = check_state(message, ledger, block);
        }
        return answer ? Code::kOk : answer.error().code;
    }
    void beat(std::uint64_t passed_ms) {
        block.now = after(block.now, Millis{passed_ms});
        Provider provider = *find(ledger, who(1));
        credit_clock(ledger, provider, block);
    }
    std::uint64_t clock() const { return find(ledger, who(1))->clock.value(); }
};

MsgRegister good() {
    MsgRegister message;
    message.owner = text(1);
    message.operator_address = text(2);
    message.gateway_uri = "https://host:8443";
    message.tls_pin = Bytes(32, 'p');
    message.machines = {"a", "b"};
    return message;
}

TEST(Provider, RegisterRefusesInOrder) {
    Fixture fixture;
    MsgRegister other = good();
    other.owner = text(7);
    other.operator_address = text(8);
    apply(other, fixture.ledger, fixture.block);

    MsgRegister message = good();
    message.owner = "x";
    message.operator_address = "x";
    message.gateway_uri = "http://host";
    message.tls_pin = "x";
    message.attributes = {{"k", "1"}, {"k", "2"}};
    message.machines = {"a", "a"};
    const std::pair<Code, std::function<void()>> steps[] = {
        {Code::kBadAddress, [&] { message.owner = text(7); }},
        {Code::kBadAddress, [&] { message.operator_address = text(8); }},
        {Code::kBadField, [&] { message.gateway_uri = "https://h"; }},
        {Code::kBadField, [&] { message.tls_pin = Bytes(32, 'p'); }},
        {Code::kBadField, [&] { message.attributes.pop_back(); }},
        {Code::kBadField, [&] { message.machines.pop_back(); }},
        {Code::kProviderExists, [&] { message.owner = text(1); }},             // the owner is one already
        {Code::kProviderExists, [&] { message.operator_address = text(2); }},  // the key serves another
    };
    for (const auto& [code, mend] : steps) {
        EXPECT_EQ(code_name(fixture.code_of(message)), code_name(code));
        mend();
    }
    EXPECT_EQ(fixture.code_of(message), Code::kOk);

    MsgUpdate update;
    update.owner = text(6);
    update.operator_address = text(8);
    update.gateway_uri = "https://h";
    update.tls_pin = Bytes(32, 'p');
    update.next_tls_pin = "x";
    EXPECT_EQ(fixture.code_of(update), Code::kBadField);
    update.next_tls_pin.clear();
    EXPECT_EQ(fixture.code_of(update), Code::kProviderUnknown);
    update.owner = text(7);
    EXPECT_EQ(fixture.code_of(update), Code::kOk);
}

TEST(Provider, HeartbeatRefusesInOrder) {
    Fixture fixture;
    apply(good(), fixture.ledger, fixture.block);
    MsgHeartbeat message{"x", {{1, true}, {1, false}}};
    EXPECT_EQ(fixture.code_of(message), Code::kBadAddress);
    message.operator_address = text(1);
    EXPECT_EQ(fixture.code_of(message), Code::kBadField);
    message.changes = {{2, false}};
    EXPECT_EQ(fixture.code_of(message), Code::kNotOperator);
    message.operator_address = text(2);
    EXPECT_EQ(fixture.code_of(message), Code::kOutOfRange);
    message.changes = {{1, false}};
    EXPECT_EQ(fixture.code_of(message), Code::kOk);
}

TEST(Provider, TheClockMovesByHeartbeatsWithinTheCover) {
    Fixture fixture;
    apply(good(), fixture.ledger, fixture.block);
    const struct {
        std::uint64_t passed_ms;
        std::uint64_t clock;
    } rows[] = {{500'000, 0}, {30'000, 30'000}, {90'000, 120'000}, {90'001, 120'000}, {0, 120'000}, {1, 120'001}};
    for (const auto& row : rows) {
        fixture.beat(row.passed_ms);
        EXPECT_EQ(fixture.clock(), row.clock) << row.passed_ms;
    }
    EXPECT_EQ(find(fixture.ledger, who(1))->counters.outage_time, Millis{90'001});

    // Machine 1 goes down and comes back; its clock has lost what lay between.
    apply(MsgHeartbeat{text(2), {{1, false}}}, fixture.ledger, fixture.block);
    fixture.beat(60'000);
    EXPECT_EQ(machine_clock(*find(fixture.ledger, who(1)), 0).value(), 180'001U);
    EXPECT_EQ(machine_clock(*find(fixture.ledger, who(1)), 1).value(), 120'001U);
    apply(MsgHeartbeat{text(2), {{1, true}}}, fixture.ledger, fixture.block);
    fixture.beat(10'000);
    EXPECT_EQ(machine_clock(*find(fixture.ledger, who(1)), 1).value(), 130'001U);
}

TEST(Provider, FreeMessagesAreCountedPerMinute) {
    Fixture fixture;
    Provider provider;
    provider.active_leases = 2;
    for (int i = 0; i < 20; ++i) {
        EXPECT_TRUE(within_quota(provider, fixture.block)) << i;
        count_free_message(provider, fixture.block);
    }
    EXPECT_FALSE(within_quota(provider, fixture.block));
    fixture.block.now = after(fixture.block.now, Millis{60'000});
    EXPECT_TRUE(within_quota(provider, fixture.block));
}

}  // namespace
}  // namespace sublet::provider
