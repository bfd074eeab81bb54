// config_test.cpp: configuration files: the examples are complete and right, and mistakes are named with their line.
#include "cli/config.hpp"

#include <gtest/gtest.h>
#include <unistd.h>

#include <fstream>

namespace sublet::cli {
namespace {

class TemporaryFile {
public:
    explicit TemporaryFile(const std::string& text) {
        static int count = 0;
        path_ = std::filesystem::temp_directory_path() /
                ("sublet-config-" + std::to_string(::getpid()) + "-" + std::to_string(++count) + ".toml");
        std::ofstream{path_} << text;
    }
    ~TemporaryFile() {
        std::error_code ignored;
        std::filesystem::remove(path_, ignored);
    }
    TemporaryFile(const TemporaryFile&) = delete;
    TemporaryFile& operator=(const TemporaryFile&) = delete;
    [[nodiscard]] const std::filesystem::path& path() const { return path_; }

private:
    std::filesystem::path path_;
};

std::filesystem::path example(const char* name) {
    return std::filesystem::path{__FILE__}.parent_path().parent_path().parent_path() / "examples" / name;
}

TEST(Config, ExamplesHoldTheDefaults) {
    const Result<LendSettings> lend = read_lend_config(example("lend.toml"));
    ASSERT_TRUE(lend.has_value()) << lend.error().message;
    const LendSettings defaults;
    EXPECT_EQ(lend->owner_key, defaults.owner_key);
    EXPECT_EQ(lend->share.cpu_permille, defaults.share.cpu_permille);
    EXPECT_EQ(lend->cpu_core_hour, defaults.cpu_core_hour);
    EXPECT_EQ(lend->notice_s, defaults.notice_s);
    EXPECT_EQ(lend->withdraw_every_s, defaults.withdraw_every_s);
    EXPECT_EQ(lend->require_isolation, defaults.require_isolation);
    const Result<NodeSettings> node = read_node_config(example("node.toml"));
    ASSERT_TRUE(node.has_value()) << node.error().message;
    EXPECT_EQ(node->port, NodeSettings{}.port);
}

TEST(Config, ReadsWhatIsSet) {
    const TemporaryFile file{
        "data = \"/tmp/x\"\n[gateway]\nport = 8443\n[attributes]\nregion = \"eu\"\narch = \"x\"\n"};
    const Result<LendSettings> lend = read_lend_config(file.path());
    ASSERT_TRUE(lend.has_value()) << lend.error().message;
    EXPECT_EQ(lend->data, "/tmp/x");
    EXPECT_EQ(lend->gateway_port, 8443);
    ASSERT_EQ(lend->attributes.size(), 2U);
    EXPECT_EQ(lend->attributes.front().key, "arch");  // sorted, as the ledger wants them
}

TEST(Config, NamesMistakes) {
    struct Row {
        const char* name;
        const char* text;
        const char* says;
    };
    const Row rows[] = {
        {"unknown name", "\ndate = \"x\"\n", ":2:8: \"date\" is no setting"},
        {"unknown name in a table", "[gateway]\nprot = 1\n", "\"gateway.prot\" is no setting"},
        {"wrong type", "[gateway]\nport = \"1\"\n", "\"gateway.port\" has a value of the wrong type"},
        {"too large", "[gateway]\nport = 65536\n", "\"gateway.port\" has a value of the wrong type or size"},
        {"negative", "[price]\nnotice_s = -1\n", "\"price.notice_s\""},
        {"a price as a number", "[price]\ngpu_hour = 0.5\n", "\"price.gpu_hour\""},
        {"more than all", "[machine]\ncpu_permille = 1001\n", "\"machine.cpu_permille\""},
        {"no TOML", "[gateway\n", ":1:"},
    };
    for (const Row& row : rows) {
        const TemporaryFile file{row.text};
        const Result<LendSettings> lend = read_lend_config(file.path());
        ASSERT_FALSE(lend.has_value()) << row.name;
        EXPECT_EQ(lend.error().code, Code::kUsage) << row.name;
        EXPECT_NE(lend.error().message.find(row.says), std::string::npos) << row.name << ": " << lend.error().message;
    }
    EXPECT_FALSE(read_lend_config("/nowhere/at/all.toml").has_value());
}

}  // namespace
}  // namespace sublet::cli
