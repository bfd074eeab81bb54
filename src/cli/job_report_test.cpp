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

TEST(JobReport, APageLoadsItselfAgainUntilTheJobIsOver) {
    job::Job job = done_job();
    job.state = job::JobState::kOpen;
    job.accepted = 1;
    job.active = 1;
    ReportExtras extras;
    extras.going = GoingOn{61'900, Millis{20'000}};
    const std::string going = report_html(job, frames(), two_tasks(), extras);
    EXPECT_NE(going.find("<meta http-equiv=refresh content=5>"), std::string::npos);
    EXPECT_NE(going.find("going on for 1 min 1 s, about 20 s left; 1 running"), std::string::npos) << going;
    EXPECT_NE(going.find("2.000000 credits paid"), std::string::npos);
    const std::string over = report_html(done_job(), frames(), two_tasks());
    EXPECT_EQ(over.find("http-equiv"), std::string::npos);
    EXPECT_EQ(over.find("going on"), std::string::npos);
}

TEST(JobReport, OpenExrIsSaidNotShown) {
    SeenTasks tasks = two_tasks();
    tasks[0].files = {"0001.exr"};
    const std::string page = report_html(done_job(), frames(), tasks);
    EXPECT_EQ(page.find("0001.exr"), std::string::npos);
    EXPECT_NE(page.find("Files of OpenEXR: 1. Browsers do not show them"), std::string::npos);
    EXPECT_EQ(report_html(done_job(), frames(), two_tasks()).find("OpenEXR"), std::string::npos);
}

TEST(JobReport, SaysWhatWasMadeAndWhatIsNotAsAsked) {
    ReportExtras extras;
    extras.video = "a\"b.mp4";
    extras.picture = "0001.png";
    extras.refused[1] = "<b>no picture</b>";
    const std::string page = report_html(done_job(), frames(), two_tasks(), extras);
    EXPECT_NE(page.find("<video class=made controls loop src=\"./a%22b.mp4\">"), std::string::npos) << page;
    EXPECT_NE(page.find("<img class=made src=\"./0001.png\""), std::string::npos);
    EXPECT_NE(page.find("Task 11 is not what was asked for, and not approved: &lt;b&gt;"), std::string::npos) << page;
}

TEST(JobReport, ALongJobsPageIsBounded) {
    SeenTasks tasks;
    jobs::Package package = frames();
    package.tasks = 50'000;
    for (std::uint32_t index = 0; index < package.tasks; ++index) {
        tasks[index].files = {"0001.png"};
    }
    const std::string page = report_html(done_job(), package, tasks);
    EXPECT_LT(page.size(), std::size_t{1} << 20U);
    EXPECT_NE(page.find("and 48000 more, which report.json has"), std::string::npos);
}

}  // namespace
}  // namespace sublet::cli
