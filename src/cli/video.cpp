// video.cpp: frames as a numbered row of links, ffmpeg over them, the file moved to its place when it is whole.
#include "cli/video.hpp"

#include <algorithm>
#include <array>
#include <chrono>
#include <optional>

#include "agent/job_files.hpp"
#include "agent/job_store.hpp"
#include "jobs/frame.hpp"
#include "jobs/preflight.hpp"
#include "runtime/process.hpp"

namespace sublet::cli {
namespace {

namespace fs = std::filesystem;

constexpr const char* kVideoScratch = "video-";
constexpr std::chrono::hours kOldVideoScratch{24};  // of a run that was killed
constexpr std::uint64_t kVideoLookMs = 200;
constexpr std::uint64_t kEncodersMs = 10'000;
constexpr std::size_t kProgressBytes = 1'024;  // its newest lines
constexpr std::size_t kFfmpegLogBytes = 400;
constexpr const char* kGetFfmpeg = "ffmpeg makes videos and is not installed: apt-get install ffmpeg";
constexpr const char* kScratchVideo = "video";
constexpr std::array<std::string_view, 3> kVideoEndings{".mp4", ".mov", ".mkv"};

// How ffmpeg reads a format. It is told which, so that no file can choose another of its readers.
struct FrameReader {
    std::string_view ending;
    std::string_view codec;
};
constexpr std::array<FrameReader, 3> kReaders{{{".png", "png"}, {".jpg", "mjpeg"}, {".exr", "exr"}}};

// The first of these that is there.
struct Encoder {
    std::string_view name;
    std::vector<std::string> options;
};
std::vector<Encoder> encoders() {
    return {
        {"libx264", {"-preset", "medium", "-crf", "18"}}, {"libopenh264", {"-b:v", "20M"}}, {"mpeg4", {"-q:v", "2"}}};
}

// Removes what it holds, whatever happens.
struct ScratchFolder {
    fs::path folder;
    explicit ScratchFolder(fs::path path) : folder(std::move(path)) {}
    ScratchFolder(const ScratchFolder&) = delete;
    ScratchFolder& operator=(const ScratchFolder&) = delete;
    ~ScratchFolder() {
        std::error_code ignored;
        fs::remove_all(folder, ignored);
    }
};

void remove_old_videos(const fs::path& jobs) {
    std::error_code error;
    std::vector<fs::path> old;
    for (const fs::directory_entry& each : fs::directory_iterator{jobs, error}) {
        const auto age = fs::file_time_type::clock::now() - each.last_write_time(error);
        if (each.path().filename().string().starts_with(kVideoScratch) && age > kOldVideoScratch) {
            old.push_back(each.path());
        }
    }
    for (const fs::path& each : old) {
        fs::remove_all(each, error);
    }
}

// Numbers without gaps and names without a %, whatever the frames are called.
Result<> link_frames(const VideoPlan& plan, const fs::path& folder) {
    for (std::size_t at = 0; at < plan.frames.size(); ++at) {
        std::error_code error;
        fs::create_symlink(plan.frames[at], folder / fmt::format("{:06}{}", at, plan.frames[at].extension().string()),
                           error);
        if (error) {
            return fail(Code::kIo, "cannot write to " + folder.string() + ": " + error.message());
        }
    }
    return {};
}

net::Task<Result<Encoder>> choose_encoder() {
    runtime::ProcessRequest request;
    request.argv = {"ffmpeg", "-hide_banner", "-encoders"};
    request.timeout_ms = kEncodersMs;
    net::Task<Result<runtime::ProcessResult>> asking = runtime::run_process(std::move(request));
    const Result<runtime::ProcessResult> said = co_await std::move(asking);
    if (!said) {
        co_return std::unexpected{said.error()};
    }
    for (Encoder& each : encoders()) {
        if (said->out.find(" " + std::string{each.name} + " ") != std::string::npos) {
            co_return std::move(each);
        }
    }
    co_return fail(Code::kUnsupported,
                   "this ffmpeg has no encoder for a video: Debian's has one (apt-get install "
                   "ffmpeg)");
}

std::vector<std::string> arguments_of(const VideoPlan& plan, const FrameReader& reader, const Encoder& encoder) {
    std::vector<std::string> out{"ffmpeg", "-nostdin", "-hide_banner", "-v", "error", "-xerror", "-y"};
    const auto add = [&](std::initializer_list<std::string> more) { out.insert(out.end(), more); };
    add({"-protocol_whitelist", "file", "-err_detect", "explode", "-f", "image2", "-framerate",
         fmt::format("{}/1000", plan.fps_milli), "-start_number", "0", "-c:v", std::string{reader.codec}});
    if (reader.codec == "exr") {
        add({"-apply_trc", "iec61966_2_1"});  // linear light as sRGB
    }
    // Its halves of colour want even sides: a line is added, none cut off.
    add({"-i", "%06d" + std::string{reader.ending}, "-vf",
         "pad=ceil(iw/2)*2:ceil(ih/2)*2,scale=out_color_matrix=bt709:out_range=tv,format=yuv420p", "-c:v",
         std::string{encoder.name}});
    out.insert(out.end(), encoder.options.begin(), encoder.options.end());
    add({"-colorspace", "bt709", "-color_primaries", "bt709", "-color_trc", "bt709", "-color_range", "tv"});
    const std::string ending = plan.out.extension().string();
    if (ending != ".mkv") {
        add({"-movflags", "+faststart"});
    }
    add({"-progress", "progress", "-stats_period", "0.5", "-f", ending == ".mkv" ? "matroska" : ending.substr(1),
         kScratchVideo});
    return out;
}

// The last "frame=12" of what ffmpeg writes about itself.
std::uint64_t frames_done(const fs::path& file) {
    const Bytes text = agent::left_file(file, kProgressBytes).value_or(Bytes{});
    const std::size_t at = text.rfind("frame=");
    std::uint64_t out = 0;
    for (std::size_t i = at == Bytes::npos ? text.size() : at + 6; i < text.size() && text[i] >= '0' && text[i] <= '9';
         ++i) {
        out = out * 10 + static_cast<std::uint64_t>(text[i] - '0');
    }
    return out;
}

// `child` ends with whoever waits here: its destructor stops it, and the system does where this process is killed.
net::Task<Result<>> wait_for_ffmpeg(net::Clock& clock, runtime::Child& child, Progress& progress, fs::path file,
                                    std::size_t frames) {
    std::uint64_t done = 0;
    std::uint64_t moved_ms = clock.monotonic_ms();
    while (child.running()) {
        const std::uint64_t now = frames_done(file);
        moved_ms = now > done ? clock.monotonic_ms() : moved_ms;
        done = std::max(now, done);
        progress.say(fmt::format("encoding the video: {} of {} frames", done, frames));
        if (clock.monotonic_ms() - moved_ms > kVideoStall_ms) {
            co_return fail(Code::kTimeout, fmt::format("ffmpeg encoded no further frame for {} s and was ended; the "
                                                       "frames are untouched",
                                                       kVideoStall_ms / 1'000));
        }
        co_await clock.sleep(kVideoLookMs);
    }
    co_return Result<>{};
}

// A rename where it can be one; else a copy beside it first.
Result<> move_whole(const fs::path& from, const fs::path& to) {
    std::error_code error;
    fs::create_directories(to.parent_path(), error);
    fs::rename(from, to, error);
    if (error == std::errc::cross_device_link) {
        const fs::path fresh = to.string() + ".new";
        fs::copy_file(from, fresh, fs::copy_options::overwrite_existing, error);
        if (!error) {
            fs::rename(fresh, to, error);
        }
        std::error_code ignored;
        fs::remove(fresh, ignored);
    }
    return error ? fail(Code::kIo, "cannot write " + to.string() + ": " + error.message()) : Result<>{};
}

// Where the frames of a job may lie when their format is the scene's own and nobody looked at it.
std::optional<FrameReader> reader_of(const SavedJob& saved, const fs::path& folder, const std::string& frame) {
    for (const FrameReader& each : kReaders) {
        std::error_code ignored;
        const bool right = saved.frames->format.empty()
                               ? fs::exists(folder / (frame + std::string{each.ending}), ignored)
                               : each.ending == jobs::frame_ending(saved.frames->format);
        if (right) {
            return each;
        }
    }
    return std::nullopt;
}

}  // namespace

Result<std::uint64_t> parse_fps(const std::string& text) {
    const std::size_t point = text.find('.');
    const std::string whole = text.substr(0, point);
    std::string rest = point == std::string::npos ? "" : text.substr(point + 1);
    const auto digits = [](const std::string& part) {
        return std::ranges::all_of(part, [](char letter) { return letter >= '0' && letter <= '9'; });
    };
    const bool good = !whole.empty() && whole.size() <= 4 && digits(whole) && digits(rest) && rest.size() <= 3 &&
                      (point == std::string::npos || !rest.empty());
    rest.resize(3, '0');
    const std::uint64_t out = good ? std::stoull(whole + rest) : 0;
    if (out == 0 || out > jobs::kMaxFpsMilli) {
        return fail(Code::kUsage, "--fps: \"" + text + "\" is no number of frames a second, such as 24 or 23.976");
    }
    return out;
}

Result<fs::path> video_file(const std::string& asked, const fs::path& out) {
    const fs::path file{asked};
    if (std::ranges::find(kVideoEndings, file.extension().string()) == kVideoEndings.end() || file.stem().empty()) {
        return fail(Code::kUsage, "--video: \"" + asked + "\" is no name of a video: it ends in .mp4, .mov or .mkv");
    }
    const fs::path placed = file.has_parent_path() ? file : out / file;
    return fs::absolute(placed).lexically_normal();
}

Result<> find_ffmpeg() {
    return runtime::find_program("ffmpeg").empty() ? fail(Code::kUnsupported, kGetFfmpeg) : Result<>{};
}

Result<> check_video_format(const std::string& format) {
    if (format == "OPEN_EXR_MULTILAYER") {
        return fail(Code::kUsage, "frames of several layers become no video by themselves: --format PNG, or OPEN_EXR");
    }
    const auto* const reader = std::ranges::find(kReaders, jobs::frame_ending(format), &FrameReader::ending);
    return format.empty() || reader != kReaders.end()
               ? Result<>{}
               : fail(Code::kUsage, "frames of the format " + format + " become no video here: --format PNG");
}

Result<std::vector<fs::path>> frames_of(const SavedJob& saved) {
    TRY(package, jobs::package_from_json(saved.package));
    if (!saved.frames || saved.still) {
        return fail(Code::kUsage, fmt::format("job {} renders no frames that could be a video", saved.id.value()));
    }
    TRY_OK(check_video_format(saved.frames->format));
    TRY(fetched, fetched_tasks(saved));
    std::vector<fs::path> out;
    std::optional<FrameReader> reader;
    for (std::uint32_t task = 0; task < package.tasks; ++task) {
        const auto here = fetched.find(task);
        if (here == fetched.end()) {
            continue;
        }
        const fs::path folder = here->second.apart ? saved.out / fmt::format("task-{}", task) : saved.out;
        const std::string frame = jobs::frame_text(package.first + std::int64_t{task} * package.step);
        reader = reader ? reader : reader_of(saved, folder, frame);
        const fs::path file = folder / (frame + std::string{reader ? reader->ending : ""});
        std::error_code ignored;
        if (fs::is_regular_file(file, ignored)) {
            out.push_back(file);
        }
    }
    if (package.step < 0) {
        std::ranges::reverse(out);
    }
    if (out.size() != package.tasks) {
        return fail(Code::kNotFound,
                    fmt::format("{} of {} frames are in {}: there is no video without all of them; `sublet job video "
                                "{}` makes it when they are there",
                                out.size(), package.tasks, saved.out.string(), saved.id.value()));
    }
    return out;
}

Result<> make_video(Context& context, const VideoPlan& plan) {
    TRY_OK(find_ffmpeg());
    const auto* const reader =
        std::ranges::find(kReaders, plan.frames.at(0).extension().string(), &FrameReader::ending);
    if (reader == kReaders.end()) {
        return fail(Code::kUsage, plan.frames[0].string() + " is of no format that becomes a video: --format PNG");
    }
    const fs::path jobs = fs::absolute(context.home()) / "jobs";
    remove_old_videos(jobs);
    const ScratchFolder scratch{jobs / (kVideoScratch + to_hex(context.random->bytes(8)))};
    TRY_OK(ensure_folder(*context.files, jobs));
    TRY_OK(ensure_folder(*context.files, scratch.folder));
    TRY_OK(link_frames(plan, scratch.folder));
    const auto progress = context.progress("encoding the video");
    TRY(encoder, context.wait(choose_encoder()));
    if (encoder.name == "mpeg4") {
        progress->note("this ffmpeg has no encoder of H.264: the video is MPEG-4");
    }
    runtime::ProcessRequest request;
    request.argv = arguments_of(plan, *reader, encoder);
    request.folder = scratch.folder;
    runtime::Child child;
    const fs::path log = scratch.folder / "log";
    TRY_OK(child.start(request, log));
    TRY_OK(context.wait(
        wait_for_ffmpeg(*context.clock, child, *progress, scratch.folder / "progress", plan.frames.size())));
    const std::uint64_t encoded = frames_done(scratch.folder / "progress");
    if (child.exit_code() != 0 || encoded != plan.frames.size()) {
        const Bytes said = agent::left_file(log, kFfmpegLogBytes).value_or(Bytes{});
        return fail(Code::kParse,
                    fmt::format("ffmpeg ended with code {} after {} of {} frames, which are untouched: {}",
                                child.exit_code(), encoded, plan.frames.size(), jobs::one_line(said)));
    }
    return move_whole(scratch.folder / kScratchVideo, plan.out);
}

}  // namespace sublet::cli
