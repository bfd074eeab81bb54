// picture.cpp: input and image into a scratch folder, Blender over them, its picture looked at and moved to its place.
#include "cli/picture.hpp"

#include <nlohmann/json.hpp>

#include "agent/job_store.hpp"
#include "cli/preflight.hpp"
#include "cli/preflight_container.hpp"
#include "jobs/archive.hpp"
#include "jobs/exr.hpp"

namespace sublet::cli {
namespace {

namespace fs = std::filesystem;

constexpr const char* kPictureScratch = "preflight-picture-";  // what a killed run left goes with the next preflight
constexpr std::string_view kPictureScript =
    R"py("""Shows an image as a scene would: its view transform, exposure, gamma, look and curves over linear light."""
import json

import bpy

with open("/task/in/plan.json") as file:
    PLAN = json.load(file)
bpy.ops.wm.open_mainfile(filepath=PLAN["scene"], load_ui=False, use_scripts=False)
scene = bpy.context.scene
scene.render.image_settings.file_format = PLAN["format"]
image = bpy.data.images.load(PLAN["image"])
image.save_render(PLAN["out"], scene=scene)
)py";

struct PictureScratch {
    fs::path folder;
    explicit PictureScratch(fs::path path) : folder(std::move(path)) {}
    PictureScratch(const PictureScratch&) = delete;
    PictureScratch& operator=(const PictureScratch&) = delete;
    ~PictureScratch() {
        std::error_code ignored;
        fs::remove_all(folder, ignored);
    }
};

// The program, what it is told, the scene and the image, all below `in`.
Result<> fill_picture(Context& context, const SavedJob& saved, const fs::path& image, const fs::path& in) {
    const fs::path job = in / "job";
    TRY_OK(jobs::unpack(saved.input(), job, {.max_bytes = agent::kMaxJobInputBytes}));
    std::error_code error;
    fs::copy_file(image, in / "image.exr", error);
    if (error) {
        return fail(Code::kIo, "cannot copy " + image.string() + ": " + error.message());
    }
    const nlohmann::json plan{{"scene", "/task/in/job/scene/" + saved.finish.scene},
                              {"format", saved.finish.picture},
                              {"image", "/task/in/image.exr"},
                              {"out", "/task/out/picture"}};
    const std::string text = plan.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace);
    TRY_OK(context.files->write(in / "plan.json", text, 0644));
    return context.files->write(in / "picture.py", kPictureScript, 0644);
}

}  // namespace

Result<fs::path> make_picture(Context& context, const SavedJob& saved, const fs::path& image) {
    TRY(package, jobs::package_from_json(saved.package));
    TRY(shape, jobs::exr_shape(image));
    const PictureScratch scratch{fs::absolute(context.home()) / "jobs" /
                                 (kPictureScratch + to_hex(context.random->bytes(8)))};
    const PreflightRun run{.image = package.image,
                           .what = "Blender makes the picture of the image",
                           .script = "picture.py",
                           .folders = {},
                           .in = scratch.folder / "in",
                           .out = scratch.folder / "out",
                           .memory_bytes = package.memory_bytes,
                           .seconds = kPreflightSeconds,
                           .out_bytes_max = agent::kMaxJobInputBytes};
    for (const fs::path& each : {scratch.folder, run.in, run.out}) {
        TRY_OK(ensure_folder(*context.files, each));
    }
    TRY_OK(fill_picture(context, saved, image, run.in));
    TRY(end, run_blender(context, run));
    if (!end.good()) {
        const jobs::PreflightFinding why = why_ended(run, end);
        return fail(Code::kUnsupported, why.what + (why.fix.empty() ? "" : ": " + why.fix));
    }
    const fs::path made = run.out / "picture";
    const Result<jobs::PictureSize> size = jobs::picture_size(made);
    if (!size || *size != jobs::PictureSize{shape.width, shape.height}) {
        return fail(Code::kUnsupported, "Blender left no picture of the image's size");
    }
    const std::string_view ending = jobs::frame_ending(saved.finish.picture);
    const fs::path out = fs::path{image}.replace_extension(std::string{ending});
    const fs::path fresh = out.string() + ".new";
    std::error_code error;
    fs::copy_file(made, fresh, fs::copy_options::overwrite_existing, error);
    if (!error) {
        fs::rename(fresh, out, error);
    }
    if (error) {
        std::error_code ignored;
        fs::remove(fresh, ignored);
        return fail(Code::kIo, "cannot write " + out.string() + ": " + error.message());
    }
    return out;
}

}  // namespace sublet::cli
