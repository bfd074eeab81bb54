// light_verify_test.cpp: forged commits one by one, and random sets against the two rules in plain arithmetic.
#include "client/light_verify.hpp"

#include <gtest/gtest.h>
#include <rapidcheck.h>

#include <functional>

#include "client/light_fixture.hpp"

namespace sublet::client::light {
namespace {

constexpr std::uint64_t kNow_s = 1'800'000'000;
constexpr std::uint64_t kNow_ms = kNow_s * 1'000;

Block four_signed(std::uint64_t height = 7, std::uint64_t time_s = kNow_s) {
    return paper_block({.height = height, .time_s = time_s}, paper_set(1, 4), paper_set(1, 4));
}

std::string refusal(const Block& block) {
    const Result<Power> power = check_block(block, "paper-1");
    return power ? "" : std::string{code_name(power.error().code)} + ": " + power.error().message;
}

void nobody(Block& block, std::size_t place) { block.commit.signatures[place] = {}; }

struct Forgery {
    const char* name;
    std::function<void(Block&)> forge;
    const char* said;  // part of the sentence; "" where it must pass
};

const Forgery kForgeries[] = {
    {"as it was", [](Block&) {}, ""},
    {"three of four sign", [](Block& block) { nobody(block, 0); }, ""},
    {"two of four sign",
     [](Block& block) {
         nobody(block, 0);
         nobody(block, 3);
     },
     "20 of 40 of the validators' power"},
    {"a third signs",
     [](Block& block) {
         const PaperSet three = paper_set(1, 3);
         seal(block, three);
         nobody(block, 0);
         nobody(block, 1);
     },
     "10 of 30"},
    {"exactly two thirds sign",
     [](Block& block) {
         seal(block, paper_set(1, 3));
         nobody(block, 1);
     },
     "20 of 30"},
    {"nobody signs", [](Block& block) { block.commit.signatures.clear(); }, "nobody signed it"},
    {"another chain", [](Block& block) { block.header.chain_id = "paper-2"; }, "it is of chain paper-2"},
    {"another chain, signed there",
     [](Block& block) {
         block.header.chain_id = "paper-2";
         seal(block, paper_set(1, 4));
     },
     "it is of chain paper-2"},
    {"signed for another chain",
     [](Block& block) {
         Block other = paper_block({.height = 7, .time_s = kNow_s, .chain_id = "paper-2"}, paper_set(1, 4), {});
         block.commit.signatures = other.commit.signatures;
     },
     "is not its own"},
    {"another round", [](Block& block) { block.commit.round = 1; }, "is not its own"},
    {"another height", [](Block& block) { block.commit.height = 8; }, "are of height 8"},
    {"another state", [](Block& block) { block.header.app_hash[5] ^= 1; }, "another block than this header's"},
    {"another state under another hash",
     [](Block& block) {
         block.header.app_hash[5] ^= 1;
         block.commit.block_id.hash = Bytes{view_of(header_hash(block.header))};
     },
     "is not its own"},
    {"other parts", [](Block& block) { block.commit.block_id.parts->total = 2; }, "is not its own"},
    {"no state", [](Block& block) { block.header.app_hash.clear(); }, "names no state"},
    {"another protocol", [](Block& block) { block.header.version.block = 12; }, "another protocol"},
    {"two swapped", [](Block& block) { std::swap(block.commit.signatures[0], block.commit.signatures[1]); },
     "is not its own"},
    {"one twice", [](Block& block) { block.commit.signatures[1] = block.commit.signatures[0]; }, "is not its own"},
    {"one under another's name",
     [](Block& block) { block.commit.signatures[1].signature = block.commit.signatures[0].signature; },
     "is not its own"},
    {"a stranger", [](Block& block) { vote(block, 2, paper_validator(99, 10)); }, "is not its own"},
    {"one more signature", [](Block& block) { block.commit.signatures.push_back(block.commit.signatures[0]); },
     "5 signatures of 4"},
    {"votes for nothing",
     [](Block& block) {
         block.commit.signatures[0].vote = VoteFor::kNil;
         block.commit.signatures[1].vote = VoteFor::kNil;
     },
     "20 of 40"},
    {"a set of the node's own", [](Block& block) { block.validators = validators_of(paper_set(50, 4)); },
     "not those of its header"},
    {"more power for one", [](Block& block) { block.validators[0].power = 1'000; }, "not those of its header"},
    {"a set that names one twice",
     [](Block& block) {
         PaperSet set = paper_set(1, 4);
         set[3] = set[0];
         seal(block, set);
     },
     "named twice"},
    {"a validator without power",
     [](Block& block) {
         PaperSet set = paper_set(1, 4);
         set[3].power = 0;
         seal(block, set);
     },
     "out of range"},
    {"power beyond the engine's bound",
     [](Block& block) {
         PaperSet set = paper_set(1, 4);
         set[3].power = 0x1000'0000'0000'0000ULL;
         seal(block, set);
     },
     "out of range"},
};

TEST(LightVerify, ForgeriesAreRefused) {
    for (const Forgery& each : kForgeries) {
        Block block = four_signed();
        each.forge(block);
        const std::string said = refusal(block);
        if (*each.said == '\0') {
            EXPECT_EQ(said, "") << each.name;
        } else {
            EXPECT_TRUE(said.starts_with("NotProved: ")) << each.name << ": " << said;
            EXPECT_NE(said.find(each.said), std::string::npos) << each.name << ": " << said;
        }
    }
}

std::string step_of(const Trusted& trusted, const Block& block, std::uint64_t now_ms = kNow_ms) {
    const Result<Step> step = check_step(trusted, block, now_ms);
    return !step ? step.error().message : *step == Step::kProved ? "proved" : "too far";
}

Trusted trusted_four(std::uint64_t height, std::uint64_t time_s, const PaperSet& next) {
    return trusted_of(paper_block({.height = height, .time_s = time_s}, paper_set(1, 4), next), kNow_ms);
}

TEST(LightVerify, TheNextBlockIsOfTheSetThatWasNamed) {
    const PaperSet others = paper_set(20, 4);
    const Trusted trusted = trusted_four(6, kNow_s - 5, others);
    EXPECT_EQ(step_of(trusted, paper_block({.height = 7, .time_s = kNow_s}, others, others)), "proved");
    EXPECT_NE(step_of(trusted, four_signed()).find("an attack: "), std::string::npos);
}

TEST(LightVerify, AFarBlockNeedsAThirdOfThoseWhoAreTrusted) {
    const Trusted trusted = trusted_four(2, kNow_s - 50, paper_set(1, 4));
    const auto far = [&](const PaperSet& set) {
        return step_of(trusted, paper_block({.height = 7, .time_s = kNow_s}, set, set));
    };
    EXPECT_EQ(far(paper_set(1, 4)), "proved");
    EXPECT_EQ(far(paper_set(3, 8)), "proved");    // two of four
    EXPECT_EQ(far(paper_set(4, 8)), "too far");   // one of four
    EXPECT_EQ(far(paper_set(30, 4)), "too far");  // none
    Block silent = paper_block({.height = 7, .time_s = kNow_s}, paper_set(3, 8), paper_set(3, 8));
    nobody(silent, 0);  // in the set, and did not sign
    EXPECT_EQ(step_of(trusted, silent), "too far");
}

TEST(LightVerify, TimeGoesForwardAndIsNotOver) {
    const Trusted trusted = trusted_four(6, kNow_s, paper_set(1, 4));
    EXPECT_NE(step_of(trusted, four_signed(7, kNow_s - 1)).find("came before it"), std::string::npos);
    EXPECT_NE(step_of(trusted, four_signed(7, kNow_s)).find("came before it"), std::string::npos);
    EXPECT_NE(step_of(trusted, four_signed(6, kNow_s + 1)).find("came before it"), std::string::npos);
    EXPECT_EQ(step_of(trusted, four_signed(7, kNow_s + kMaxClockDrift_s)), "proved");
    EXPECT_NE(step_of(trusted, four_signed(7, kNow_s + kMaxClockDrift_s + 1)).find("from the future"),
              std::string::npos);
    const std::uint64_t last_ms = kNow_ms + kTrustPeriod_s * 1'000 - 1;
    EXPECT_EQ(step_of(trusted, four_signed(7, kNow_s + 1), last_ms), "proved");
    EXPECT_NE(step_of(trusted, four_signed(7, kNow_s + 1), last_ms + 1).find("--trust HEIGHT:HASH"), std::string::npos);
    EXPECT_TRUE(check_age(four_signed().header, kNow_ms + kMaxAge_s * 1'000 + 999));
    EXPECT_FALSE(check_age(four_signed().header, kNow_ms + (kMaxAge_s + 1) * 1'000));
    EXPECT_FALSE(check_age(four_signed().header, kNow_ms - (kMaxClockDrift_s + 1) * 1'000));
}

TEST(LightVerify, AnotherBlockAtAKnownHeightIsAnAttack) {
    const Trusted trusted = trusted_of(four_signed(), kNow_ms);
    EXPECT_TRUE(check_same(trusted, four_signed()));
    const Block other = four_signed(7, kNow_s + 1);
    EXPECT_NE(check_same(trusted, other).error().message.find("an attack: two blocks are signed for height 7"),
              std::string::npos);
    Block unsigned_one = other;
    unsigned_one.commit.signatures.assign(4, {});
    EXPECT_NE(check_same(trusted, unsigned_one).error().message.find("nobody signed"), std::string::npos);
}

// Sets of up to a dozen, any powers, any of them silent, some of them trusted at another power.
TEST(LightVerify, RandomSetsFollowTheTwoRules) {
    rc::check("two thirds of the set, a third of the trusted", [] {
        const auto powers = *rc::gen::nonEmpty(rc::gen::resize(
            12, rc::gen::container<std::vector<std::uint64_t>>(rc::gen::inRange<std::uint64_t>(1, 1'000))));
        PaperSet set;
        PaperSet known;
        std::vector<bool> votes;
        for (std::size_t i = 0; i < powers.size(); ++i) {
            set.push_back(paper_validator(static_cast<unsigned>(i + 1), powers[i]));
            votes.push_back(*rc::gen::weightedElement<bool>({{4, true}, {1, false}}));
            if (*rc::gen::arbitrary<bool>()) {
                known.push_back(set.back());
                known.back().power = *rc::gen::inRange<std::uint64_t>(1, 1'000);
            }
        }
        known.push_back(paper_validator(500, *rc::gen::inRange<std::uint64_t>(1, 2'000)));
        Block block = paper_block({.height = 9, .time_s = kNow_s}, set, set);
        std::uint64_t total = 0;
        std::uint64_t cast = 0;
        std::uint64_t known_total = 0;
        std::uint64_t known_cast = 0;
        for (std::size_t i = 0; i < set.size(); ++i) {
            total += set[i].power;
            cast += votes[i] ? set[i].power : 0;
            if (!votes[i]) {
                nobody(block, i);
            }
        }
        for (const PaperValidator& each : known) {
            known_total += each.power;
            for (std::size_t i = 0; i < set.size(); ++i) {
                known_cast += votes[i] && set[i].seed == each.seed ? each.power : 0;
            }
        }
        const Trusted trusted = trusted_of(paper_block({.height = 2, .time_s = kNow_s - 9}, known, known), kNow_ms);
        const std::string said = step_of(trusted, block);
        RC_ASSERT(check_block(block, "paper-1").has_value() == (3 * cast > 2 * total));
        RC_ASSERT((said == "proved") == (3 * cast > 2 * total && 3 * known_cast > known_total));
    });
}

}  // namespace
}  // namespace sublet::client::light
