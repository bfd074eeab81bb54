// counting_random.hpp: for tests: randomness that counts, so that keys and words are the same in every run.
#pragma once

#include "net/host.hpp"

namespace sublet::client {

class CountingRandom : public net::Random {
public:
    Bytes bytes(std::size_t count) override {
        Bytes out;
        while (out.size() < count) {
            out += static_cast<char>(next_++);
        }
        return out;
    }

private:
    unsigned char next_ = 0;
};

}  // namespace sublet::client
