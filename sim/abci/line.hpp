// line.hpp: one of CometBFT's four connections, as its client keeps it: requests are gathered and go out with a
// Flush, cut where no parser expects it; answers must come in the order of the requests, each of its kind.
#pragma once

#include <deque>
#include <memory>
#include <stdexcept>
#include <string>
#include <vector>

#include "codec/fields.hpp"
#include "dice.hpp"
#include "engine/cometbft/peer.hpp"

namespace sublet::sim {

// A promise of the application that does not hold: a finding.
struct Broken : std::runtime_error {
    using std::runtime_error::runtime_error;
};
// The other end has closed: it was killed, or has crashed.
struct Died : std::runtime_error {
    using std::runtime_error::runtime_error;
};
// The application cannot go on, in its words.
struct Halted : std::runtime_error {
    using std::runtime_error::runtime_error;
};

inline constexpr std::size_t kGatheredBytes = 64U << 10U;  // more go out by themselves
inline constexpr std::size_t kMostCuts = 12;               // of one write

// Which of the messages it is, by the name of its field.
template <class T>
std::string kind_of(const T& message) {
    std::string out;
    codec::for_each_field<T>([&](const auto& each) {
        if (message.*each.member) {
            out = each.name;
        }
    });
    return out;
}

class Line {
public:
    // Throws Died where nobody listens.
    Line(const std::string& address, Dice dice);

    void send(const abci::Request& request);
    // What is gathered, with a Flush behind it, in one write or in pieces.
    void push();
    // All answers that are due but those of Flushes. Throws Died, Halted, and Broken where another one is due.
    std::vector<abci::Response> receive_all();
    // As CometBFT calls: with a Flush, whose answer is waited for. The answer of the request.
    abci::Response ask(const abci::Request& request);
    // Half of a request, and the end of the connection.
    void break_off(const abci::Request& request);

private:
    void write(BytesView bytes);
    abci::Response receive();

    Dice dice_;
    std::unique_ptr<abci::Peer> peer_;
    Bytes gathered_;
    std::deque<std::size_t> starts_;  // of messages in what is gathered
    std::deque<std::string> due_;
};

}  // namespace sublet::sim
