// cli_test.cpp: the command line as a person types it, without a network: exit codes and what is printed.
#include "cli/cli.hpp"

#include <gtest/gtest.h>
#include <unistd.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <string>
#include <vector>

#include "cli/exit.hpp"

namespace sublet::cli {
namespace {

struct Answer {
    int code = -1;
    std::string out;
    std::string err;
};

class CommandLine : public ::testing::Test {
protected:
    void SetUp() override {
        home_ = std::filesystem::temp_directory_path() / ("sublet-cli-test-" + std::to_string(::getpid()));
        std::filesystem::remove_all(home_);
        std::filesystem::create_directories(home_);
        for (const char* name : {"SUBLET_NODE", "SUBLET_KEY", "SUBLET_PASSPHRASE_FILE"}) {
            ::unsetenv(name);
        }
        ::setenv("SUBLET_HOME", home_.c_str(), 1);
        ::setenv("SUBLET_PASSPHRASE", "correct horse", 1);
    }
    void TearDown() override {
        std::error_code ignored;
        std::filesystem::remove_all(home_, ignored);
    }
    Answer type(std::vector<std::string> words) {
        words.insert(words.begin(), "sublet");
        std::vector<char*> arguments;
        for (std::string& word : words) {
            arguments.push_back(word.data());
        }
        Answer answer;
        ::testing::internal::CaptureStdout();
        ::testing::internal::CaptureStderr();
        answer.code = run(static_cast<int>(arguments.size()), arguments.data());
        answer.out = ::testing::internal::GetCapturedStdout();
        answer.err = ::testing::internal::GetCapturedStderr();
        return answer;
    }
    std::string file(const std::string& name, const std::string& text) {
        const std::filesystem::path path = home_ / name;
        std::ofstream{path} << text;
        return path.string();
    }

