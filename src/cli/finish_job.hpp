// finish_job.hpp: a job followed to its end, and what is then made of its results: a picture of an image in parts, a
// video of frames, a report. Spec: docs/spec/rendering.md.
#pragma once

#include <CLI/CLI.hpp>

#include "cli/job_follow.hpp"
#include "cli/new_job.hpp"
#include "jobs/preflight.hpp"

namespace sublet::cli {

// What people say about it on the command line.
struct FinishTerms {
    std::string video;  // a file; empty: none
    std::string fps;    // empty: the scene's
};
void add_finish(CLI::App* command, FinishTerms& terms);

// What a render's results must be and what is made of them, into `terms`, before anything is paid. `format` as asked,
// empty: the scene's own; `found`: what Blender saw, if it looked. Errors: kUsage; kUnsupported (no ffmpeg).
Result<> plan_finish(JobTerms& terms, const FinishTerms& asked, const std::string& scene, const std::string& format,
                     const std::optional<jobs::Preflight>& found);

// Follows the job, makes of the results what was asked for when it was created, and prints its end. Gives the exit
// code: kExitOk when every task was accepted. Errors: as JobFollower; as make_picture and make_video, after the job's
// end was printed.
Result<int> follow_to_the_end(Context& context, SavedJob saved, FollowOptions options, const char* what);

// `sublet job video`: of the frames that are here. `file`, `fps`: empty for what was said when the job was created.
Result<int> video_of_job(Context& context, const SavedJob& saved, const std::string& file, const std::string& fps);

}  // namespace sublet::cli
