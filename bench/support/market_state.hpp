// market_state.hpp: a ledger with as many accounts, offers and running leases as a bench wants, made without
// signatures; and wallets that sign for the parties in it.
#pragma once

#include <map>

#include "app/app.hpp"
#include "modules/market/lease.hpp"
#include "world.hpp"

namespace sublet::bench {

struct Sizes {
    std::size_t tenants = 16;
    std::size_t providers = 16;
    std::size_t offers_each = 4;  // at most market::kMaxOffersPerProvider
    std::size_t leases = 0;       // running, money earned on each
    std::size_t crowd = 0;  // further running leases, small, all of provider 0; at most 7,680 for each of its offers
    bool varied = false;    // offers of many sizes, prices, regions and notices; else all alike but for the price
};

Sizes half_offers_half_leases(std::size_t objects);

inline std::string provider_name(std::size_t i) { return "provider" + std::to_string(i); }
inline std::string agent_name(std::size_t i) { return "agent" + std::to_string(i); }
inline std::string tenant_name(std::size_t i) { return "tenant" + std::to_string(i); }

template <ledger::Message M>
ledger::Any wrap(const M& message) {
    return {std::string{M::kTypeUrl}, codec::encode(message)};
}

ledger::Any offer_message(std::size_t provider, std::uint32_t machine, std::uint64_t price);
// From 2 to 32 cores, one machine in 5,000 with 64 and more memory than others: 130 buckets or so.
ledger::Any varied_offer_message(std::size_t provider, std::uint32_t machine);
ledger::Any order_message(std::size_t tenant, std::uint64_t number);  // one core, 1 GiB

// Tenants with a thousand credits each, in a network without fees.
app::Genesis tenants_genesis(std::size_t count);

// Height 0 of a chain whose genesis never named all this.
struct State {
    app::Genesis genesis;
    ledger::Tree tree;
    BlockTime time;
    [[nodiscard]] std::vector<std::pair<Bytes, Bytes>> rows() const;
};
State make_state(const Sizes& sizes);

// Signs in order: the sequences of what it signed are counted on.
class Wallets {
public:
    Wallets(const ledger::View& view, std::string chain_id) : view_(view), chain_id_(std::move(chain_id)) {}
    Bytes sign(const std::string& name, ledger::Any message);

private:
    struct Known {
        std::uint64_t number = 0;
        std::uint64_t sequence = 0;
    };
    ledger::View view_;
    std::string chain_id_;
    std::map<std::string, Known> known_;
};

}  // namespace sublet::bench
