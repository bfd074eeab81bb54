// job_forget.hpp: everybody deletes what he has of a job that is over. Spec: docs/spec/storage.md (receipts).
#pragma once

#include "cli/context.hpp"

namespace sublet::cli {

// Keeps the receipts below the home folder, and removes what is kept of the job there once all have confirmed. Gives
// the exit code: kExitFailed while somebody owes his word. Errors: kConflict (the job goes on), kUsage (another's job).
Result<int> forget_job_everywhere(Context& context, JobId id, bool yes);

}  // namespace sublet::cli
