// peer.hpp: one BitTorrent session: takes part in swarms of torrents that it is given, and tells nobody else of them:
// no DHT, no local discovery, no port mapping, no trackers, no exchange of peers. Works on a thread of its own; the
// calls may be made from one other thread and answer within milliseconds. Spec: docs/spec/swarm.md.
#pragma once

#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include "swarm/address.hpp"
#include "swarm/torrent.hpp"

namespace sublet::swarm {

inline constexpr int kMaxConnections = 200;     // of all swarms together
inline constexpr int kMaxConnectionsEach = 64;  // of one swarm, so that none has those of all
inline constexpr int kMaxPeersKnown = 256;      // of one swarm; who listens and who came
inline constexpr int kMaxSwarms = 64;

struct PeerOptions {
    std::string address;               // numeric, to listen on; empty: nobody can connect, only be connected to
    std::uint16_t port = 0;            // 0: any free one
    std::uint64_t upload_bytes_s = 0;  // 0: no limit
    std::uint64_t download_bytes_s = 0;
    Reach own = Reach::kPublic;  // who listens deals with what may_dial() allows; others with whom they connect() to
};

enum class Part : std::uint8_t {
    kFetch,  // what is in the folder already is checked and kept
    kSeed,   // everything is there, and each piece is checked before it is given away for the first time
};
enum class Phase : std::uint8_t { kChecking, kFetching, kComplete, kFailed };

struct Progress {
    Phase phase = Phase::kChecking;
    std::uint64_t bytes = 0;       // of the content that are here
    std::uint64_t uploaded = 0;    // of content, since it was added
    std::uint64_t downloaded = 0;  // of content, since it was added
    std::uint64_t refused = 0;     // downloaded and not what the torrent says
    unsigned peers = 0;            // connected
    std::string trouble;           // where kFailed: what the disk said
};

class Peer {
public:
    // Errors: kIo (the address or port cannot be had).
    static Result<std::unique_ptr<Peer>> open(PeerOptions options);
    ~Peer();
    Peer(const Peer&) = delete;
    Peer& operator=(const Peer&) = delete;

    [[nodiscard]] std::uint16_t port() const;  // 0: it does not listen
    void limit(std::uint64_t upload_bytes_s, std::uint64_t download_bytes_s);

    // The content is the file `folder`/kContentName. What is there twice stays as it is. Errors: kTooLarge (more than
    // `max_bytes`), kRefused (kMaxSwarms), kInternal.
    Result<> add(const Torrent& torrent, const std::filesystem::path& folder, Part part, std::uint64_t max_bytes);
    // Dials them, now and again when they are lost. Peers can name others to dial: that goes no further than this call
    // could. Errors: kNotFound (no such torrent here).
    Result<> connect(const Hash& info_hash, const std::vector<PeerAddress>& peers);
    // Which pieces to ask for first: those whose number has the rest `place` when divided by `of`. Where all who fetch
    // have a place of their own, each piece leaves its maker once, and goes on from one to the other.
    Result<> take_first(const Hash& info_hash, unsigned place, unsigned of);
    [[nodiscard]] Result<Progress> progress(const Hash& info_hash) const;
    Result<> pause(const Hash& info_hash, bool paused);
    [[nodiscard]] bool has(const Hash& info_hash) const;
    // Nothing is read or written for it afterwards; `with_file`: the content's file is gone.
    void remove(const Hash& info_hash, bool with_file);

private:
    struct Session;
    explicit Peer(std::unique_ptr<Session> session);
    std::unique_ptr<Session> session_;
};

}  // namespace sublet::swarm
