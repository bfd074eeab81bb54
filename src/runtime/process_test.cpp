// process_test.cpp: children get input, output and time limits, and nothing else of ours.
#include "runtime/process.hpp"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <algorithm>

#include "net/quiet.hpp"
#include "net/run.hpp"

namespace sublet::runtime {
namespace {

Result<ProcessResult> run(ProcessRequest request) {
    net::Loop loop;
    net::Task<Result<ProcessResult>> task = run_process(std::move(request));
    return net::run(loop, std::move(task));
}

TEST(Process, GivesBackOutputAndExitCode) {
    ProcessRequest request;
    request.argv = {"sh", "-c", "cat; pwd; echo err >&2; exit 3"};
    request.input = "in";
    request.folder = "/";
    const Result<ProcessResult> result = run(request);
    ASSERT_TRUE(result.has_value());
    EXPECT_EQ(result->out, "in/\n");
    EXPECT_EQ(result->err, "err\n");
    EXPECT_EQ(result->exit_code, 3);
}

TEST(Process, InheritsNoDescriptorOfOurs) {
    // Without close-on-exec, as Asio opens its acceptors.
    const int ours = ::open("/dev/null", O_RDONLY);
    ASSERT_GT(ours, 2);
    ProcessRequest request;
    request.argv = {"ls", "/proc/self/fd"};
    const Result<ProcessResult> result = run(request);
    ::close(ours);
    ASSERT_TRUE(result.has_value());
    // 0, 1, 2 and the folder that ls reads.
    EXPECT_EQ(std::ranges::count(result->out, '\n'), 4) << result->out;
}

TEST(Process, EndsWhatTakesTooLongAndNamesWhatIsMissing) {
    ProcessRequest slow;
    slow.argv = {"sleep", "20"};
    slow.timeout_ms = 100;
    const Result<ProcessResult> late = run(slow);
    ASSERT_FALSE(late.has_value());
    EXPECT_EQ(late.error().code, Code::kTimeout);
    ProcessRequest missing;
    missing.argv = {"no-such-program-here"};
    const Result<ProcessResult> none = run(missing);
    ASSERT_FALSE(none.has_value());
    EXPECT_EQ(none.error().code, Code::kNotFound);
}

}  // namespace
}  // namespace sublet::runtime
