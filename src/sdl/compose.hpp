// compose.hpp: a docker compose file becomes a deployment file, with a word on everything that is not taken over.
// Spec: docs/spec/compose.md.
#pragma once

#include <expected>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "sdl/compose_values.hpp"
#include "sdl/manifest.hpp"

namespace sublet::sdl {

inline constexpr std::size_t kMaxVariableFileBytes = 1U << 20U;

// The world around a compose file.
struct ComposeWorld {
    Variables environment;  // of the process; wins over .env
    // Text of a file beside the compose file, or nothing when there is none.
    std::function<std::optional<std::string>(const std::string& path)> read_file;
    bool empty_folders = false;  // folders of this machine become volumes that start empty, instead of being refused
};

struct FromCompose {
    std::string text;       // the deployment file: SDL 2.0 with our words
    Deployment deployment;  // what that text parses to; its notes are those of the compose file
};

// Services at the top, and nothing that only a deployment file has.
bool is_compose(std::string_view text);

std::expected<FromCompose, std::vector<Finding>> from_compose(std::string_view text, const std::string& file_name,
                                                              const ComposeWorld& world);

}  // namespace sublet::sdl
