// event.hpp: what happened, as flat strings, in the shape that Cosmos clients index.
// Deterministic. Spec: docs/spec/transactions.md.
#pragma once

#include <string>
#include <vector>

namespace sublet::ledger {

struct EventAttribute {
    std::string key;
    std::string value;
};

// Type `sublet.<module>.<fact>`, or Cosmos' own `message`, `transfer`, `tx`.
struct Event {
    std::string type;
    std::vector<EventAttribute> attributes;
};

}  // namespace sublet::ledger
