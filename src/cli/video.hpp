// video.hpp: a video of a render's frames, encoded by the program ffmpeg on the creator's machine.
// Spec: docs/spec/rendering.md (video).
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "cli/context.hpp"
#include "cli/saved_job.hpp"

namespace sublet::cli {

inline constexpr std::uint64_t kUsualFps_milli = 24'000;
inline constexpr std::uint64_t kVideoStall_ms = 120'000;  // without a further frame: ffmpeg is ended

struct VideoPlan {
    std::vector<std::filesystem::path> frames;  // in order, all of one format; absolute
    std::filesystem::path out;                  // .mp4, .mov or .mkv; absolute
    std::uint64_t fps_milli = kUsualFps_milli;
};

// "24", "23.976": thousandths. Errors: kUsage.
Result<std::uint64_t> parse_fps(const std::string& text);
// What a person wrote after --video: a name without a folder is in `out`. Errors: kUsage (another ending).
Result<std::filesystem::path> video_file(const std::string& asked, const std::filesystem::path& out);
// Errors: kUnsupported, saying what to install.
Result<> find_ffmpeg();
// That the files of this format become a video; empty: not known, so nothing is said. Errors: kUsage.
Result<> check_video_format(const std::string& format);

// The frames of a job, all of them. Errors: kUsage (it renders no frames), kNotFound (some are not here yet).
Result<std::vector<std::filesystem::path>> frames_of(const SavedJob& saved);
// H.264 where ffmpeg has an encoder of it, else MPEG-4. `out` is whole or as it was before. Errors: kUnsupported (no
// ffmpeg), kIo, kParse (ffmpeg cannot read a frame), kTimeout.
Result<> make_video(Context& context, const VideoPlan& plan);

}  // namespace sublet::cli
