// yaml_test.cpp: the YAML dialect, a row per rule: what js-yaml 5 reads or refuses, we do too.
#include <gtest/gtest.h>

#include "sdl/node.hpp"

namespace sublet::sdl {
namespace {

// One line that tells kinds apart: {a:1 b:"x" c:[~ true]}
std::string dump(const Node& node) {
    std::string out;
    switch (node.kind) {
        case Kind::kNull:
            return "~";
        case Kind::kBool:
            return node.boolean ? "true" : "false";
        case Kind::kNumber:
            return js_number(node.number);
        case Kind::kText:
            return "\"" + node.text + "\"";
        case Kind::kList:
            for (const Node& item : node.items) {
                out += (out.empty() ? "" : " ") + dump(item);
            }
            return "[" + out + "]";
        case Kind::kMap:
            for (const Entry& entry : node.entries) {
                out += (out.empty() ? "" : " ") + entry.key + ":" + dump(entry.value);
            }
            return "{" + out + "}";
    }
    return out;
}

struct Row {
    const char* yaml;
    const char* want;  // the tree, or "!line" of the refusal
};

constexpr Row kRows[] = {
    // scalars of the 1.2 core schema
    {"a: yes", "{a:\"yes\"}"},
    {"a: off", "{a:\"off\"}"},
    {"a: True", "{a:true}"},
    {"a: ~", "{a:~}"},
    {"a:", "{a:~}"},
    {"a: 0x1F", "{a:31}"},
    {"a: 0o17", "{a:15}"},
    {"a: 010", "{a:10}"},
    {"a: 0b11", "{a:\"0b11\"}"},
    {"a: 1_000", "{a:\"1_000\"}"},
    {"a: 1:30", "{a:\"1:30\"}"},
    {"a: 2024-01-01", "{a:\"2024-01-01\"}"},
    {"a: -.5", "{a:-0.5}"},
    {"a: 1.", "{a:1}"},
    {"a: 12e03", "{a:12000}"},
    {"a: 0.1.2", "{a:\"0.1.2\"}"},
    {"a: \"1\"", "{a:\"1\"}"},
    {"a: !!str 1", "{a:\"1\"}"},
    {"1: x", "{1:\"x\"}"},
    {"true: x", "{true:\"x\"}"},
    // text
    {"a: x # y", "{a:\"x\"}"},
    {"a: x#y", "{a:\"x#y\"}"},
    {"a: 'it''s'", "{a:\"it's\"}"},
    {"a: b\n c", "{a:\"b c\"}"},
    {"a: >-\n  x\n  y\nb: 1", "{a:\"x y\" b:1}"},
    {"a: |\n  b", "{a:\"b\n\"}"},
    {"a: \"\\x41\\q\"", "!1"},
    {"a: \"x", "!2"},
    {"a: 'b'\nc", "!2"},
    {"a: \"a\"# c", "!1"},
    {"a: x: y", "!1"},
    {"a: @x", "!1"},
    {"a: \x07", "!1"},
    {"a: \xff", "!1"},
    // structure
    {"a: 1\r\nb: 2\r\n", "{a:1 b:2}"},
    {"\xef\xbb\xbf"
     "a: 1",
     "{a:1}"},
    {"a: 1\na: 2", "!2"},
    {"a: {b: 1, b: 2}", "!1"},
    {"<<: {a: 1}", "{<<:{a:1}}"},
    {"a: &x {y: 1}\nb: *x", "{a:{y:1} b:{y:1}}"},
    {"a: *x", "!1"},
    {"a: &x\n  b: *x", "!2"},
    {"? [a]\n: b", "!1"},
    {"a: !foo x", "!1"},
    {"[a,,b]", "!1"},
    {"{a: 1,}", "{a:1}"},
    // indentation
    {"a:\n\tb: 1", "!2"},
    {"a: 1\n\t", "{a:1}"},
    {"a: 1\n\t# c", "{a:1}"},
    {"a:\tb", "{a:\"b\"}"},
    {"a: [1,\n2]", "!2"},
    {"a: [1,\n 2]", "{a:[1 2]}"},
    {"a:\n  - [1,\n  2]", "!3"},
    {"a: [\n  1\n]", "!3"},
    {"a:\n  b: \"x\n  y\"", "!3"},
    {"a:\n  b: \"x\n   y\"", "{a:{b:\"x y\"}}"},
    {"- \"x\n y\"", "[\"x y\"]"},
    {"- a\n-b", "!2"},
    // documents
    {"---\na: 1", "{a:1}"},
    {"a: 1\n...\n", "{a:1}"},
    {"a: 1\n---\nb: 2", "!3"},
    {"%YAML 1.1\n---\na: yes", "{a:\"yes\"}"},
    {"%YAML 1.1\na: 1", "!2"},
    {"", "!1"},
    {"# x", "!1"},
};

TEST(Yaml, ReadsTheOfficialDialect) {
    for (const Row& row : kRows) {
        const auto tree = read_yaml(row.yaml, "f");
        const std::string got = tree ? dump(*tree) : "!" + std::to_string(tree.error().line);
        EXPECT_EQ(got, row.want) << row.yaml;
    }
}

TEST(Yaml, BoundsDepthAliasesAndSize) {
    std::string deep;
    for (std::size_t i = 0; i <= kMaxDepth; ++i) {
        deep += '[';
    }
    EXPECT_FALSE(read_yaml(deep + std::string(kMaxDepth + 1, ']'), "f"));
    EXPECT_TRUE(read_yaml(std::string(kMaxDepth, '[') + std::string(kMaxDepth, ']'), "f"));

    std::string bomb = "a0: &a0 [x,x,x,x,x,x,x,x,x,x]\n";
    for (int i = 1; i < 12; ++i) {
        const std::string previous = "*a" + std::to_string(i - 1);
        bomb += "a" + std::to_string(i) + ": &a" + std::to_string(i) + " [" + previous;
        for (int j = 1; j < 10; ++j) {
            bomb += "," + previous;
        }
        bomb += "]\n";
    }
    const auto tree = read_yaml(bomb, "f");
    ASSERT_FALSE(tree);
    EXPECT_NE(tree.error().message.find("grows beyond"), std::string::npos);
    EXPECT_FALSE(read_yaml(std::string(kMaxFileBytes + 1, ' '), "f"));
    std::string wide;
    for (int i = 0; i < 5000; ++i) {
        wide += "k" + std::to_string(i) + ": 1\n";
    }
    EXPECT_FALSE(read_yaml(wide, "f"));
    EXPECT_FALSE(read_yaml(std::string(kMaxFileBytes - 1, '['), "f"));
}

TEST(Yaml, NumbersPrintAsJavaScriptDoes) {
    EXPECT_EQ(js_number(100000), "100000");
    EXPECT_EQ(js_number(0.1), "0.1");
    EXPECT_EQ(js_number(1e21), "1e+21");
    EXPECT_EQ(js_number(1e-7), "1e-7");
    EXPECT_EQ(js_number(-2.5), "-2.5");
}

}  // namespace
}  // namespace sublet::sdl
