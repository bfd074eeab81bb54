// base_test.cpp: hex, base64, integers and the table of codes.
#include <gtest/gtest.h>

#include <fstream>
#include <set>
#include <sstream>

#include "base/bytes.hpp"
#include "base/code_table.hpp"
#include "base/units.hpp"

namespace sublet {
namespace {

TEST(Bytes, HexAndBase64AreInverse) {
    Bytes all;
    for (int i = 0; i < 256; ++i) {
        all.push_back(static_cast<char>(i));
        EXPECT_EQ(from_hex(to_hex(all)).value(), all);
        EXPECT_EQ(from_base64(to_base64(all)).value(), all);
        EXPECT_EQ(from_base64url(to_base64url(all)).value(), all);
    }
    EXPECT_EQ(to_base64("foob"), "Zm9vYg==");
}

TEST(Bytes, RefusesWhatItWouldNotWrite) {
    EXPECT_FALSE(from_hex("0"));
    EXPECT_FALSE(from_hex("zz"));
    EXPECT_FALSE(from_base64("Zm9vYg"));
    EXPECT_FALSE(from_base64("Zm9vYh==")) << "unused bits are set";
    EXPECT_FALSE(from_base64url("Zm9vYg=="));
}

TEST(Bytes, BigEndianKeysSortAsNumbers) {
    Bytes small;
    Bytes large;
    append_be64(small, 255);
    append_be64(large, 256);
    EXPECT_LT(small, large);
    EXPECT_EQ(read_be64(large), 256U);
}

TEST(Units, SumsAreChecked) {
    EXPECT_EQ(checked_add(Amount{1}, Amount{2}), Amount{3});
    EXPECT_EQ(checked_add(Amount{~0ULL}, Amount{1}), std::nullopt);
    EXPECT_EQ(checked_sub(Amount{1}, Amount{2}), std::nullopt);
    EXPECT_EQ(saturating_sub(Amount{1}, Amount{2}), Amount{0});
}

TEST(Codes, NumbersAndNamesAreUnique) {
    std::set<std::uint32_t> numbers;
    std::set<std::string_view> names;
    for (const CodeRow& row : kCodeTable) {
        EXPECT_TRUE(numbers.insert(static_cast<std::uint32_t>(row.code)).second) << row.name;
        EXPECT_TRUE(names.insert(row.name).second) << row.name;
        EXPECT_EQ(code_name(row.code), row.name);
    }
}

TEST(Codes, TableOfTheSpecHasEachCodeOnce) {
    std::ifstream file(SUBLET_SOURCE_DIR "/docs/spec/errors.md");
    std::stringstream text;
    text << file.rdbuf();
    int rows = 0;
    for (const CodeRow& row : kCodeTable) {
        const std::string line =
            "\n| " + std::to_string(static_cast<std::uint32_t>(row.code)) + " | " + std::string{row.name} + " | ";
        EXPECT_NE(text.str().find(line), std::string::npos) << "docs/spec/errors.md has no row for" << line;
        ++rows;
    }
    int written = 0;
    for (std::string line; std::getline(text, line);) {
        written += line.size() > 3 && line.starts_with("| ") && line[2] >= '0' && line[2] <= '9' &&
                           line.find("–") == std::string::npos
                       ? 1
                       : 0;
    }
    EXPECT_EQ(written, rows) << "docs/spec/errors.md has rows that the source does not know";
}

}  // namespace
}  // namespace sublet
