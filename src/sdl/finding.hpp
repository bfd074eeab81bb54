// finding.hpp: what is said about a deployment file: broken rules, and what a person should know although it is
// accepted. Spec: docs/spec/deployment-files.md.
#pragma once

#include <cstddef>
#include <string>

namespace sublet::sdl {

// Something a person should know although the file is accepted. Lines and columns count from 1.
struct Note {
    std::size_t line = 0;  // 0: about the whole file
    std::size_t column = 0;
    std::string message;
    std::string rule;  // of a warning its short name: "compose-ignored", …; "": a remark
    std::string fix;   // what to write instead, or ""
};

// One broken rule. Lines and columns count from 1.
struct Finding {
    std::string file;
    std::size_t line = 0;
    std::size_t column = 0;
    std::string path;     // "/profiles/placement/akash/attributes"
    std::string rule;     // short name: "type", "required", "enum", "yaml", …
    std::string message;  // what is wrong
    std::string fix;      // what to do
};

}  // namespace sublet::sdl
