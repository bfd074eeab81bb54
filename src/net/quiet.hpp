// quiet.hpp: silences one false warning in files that define coroutines, and in the header that every program runs them
// by.
#pragma once

// GCC 12 takes a coroutine frame's own operator new and delete for a mismatched pair once it has inlined one of them.
#if defined(__GNUC__) && !defined(__clang__)
#pragma GCC diagnostic ignored "-Wmismatched-new-delete"
#endif
