// finish_job.cpp: ends of jobs.
#include "cli/finish_job.hpp"

#include "cli/exit.hpp"
#include "cli/picture.hpp"
#include "cli/video.hpp"

namespace sublet::cli {
namespace {

namespace fs = std::filesystem;

constexpr const char* kUsualVideo = "video.mp4";

std::uint64_t fps_of(const Finish& finish) { return finish.fps_milli == 0 ? kUsualFps_milli : finish.fps_milli; }

// Everything that can be made; the first thing that could not. A picture and a video never come together.
Result<> make_of_results(Context& context, const SavedJob& saved, JobCount& count) {
    if (!saved.finish.picture.empty() && !count.image.empty()) {
        const Result<fs::path> made = make_picture(context, saved, count.image);
        if (!made) {
            return fail(made.error().code, count.image + " is there, no " + saved.finish.picture +
                                               " of it could be made: " + made.error().message);
        }
        count.picture = made->string();
    }
    if (!saved.finish.video.empty()) {
        TRY(frames, frames_of(saved));
        TRY_OK(make_video(context, {frames, saved.finish.video, fps_of(saved.finish)}));
        count.video = saved.finish.video;
    }
    return {};
}

// Relative to the page's folder; a file elsewhere is none of the page's.
std::string beside(const fs::path& file, const fs::path& out) {
    const fs::path relative = file.lexically_relative(out);
    return relative.empty() || *relative.begin() == ".." ? std::string{} : relative.string();
}

Result<> last_report(Context& context, const fs::path& out, const jobs::Package& package, const JobCount& count) {
    ReportExtras extras = report_extras(count);
    extras.video = count.video.empty() ? "" : beside(count.video, out);
    extras.picture = count.picture.empty() ? "" : beside(count.picture, out);
    return write_report(*context.files, out, count.job, package, count.seen, extras);
}

}  // namespace

ReportExtras report_extras(const JobCount& count) {
    ReportExtras out;
    out.going = count.going;
    for (const auto& [task, refused] : count.refused) {
        out.refused[task] = refused.why;
    }
    return out;
}

void add_finish(CLI::App* command, FinishTerms& terms) {
    command
        ->add_option("--video", terms.video,
                     "Make a video of the frames with ffmpeg (.mp4, .mov, .mkv); a name without a folder is in --out")
        ->expected(0, 1)
        ->default_str(kUsualVideo);
    command->add_option("--fps", terms.fps, "Frames a second of the video; else the scene's, else 24");
}

Result<> plan_finish(JobTerms& terms, const FinishTerms& asked, const std::string& scene, const std::string& format,
                     const std::optional<jobs::Preflight>& found) {
    jobs::FrameShape shape{.format = format, .width = 0, .height = 0, .plain = true};
    if (found) {
        shape.format = found->facts.format.empty() ? format : found->facts.format;
        shape.width = static_cast<std::uint32_t>(found->facts.width);
        shape.height = static_cast<std::uint32_t>(found->facts.height);
        shape.plain = found->facts.plain;
        terms.finish.fps_milli = found->facts.fps_milli;
    }
    terms.frames = shape;
    terms.finish.scene = fs::path{scene}.filename().string();
    if (!asked.fps.empty()) {
        TRY(fps, parse_fps(asked.fps));
        terms.finish.fps_milli = fps;
    }
    if (asked.video.empty()) {
        return {};
    }
    if (terms.still) {
        return fail(Code::kUsage, "--video takes frames: an image in parts (--split) is none");
    }
    TRY(file, video_file(asked.video, terms.out));
    TRY_OK(check_video_format(shape.format));
    TRY_OK(find_ffmpeg());
    terms.finish.video = file.string();
    return {};
}

Result<int> follow_to_the_end(Context& context, SavedJob saved, FollowOptions options, const char* what) {
    options.report = options.report || saved.finish.report;
    const SavedJob kept = saved;
    TRY(follower, JobFollower::make(context, std::move(saved), options));
    Result<JobCount> count{JobCount{}};
    {
        const auto progress = context.progress(what);
        count = follower->run(*progress);
    }
    if (!count) {
        if (options.report) {  // a page that nobody writes any more does not load itself again
            (void)last_report(context, kept.out, follower->package(), follower->count());
        }
        return std::unexpected{count.error()};
    }
    const bool whole = count->job.accepted + count->job.in_review == count->job.tasks && count->refused.empty();
    const Result<> made = whole || kept.still ? make_of_results(context, kept, *count) : Result<>{};
    if (!whole && !kept.finish.video.empty()) {
        const Result<std::vector<fs::path>> frames = frames_of(kept);
        fmt::print(stderr, "no video: {}\n", frames ? "the job has not come to its end" : frames.error().message);
    }
    if (options.report) {
        TRY_OK(last_report(context, kept.out, follower->package(), *count));
    }
    const int code = print_job_end(context, *count, kept.out);
    if (!made) {
        return std::unexpected{made.error()};
    }
    return code;
}

Result<int> video_of_job(Context& context, const SavedJob& saved, const std::string& file, const std::string& fps) {
    const std::string usual = saved.finish.video.empty() ? kUsualVideo : saved.finish.video;
    TRY(out, video_file(file.empty() ? usual : file, saved.out));
    VideoPlan plan{{}, out, fps_of(saved.finish)};
    if (!fps.empty()) {
        TRY(asked, parse_fps(fps));
        plan.fps_milli = asked;
    }
    TRY(frames, frames_of(saved));
    plan.frames = frames;
    TRY_OK(make_video(context, plan));
    if (context.globals.json) {
        print_json(fmt::format(R"({{"video":{},"frames":{},"fps_milli":{}}})", json_quoted(out.string()),
                               plan.frames.size(), plan.fps_milli));
    } else {
        fmt::print("video {}\n", out.string());
    }
    return kExitOk;
}

}  // namespace sublet::cli
