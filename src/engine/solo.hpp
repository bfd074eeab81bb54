// solo.hpp: the embedded engine: one process orders its own transactions. A thread of its own owns the App; a block is
// made when there is work, at most one per interval, and is published after one synced write made it durable.
#pragma once

#include <filesystem>

#include "engine/core.hpp"

namespace sublet::engine {

struct SoloOptions {
    std::filesystem::path folder;         // of the store; its parent exists
    std::optional<app::Genesis> genesis;  // see Core::open
    CoreOptions core;
};

// Recovers and starts. `loop` and `clock` outlive the engine; `clock` is read from the engine's thread.
// Errors: those of Store::open and Core::open.
Result<std::unique_ptr<Engine>> start_solo(net::Loop& loop, net::Clock& clock, SoloOptions options);

}  // namespace sublet::engine
