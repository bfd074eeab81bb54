// job_report.hpp: who did which task of a job, for how much and how long: report.json and a page with a contact sheet.
// Spec: docs/spec/rendering.md (report).
#pragma once

#include <filesystem>
#include <map>
#include <optional>

#include "jobs/package.hpp"
#include "modules/job/task.hpp"
#include "net/host.hpp"

namespace sublet::cli {

// A task as its creator saw it go by.
struct SeenTask {
    Address worker;
    Amount pay;
    std::uint32_t attempt = 0;
    std::uint64_t began_ms = 0;      // since the client began to follow; when it was first seen running
    std::uint64_t ended_ms = 0;      // when it was first seen to have a result; 0: not seen
    std::vector<std::string> files;  // in the output folder, relative to it
};
using SeenTasks = std::map<std::uint32_t, SeenTask>;

inline constexpr std::size_t kMaxReportRows = 2'000;  // bars and pictures on a page; report.json has all
inline constexpr unsigned kReportReloads_s = 5;       // how often a page is loaded again while its job goes on

struct GoingOn {
    std::uint64_t elapsed_ms = 0;
    std::optional<Millis> left;  // about
};
struct ReportExtras {
    std::optional<GoingOn> going;                  // absent: the job is over, the page stays as it is
    std::string video, picture;                    // files in the output folder, relative to it; empty: none
    std::map<std::uint32_t, std::string> refused;  // tasks whose result is not what was asked for, and why
};

std::string report_json(const job::Job& job, const jobs::Package& package, const SeenTasks& tasks);
// One file without anything from elsewhere: totals, how long it may go on, a bar for each worker, a bar for each task's
// seconds, and the images among the results.
std::string report_html(const job::Job& job, const jobs::Package& package, const SeenTasks& tasks,
                        const ReportExtras& extras = {});
// Both as report.json and report.html in `out`. Errors: kIo.
Result<> write_report(net::Files& files, const std::filesystem::path& out, const job::Job& job,
                      const jobs::Package& package, const SeenTasks& tasks, const ReportExtras& extras);

}  // namespace sublet::cli
