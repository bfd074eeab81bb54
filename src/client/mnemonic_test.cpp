// mnemonic_test.cpp: BIP-39 and BIP-32 vectors, the addresses that CosmJS gives, and one row per refusal.
#include "client/mnemonic.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <string>
#include <utility>
#include <vector>

#include "client/bip39_words.hpp"
#include "client/counting_random.hpp"
#include "crypto/address.hpp"
#include "crypto/sha256.hpp"

namespace sublet::client {
namespace {

std::string repeat(const std::string& word, int times) {
    std::string out;
    for (int i = 0; i < times; ++i) {
        out += word + " ";
    }
    return out;
}

const std::string kAbout = repeat("abandon", 11) + "about";
const std::string kArt = repeat("abandon", 23) + "art";
constexpr const char* kTitle =
    "legal winner thank year wave sausage worth useful legal winner thank year wave sausage worth useful legal winner "
    "thank year wave sausage worth title";

TEST(Mnemonic, WordListIsThePublishedOne) {
    std::string lines;
    for (std::string_view word : kBip39English) {
        lines += std::string{word} + "\n";
    }
    EXPECT_EQ(to_hex(view_of(crypto::sha256(lines))),
              "2f5eed53a4727b4bf8880d8f3f199efc90e58503646d9ff8eff3a2ed3b24dbda");
}

TEST(Mnemonic, VectorsOfBip39) {
    struct Row {
        std::string entropy, words, seed_with_trezor;
    };
    const Row rows[] = {
        {std::string(32, '0'), kAbout,
         "c55257c360c07c72029aebc1b53c05ed0362ada38ead3e3e9efa3708e53495531f09a6987599d18264c1e1c92f2cf141630c7a3c4ab7"
         "c81b2f001698e7463b04"},
        {std::string(64, '0'), kArt,
         "bda85446c68413707090a52022edd26a1c9462295029f2e60cd7c4f2bbd3097170af7a4d73245cafa9c3cca8d561a7c3de6f5d4a10be"
         "8ed2a5e608d68f92fcc8"},
        {"7f7f7f7f7f7f7f7f7f7f7f7f7f7f7f7f7f7f7f7f7f7f7f7f7f7f7f7f7f7f7f7f", kTitle,
         "bc09fca1804f7e69da93c2f2028eb238c227f2e9dda30cd63699232578480a4021b146ad717fbb7e451ce9eb835f43620bf5c514db0f"
         "8add49f5d121449d3e87"},
        {std::string(32, 'f'), repeat("zoo", 11) + "wrong",
         "ac27495480225222079d7be181583751e86f571027b0497b5b5d11218e0a8a13332572917f0f8e5a589620c6f15b11c61dee327651a1"
         "4c34e18231052e48c069"},
    };
    for (const Row& row : rows) {
        auto mnemonic = Mnemonic::from_entropy(*from_hex(row.entropy));
        ASSERT_TRUE(mnemonic.has_value());
        EXPECT_EQ(mnemonic->text(), row.words);
        EXPECT_EQ(to_hex(mnemonic->seed("TREZOR").value().view()), row.seed_with_trezor);
        EXPECT_EQ(Mnemonic::parse(row.words).value().text(), row.words);
    }
}

TEST(Mnemonic, VectorsOfBip32) {
    struct Row {
        const char* seed;
        std::vector<std::uint32_t> steps;
        const char* key;
    };
    const Row rows[] = {
        {"000102030405060708090a0b0c0d0e0f", {}, "e8f32e723decf4051aefac8e2c93c9c5b214313817cdb01a1494b917c8436b35"},
        {"000102030405060708090a0b0c0d0e0f",
         {0 | kHardened},
         "edb2e14f9ee77d26dd93b4ecede8d16ed408ce149b6cd80b0715a2d911a0afea"},
        {"000102030405060708090a0b0c0d0e0f",
         {0 | kHardened, 1, 2 | kHardened, 2, 1000000000},
         "471b76e389e528d6de6d816857e012c5455051cad6660850e58372a6c3e6e7c8"},
    };
    for (const Row& row : rows) {
        EXPECT_EQ(to_hex(derive_path(*from_hex(row.seed), row.steps).value().view()), row.key);
    }
    const std::vector<std::uint32_t> deep(kMaxPathDepth + 1, 0);
    EXPECT_FALSE(derive_path(Bytes(64, 'x'), deep).has_value());
    EXPECT_FALSE(derive_path(Bytes(15, 'x'), {}).has_value());
    EXPECT_FALSE(derive_path(Bytes(65, 'x'), {}).has_value());
}

TEST(Mnemonic, AddressesOfCosmJs) {
    struct Row {
        std::string words, passphrase;
        std::uint32_t account;
        const char *key, *address;
    };
    // @cosmjs/proto-signing with makeCosmoshubPath(account): m/44'/118'/0'/0/account.
    const Row rows[] = {
        {kAbout, "", 0, "c4a48e2fce1481cd3294b4490f6678090ea98d3d0e5cd984558ab0968741b104",
         "sublet19rl4cm2hmr8afy4kldpxz3fka4jguq0acx3njx"},
        {kAbout, "", 1, "c9ba8e1818baf4ceb063420dcedc7a482056a1580e4dbe797af3484aff7b8651",
         "sublet1jrkmdcwgq94uaamx6zax2luewlhf7u4kc76lm3"},
        {kAbout, "", 7, "03a3b2644a06d7da620616ec01bf47f8c25712388a430dd1dc4a85302db457be",
         "sublet1ry8ad7xw5n5y4zhplc6s7xruxmamtsaljalwm8"},
        {kAbout, "TREZOR", 0, "4645116d580e8b9c032613f8496591d75e44da0df7e1aa8b480053a0b653447d",
         "sublet12fdxecq3dp28aaswp2n3yk35p782g3w9fydykf"},
        {kArt, "", 0, "8088c2ed2149c34f6d6533b774da4e1692eb5cb426fdbaef6898eeda489630b7",
         "sublet1r5v5srda7xfth3hn2s26txvrcrntldjuldm46v"},
        {kTitle, "", 0, "f1d43d59d9f7da574c8a707e230f4d4ec14926baeb94f6360c07492361417d2a",
         "sublet15f7sdzduxh5umchk433z275xz8gnw8lqv2ac8w"},
        {"special sign fit simple patrol salute grocery chicken wheat radar tonight ceiling", "", 0,
         "1f7272987134092e26b38d4e45a565026de38a99dc171fda93fdca262d67d31e",
         "sublet1jhg0e7s6gn44tfc5k37kr04sznyhedtcp972a8"},
    };
    for (const Row& row : rows) {
        const Mnemonic mnemonic = Mnemonic::parse(row.words).value();
        const auto key = derive(mnemonic, row.passphrase, KeyPath{.account = 0, .index = row.account}).value();
        EXPECT_EQ(to_hex(key.view()), row.key);
        EXPECT_EQ(crypto::to_bech32(crypto::address_of(crypto::public_key(key).value())), row.address);
    }
    const Mnemonic about = Mnemonic::parse(kAbout).value();
    EXPECT_NE(derive(about, "", KeyPath{.account = 1}).value().view(), derive(about).value().view());
}

TEST(Mnemonic, Refusals) {
    const std::pair<std::string, const char*> rows[] = {
        {repeat("abandon", 11) + "abotu", "word 12 of the mnemonic, \"abotu\""},
        {"abandn " + repeat("abandon", 10) + "about",
         "word 1 of the mnemonic, \"abandn\", is not in the English word "
         "list of BIP-39; did you mean \"abandon\"?"},
        {repeat("xxxxxxxx", 11) + "about", "is not in the English word list of BIP-39"},
        {repeat("abandon", 12), "the checksum does not match"},
        {repeat("abandon", 24), "the checksum does not match"},
        {repeat("abandon", 10) + "about abandon", "the checksum does not match"},
        {repeat("abandon", 11), "this one has 11"},
        {repeat("abandon", 25), "this one has 25"},
        {repeat("abandon", 13), "this one has 13"},
        {"", "this one has 0"},
        {std::string(5000, 'a'), "longer than"},
        {repeat("abandon", 11) + "ab\xc3\xb6ut", "word 12"},
        {repeat("abandon", 11) + std::string(500, 'q'), "\"qqqqqqqqqqqqqqqqqqqq\""},
    };
    for (const auto& [text, why] : rows) {
        auto mnemonic = Mnemonic::parse(text);
        ASSERT_FALSE(mnemonic.has_value()) << text;
        EXPECT_EQ(mnemonic.error().code, Code::kKeyring);
        EXPECT_NE(mnemonic.error().message.find(why), std::string::npos) << mnemonic.error().message;
    }
    for (std::size_t size : {0U, 15U, 17U, 33U, 36U}) {
        EXPECT_FALSE(Mnemonic::from_entropy(Bytes(size, 'x')).has_value()) << size;
    }
    const Mnemonic about = Mnemonic::parse(kAbout).value();
    EXPECT_EQ(about.seed("gr\xc3\xbc\xc3\x9f").error().code, Code::kUnsupported);
    EXPECT_EQ(derive(about, "", KeyPath{.account = kHardened}).error().code, Code::kUsage);
    EXPECT_EQ(derive(about, "", KeyPath{.index = kHardened}).error().code, Code::kUsage);
}

TEST(Mnemonic, SpacingAndCaseDoNotMatter) {
    EXPECT_EQ(Mnemonic::parse("  " + repeat("Abandon\n\t", 11) + "ABOUT \r\n").value().text(), kAbout);
}

TEST(Mnemonic, GeneratedOnesParseAndDiffer) {
    CountingRandom random;
    const Mnemonic first = Mnemonic::generate(random).value();
    const Mnemonic second = Mnemonic::generate(random).value();
    const Mnemonic small = Mnemonic::generate(random, MnemonicLength::k12).value();
    EXPECT_EQ(std::count(first.text().begin(), first.text().end(), ' '), 23);
    EXPECT_EQ(std::count(small.text().begin(), small.text().end(), ' '), 11);
    EXPECT_NE(first.text(), second.text());
    EXPECT_EQ(Mnemonic::parse(first.text()).value().text(), first.text());
    EXPECT_EQ(Mnemonic::parse(small.text()).value().text(), small.text());
}

}  // namespace
}  // namespace sublet::client
