// light_client_test.cpp: the light client against nodes of paper that lag, change their validators, disagree or are
// true.
#include "client/light_world_fixture.hpp"
#include "codec/encode.hpp"
#include "modules/stake/params.hpp"

namespace sublet::client::light {
namespace {

using nlohmann::json;

TEST(LightClient, NothingIsTrustedUnlessSomebodySaysSo) {
    LightWorld world;
    expect_part(world.told(), "Usage: nothing is trusted of paper-1 yet");
    EXPECT_TRUE(world.files.content.empty());
    const Result<Proved> first = world.read({.trust_first = true});
    ASSERT_TRUE(first) << first.error().message;
    EXPECT_EQ(first->values, std::vector<std::optional<Bytes>>{"value a"});
    EXPECT_TRUE(first->evidence.trusted_first);
    EXPECT_EQ(first->evidence.state_height, 990U);
    EXPECT_EQ(first->evidence.header.height, 991U);
    world.network.newest = 995;
    const Result<Proved> second = world.read();
    ASSERT_TRUE(second) << second.error().message;
    EXPECT_FALSE(second->evidence.trusted_first);
    EXPECT_EQ(second->evidence.from_height, 991U);
    EXPECT_EQ(second->evidence.power.signed_for, 40U);
    EXPECT_EQ(world.told({}, "key-b"), "believed nothing");
    EXPECT_EQ((*world.store.load("paper-1"))->height, 996U);
}

TEST(LightClient, SeveralRecordsAreOfOneState) {
    LightWorld world;
    world.trust(980);
    const auto read = [&] {
        LightClient client{world.network, world.clock, world.store, net::Endpoint{"node", 1, "", false, {}}, {}};
        std::vector<Bytes> keys{"key-a", "key-b", "key-c"};
        Task<Result<Proved>> reading = client.read(std::move(keys));
        return net::run(world.loop, std::move(reading));
    };
    const Result<Proved> proved = read();
    ASSERT_TRUE(proved) << proved.error().message;
    EXPECT_EQ(proved->values, (std::vector<std::optional<Bytes>>{"value a", std::nullopt, "value c"}));
    int answers = 0;
    world.network.bend = [&](const std::string&, const std::string& method, json& answer) {
        if (method == "abci_query" && ++answers == 2) {
            answer["result"]["response"]["height"] = "989";
        }
    };
    expect_part(read().error().message, "answers of another height than it was asked for");
}

TEST(LightClient, AUsersBlockIsTheOneThatCounts) {
    LightWorld world;
    const Hash hash = header_hash(world.network.block(700).header);
    EXPECT_EQ(world.told({.point = TrustPoint{700, hash}}), "believed value a");
    expect_part(world.told({.point = TrustPoint{701, hash}}), "not the one of --trust");
    EXPECT_EQ((*world.store.load("paper-1"))->height, 991U);
    const Result<Proved> later = world.read({.point = TrustPoint{700, hash}});
    ASSERT_TRUE(later) << later.error().message;
    EXPECT_EQ(later->evidence.from_height, 991U) << "what was verified since stays";
    const PaperSet set = paper_set(1, 4);
    const Block fork = paper_block({.height = 800, .time_s = kStart_s + 800, .app_hash = Bytes(32, 'z')}, set, set);
    ASSERT_TRUE(world.store.save(trusted_of(fork, 0)));
    expect_part(world.told({.point = TrustPoint{700, hash}}), "Conflict: block 800:");
    const auto point = parse_trust_point("700:" + to_hex_upper(view_of(hash)));
    ASSERT_TRUE(point);
    EXPECT_EQ(point->hash, hash);
    for (const char* wrong : {"", "700", "0:00", "x:00", "700:0g", ":"}) {
        EXPECT_EQ(parse_trust_point(wrong).error().code, Code::kUsage) << wrong;
    }
}

TEST(LightClient, OldStatesAreRefused) {
    LightWorld world;
    world.trust(980);
    world.clock.now_ms = (kStart_s + 991 + kMaxAge_s) * 1'000;
    EXPECT_EQ(world.told(), "believed value a");
    world.clock.now_ms += 1'000;
    expect_part(world.told(), "NotProved: the newest state that the node shows is 61 s old");
    world.network.newest = 900;
    world.clock.now_ms = (kStart_s + 991) * 1'000;
    expect_part(world.told(), "NotProved: the node at http://node:1 is at block 901, but block 991:");
}

TEST(LightClient, WaitsForTheBlockThatProvesTheState) {
    LightWorld world;
    world.trust(980);
    int refused = 3;
    bool is_first = true;  // of the state's own block, which is there
    world.network.bend = [&](const std::string&, const std::string& method, json& answer) {
        if (method == "commit" && std::exchange(is_first, false)) {
            return;
        }
        if (method == "commit" && refused > 0) {
            --refused;
            answer = {{"error",
                       {{"code", -32603},
                        {"message", "Internal error"},
                        {"data", "height 991 must be less than or equal to the current blockchain height 990"}}}};
        }
    };
    EXPECT_EQ(world.told(), "believed value a");
    refused = 1'000;
    is_first = true;
    expect_part(world.told(), "Timeout: the node at http://node:1 has no block 991 after 15 s");
}

TEST(LightClient, FindsItsWayThroughChangingSets) {
    LightWorld world;
    // One of nine leaves and one comes every ten blocks: after 60 blocks no third is left.
    world.network.set_at = [](std::uint64_t height) { return paper_set(static_cast<unsigned>(height / 10), 9); };
    world.trust(2);
    const Result<Proved> proved = world.read();
    ASSERT_TRUE(proved) << proved.error().message;
    EXPECT_GT(proved->evidence.blocks_between, 10U);
    EXPECT_LE(proved->evidence.blocks_between, kMaxBlocksBetween);
    // All leave at once: only the step from one block to the next is proved.
    world.network.newest = 995;
    world.network.set_at = [](std::uint64_t height) { return paper_set(height < 993 ? 99U : 500U, 9); };
    world.trust(900);
    EXPECT_EQ(world.told(), "believed value a");
    // All leave all the time.
    world.network.set_at = [](std::uint64_t height) { return paper_set(static_cast<unsigned>(height * 9), 9); };
    world.trust(100);
    world.network.blocks_served = 0;
    expect_part(world.told(), "have changed more often");
    EXPECT_LE(world.network.blocks_served, 2 * (kMaxBlocksBetween + 1) + 1);
}

TEST(LightClient, WitnessesMustShowTheSameBlock) {
    LightWorld world;
    world.trust(980);
    LightOptions options;
    options.witnesses = {net::Endpoint{"second", 1, "", false, {}}, net::Endpoint{"third", 1, "", false, {}}};
    const Result<Proved> proved = world.read(options);
    ASSERT_TRUE(proved) << proved.error().message;
    EXPECT_EQ(proved->evidence.witnesses, 2U);
    Block other = paper_block({.height = 991, .time_s = kStart_s + 991, .app_hash = Bytes(32, 'z')}, paper_set(1, 4),
                              paper_set(1, 4));
    world.network.bend = [&](const std::string& host, const std::string& method, json& answer) {
        if (host == "third" && method == "commit") {
            answer["result"] = commit_json(other);
        }
    };
    expect_part(world.told(options), "the node at http://third:1 contradicts: an attack: two blocks are signed");
    other.commit.signatures.assign(4, {});
    expect_part(world.told(options), "contradicts: the node shows a block that nobody signed");
    other = paper_block({.height = 991, .time_s = kStart_s, .chain_id = "paper-2"}, paper_set(1, 4), paper_set(1, 4));
    expect_part(world.told(options), "is of paper-2: it is no witness");
}

TEST(LightClient, WhatIsTrustedIsForgottenInTime) {
    LightWorld world;
    world.trust(990);
    world.clock.now_ms += kTrustPeriod_s * 1'000;
    world.network.newest = 990 + kTrustPeriod_s;
    expect_part(world.told(), "longer ago than the trust period of 336 h");
    const Hash hash = header_hash(world.network.block(world.network.newest).header);
    EXPECT_EQ(world.told({.point = TrustPoint{world.network.newest, hash}}), "believed value a");
}

TEST(LightClient, ANetworkWhoseStakesLeaveSoonerIsTrustedLessLong) {
    EXPECT_EQ(trust_period_s(stake::Params{}.unbonding_ms), kTrustPeriod_s);
    EXPECT_EQ(trust_period_s(stake::Params{}.unbonding_ms * 2), kTrustPeriod_s);
    LightWorld world;
    stake::Params params;
    params.unbonding_ms = 3'600'000;
    world.network.tree.put(stake::params_key(), codec::encode(params));
    world.trust(990);
    EXPECT_EQ(world.told(), "believed value a");
    world.network.newest = 991 + 2'400;
    world.clock.now_ms = (kStart_s + 991 + 2'400) * 1'000;
    expect_part(world.told(), "longer ago than the trust period of 2400 s");
}

TEST(TrustStore, KeepsAWholeRecordOrSaysWhatIsWrong) {
    LightWorld world;
    const Trusted trusted = trusted_of(world.network.block(5), 77);
    ASSERT_TRUE(world.store.save(trusted));
    const Trusted read = **world.store.load("paper-1");
    EXPECT_EQ(read.height, 5U);
    EXPECT_EQ(read.hash, trusted.hash);
    EXPECT_EQ(read.time, trusted.time);
    EXPECT_EQ(read.next_validators_hash, trusted.next_validators_hash);
    EXPECT_EQ(validators_hash(read.validators), validators_hash(trusted.validators));
    EXPECT_EQ(read.verified_unix_ms, 77U);
    EXPECT_FALSE(world.store.load("paper-2")->has_value());
    Bytes& file = world.files.content["/light/paper-1.json"];
    const json whole = json::parse(file);
    for (const auto& member : whole.items()) {
        json shorn = whole;
        shorn.erase(member.key());
        file = shorn.dump();
        EXPECT_EQ(world.store.load("paper-1").error().code, Code::kParse) << member.key();
        shorn[member.key()] = -1;
        file = shorn.dump();
        EXPECT_EQ(world.store.load("paper-1").error().code, Code::kParse) << member.key();
    }
    file = whole.dump().substr(0, 100);
    EXPECT_EQ(world.store.load("paper-1").error().code, Code::kParse);
    json other = whole;
    other["chain_id"] = "paper-2";
    file = other.dump();
    expect_part(world.store.load("paper-1").error().message, "is of another chain");
}

}  // namespace
}  // namespace sublet::client::light
