// deployment_file.cpp: reads a deployment file or a docker compose file, with the files and variables around it.
#include "cli/deployment_file.hpp"

#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <iostream>
#include <iterator>

#include "sdl/sdl.hpp"

namespace sublet::cli {
namespace {

std::string text_of(std::istream& stream, std::size_t most) {
    std::string text;
    for (std::istreambuf_iterator<char> at{stream}, end; at != end && text.size() <= most; ++at) {
        text += *at;
    }
    return text;
}

std::optional<std::string> text_of_file(const std::filesystem::path& path, std::size_t most) {
    std::error_code problem;
    if (!std::filesystem::is_regular_file(path, problem) && !std::filesystem::is_fifo(path, problem)) {
        return std::nullopt;
    }
    std::ifstream stream{path, std::ios::binary};
    return stream ? std::optional{text_of(stream, most)} : std::nullopt;
}

sdl::ComposeWorld world_around(const std::string& file, ReadOptions options) {
    sdl::ComposeWorld world;
    world.empty_folders = options.empty_folders;
    for (char** each = environ; each != nullptr && *each != nullptr; ++each) {
        const std::string_view entry{*each};
        const std::size_t equals = entry.find('=');
        if (equals != std::string_view::npos) {
            world.environment.emplace(entry.substr(0, equals), entry.substr(equals + 1));
        }
    }
    const std::filesystem::path folder = std::filesystem::path{file}.parent_path();
    world.read_file = [folder](const std::string& path) {
        return text_of_file(folder / path, sdl::kMaxVariableFileBytes);
    };
    return world;
}

std::string finding_json(const sdl::Finding& each) {
    return fmt::format(R"({{"file":{},"line":{},"column":{},"path":{},"rule":{},"message":{},"fix":{}}})",
                       json_quoted(each.file), each.line, each.column, json_quoted(each.path), json_quoted(each.rule),
                       json_quoted(each.message), json_quoted(each.fix));
}

std::unexpected<Error> print_findings(Context& context, const std::vector<sdl::Finding>& findings) {
    std::string json;
    for (const sdl::Finding& each : findings) {
        if (context.globals.json) {
            json += (json.empty() ? "" : ",") + finding_json(each);
        } else {
            fmt::print(stderr, "{}\n", sdl::to_text(each));
        }
    }
    if (context.globals.json) {
        fmt::print(stderr, "{{\"findings\":[{}]}}\n", json);
    }
    return fail(Code::kParse, "");
}

}  // namespace

Result<std::string> read_text(const std::string& file) {
    if (file == "-") {
        return text_of(std::cin, sdl::kMaxFileBytes);
    }
    auto text = text_of_file(file, sdl::kMaxFileBytes);
    if (!text) {
        return fail(Code::kUsage, fmt::format("cannot read {}: is the path right?", file));
    }
    return std::move(*text);
}

Result<sdl::Deployment> read_deployment_file(Context& context, const std::string& file, ReadOptions options) {
    TRY(text, read_text(file));
    if (!options.strict && sdl::is_compose(text)) {
        auto made = sdl::from_compose(text, file, world_around(file, options));
        if (!made) {
            return print_findings(context, made.error());
        }
        return std::move(made->deployment);
    }
    auto parsed = options.strict ? sdl::parse_strict(text, file) : sdl::parse(text, file);
    if (!parsed) {
        return print_findings(context, parsed.error());
    }
    return std::move(*parsed);
}

Result<sdl::FromCompose> read_compose_file(Context& context, const std::string& file, ReadOptions options) {
    TRY(text, read_text(file));
    auto made = sdl::from_compose(text, file, world_around(file, options));
    if (!made) {
        return print_findings(context, made.error());
    }
    return std::move(*made);
}

void print_notes(const std::string& file, const std::vector<sdl::Note>& notes) {
    for (const sdl::Note& note : notes) {
        fmt::print(stderr, "{}\n", sdl::to_text(file, note));
    }
}

std::string notes_json(const std::vector<sdl::Note>& notes) {
    std::string out;
    for (const sdl::Note& each : notes) {
        out += fmt::format(R"({}{{"line":{},"column":{},"rule":{},"message":{},"fix":{}}})", out.empty() ? "" : ",",
                           each.line, each.column, json_quoted(each.rule), json_quoted(each.message),
                           json_quoted(each.fix));
    }
    return "[" + out + "]";
}

}  // namespace sublet::cli
