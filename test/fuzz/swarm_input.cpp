// swarm_input.cpp: fuzz target: a stranger's torrent has one spelling for its size, and what is said about a swarm
// names bounded peers by numeric addresses.
#include "agent/swarm_input.hpp"

#include "fuzz.hpp"

namespace sublet::fuzz {
namespace {

constexpr std::uint64_t kBytes = 1ULL << 20U;  // of the seeds

void try_torrent(BytesView metadata, std::uint64_t bytes) {
    if (const auto torrent = swarm::from_metadata(metadata, bytes)) {
        require(swarm::to_metadata(*torrent) == metadata, "a torrent has one spelling");
        require(torrent->bytes == bytes && torrent->pieces.size() <= swarm::kMaxPieces, "its size is the package's");
    }
}

void try_said(BytesView text) {
    const auto said = agent::swarm_input_from_json(text, kBytes);
    if (!said) {
        return;
    }
    require(said->of >= 1 && said->of <= agent::kMaxPeersTold && said->place < said->of, "a place is one of some");
    require(said->peers.size() <= agent::kMaxPeersTold, "peers are bounded");
    for (const swarm::PeerAddress& each : said->peers) {
        require(swarm::parse_peer(swarm::to_text(each)).has_value(), "a peer is an address");
        const bool nowhere = swarm::reach_of(each.ip) == swarm::Reach::kNowhere;
        require(!nowhere || !swarm::may_dial(swarm::Reach::kLoopback, each), "what is nowhere is not dialled");
        require(!swarm::may_dial(swarm::Reach::kPublic, each) || swarm::reach_of(each.ip) == swarm::Reach::kPublic,
                "who is in the open dials what is in the open");
    }
    const auto again = agent::swarm_input_from_json(agent::to_json(*said), kBytes);
    require(again && agent::to_json(*again) == agent::to_json(*said), "what was read is read again");
}

}  // namespace
}  // namespace sublet::fuzz

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using namespace sublet;
    const BytesView text = fuzz::view_of_input(data, size);
    fuzz::try_torrent(text, fuzz::kBytes);
    fuzz::try_torrent(text, fuzz::kBytes + size);
    fuzz::try_said(text);
    if (const auto peer = swarm::parse_peer(std::string{text})) {
        fuzz::require(swarm::to_text(*peer) == text, "an address has one spelling");
    }
    return 0;
}
