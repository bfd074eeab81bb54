// job_quote_test.cpp: probe tasks that are chosen, and quotes from what was found.
#include "cli/job_quote.hpp"

#include <gtest/gtest.h>

#include "client/counting_random.hpp"

namespace sublet::cli {
namespace {

job::Job quoted() {
    job::Job job;
    job.tasks = 9;
    job.price = 1'000'000'000'000;
    job.probe_tasks = {0, 4, 8};
    job.work = {1'000, 3'000, 5'000};
    job.probes = {{.worker = {}, .commitment = {}, .work = {1'000, 3'000, 5'000}},
                  {.worker = {}, .commitment = {}, .work = {1'100, 3'300, 5'500}}};
    return job;
}

TEST(JobQuote, ProbesAreFirstMiddleLastAndTwoMore) {
    client::CountingRandom random;
    EXPECT_EQ(choose_probe_tasks(1, random), (std::vector<std::uint32_t>{0}));
    EXPECT_EQ(choose_probe_tasks(2, random), (std::vector<std::uint32_t>{0, 1}));
    EXPECT_EQ(choose_probe_tasks(4, random), (std::vector<std::uint32_t>{0, 1, 2, 3}));
    const std::vector<std::uint32_t> many = choose_probe_tasks(100'000, random);
    EXPECT_EQ(many.size(), 5U);
    EXPECT_EQ(many.front(), 0U);
    EXPECT_EQ(many.back(), 99'999U);
    EXPECT_TRUE(std::ranges::is_sorted(many));
}

TEST(JobQuote, WorkTimeAndError) {
    const WorkQuote quote = work_quote(quoted(), {1'000, 500});
    EXPECT_DOUBLE_EQ(quote.work, 27.0);    // 1, 1.5, … 5
    EXPECT_EQ(quote.pay, Amount{27'000});  // a thousand for each
    EXPECT_DOUBLE_EQ(quote.dearest, 5.0);
    EXPECT_NEAR(quote.error, 0.1, 1e-9);  // the probers are a tenth apart, the frames on a line
    EXPECT_EQ(quote.seconds, 18U);
    EXPECT_EQ(work_quote(quoted(), {1'000, 1'000, 1'000, 1'000, 1'000, 1'000, 1'000, 1'000, 1'000}).seconds,
              5U);                          // the dearest
    EXPECT_EQ(quote.timeout_ms, 142'000U);  // 5 RWU at half a unit a second, a tenth more, twice, and two minutes
    EXPECT_EQ(work_quote(quoted(), {10}).timeout_ms, 1'220'000U);
    EXPECT_EQ(work_quote(quoted(), {}).timeout_ms, 0U);  // nobody is there: as the job was made with
}

TEST(JobQuote, UnevenFramesWidenTheError) {
    job::Job job = quoted();
    job.work = {1'000, 6'000, 5'000};
    EXPECT_NEAR(work_quote(job, {1'000}).error, 1.0, 1e-9);  // twice what its neighbours say
}

}  // namespace
}  // namespace sublet::cli
