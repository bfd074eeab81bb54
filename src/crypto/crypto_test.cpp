// crypto_test.cpp: published vectors for hashes, signatures, bech32 and addresses, and one row per refusal.
#include <gtest/gtest.h>

#include <algorithm>
#include <cctype>
#include <string>
#include <utility>
#include <vector>

#include "crypto/address.hpp"
#include "crypto/bech32.hpp"
#include "crypto/secp256k1.hpp"
#include "crypto/sha256.hpp"

namespace sublet::crypto {
namespace {

template <std::size_t N>
FixedBytes<N> hex(std::string_view text) {
    return fixed_from<N>(*from_hex(text)).value();
}

SecretKey secret(std::string_view text) { return SecretKey::from_bytes(*from_hex(text)).value(); }

constexpr const char* kOne = "0000000000000000000000000000000000000000000000000000000000000001";
constexpr const char* kOrder = "fffffffffffffffffffffffffffffffebaaedce6af48a03bbfd25e8cd0364141";
constexpr const char* kOrderMinusOne = "fffffffffffffffffffffffffffffffebaaedce6af48a03bbfd25e8cd0364140";

TEST(Hashes, PublishedVectors) {
    const std::string million(1'000'000, 'a');
    struct Row {
        std::string input, sha256, ripemd160;
    };
    // FIPS 180-4 examples and the vectors of RIPEMD-160's authors.
    const Row rows[] = {
        {"", "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
         "9c1185a5c5e9fc54612808977ee8f548b2258d31"},
        {"abc", "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad",
         "8eb208f7e05d987a9b044a8e98c6b087f15a0bfc"},
        {"abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq",
         "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1",
         "12a053384a9c0c88e405a06c27dcf49ada62eb2b"},
        {million, "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0",
         "52783243c1697bdbe16d37f97f68f08325dc1528"},
    };
    for (const Row& row : rows) {
        EXPECT_EQ(to_hex(view_of(sha256(row.input))), row.sha256);
        EXPECT_EQ(to_hex(view_of(ripemd160(row.input))), row.ripemd160);
    }
}

TEST(Hashes, PiecesGiveTheSameAsTheWhole) {
    std::string text;
    for (int i = 0; i < 300; ++i) {
        text += static_cast<char>(i);
    }
    for (std::size_t cut = 0; cut <= text.size(); cut += 7) {
        Sha256 hasher;
        hasher.update(BytesView{text}.substr(0, cut)).update({}).update(BytesView{text}.substr(cut));
        EXPECT_EQ(hasher.finish(), sha256(text)) << cut;
    }
}

TEST(Secp256k1, SignaturesOfRfc6979) {
    struct Row {
        const char *key, *text, *signature, *public_key;
    };
    // The vectors that Bitcoin libraries share; noble-curves gives the same bytes.
    const Row rows[] = {
        {kOne, "Satoshi Nakamoto",
         "934b1ea10a4b3c1757e2b0c017d0b6143ce3c9a7e6a4a49860d7a6ab210ee3d8"
         "2442ce9d2b916064108014783e923ec36b49743e2ffa1c4496f01a512aafd9e5",
         "0279be667ef9dcbbac55a06295ce870b07029bfcdb2dce28d959f2815b16f81798"},
        {kOne, "All those moments will be lost in time, like tears in rain. Time to die...",
         "8600dbd41e348fe5c9465ab92d23e3db8b98b873beecd930736488696438cb6b"
         "547fe64427496db33bf66019dacbf0039c04199abb0122918601db38a72cfc21",
         "0279be667ef9dcbbac55a06295ce870b07029bfcdb2dce28d959f2815b16f81798"},
        {kOrderMinusOne, "Satoshi Nakamoto",
         "fd567d121db66e382991534ada77a6bd3106f0a1098c231e47993447cd6af2d0"
         "6b39cd0eb1bc8603e159ef5c20a5c8ad685a45b06ce9bebed3f153d10d93bed5",
         "0379be667ef9dcbbac55a06295ce870b07029bfcdb2dce28d959f2815b16f81798"},
        {"f8b8af8ce3c7cca5e300d33939540c10d45ce001b8f252bfbc57ba0342904181", "Alan Turing",
         "7063ae83e7f62bbb171798131b4a0564b956930092b33b07b395615d9ec7e15c"
         "58dfcc1e00a35e1572f366ffe34ba0fc47db1e7189759b9fb233c5b05ab388ea",
         "0292df7b245b81aa637ab4e867c8d511008f79161a97d64f2ac709600352f7acbc"},
    };
    for (const Row& row : rows) {
        const SecretKey key = secret(row.key);
        const Hash digest = sha256(row.text);
        const Signature signature = sign(key, digest);
        const PublicKey own = public_key(key).value();
        EXPECT_EQ(to_hex(view_of(signature)), row.signature);
        EXPECT_EQ(to_hex(view_of(own)), row.public_key);
        EXPECT_TRUE(verify(own, digest, signature));
        const Point point = point_of(own).value();
        EXPECT_EQ(public_key_from(point).value(), own);
    }
}

TEST(Secp256k1, RefusedSignatures) {
    const PublicKey key = public_key(secret(kOne)).value();
    const PublicKey other = public_key(secret(kOrderMinusOne)).value();
    const Hash digest = sha256("Satoshi Nakamoto");
    const std::string r = "934b1ea10a4b3c1757e2b0c017d0b6143ce3c9a7e6a4a49860d7a6ab210ee3d8";
    const std::string s = "2442ce9d2b916064108014783e923ec36b49743e2ffa1c4496f01a512aafd9e5";
    const std::string high_s = "dbbd3162d46e9f9bef7feb87c16dc13b4f6568a87f4e83f728e2443ba586675c";  // n - s
    const std::string zero(64, '0');
    PublicKey no_point{};
    no_point[0] = 0x02;  // x = 0: 7 is no square
    no_point[32] = 0x00;
    PublicKey wrong_sign = key;
    wrong_sign[0] = 0x04;
    struct Row {
        const char* name;
        PublicKey key;
        Hash digest;
        std::string signature;
        bool accepted;
    };
    const Row rows[] = {
        {"as signed", key, digest, r + s, true},
        {"s in the upper half", key, digest, r + high_s, false},
        {"another key", other, digest, r + s, false},
        {"another digest", key, sha256("satoshi nakamoto"), r + s, false},
        {"r and s swapped", key, digest, s + r, false},
        {"r zero", key, digest, zero + s, false},
        {"s zero", key, digest, r + zero, false},
        {"r the order", key, digest, kOrder + s, false},
        {"s the order", key, digest, r + kOrder, false},
        {"key no point", no_point, digest, r + s, false},
        {"key with another tag", wrong_sign, digest, r + s, false},
    };
    for (const Row& row : rows) {
        EXPECT_EQ(verify(row.key, row.digest, hex<64>(row.signature)), row.accepted) << row.name;
    }
    EXPECT_FALSE(is_valid(no_point));
    EXPECT_TRUE(is_valid(key));
    EXPECT_FALSE(point_of(no_point).has_value());
    EXPECT_FALSE(public_key_from(Point{}).has_value());
}

TEST(Secp256k1, EveryFlippedBitIsRefused) {
    const SecretKey key = secret("f8b8af8ce3c7cca5e300d33939540c10d45ce001b8f252bfbc57ba0342904181");
    const PublicKey own = public_key(key).value();
    const Hash digest = sha256("one bit");
    const Signature good = sign(key, digest);
    for (std::size_t bit = 0; bit < good.size() * 8; ++bit) {
        Signature bad = good;
        bad[bit / 8] = static_cast<std::uint8_t>(bad[bit / 8] ^ (1U << (bit % 8)));
        EXPECT_FALSE(verify(own, digest, bad)) << bit;
    }
}

TEST(Secp256k1, SecretKeysInRangeOnly) {
    EXPECT_EQ(SecretKey::from_bytes(Bytes(31, 'x')).error().code, Code::kMalformed);
    EXPECT_EQ(SecretKey::from_bytes(Bytes(33, 'x')).error().code, Code::kMalformed);
    EXPECT_EQ(SecretKey::from_bytes(Bytes(32, '\0')).error().code, Code::kOutOfRange);
    EXPECT_EQ(SecretKey::from_bytes(*from_hex(kOrder)).error().code, Code::kOutOfRange);
    EXPECT_TRUE(SecretKey::from_bytes(*from_hex(kOrderMinusOne)).has_value());
    // n-1 + 1 = 0, and a tweak of n is no tweak.
    EXPECT_EQ(secret(kOrderMinusOne).tweaked(hex<32>(kOne)).error().code, Code::kOutOfRange);
    EXPECT_EQ(secret(kOne).tweaked(hex<32>(kOrder)).error().code, Code::kOutOfRange);
    EXPECT_EQ(to_hex(secret(kOne).tweaked(hex<32>(kOne)).value().view()).back(), '2');
}

TEST(Bech32, ValidVectorsOfBip173) {
    for (const char* text :
         {"A12UEL5L", "a12uel5l",
          "an83characterlonghumanreadablepartthatcontainsthenumber1andtheexcludedcharactersbio1tt5tgs",
          "abcdef1qpzry9x8gf2tvdw0s3jn54khce6mua7lmqqqxw",
          "11qqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqc8247j",
          "split1checkupstagehandshakeupstreamerranterredcaperred2y9e3w", "?1ezyfcl"}) {
        auto decoded = decode_bech32(text);
        ASSERT_TRUE(decoded.has_value()) << text << ": " << decoded.error().message;
        std::string lower = text;
        std::transform(lower.begin(), lower.end(), lower.begin(), ::tolower);
        EXPECT_EQ(encode_bech32(decoded->prefix, decoded->words).value(), lower);
    }
}

TEST(Bech32, InvalidVectorsOfBip173) {
    using namespace std::string_literals;
    const std::pair<std::string, const char*> rows[] = {
        {"\x20"s + "1nwldj5", "outside printable"},
        {"\x7f"s + "1axkwrx", "outside printable"},
        {"\x80"s + "1eym55h", "outside printable"},
        {"an84characterslonghumanreadablepartthatcontainsthenumber1andtheexcludedcharactersbio1569pvx", "longer than"},
        {"pzry9x0s0muk", "no \"1\""},
        {"1pzry9x0s0muk", "1 to 83"},
        {"x1b4n0q5v", "does not use"},
        {"li1dgmt3", "too short"},
        {"de1lg7wt\xff", "does not use"},
        {"A1G7SGD8", "checksum"},
        {"10a06t8", "1 to 83"},
        {"1qzzfhee", "1 to 83"},
        {"a12UEL5L", "mixes"},
        {"", "no \"1\""},
    };
    for (const auto& [text, why] : rows) {
        auto decoded = decode_bech32(text);
        ASSERT_FALSE(decoded.has_value()) << text;
        EXPECT_EQ(decoded.error().code, Code::kMalformed);
        EXPECT_NE(decoded.error().message.find(why), std::string::npos) << text << ": " << decoded.error().message;
    }
}

TEST(Bech32, BytesAndWords) {
    for (std::size_t length = 0; length <= 33; ++length) {
        Bytes bytes;
        for (std::size_t i = 0; i < length; ++i) {
            bytes += static_cast<char>(i * 37 + 201);
        }
        EXPECT_EQ(bytes_from_words(words_from_bytes(bytes)).value(), bytes) << length;
    }
    EXPECT_FALSE(bytes_from_words({0}).has_value());       // five bits of padding
    EXPECT_FALSE(bytes_from_words({31, 31}).has_value());  // padding not zero
    EXPECT_FALSE(bytes_from_words({32, 0}).has_value());   // six bits
    EXPECT_FALSE(encode_bech32("a", {32}).has_value());
    EXPECT_FALSE(encode_bech32("A", {1}).has_value());
    EXPECT_FALSE(encode_bech32("", {1}).has_value());
    EXPECT_FALSE(encode_bech32("a", std::vector<std::uint8_t>(83, 0)).has_value());
    EXPECT_TRUE(encode_bech32("a", std::vector<std::uint8_t>(82, 0)).has_value());
}

TEST(Addresses, SameAsCosmJs) {
    struct Row {
        const char *key, *sublet, *cosmos;
    };
    // Computed with @cosmjs/proto-signing from published BIP-39 mnemonics, path m/44'/118'/0'/0/0.
    const Row rows[] = {
        {"024f4e2ad99c34d60b9ba6283c9431a8418af8673212961f97a77b6377fcd05b62",
         "sublet19rl4cm2hmr8afy4kldpxz3fka4jguq0acx3njx", "cosmos19rl4cm2hmr8afy4kldpxz3fka4jguq0auqdal4"},
        {"02ba66a84cf7839af172a13e7fc9f5e7008cb8bca1585f8f3bafb3039eda3c1fdd",
         "sublet1r5v5srda7xfth3hn2s26txvrcrntldjuldm46v", "cosmos1r5v5srda7xfth3hn2s26txvrcrntldjumt8mhl"},
        {"03cc7e936c58513793d710506b4832513e3f7ee5e78e8bf73967eeec3b074a2c95",
         "sublet15f7sdzduxh5umchk433z275xz8gnw8lqv2ac8w", "cosmos15f7sdzduxh5umchk433z275xz8gnw8lqgvpk2a"},
        {"02baa4ef93f2ce84592a49b1d729c074eab640112522a7a89f7d03ebab21ded7b6",
         "sublet1jhg0e7s6gn44tfc5k37kr04sznyhedtcp972a8", "cosmos1jhg0e7s6gn44tfc5k37kr04sznyhedtc9rzys5"},
        {"03b7329f678e0ac1214b7723575466219c77fedbdd955c33291a74f18bf5c8a4e2",
         "sublet1am058pdux3hyulcmfgj4m3hhrlfn8nzmrpqfzn", "cosmos1am058pdux3hyulcmfgj4m3hhrlfn8nzm88u80q"},
    };
    for (const Row& row : rows) {
        const Address address = address_of(hex<33>(row.key));
        EXPECT_EQ(to_bech32(address), row.sublet);
        EXPECT_EQ(to_bech32(address).size(), kAddressTextLength);
        EXPECT_EQ(to_bech32(address, "cosmos"), row.cosmos);
        EXPECT_EQ(parse_address(row.sublet).value(), address);
        EXPECT_EQ(parse_address(row.cosmos, "cosmos").value(), address);
    }
}

TEST(Addresses, Refusals) {
    const std::string good = "sublet19rl4cm2hmr8afy4kldpxz3fka4jguq0acx3njx";
    std::string upper = good;
    std::transform(upper.begin(), upper.end(), upper.begin(), ::toupper);
    std::string mixed = good;
    mixed[0] = 'S';
    std::string typo = good;
    typo[10] = 'q';
    const auto of_length = [](std::size_t count) {
        return encode_bech32("sublet", words_from_bytes(Bytes(count, 'x'))).value();
    };
    std::vector<std::uint8_t> padded = words_from_bytes(Bytes(20, 'x'));
    padded.push_back(0);
    const std::pair<std::string, const char*> rows[] = {
        {"cosmos19rl4cm2hmr8afy4kldpxz3fka4jguq0auqdal4", "expected \"sublet\""},
        {upper, "lower case"},
        {mixed, "mixes"},
        {typo, "checksum"},
        {of_length(19), "expected 20 bytes, got 19"},
        {of_length(21), "expected 20 bytes, got 21"},
        {encode_bech32("sublet", padded).value(), "padding"},
        {"", "no \"1\""},
        {good + " ", "does not use"},
        {std::string(100'000, 'q'), "longer than"},
    };
    for (const auto& [text, why] : rows) {
        auto address = parse_address(text);
        ASSERT_FALSE(address.has_value()) << text.substr(0, 90);
        EXPECT_EQ(address.error().code, Code::kBadAddress);
        EXPECT_NE(address.error().message.find(why), std::string::npos) << address.error().message;
        EXPECT_LT(address.error().message.size(), 250U);
    }
}

}  // namespace
}  // namespace sublet::crypto
