// compose_storage.hpp: a compose volume as storage of a profile and a mount, written into the tree of a deployment
// file. Spec: docs/spec/compose.md (volumes).
#pragma once

#include <string>

#include "sdl/compose_values.hpp"

namespace sublet::sdl {

// A named volume that another service of the file already mounts becomes a shared mount in `life`; another one becomes
// persistent storage of the service's profiles (a copy of them where other services use them too); tmpfs becomes
// storage of class ram. What cannot be had is left out with a warning.
void add_volume(Report& report, Node& root, const std::string& service, const ComposeVolume& volume, Lifecycle& life);

// The value of a key that may be changed, or null.
Node* find_mutable(Node& node, std::string_view key);
// The same; made empty where it is missing or null.
Node& child(Node& node, const std::string& key, Kind kind, Mark mark);

}  // namespace sublet::sdl
