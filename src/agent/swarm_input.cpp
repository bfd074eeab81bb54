// swarm_input.cpp: a creator's word about a swarm, as JSON.
#include "agent/swarm_input.hpp"

#include <nlohmann/json.hpp>

#include "crypto/sha256.hpp"

namespace sublet::agent {
namespace {

using nlohmann::json;

bool is_shaped(const json& value) {
    const auto has = [&](const char* key) { return value.contains(key); };
    return value.is_object() && has("torrent") && value["torrent"].is_string() && has("key") &&
           value["key"].is_string() && has("place") && value["place"].is_number_unsigned() && has("of") &&
           value["of"].is_number_unsigned() && has("peers") && value["peers"].is_array() &&
           value["peers"].size() <= kMaxPeersTold;
}

}  // namespace

Bytes to_json(const SwarmInput& input) {
    json peers = json::array();
    for (const swarm::PeerAddress& each : input.peers) {
        peers.push_back(swarm::to_text(each));
    }
    const json out = {{"torrent", to_base64(swarm::to_metadata(input.torrent))},
                      {"key", to_hex(view_of(input.key))},
                      {"place", input.place},
                      {"of", input.of},
                      {"peers", peers}};
    return out.dump();
}

Result<SwarmInput> swarm_input_from_json(BytesView text, std::uint64_t bytes) {
    const json value = json::parse(text, nullptr, false);
    if (!is_shaped(value)) {
        return fail(Code::kParse, R"(this is not {"torrent":base64,"key":hex,"place":n,"of":n,"peers":[…]})");
    }
    SwarmInput out;
    TRY(metadata, from_base64(value["torrent"].get<std::string>()));
    TRY(torrent, swarm::from_metadata(metadata, bytes));
    out.torrent = torrent;
    TRY(key_bytes, from_hex(value["key"].get<std::string>()));
    TRY(key, fixed_from<sizeof(swarm::Key)>(key_bytes));
    out.key = key;
    const auto place = value["place"].get<std::uint64_t>();
    const auto of = value["of"].get<std::uint64_t>();
    if (of == 0 || of > kMaxPeersTold || place >= of) {
        return fail(Code::kParse, "a worker's place is one of at most " + std::to_string(kMaxPeersTold));
    }
    out.place = static_cast<unsigned>(place);
    out.of = static_cast<unsigned>(of);
    for (const json& each : value["peers"]) {
        TRY(peer, swarm::parse_peer(each.is_string() ? each.get<std::string>() : ""));
        out.peers.push_back(peer);
    }
    return out;
}

Hash identity_of(const SwarmInput& input) {
    return crypto::sha256(Bytes{view_of(input.torrent.info_hash)} + Bytes{view_of(input.key)});
}

}  // namespace sublet::agent
