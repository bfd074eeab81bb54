// swarm_input.hpp: what a creator tells a worker so that it fetches a job's input from a swarm: the torrent, the key,
// where others are. Spec: docs/spec/swarm.md.
#pragma once

#include <vector>

#include "swarm/address.hpp"
#include "swarm/cipher.hpp"
#include "swarm/torrent.hpp"

namespace sublet::agent {

inline constexpr std::size_t kMaxPeersTold = 64;

struct SwarmInput {
    swarm::Torrent torrent;
    swarm::Key key{};
    unsigned place = 0;  // of this worker among `of`: which pieces it asks for first
    unsigned of = 1;     // 1 to kMaxPeersTold
    std::vector<swarm::PeerAddress> peers;
};

// {"torrent":base64,"key":hex,"place":n,"of":n,"peers":["192.0.2.1:6881"]}
Bytes to_json(const SwarmInput& input);
// `bytes`: of the input, as the job's package has it. Errors: kParse, and as swarm::from_metadata.
Result<SwarmInput> swarm_input_from_json(BytesView json, std::uint64_t bytes);

// What is the same wherever this content travels: SHA-256 of the torrent's name and the key. A delegation names it.
Hash identity_of(const SwarmInput& input);

}  // namespace sublet::agent
