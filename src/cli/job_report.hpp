// job_report.hpp: who did which task of a job, for how much and how long: report.json and a page with a contact sheet.
// Spec: docs/spec/rendering.md (report).
#pragma once

#include <filesystem>
#include <map>

#include "jobs/package.hpp"
#include "modules/job/task.hpp"

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

std::string report_json(const job::Job& job, const jobs::Package& package, const SeenTasks& tasks);
// One file without anything from elsewhere: totals, a bar for each worker, a bar for each task's seconds, and the
// images among the results.
std::string report_html(const job::Job& job, const jobs::Package& package, const SeenTasks& tasks);

}  // namespace sublet::cli
