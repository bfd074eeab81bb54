// explain.hpp: a deployment in plain words: what runs, who reaches it, what is kept, in which order it starts.
// Spec: docs/spec/compose.md (explain).
#pragma once

#include <string>
#include <vector>

#include "sdl/manifest.hpp"

namespace sublet::sdl {

// Sentences without indentation; a list may be empty.
struct ExplainedService {
    std::string name;
    std::string runs;  // "1 copy of nginx, each with …"
    std::vector<std::string> details;
    std::vector<std::string> reach;  // who reaches it and how
    std::vector<std::string> kept;   // on disk as long as the lease lives
    std::vector<std::string> lost;   // with the container
};

struct ExplainedGroup {
    std::string name;
    std::vector<ExplainedService> services;
    std::vector<std::vector<std::string>> order;  // services that start together, one list after the other
    std::vector<std::string> start;               // the same in words, with what each waits for
    std::vector<std::string> wants;               // of the provider: attributes, auditors
    Rate ceiling;                                 // the most that the file pays
};

struct Explanation {
    std::vector<ExplainedGroup> groups;
    std::string notice;  // what the file asks for before an owner takes the machine back, or ""
};

Explanation explain(const Deployment& deployment);

}  // namespace sublet::sdl
