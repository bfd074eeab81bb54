// crash.hpp: the points of a node's life at which a test kills it. `sublet node --list-crash-points` prints them, and
// test/e2e/node_crashes.sh fails when one of them is not driven there.
#pragma once

#include <array>
#include <cstdint>

#include "net/crash.hpp"

namespace sublet::engine {

enum class CrashPoint : std::uint8_t {
    kBeforeBegin,     // a new folder, nothing written
    kHalfBegun,       // the keys of a whole state are written, and nothing says so yet
    kAfterBegin,      // height 0, or that of a whole state, is durable
    kBeforeFinalize,  // transactions are taken from the queue
    kBeforeCommit,    // the block is executed, nothing written
    kBeforeTip,       // the batch is durable, the tip file names the height before
    kAfterCommit,     // durable, told to nobody
    kBeforeAnswer,    // published to readers, its senders not answered
    kAfterPublish,    // answers are on their way
};
inline constexpr std::array<std::string_view, 9> kCrashPoints = {"before_begin",    "half_begun",    "after_begin",
                                                                 "before_finalize", "before_commit", "before_tip",
                                                                 "after_commit",    "before_answer", "after_publish"};
static_assert(kCrashPoints.size() == static_cast<std::size_t>(CrashPoint::kAfterPublish) + 1);

inline void crash_point(CrashPoint point) { net::crash_at(kCrashPoints[static_cast<std::size_t>(point)]); }

}  // namespace sublet::engine
