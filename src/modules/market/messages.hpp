// messages.hpp: the messages of the market. One .cpp per message, named after it.
// Deterministic. Spec: docs/spec/market.md.
#pragma once

#include "modules/market/messages_lease.hpp"
#include "modules/market/messages_offer.hpp"
#include "modules/market/messages_order.hpp"
