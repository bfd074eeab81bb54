// light_block_test.cpp: blocks that CometBFT's own networks made (test/light): their bytes, and every change of them.
#include "client/light_block.hpp"

#include <gtest/gtest.h>

#include <fstream>
#include <iterator>
#include <nlohmann/json.hpp>

#include "client/light_verify.hpp"
#include "ledger/ics23.hpp"

namespace sublet::client::light {
namespace {

using nlohmann::json;

// Four validators of power 10 each. `round` is a block of a second round that one of them did not sign.
json recorded(const std::string& name) {
    std::ifstream file{SUBLET_SOURCE_DIR "/test/light/" + name + ".json"};
    return json::parse(std::string{std::istreambuf_iterator<char>{file}, {}}, nullptr, false);
}

constexpr const char* kRecordedChain = "sublet-light-1";
constexpr std::array<const char*, 10> kRecorded = {"first-0.38",  "second-0.38", "present-0.38", "absent-0.38",
                                                   "round-0.38",  "first-0.40",  "second-0.40",  "present-0.40",
                                                   "absent-0.40", "round-0.40"};

Result<Block> read_block(const json& record) {
    TRY(block, parse_commit(record["commit"]));
    TRY(page, parse_validators(record["validators"]));
    block.validators = page.validators;
    return std::move(block);
}

TEST(LightBlock, IsWhatCometSigned) {
    for (const char* name : kRecorded) {
        const Result<Block> block = read_block(recorded(name));
        ASSERT_TRUE(block) << name << block.error().message;
        EXPECT_EQ(to_hex(view_of(header_hash(block->header))), to_hex(block->commit.block_id.hash)) << name;
        const Result<Power> power = check_block(*block, kRecordedChain);
        ASSERT_TRUE(power) << name << power.error().message;
        const bool one_is_missing = std::string_view{name}.starts_with("round");
        EXPECT_EQ(power->signed_for, one_is_missing ? 30 : 40) << name;
        EXPECT_EQ(power->total, 40U) << name;
        EXPECT_EQ(block->commit.round, one_is_missing ? 1 : 0) << name;
    }
}

// A value that is another one of the same kind.
json changed(const json& value) {
    if (value.is_number()) {
        return value.get<std::uint64_t>() + 1;
    }
    std::string text = value.get<std::string>();
    if (text.empty()) {
        return "E3B0C44298FC1C149AFBF4C8996FB92427AE41E4649B934CA495991B7852B855";
    }
    const std::size_t at = text.ends_with('Z') ? text.size() - 2 : text.size() / 2;
    text[at] = text[at] == '1' ? '2' : '1';
    return text;
}

// Not hashed, signed or needed: the node's own words about its answer, and what the keys say anyway.
bool means_nothing(const std::string& path) {
    for (const char* each : {"/canonical", "/block_height", "/count", "/total", "/proposer_priority", "/address"}) {
        if (path.ends_with(each) && !path.ends_with("parts/total")) {
            return true;
        }
    }
    return false;
}

TEST(LightBlock, EveryChangeOfItIsRefused) {
    for (const char* name : {"round-0.38", "round-0.40"}) {
        const json record = recorded(name);
        const json members = record.flatten();
        std::size_t tried = 0;
        for (const auto& [path, value] : members.items()) {
            const bool absent = value.is_null() || value == json("") || value == json("0001-01-01T00:00:00Z");
            if (means_nothing(path) || (absent && path.find("/signatures/") != std::string::npos)) {
                continue;
            }
            json bent = record;
            bent[json::json_pointer{path}] = changed(value);
            const Result<Block> block = read_block(bent);
            const bool believed = block && check_block(*block, kRecordedChain);
            EXPECT_FALSE(believed) << name << " with another " << path;
            json shorn = record;
            shorn[json::json_pointer{path}] = nullptr;
            const Result<Block> less = read_block(shorn);
            EXPECT_FALSE(less && check_block(*less, kRecordedChain)) << name << " without " << path;
            ++tried;
        }
        EXPECT_GT(tried, 40U);
    }
}

TEST(LightBlock, ListsAreBounded) {
    json record = recorded("second-0.38");
    json& signatures = record["commit"]["signed_header"]["commit"]["signatures"];
    signatures = json(kMaxValidators + 1, signatures[0]);
    EXPECT_EQ(parse_commit(record["commit"]).error().code, Code::kTooLarge);
    json& validators = record["validators"]["validators"];
    validators = json(kMaxValidators + 1, validators[0]);
    EXPECT_EQ(parse_validators(record["validators"]).error().code, Code::kTooLarge);
    EXPECT_EQ(parse_commit(json::array()).error().code, Code::kParse);
    EXPECT_EQ(parse_validators(json{}).error().code, Code::kParse);
}

TEST(LightBlock, ItsAppHashProvesRecords) {
    for (const char* name : {"present-0.38", "absent-0.38", "present-0.40", "absent-0.40"}) {
        const json record = recorded(name);
        const json& response = record["query"]["response"];
        const Bytes key = *from_hex(record["key"].get<std::string>());
        const Bytes value = *from_base64(response["value"].get<std::string>());
        const Bytes proof = *from_base64(response["proofOps"]["ops"][0]["data"].get<std::string>());
        const Result<Block> block = read_block(record);
        const Hash root = *fixed_from<32>(block->header.app_hash);
        const auto proved = ledger::check_ics23(proof, key, root);
        ASSERT_TRUE(proved) << name << proved.error().message;
        EXPECT_EQ(proved->value_or(Bytes{}), value) << name;
        for (std::size_t at = 0; at < proof.size(); ++at) {
            Bytes bent = proof;
            bent[at] = static_cast<char>(bent[at] ^ 1);
            EXPECT_FALSE(ledger::check_ics23(bent, key, root)) << name << " byte " << at;
        }
        EXPECT_FALSE(ledger::check_ics23(proof, key + '\1', root)) << name;
        EXPECT_FALSE(ledger::check_ics23(proof, key, Hash{})) << name;
    }
}

TEST(LightTime, IsReadToTheNanosecond) {
    EXPECT_EQ(*parse_time("1970-01-01T00:00:00Z"), (Time{0, 0}));
    EXPECT_EQ(*parse_time("2026-11-29T23:12:56.413116763Z"), (Time{1'795'993'976, 413'116'763}));
    EXPECT_EQ(*parse_time("2026-11-29T23:12:56.5Z"), (Time{1'795'993'976, 500'000'000}));
    EXPECT_EQ(time_text({1'795'993'976, 500'000'000}), "2026-11-29T23:12:56.500000000Z");
    for (const char* wrong :
         {"", "Z", "0001-01-01T00:00:00Z", "2026-02-30T00:00:00Z", "2026-01-01T24:00:00Z", "2026-01-01T00:00:00",
          "2026-01-01T00:00:00.Z", "2026-01-01T00:00:00.1234567890Z", "2026-01-01T00:00:00+00:00",
          "2026-1-01T00:00:00Z", "2026-01-01 00:00:00Z", "2026-01-01T00:00:00.-1Z"}) {
        EXPECT_FALSE(parse_time(wrong)) << wrong;
    }
}

}  // namespace
}  // namespace sublet::client::light
