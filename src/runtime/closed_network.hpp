// closed_network.hpp: a network in which there is nothing but one socket of ours: for a program that calls where
// strangers tell it to. Spec: docs/spec/cage.md (registries).
#pragma once

#include <cstdint>
#include <utility>

#include "base/result.hpp"

namespace sublet::runtime {

// Owns its files. The network is there as long as one of them, or a process in it.
class ClosedNetwork {
public:
    // Needs root. Errors: kUnsupported (not allowed here: the system's words), kIo.
    static Result<ClosedNetwork> make();
    ClosedNetwork(ClosedNetwork&& other) noexcept;
    ClosedNetwork(const ClosedNetwork&) = delete;
    ClosedNetwork& operator=(const ClosedNetwork&) = delete;
    ClosedNetwork& operator=(ClosedNetwork&&) = delete;
    ~ClosedNetwork();

    [[nodiscard]] int handle() const { return network_; }           // for ProcessRequest::network
    [[nodiscard]] std::uint16_t port() const { return port_; }      // at 127.0.0.1 inside
    int take_listening() { return std::exchange(listening_, -1); }  // whoever takes it accepts and closes it

private:
    ClosedNetwork() = default;
    int network_ = -1;
    int listening_ = -1;
    std::uint16_t port_ = 0;
};

}  // namespace sublet::runtime
