// job_report_test.cpp: what a report says, and that file names of strangers stay names.
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "cli/job_report.hpp"

namespace sublet::cli {
namespace {

SeenTasks two_tasks() {
    SeenTasks out;
    Address worker;
    worker.bytes.fill(1);
    out[0] = {worker, Amount{1'500'000}, 1, 1'000, 3'500, {"0001.png"}};
    worker.bytes.fill(2);
    out[1] = {worker, Amount{500'000}, 2, 2'000, 0, {"a\"><script>.png", "notes.txt"}};
    return out;
}

job::Job done_job() {
    job::Job job;
    job.id = JobId{7};
    job.kind = "blender";
    job.state = job::JobState::kDone;
    job.tasks = job.accepted = 2;
    job.paid = Amount{2'000'000};
    return job;
}

jobs::Package frames() {
    jobs::Package package;
    package.first = 10;
    package.tasks = 2;
    return package;
}

TEST(JobReport, JsonHasEveryTaskAndWorker) {
    const nlohmann::json report = nlohmann::json::parse(report_json(done_job(), frames(), two_tasks()));
    EXPECT_EQ(report["job"], 7);
    EXPECT_EQ(report["results"][0]["seconds"], 2.5);
    EXPECT_EQ(report["results"][1]["value"], "11");
    EXPECT_EQ(report["results"][1]["seconds"], 0.0);
    EXPECT_EQ(report["workers"].size(), 2U);
    EXPECT_EQ(report["workers"][0]["tasks"], 1);
}

TEST(JobReport, ThePageShowsPicturesAndEscapesNames) {
    const std::string page = report_html(done_job(), frames(), two_tasks());
    EXPECT_NE(page.find("<img loading=lazy src=\"./0001.png\""), std::string::npos);
    EXPECT_NE(page.find("src=\"./a%22%3E%3Cscript%3E.png\""), std::string::npos);
    EXPECT_EQ(page.find("<script>"), std::string::npos);
    EXPECT_EQ(page.find("notes.txt"), std::string::npos);
    EXPECT_NE(page.find("2 of 2 tasks done, 0 failed; 2.000000 credits paid"), std::string::npos);
    EXPECT_NE(page.find("width:100%"), std::string::npos);
}

}  // namespace
}  // namespace sublet::cli
