// places.cpp: counts connections per peer and finds who has to go.
#include "net/places.hpp"

#include <algorithm>
#include <utility>

namespace sublet::net {

std::string peer_of(const boost::asio::ip::address& address) {
    if (address.is_v4()) {
        return address.to_string();
    }
    const auto v6 = address.to_v6();
    if (v6.is_v4_mapped()) {
        return boost::asio::ip::make_address_v4(boost::asio::ip::v4_mapped, v6).to_string();
    }
    auto bytes = v6.to_bytes();
    for (std::size_t i = bytes.size() / 2; i < bytes.size(); ++i) {
        bytes[i] = 0;
    }
    return boost::asio::ip::make_address_v6(bytes).to_string() + "/64";
}

PlaceLimits place_limits(unsigned connections_max, std::uint64_t files_max) {
    const std::uint64_t all = std::max<std::uint64_t>(1, std::min<std::uint64_t>(connections_max, files_max / 2));
    const auto share = [all](std::uint64_t of) {
        return static_cast<unsigned>(std::max<std::uint64_t>(1, all * of / kMaxServerConnections));
    };
    return {static_cast<unsigned>(all), share(kMaxConnectionsPerPeer), share(kMaxServerSockets),
            share(kMaxSocketsPerPeer)};
}

Places::Place::Place(Places& places, Peer& peer, std::function<void()> close)
    : places_(places), peer_(&peer), close_(std::move(close)) {
    ++places_.taken_;
    ++peer_->places;
    wait_for_peer();
}

Places::Place::~Place() { leave(); }

void Places::Place::wait_for_peer() {
    work();
    if (peer_ != nullptr && !socket_) {
        since_ = ++places_.round_;
        waits_at_ = peer_->waiting.insert(peer_->waiting.end(), this);
        waits_ = true;
    }
}

void Places::Place::work() {
    if (waits_) {
        peer_->waiting.erase(waits_at_);
        waits_ = false;
    }
}

bool Places::Place::become_socket() {
    if (peer_ == nullptr || places_.sockets_ >= places_.limits_.sockets ||
        peer_->sockets >= places_.limits_.sockets_per_peer) {
        return false;
    }
    work();
    socket_ = true;
    ++places_.sockets_;
    ++peer_->sockets;
    return true;
}

void Places::Place::leave() {
    if (peer_ == nullptr) {
        return;
    }
    work();
    if (socket_) {
        --places_.sockets_;
        --peer_->sockets;
    }
    --places_.taken_;
    --peer_->places;
    if (peer_->places == 0) {
        places_.peers_.erase(places_.peers_.find(peer_->name));
    }
    peer_ = nullptr;
}

std::unique_ptr<Places::Place> Places::take(const std::string& name, std::function<void()> close) {
    Peer& peer = peers_[name];
    peer.name = name;
    ++peer.places;  // so that it stays while somebody goes
    const bool room = make_room(peer);
    --peer.places;
    if (!room) {
        if (peer.places == 0) {
            peers_.erase(name);
        }
        return nullptr;
    }
    return std::unique_ptr<Place>(new Place(*this, peer, std::move(close)));
}

// `peer` counts the one that comes already.
bool Places::make_room(Peer& peer) {
    Peer* giver = nullptr;
    if (peer.places > limits_.per_peer) {
        giver = &peer;
    } else if (taken_ >= limits_.all) {
        giver = richest_waiting(peer.places - 1);
    } else {
        return true;
    }
    if (giver == nullptr || giver->waiting.empty()) {
        return false;
    }
    Place* goes = giver->waiting.front();
    const std::function<void()> close = std::move(goes->close_);
    goes->leave();
    close();
    return true;
}

// Of the peers with at least so many places and somebody who waits: the one with most places, among equals the one
// whose connection waits longest.
Places::Peer* Places::richest_waiting(unsigned places_min) {
    Peer* found = nullptr;
    for (auto& [name, peer] : peers_) {
        if (peer.waiting.empty() || peer.places < places_min) {
            continue;
        }
        const bool longer = found != nullptr && peer.places == found->places &&
                            peer.waiting.front()->since_ < found->waiting.front()->since_;
        if (found == nullptr || peer.places > found->places || longer) {
            found = &peer;
        }
    }
    return found;
}

}  // namespace sublet::net
