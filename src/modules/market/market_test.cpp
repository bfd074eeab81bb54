// market_test.cpp: the codes of each message of the market in order of precedence, the golden bytes of its records, and
// a matcher that nobody can clog (T7).
#include <gtest/gtest.h>

#include <functional>

#include "modules/market/lifecycle.hpp"
#include "modules/market/messages.hpp"
#include "modules/provider/messages.hpp"

namespace sublet::market {
namespace {

Address who(std::uint8_t number) {
    Address address;
    address.bytes.fill(number);
    return address;
}
std::string text(std::uint8_t number) { return crypto::to_bech32(who(number)); }

constexpr std::uint8_t kTenant = 1;
constexpr std::uint8_t kOwner = 2;
constexpr std::uint8_t kAgent = 3;
constexpr std::uint8_t kStranger = 9;

template <class M>
Result<> check(const M& message, const View& view, const Block& block) {
    TRY_OK(check_static(message));
    return check_state(message, view, block);
}

// A ledger without transactions around the messages.
struct Market {
    Ledger ledger;
    Block block;

    Market() {
        block.height = Height{1};
        block.now = LedgerTime{1'000};
        block.chain_id = "market-test";
        ledger::save(ledger, ledger::params_key(), block.params);
        for (const std::uint8_t each : {kTenant, kOwner, kStranger}) {
            bank::issue(ledger, who(each), Amount{1'000'000'000}, bank::kCredit);
        }
    }
    template <class M>
    Code run(const M& message) {
        const Result<> ok = check(message, ledger, block);
        if (ok) {
            apply(message, ledger, block);
        }
        return ok ? Code::kOk : ok.error().code;
    }
    void beat(std::uint8_t agent) {
        provider::Provider provider = *provider::find_by_operator(ledger, who(agent));
        provider::credit_clock(ledger, provider, block);
    }
    void add_provider(std::uint8_t owner, std::uint8_t agent, std::size_t machines = 1) {
        provider::MsgRegister message;
        message.owner = text(owner);
        message.operator_address = text(agent);
        message.gateway_uri = "https://localhost:1";
        message.tls_pin = Bytes(32, 'p');
        for (std::size_t i = 0; i < machines; ++i) {
            message.machines.push_back("m" + std::to_string(i));
        }
        ASSERT_EQ(run(message), Code::kOk);
        beat(agent);
    }
    void end_block() {
        match(ledger, block);
        (void)ledger.take_touched();
        (void)ledger.take_events();
    }
};

MsgPostOffer offer_of(std::uint8_t agent, std::uint32_t machine = 0) {
    MsgPostOffer message;
    message.operator_address = text(agent);
    message.machine = machine;
    message.capacity = {4'000, 8ULL << 30U, 100ULL << 30U, {}};
    message.price.cpu_core = 100'000'000'000;
    return message;
}

MsgCreateDeployment deployment_of(std::uint8_t owner) {
    MsgCreateDeployment message;
    message.owner = text(owner);
    ResourceUnit unit;
    unit.cpu_milli = 1'000;
    unit.memory_bytes = 1ULL << 30U;
    unit.count = 1;
    unit.max_rate = Rate{100'000'000'000};
    GroupSpec spec;
    spec.name = "web";
    spec.units = {unit};
    message.groups = {spec};
    message.commitment = Bytes(32, 'c');
    return message;
}

// A message with every fault, mended one at a time: the codes must come in this order.
template <class M>
struct Mend {
    Code code;
    std::function<void(M&)> mend;
};
template <class M>
void expect_order(Market& market, M message, const std::vector<Mend<M>>& steps) {
    for (std::size_t i = 0; i < steps.size(); ++i) {
        const Result<> answer = check(message, market.ledger, market.block);
        EXPECT_EQ(code_name(answer ? Code::kOk : answer.error().code), code_name(steps[i].code)) << "step " << i;
        steps[i].mend(message);
    }
    const Result<> answer = check(message, market.ledger, market.block);
    EXPECT_TRUE(answer.has_value()) << answer.error().message;
}

TEST(Market, CreateDeploymentRefusesInOrder) {
    Market market;
    using M = MsgCreateDeployment;
    M message = deployment_of(8);  // an account without money
    message.owner = "nobody";
    message.commitment = "short";
    message.groups.resize(kMaxGroups + 1, message.groups.front());
    message.depositors.resize(kMaxDepositors + 1, "x");
    message.start_timeout = Millis{1};
    message.order_life = Millis{~0ULL};
    message.deposit_time = Millis{1};
    message.deposit = Amount{1};
    const auto unit = [](M& m) -> ResourceUnit& { return m.groups.front().units.front(); };
    message.groups.front().name = "";
    message.groups.front().attributes = {{"b", ""}, {"a", ""}};
    unit(message) = ResourceUnit{};
    expect_order<M>(market, message,
                    {{Code::kBadAddress, [](M& m) { m.owner = text(8); }},
                     {Code::kBadField, [](M& m) { m.commitment = Bytes(32, 'c'); }},
                     {Code::kBadField, [](M& m) { m.groups.resize(2); }},
                     {Code::kBadField, [](M& m) { m.groups.front().name = "web"; }},
                     {Code::kBadField, [](M& m) { m.groups.front().attributes.clear(); }},
                     {Code::kOutOfRange, [&](M& m) { unit(m).count = 1; }},
                     {Code::kOutOfRange, [&](M& m) { unit(m).cpu_milli = 1'000; }},
                     {Code::kOutOfRange, [&](M& m) { unit(m).memory_bytes = 1ULL << 30U; }},
                     {Code::kOutOfRange, [&](M& m) { unit(m).max_rate = Rate{100'000'000'000}; }},
                     {Code::kBadField, [](M& m) { m.groups.resize(1); }},  // one name twice
                     {Code::kBadField, [](M& m) { m.depositors.resize(1); }},
                     {Code::kBadAddress, [](M& m) { m.depositors = {text(kStranger)}; }},
                     {Code::kOutOfRange, [](M& m) { m.start_timeout = Millis{300'000}; }},
                     {Code::kOutOfRange, [](M& m) { m.order_life = Millis{1}; }},
                     {Code::kDepositTooSmall, [](M& m) { m.deposit_time = Millis{600'000}; }},
                     {Code::kDepositTooSmall, [](M& m) { m.deposit = Amount{60'000}; }},
                     {Code::kInsufficientFunds, [](M& m) { m.owner = text(kTenant); }}});
}

TEST(Market, AnOwnerHasAThousandDeployments) {
    Market market;
    bank::issue(market.ledger, who(kTenant), Amount{1'000'000'000}, bank::kCredit);
    MsgCreateDeployment message = deployment_of(kTenant);
    for (std::uint64_t i = 0; i < kMaxDeploymentsPerOwner; ++i) {
        ASSERT_EQ(market.run(message), Code::kOk) << i;
    }
    EXPECT_EQ(market.run(message), Code::kTooManyDeployments);
}

TEST(Market, OffersRefuseInOrder) {
    Market market;
    market.add_provider(kOwner, kAgent, 2);
    using M = MsgPostOffer;
    M message = offer_of(kAgent, 99);
    message.operator_address = "nobody";
    message.capacity.cpu_milli = 0;
    message.price.gpu = ~0ULL;
    message.notice = Millis{1};
    message.attributes = {{"", ""}};
    expect_order<M>(market, message,
                    {{Code::kBadAddress, [](M& m) { m.operator_address = text(kStranger); }},
                     {Code::kOutOfRange, [](M& m) { m.capacity.cpu_milli = 1; }},
                     {Code::kOutOfRange, [](M& m) { m.price.gpu = 0; }},
                     {Code::kOutOfRange, [](M& m) { m.notice = Millis{30'000}; }},
                     {Code::kBadField, [](M& m) { m.attributes.clear(); }},
                     {Code::kNotOperator, [](M& m) { m.operator_address = text(kAgent); }},
                     {Code::kOutOfRange, [](M& m) { m.machine = 1; }}});
    EXPECT_EQ(market.run(offer_of(kAgent, 0)), Code::kOk);
    EXPECT_EQ(market.run(offer_of(kAgent, 0)), Code::kTooManyOffers);

    using U = MsgUpdateOffer;
    U update;
    update.operator_address = text(kStranger);
    update.offer = OfferId{7};
    update.state = OfferState::kClosed;
    update.capacity = offer_of(kAgent).capacity;
    market.add_provider(kStranger, kStranger);
    expect_order<U>(market, update,
                    {{Code::kBadField, [](U& m) { m.state = OfferState::kActive; }},
                     {Code::kOfferUnknown, [](U& m) { m.offer = OfferId{1}; }},
                     {Code::kNotOfferOwner, [](U& m) { m.operator_address = text(kAgent); }}});

    ASSERT_EQ(market.run(deployment_of(kTenant)), Code::kOk);
    market.end_block();
    update.operator_address = text(kAgent);
    update.offer = OfferId{1};
    update.state = OfferState::kActive;
    update.capacity.cpu_milli = 999;  // a thousand are leased
    EXPECT_EQ(market.run(update), Code::kOfferBusy);
    EXPECT_EQ(market.run(MsgCloseOffer{text(kAgent), OfferId{1}}), Code::kOfferBusy);
}

TEST(Market, LeasesRefuseInOrder) {
    Market market;
    market.add_provider(kOwner, kAgent);
    market.add_provider(kStranger, kStranger);
    ASSERT_EQ(market.run(offer_of(kAgent)), Code::kOk);
    ASSERT_EQ(market.run(deployment_of(kTenant)), Code::kOk);
    market.end_block();

    expect_order<MsgLeaseReady>(market, {"nobody", LeaseId{7}},
                                {{Code::kBadAddress, [](auto& m) { m.operator_address = text(kTenant); }},
                                 {Code::kNotOperator, [](auto& m) { m.operator_address = text(kStranger); }},
                                 {Code::kLeaseUnknown, [](auto& m) { m.lease = LeaseId{1}; }},
                                 {Code::kNotOperator, [](auto& m) { m.operator_address = text(kAgent); }}});
    expect_order<MsgEndLease>(market, {text(kTenant), LeaseId{7}, CloseReason::kNoShow},
                              {{Code::kReasonNotAllowed, [](auto& m) { m.reason = CloseReason::kUnstable; }},
                               {Code::kNotOperator, [](auto& m) { m.operator_address = text(kAgent); }},
                               {Code::kLeaseUnknown, [](auto& m) { m.lease = LeaseId{1}; }},
                               {Code::kReasonNotAllowed, [](auto& m) { m.reason = CloseReason::kNoManifest; }},
                               {Code::kTooEarly, [](auto& m) { m.reason = CloseReason::kImageFailed; }}});
    expect_order<MsgWithdraw>(market, {text(kTenant), {}},
                              {{Code::kBadField, [](auto& m) { m.leases = {LeaseId{7}, LeaseId{7}}; }},
                               {Code::kBadField, [](auto& m) { m.leases = {LeaseId{7}}; }},
                               {Code::kNotOperator, [](auto& m) { m.operator_address = text(kAgent); }},
                               {Code::kLeaseUnknown, [](auto& m) { m.leases = {LeaseId{1}}; }},
                               {Code::kNothingToWithdraw, [&](auto&) {
                                    ASSERT_EQ(market.run(MsgLeaseReady{text(kAgent), LeaseId{1}}), Code::kOk);
                                    for (int i = 0; i < 10; ++i) {
                                        market.block.now = after(market.block.now, Millis{90'000});
                                        market.beat(kAgent);
                                    }
                                }}});
    EXPECT_EQ(market.run(MsgLeaseReady{text(kAgent), LeaseId{1}}), Code::kLeaseNotAssigned);
    expect_order<MsgTopUp>(market, {"nobody", DeploymentId{7}, Amount{}},
                           {{Code::kBadAddress, [](auto& m) { m.depositor = text(kStranger); }},
                            {Code::kOutOfRange, [](auto& m) { m.amount = Amount{5'999}; }},
                            {Code::kDeploymentUnknown, [](auto& m) { m.deployment = DeploymentId{1}; }},
                            {Code::kNotDepositor, [](auto& m) { m.depositor = text(kTenant); }},
                            {Code::kDepositTooSmall, [](auto& m) { m.amount = Amount{2'000'000'000}; }},
                            {Code::kInsufficientFunds, [](auto& m) { m.amount = Amount{6'000}; }}});
    expect_order<MsgUpdateDeployment>(market, {text(kStranger), DeploymentId{7}, "x"},
                                      {{Code::kBadField, [](auto& m) { m.commitment = Bytes(32, 'c'); }},
                                       {Code::kDeploymentUnknown, [](auto& m) { m.deployment = DeploymentId{1}; }},
                                       {Code::kNotDeploymentOwner, [](auto& m) { m.owner = text(kTenant); }},
                                       {Code::kManifestUnchanged, [](auto& m) { m.commitment = Bytes(32, 'd'); }}});
    expect_order<MsgCloseLease>(market, {text(kStranger), LeaseId{7}},
                                {{Code::kLeaseUnknown, [](auto& m) { m.lease = LeaseId{1}; }},
                                 {Code::kNotLeaseParty, [](auto& m) { m.tenant = text(kTenant); }}});
    ASSERT_EQ(market.run(MsgCloseDeployment{text(kTenant), DeploymentId{1}}), Code::kOk);
    EXPECT_EQ(market.run(MsgCloseLease{text(kTenant), LeaseId{1}}), Code::kLeaseClosed);
    EXPECT_EQ(market.run(MsgTopUp{text(kTenant), DeploymentId{1}, Amount{6'000}}), Code::kLeaseClosed);
    EXPECT_EQ(market.run(MsgCloseDeployment{text(kTenant), DeploymentId{1}}), Code::kDeploymentClosed);
}

TEST(Market, RecordsHaveOneSpelling) {
    Deployment deployment;
    deployment.id = DeploymentId{7};
    deployment.owner = who(1);
    Group group;
    group.spec = deployment_of(kTenant).groups.front();
    group.order.locked = Amount{60'000};
    deployment.groups = {group};
    deployment.commitment.fill(0xcc);
    deployment.bond = Amount{10'000};
    EXPECT_EQ(
        to_hex(codec::encode(deployment)),
        "080110071a14010101010101010101010101010101010101010120012a250a190a037765622a1208e80710808080800438014080d0dbc3"
        "f40212080801100128e0d4033220cccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccc68904e");
    Lease lease;
    lease.id = LeaseId{9};
    lease.deployment = DeploymentId{7};
    lease.tenant = who(1);
    lease.provider = who(2);
    lease.offer = OfferId{3};
    lease.account.owner = who(1);
    lease.account.rate = Rate{150'000'000'000};
    escrow::deposit(lease.account, who(1), Amount{540'000});
    EXPECT_EQ(to_hex(codec::encode(lease)),
              "080110091807321401010101010101010101010101010101010101013a1402020202020202020202020202020202020202024003"
              "50015a3d0a140101010101010101010101010101010101010101121a0a14010101010101010101010101010101010101010110e0"
              "fa201880b8c9e5ae0438e0fa20");
    // What is left out is zero, not what a member begins with: a machine that is down stays down.
    const auto machine = codec::decode<provider::Machine>(codec::encode(provider::Machine{"m", false, {}, {}}));
    ASSERT_TRUE(machine.has_value());
    EXPECT_FALSE(machine->up);
    ledger::Params params;
    params.hold_window_ms = 0;
    EXPECT_EQ(codec::decode<ledger::Params>(codec::encode(params))->hold_window_ms, 0U);
    EXPECT_EQ(codec::decode<Lease>("").error().code, Code::kOutOfRange);  // a state must be there
}

}  // namespace
}  // namespace sublet::market
