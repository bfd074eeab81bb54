// session_test.cpp: words of programs that are done.
#include "jobs/session.hpp"

#include <gtest/gtest.h>

namespace sublet::jobs {
namespace {

TEST(ExitCode, IsOneOfAProcess) {
    EXPECT_EQ(parse_exit_code("0").value_or(-1), 0);
    EXPECT_EQ(parse_exit_code("255\n").value_or(-1), 255);
    EXPECT_EQ(parse_exit_code("3 \r\n").value_or(-1), 3);
    for (const char* bad : {"", "\n", " 0", "-1", "256", "0abc", "0 0", "0x0", "99999999999", "0               x"}) {
        EXPECT_FALSE(parse_exit_code(bad)) << bad;
    }
    EXPECT_FALSE(parse_exit_code(std::string("0\0", 2)));
    EXPECT_FALSE(parse_exit_code("0" + std::string(kMaxExitCodeText, ' ')));
}

}  // namespace
}  // namespace sublet::jobs
