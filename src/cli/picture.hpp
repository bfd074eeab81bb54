// picture.hpp: the picture that a scene shows of an image that was put together: the scene's own view transform over
// OpenEXR, by Blender in a container of the creator's own engine. Spec: docs/spec/rendering.md (stills).
#pragma once

#include <filesystem>

#include "cli/context.hpp"
#include "cli/saved_job.hpp"

namespace sublet::cli {

// "0012.png" beside "0012.exr"; a picture that is there is replaced. The scene is the one in the job's input. Errors:
// kNotFound (no engine, no image, no input), kUnsupported (Blender did not come to an end, or left no such picture),
// kIo. The image stays whatever happens.
Result<std::filesystem::path> make_picture(Context& context, const SavedJob& saved, const std::filesystem::path& image);

}  // namespace sublet::cli
