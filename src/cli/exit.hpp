// exit.hpp: the exit codes of the program. Spec: docs/commands.md (exit codes).
#pragma once

#include "base/code.hpp"

namespace sublet::cli {

inline constexpr int kExitOk = 0;
inline constexpr int kExitFailed = 1;
inline constexpr int kExitUsage = 2;
inline constexpr int kExitRefused = 3;  // by the ledger
inline constexpr int kExitNotFound = 4;
inline constexpr int kExitTimeout = 5;
inline constexpr int kExitNoMatch = 6;      // no offer takes the deployment
inline constexpr int kExitEnvironment = 7;  // this machine or its network lacks something

int exit_of(Code code) noexcept;

// The command that mends it, or "".
const char* hint_of(Code code) noexcept;

}  // namespace sublet::cli
