// same_content.hpp: an input that an earlier job of the same owner had: encrypted once, under one key, so that workers
// that still have it need not fetch it again. Spec: docs/spec/storage.md (the same input again).
#pragma once

#include <optional>

#include "agent/swarm_input.hpp"
#include "cli/context.hpp"
#include "cli/saved_job.hpp"

namespace sublet::cli {

// Whose, and which.
struct ContentName {
    Address owner;
    jobs::Input input;
};

struct SameContent {
    agent::SwarmInput swarm;          // torrent and key
    std::filesystem::path encrypted;  // of the earlier job, while it goes on; it may be gone
};

// Kept beside the job until it is forgotten (mode 0600).
Result<> note_content(Context& context, const SavedJob& job, const ContentName& name, const agent::SwarmInput& swarm);
// Of any other job on this network that is kept here.
std::optional<SameContent> find_content(Context& context, const SavedJob& job, const ContentName& name);

}  // namespace sublet::cli
