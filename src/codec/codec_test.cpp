// codec_test.cpp: canonical bytes, and one row for each way in which bytes can fail to be canonical.
#include <gtest/gtest.h>

#include "codec/decode.hpp"
#include "codec/json.hpp"

namespace sublet::codec {
namespace {

enum class Colour : std::uint8_t { kNone = 0, kRed = 1 };
bool valid(Colour colour) { return colour == Colour::kNone || colour == Colour::kRed; }
std::string_view to_name(Colour colour) { return colour == Colour::kRed ? "red" : "none"; }

struct Inner {
    std::uint64_t number = 0;
    static constexpr auto fields() { return codec::list(field(1, "number", &Inner::number)); }
    bool operator==(const Inner&) const = default;
};

struct Outer {
    std::uint64_t number = 0;
    Bytes text;
    Inner inner;
    std::optional<Inner> maybe;
    std::vector<Inner> inners;
    std::vector<std::uint64_t> numbers;
    Colour colour = Colour::kNone;
    Hash hash{};
    Amount amount;
    static constexpr auto fields() {
        return codec::list(
            field(1, "number", &Outer::number), field(2, "text", &Outer::text), field(3, "inner", &Outer::inner),
            field(4, "maybe", &Outer::maybe), field(5, "inners", &Outer::inners), field(6, "numbers", &Outer::numbers),
            field(7, "colour", &Outer::colour), field(8, "hash", &Outer::hash), field(10, "amount", &Outer::amount));
    }
    bool operator==(const Outer&) const = default;
};

enum class Paint : std::uint8_t { kBlue = 1 };
bool valid(Paint paint) { return paint == Paint::kBlue; }

struct Layer {
    Paint colour = Paint::kBlue;
    static constexpr auto fields() { return codec::list(field(1, "colour", &Layer::colour)); }
};
struct Painted {
    Layer inner;
    static constexpr auto fields() { return codec::list(field(1, "inner", &Painted::inner)); }
};

TEST(Codec, GivesBackWhatItTook) {
    Outer outer{.number = 300,
                .text = "hi",
                .inner = {7},
                .maybe = Inner{},
                .inners = {{1}, {}, {2}},
                .numbers = {0, 5},
                .colour = Colour::kRed,
                .amount = Amount{1}};
    outer.hash[31] = 9;
    const Bytes bytes = encode(outer);
    EXPECT_EQ(decode<Outer>(bytes).value(), outer);
    EXPECT_EQ(encode(decode<Outer>(bytes).value()), bytes);
    EXPECT_EQ(encode(Outer{}), "");
}

TEST(Codec, RefusesWhatItWouldNotWrite) {
    const struct {
        const char* what;
        const char* hex;
        Code code;
    } rows[] = {
        {"zero written out", "0800", Code::kNotCanonical},
        {"overlong varint", "088100", Code::kNotCanonical},
        {"varint ends early", "0880", Code::kMalformed},
        {"varint over 64 bits", "08ffffffffffffffffff02", Code::kMalformed},
        {"empty string written out", "1200", Code::kNotCanonical},
        {"text that is not UTF-8", "1202c328", Code::kMalformed},
        {"a surrogate in a text", "1203eda080", Code::kMalformed},
        {"string longer than message", "120561", Code::kMalformed},
        {"empty plain submessage", "1a00", Code::kNotCanonical},
        {"field twice", "08010802", Code::kNotCanonical},
        {"fields out of order", "1201610801", Code::kNotCanonical},
        {"unknown field", "9a0100", Code::kUnknownField},
        {"unknown field between", "480100", Code::kUnknownField},
        {"wrong wire type", "0a0161", Code::kMalformed},
        {"field number zero", "0001", Code::kMalformed},
        {"group", "0b", Code::kMalformed},
        {"empty packed list", "3200", Code::kNotCanonical},
        {"enum without that value", "3802", Code::kOutOfRange},
        {"hash of 31 bytes", "421f00000000000000000000000000000000000000000000000000000000000001", Code::kMalformed},
    };
    for (const auto& row : rows) {
        const Result<Bytes> bytes = from_hex(row.hex);
        ASSERT_TRUE(bytes) << row.what;
        const Result<Outer> got = decode<Outer>(*bytes);
        ASSERT_FALSE(got) << row.what;
        EXPECT_EQ(got.error().code, row.code) << row.what << ": " << got.error().message;
    }
}

// A sub-message that was left out stands for zeros; an enumeration inside it may have no zero.
TEST(Codec, RefusesALeftOutPartThatCannotBeZero) {
    EXPECT_EQ(decode<Painted>(*from_hex("0a020801")).value().inner.colour, Paint::kBlue);
    const Result<Painted> got = decode<Painted>("");
    ASSERT_FALSE(got);
    EXPECT_EQ(got.error().code, Code::kOutOfRange);
}

TEST(Utf8, TellsAndReplaces) {
    EXPECT_TRUE(is_utf8("a\xc3\xa9\xe2\x82\xac\xf0\x9f\x8e\x88"));
    EXPECT_TRUE(is_utf8(""));
    for (const char* text : {"\xc3", "a\xff", "\xc0\xaf", "\xed\xa0\x80", "\xf4\x90\x80\x80", "\xe2\x82"}) {
        EXPECT_FALSE(is_utf8(text)) << to_hex(text);
    }
    EXPECT_EQ(to_utf8("a\xc3\xa9\xff"
                      "b"),
              "a\xc3\xa9\xef\xbf\xbd"
              "b");
}

TEST(Codec, ALengthBeyondTheEndIsRefused) {
    for (const char* bytes : {"\x03"
                              "ab",
                              "\x04"
                              "ab",
                              "\x01"}) {
        Reader reader{bytes};
        const Result<BytesView> piece = reader.length();
        ASSERT_FALSE(piece) << *piece;
        EXPECT_EQ(piece.error().code, Code::kMalformed);
    }
    Reader exact{
        "\x02"
        "ab"};
    EXPECT_EQ(exact.length().value_or(""), "ab");
    EXPECT_TRUE(exact.done());
}

TEST(Codec, EveryTruncationIsRefusedOrCanonical) {
    const Outer outer{.number = 300, .text = "hello", .inner = {7}, .inners = {{1}, {2}}, .numbers = {1, 5000}};
    const Bytes bytes = encode(outer);
    for (std::size_t size = 0; size < bytes.size(); ++size) {
        const Result<Outer> got = decode<Outer>(BytesView{bytes}.substr(0, size));
        if (got) {
            EXPECT_EQ(encode(*got), bytes.substr(0, size));
        }
    }
}

TEST(Json, ReadsAsPeopleExpect) {
    const Outer outer{.number = 3, .text = "a\"\n\x01\xff", .colour = Colour::kRed};
    EXPECT_EQ(to_json(Inner{5}), R"({"number":"5"})");
    EXPECT_NE(to_json(outer).find("\"text\":\"a\\\"\\n\\u0001\xef\xbf\xbd\""), std::string::npos);
    EXPECT_NE(to_json(outer).find(R"("colour":"red")"), std::string::npos);
}

}  // namespace
}  // namespace sublet::codec
