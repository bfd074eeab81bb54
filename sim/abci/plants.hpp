// plants.hpp: bugs of an ABCI application that exist to be found by the walker of the call grammar. They stand
// between the product's replica and its server, or before the socket; nothing of them is in the product.
#pragma once

#include <array>
#include <filesystem>
#include <memory>
#include <string>
#include <string_view>

#include "engine/cometbft/application.hpp"

namespace sublet::sim {

// early-flush      a Flush is answered before what was asked before it
// no-status        ProcessProposal answers with the default of protobuf
// keeps-init       InitChain leaves a mark on the disk, and is refused when it comes again
// twice-on-replay  the first block of a replay is executed and committed a second time
// early-commit     a Commit is answered, and written with the next block
// early-info       Info tells of a block that is executed and not committed
// swapped-checks   answers to transactions that were checked together change places
// forgives         who was absent counts as present
// lost-update      the last change of the validators' set is not told
// lost-gas         the results of a block tell of less gas than was used: they are hashed, its state does not show it
inline constexpr std::string_view kEarlyFlush = "early-flush";
inline constexpr std::array<std::string_view, 10> kAbciPlants{
    kEarlyFlush,  "no-status",      "keeps-init", "twice-on-replay", "early-commit",
    "early-info", "swapped-checks", "lost-gas",   "forgives",        "lost-update"};

// The application with that bug; nothing where it is none of the application's.
std::unique_ptr<abci::Application> plant_into(const std::string& plant, abci::Application& good,
                                              const std::filesystem::path& folder);

// Serves `outer` from the server at `inner`, and answers every Flush at once. Returns only with an error.
int answer_flushes_early(const std::string& outer, const std::string& inner);

}  // namespace sublet::sim
