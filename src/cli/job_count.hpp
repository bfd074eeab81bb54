// job_count.hpp: how a job stands for its creator: what is done, what was fetched, what is not as it was asked for.
#pragma once

#include <map>
#include <optional>
#include <string>

#include "cli/job_report.hpp"
#include "modules/job/job.hpp"

namespace sublet::cli {

// A result that is not what the job asked for: it is not approved by itself.
struct RefusedResult {
    std::uint32_t attempt = 0;
    std::string why;     // for people
    std::string folder;  // where it lies; empty: nowhere
};

// How a job stands, as it is shown.
struct JobCount {
    job::Job job;
    std::uint32_t fetched = 0;
    std::uint64_t elapsed_ms = 0;
    std::uint64_t sent_bytes = 0;                 // of the input, to all workers together
    std::map<std::uint32_t, std::string> failed;  // tasks and the end of what they printed
    SeenTasks seen;
    std::string trouble;        // of a worker, the last one that said so
    std::uint32_t keepers = 0;  // providers that keep package and input, and bring them to others
    std::string image;          // of an image in parts: where it is, once there is one
    std::string picture;        // of that image, as the scene shows it: PNG or JPEG
    std::string video;
    std::map<std::uint32_t, RefusedResult> refused;
    std::optional<GoingOn> going;  // absent: it is over
};
// What a report shows besides the tasks.
ReportExtras report_extras(const JobCount& count);

}  // namespace sublet::cli
