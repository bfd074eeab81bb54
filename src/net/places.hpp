// places.hpp: the places of a server: how many connections it serves at once, how many of one peer, and which one gives
// its place up when somebody new comes. Spec: docs/spec/limits.md.
#pragma once

#include <cstdint>
#include <functional>
#include <list>
#include <map>
#include <memory>
#include <string>

#include <boost/asio/ip/address.hpp>

#include "net/http.hpp"

namespace sublet::net {

inline constexpr unsigned kMaxConnectionsPerPeer = 512;
inline constexpr unsigned kMaxServerSockets = 768;
inline constexpr unsigned kMaxSocketsPerPeer = 256;
static_assert(kMaxConnectionsPerPeer < kMaxServerConnections && kMaxServerSockets < kMaxServerConnections);
static_assert(kMaxSocketsPerPeer < kMaxConnectionsPerPeer && kMaxSocketsPerPeer < kMaxServerSockets);

// Who counts as one peer: an IPv4 address, also one inside IPv6, or the /64 of an IPv6 address.
std::string peer_of(const boost::asio::ip::address& address);

struct PlaceLimits {
    unsigned all = 0;
    unsigned per_peer = 0;
    unsigned sockets = 0;  // of all, those that became a WebSocket: they are never made to go
    unsigned sockets_per_peer = 0;
};

// For a server of at most so many connections in a process that may open `files_max` files: half of them at most are
// connections. The other limits keep their share of it.
PlaceLimits place_limits(unsigned connections_max, std::uint64_t files_max);

// All calls on the loop's thread. It outlives its places.
class Places {
    struct Peer;

public:
    // The place of one connection, which waits for its peer (for a request, or until an answer is read) or works. One
    // that waits may have to go; the longer it has waited, the sooner.
    class Place {
    public:
        ~Place();
        Place(const Place&) = delete;
        Place& operator=(const Place&) = delete;

        void wait_for_peer();  // from now
        void work();
        // From now on it works and is a WebSocket. False when there are too many of them.
        [[nodiscard]] bool become_socket();

    private:
        friend class Places;
        Place(Places& places, Peer& peer, std::function<void()> close);
        void leave();

        Places& places_;
        Peer* peer_;  // none: it has given its place up
        std::function<void()> close_;
        std::uint64_t since_ = 0;  // order among those that wait
        std::list<Place*>::iterator waits_at_;
        bool waits_ = false;
        bool socket_ = false;
    };

    explicit Places(PlaceLimits limits) : limits_(limits) {}

    // A place that waits for its peer, or nothing when all are taken and nobody may be made to go. When the peer has as
    // many as it may have, one of its own goes; when there is none left at all, one of the peer that has most, and
    // never one of a peer that has less than this one. `close` is called on the connection that has to go; its place
    // counts no more from then on.
    std::unique_ptr<Place> take(const std::string& peer, std::function<void()> close);
    [[nodiscard]] unsigned taken() const { return taken_; }

private:
    struct Peer {
        std::string name;
        unsigned places = 0;
        unsigned sockets = 0;
        std::list<Place*> waiting;  // the longest first
    };
    bool make_room(Peer& peer);
    Peer* richest_waiting(unsigned places_min);

    PlaceLimits limits_;
    std::map<std::string, Peer> peers_;
    unsigned taken_ = 0;
    unsigned sockets_ = 0;
    std::uint64_t round_ = 0;
};

}  // namespace sublet::net
