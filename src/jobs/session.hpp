// session.hpp: what a program that serves many tasks leaves beside its results. Spec: docs/spec/worker.md (sessions).
#pragma once

#include "base/bytes.hpp"
#include "base/result.hpp"

namespace sublet::jobs {

inline constexpr std::size_t kMaxExitCodeText = 16;

// INDEX.done: an exit code from 0 to 255, and white space after it at most. Errors: kParse.
Result<int> parse_exit_code(BytesView text);

}  // namespace sublet::jobs
