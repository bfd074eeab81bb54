// consensus.hpp: what a replicated network's own program is asked for: signed headers, validators, peers. Private to
// the room.
#pragma once

#include "api/params.hpp"

namespace sublet::api {

// The result of its method with the parameters that are named. Where it `has_height` and none is named, the last one
// that is shown. Errors: those of Engine::ask_consensus; kNotFound for a height that is not shown yet.
Task<Result<Json>> ask_consensus(ServicePtr service, std::string method, Params params, bool has_height);

// Its status: node, validator, whether it catches up. An empty object while it does not answer.
Task<Json> consensus_status(ServicePtr service);

// Its block as Cosmos' REST has it; addresses as text in `sdk_block`.
Task<Result<Json>> consensus_block(ServicePtr service, Height height);
// The validators that sign a height, at most kMaxShownValidators; Cosmos' shape.
inline constexpr std::size_t kMaxShownValidators = 100;
Task<Result<Json>> consensus_validators(ServicePtr service, Height height);

}  // namespace sublet::api
