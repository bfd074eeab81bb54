// comet.hpp: the replicated engine: CometBFT decides the blocks, this process executes and shows them. It serves what
// the solo engine serves, so that no client knows the difference.
// Spec: docs/spec/consensus.md.
#pragma once

#include "engine/cometbft/consensus.hpp"
#include "engine/engine.hpp"
#include "net/host.hpp"

namespace sublet::engine {

class CometEngine : public Engine {
public:
    // Waits until there is a block to show: after a first start the others of the network may have to come up first.
    // Errors: kEngine (it gave up: why), kCancelled (stopped).
    virtual net::Task<Result<>> first_block() = 0;
};

// `genesis` is what stands in CometBFT's genesis file (home.hpp). `loop` and `clock` outlive the engine.
// Errors: those of Consensus::start.
Result<std::unique_ptr<CometEngine>> start_cometbft(net::Loop& loop, net::Clock& clock, app::Genesis genesis,
                                                    ConsensusOptions options);

}  // namespace sublet::engine