    std::filesystem::path home_;
};

TEST_F(CommandLine, ExitCodes) {
    struct Row {
        std::vector<std::string> words;
        int code;
        const char* says;  // on either stream
    };
    const std::string nobody = "http://127.0.0.1:1";
    const Row rows[] = {
        {{}, kExitUsage, "subcommand"},
        {{"--help"}, kExitOk, "Exit codes"},
        {{"--version"}, kExitOk, "0.1.0"},
        {{"version", "--json"}, kExitOk, R"({"version":"0.1.0"})"},
        {{"dance"}, kExitUsage, "subcommand"},
        {{"rent"}, kExitUsage, "file is required"},
        {{"rent", "/nowhere.yaml", "--node", nobody}, kExitUsage, "cannot read /nowhere.yaml"},
        {{"rent", "/nowhere.yaml", "--max-price", "much"}, kExitUsage, "\"much\" is no price"},
        {{"lease", "status", "x"}, kExitUsage, "lease"},
        {{"lease", "ls"}, kExitFailed, "sublet wallet new NAME"},
        {{"offer", "ls"}, kExitUsage, "sublet up"},
        {{"offer", "ls", "--node", nobody}, kExitEnvironment, "does not answer"},
        {{"offer", "ls", "--node", "gopher://x"}, kExitFailed, "[Parse]"},
        {{"wallet", "new", "a", "--words", "13"}, kExitUsage, "--words"},
        {{"wallet", "balance", "nobody"}, kExitUsage, "neither an address"},
        {{"tx", "show", "abcd"}, kExitUsage, "64 hexadecimal digits"},
        {{"lend", "status"}, kExitNotFound, "no agent runs"},
        {{"lend", "--config", "/nowhere.toml"}, kExitUsage, "cannot read /nowhere.toml"},
        {{"completion", "fish"}, kExitUsage, "fish"},
    };
    for (const Row& row : rows) {
        const Answer answer = type(row.words);
        std::string line;
        for (const std::string& word : row.words) {
            line += word + " ";
        }
        EXPECT_EQ(answer.code, row.code) << line << answer.err;
        EXPECT_NE((answer.out + answer.err).find(row.says), std::string::npos) << line << answer.out << answer.err;
    }
}

TEST_F(CommandLine, KeysMoveToAndFromOtherWallets) {
    const std::string words = file("words",
                                   "abandon abandon abandon abandon abandon abandon abandon abandon abandon "
                                   "abandon abandon about\n");
    Answer answer = type({"wallet", "import", "moved", "--file", words});
    EXPECT_EQ(answer.code, kExitOk) << answer.err;
    EXPECT_NE(answer.out.find("sublet19rl4cm2hmr8afy4kldpxz3fka4jguq0acx3njx"), std::string::npos) << answer.out;

    answer = type({"wallet", "import", "moved", "--file", words});
    EXPECT_EQ(answer.code, kExitFailed);  // the name is taken
    answer = type({"wallet", "new", "fresh", "--words", "12"});
    EXPECT_EQ(answer.code, kExitOk) << answer.err;
    answer = type({"wallet", "ls", "--json"});
    EXPECT_EQ(answer.code, kExitOk);
    EXPECT_EQ(answer.out.rfind(R"({"keys":[{"name":"fresh","address":"sublet1)", 0), 0U) << answer.out;
    EXPECT_NE(answer.out.find(R"("name":"moved")"), std::string::npos);
}

TEST_F(CommandLine, ErrorsAreJsonWhereAsked) {
    const Answer answer = type({"tx", "show", "abcd", "--json"});
    EXPECT_EQ(answer.code, kExitUsage);
    EXPECT_EQ(answer.err,
              "{\"error\":\"a transaction's hash has 64 hexadecimal digits\",\"code\":\"Usage\",\"hint\":\"\"}\n");
}

TEST_F(CommandLine, FindingsOfAFileHavePlaces) {
    const std::string bad = file("bad.yaml", "version: \"9.9\"\nservices: {}\n");
    const Answer answer = type({"sdl", "check", bad});
    EXPECT_EQ(answer.code, kExitFailed);
    EXPECT_NE(answer.err.find("bad.yaml:1:"), std::string::npos) << answer.err;
}

// One record a file by Akash's rules; 0 only if all are ok. What is refused is an answer, not an error.
TEST_F(CommandLine, RecordsOfDeploymentFiles) {
    const std::string good = file("good.yaml", R"(version: "2.0"
services: {web: {image: nginx, expose: [{port: 80, to: [{global: true}]}]}}
profiles:
  compute: {web: {resources: {cpu: {units: 1}, memory: {size: 1Gi}, storage: {size: 1Gi}}}}
  placement: {here: {pricing: {web: {denom: uact, amount: 1}}}}
deployment: {web: {here: {profile: web, count: 1}}}
)");
    const std::string bad = file("bad.yaml", "version: \"9.9\"\nservices: {}\n");
    const std::string torn = file("torn.yaml", "version: \"2.0\n");
    struct Row {
        std::vector<std::string> files;
        int code;
        std::vector<const char*> statuses;  // a line each
    };
    const Row rows[] = {
        {{good}, kExitOk, {"ok"}},
        {{bad}, kExitFailed, {"invalid"}},
        {{torn}, kExitFailed, {"yaml-error"}},
        {{bad, good, torn}, kExitFailed, {"invalid", "ok", "yaml-error"}},
        {{good, good}, kExitOk, {"ok", "ok"}},
        {{"/nowhere.yaml"}, kExitUsage, {}},
    };
    for (const Row& row : rows) {
        std::vector<std::string> words{"sdl", "check", "--akash-json"};
        words.insert(words.end(), row.files.begin(), row.files.end());
        const Answer answer = type(words);
        EXPECT_EQ(answer.code, row.code) << row.files.front() << answer.err;
        std::istringstream lines(answer.out);
        std::string line;
        std::size_t count = 0;
        for (; std::getline(lines, line) && count < row.statuses.size(); ++count) {
            EXPECT_NE(line.find("\"status\":\"" + std::string(row.statuses[count]) + "\""), std::string::npos) << line;
        }
        EXPECT_EQ(count, row.statuses.size()) << answer.out;
    }
}

TEST_F(CommandLine, CompletionKnowsEveryVerb) {
    const Answer answer = type({"completion", "bash"});
    EXPECT_EQ(answer.code, kExitOk);
    for (const char* word : {"\"/lease\") words=\"ls status logs events manifest top-up close",
                             "\"/wallet\") words=\"new import ls", "--max-price", "complete -F _sublet sublet"}) {
        EXPECT_NE(answer.out.find(word), std::string::npos) << word;
    }
    const std::string script = file("completion.bash", answer.out);
    EXPECT_EQ(std::system(("bash -n " + script).c_str()), 0);
}

}  // namespace
}  // namespace sublet::cli
