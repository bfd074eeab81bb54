// compose_words.hpp: words of docker compose in a deployment file: honoured where that can be, else left out with a
// warning; and the official `dependencies`, which Akash reads and ignores. Spec: docs/spec/compose.md (words).
#pragma once

#include <map>
#include <string>
#include <vector>

#include "sdl/compose_values.hpp"
#include "sdl/manifest.hpp"

namespace sublet::sdl {

// What the words of one service ask for. `waits` are names as written, checked when the groups are known.
struct ServiceWords {
    Lifecycle lifecycle;
    std::vector<ComposeDependency> waits;
};
using WordsByService = std::map<std::string, ServiceWords>;

// Takes the words out of the tree, which then has only what the grammar knows; volumes become storage and mounts in it.
WordsByService take_compose_words(Report& report, Node& root);

// Puts order, restart, health, names and shared volumes into the manifest. The hash changes only where there are any.
void add_lifecycles(Report& report, const Node& root, const WordsByService& words, Deployment& deployment);

}  // namespace sublet::sdl
