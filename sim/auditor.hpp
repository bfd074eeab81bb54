// auditor.hpp: follows the blocks of a world with nothing but the naive model of docs/spec/money.md: every balance,
// deposit, payment and state of a lease is predicted to the unit, and compared with the ledger after every block.
#pragma once

#include <map>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "app/app.hpp"
#include "modules/market/messages.hpp"
#include "money_model.hpp"
#include "store/records.hpp"

namespace sublet::sim {

inline std::string text_of(properties::Wide value) { return boost::multiprecision::cpp_int{value}.str(); }

class Auditor {
public:
    explicit Auditor(const app::Genesis& genesis);
    // One block, as it was decided, and the state after it. Gives the first thing that is not as predicted.
    std::optional<std::string> follow(const store::FullBlock& block, const ledger::View& after);

private:
    using Wide = properties::Wide;
    // What an offer asks and has, by the messages alone: worse terms wait (docs/spec/market.md 8).
    struct Waiting {
        properties::Time from = 0;
        market::PriceVector price;
        Millis notice;
        std::optional<market::Capacity> capacity;  // a smaller one
    };
    struct Offer {
        std::string provider;
        market::PriceVector price;
        market::Capacity capacity;
        Millis notice;
        std::optional<Waiting> pending;
    };
    void complain(const std::string& what);
    void terms_that_are_due();
    void transaction(const store::StoredTx& tx);
    bool charge(const store::StoredTx& tx, const ledger::Transaction& decoded);
    void message(const ledger::Any& any, const store::StoredTx& tx);
    bool of_provider(const ledger::Any& any);
    bool of_offer(const ledger::Any& any, const store::StoredTx& tx);
    bool of_deployment(const ledger::Any& any, const store::StoredTx& tx);
    bool of_lease(const ledger::Any& any);
    void create(const market::MsgCreateDeployment& message, std::uint64_t id);
    void update(const market::MsgUpdateOffer& message);
    void take_new_leases(const ledger::View& after);
    void compare(const ledger::View& after);
    void compare_lease(std::uint64_t id, const ledger::View& after);
    void compare_offers(const ledger::View& after);

    properties::Model model_;
    BlockTime time_;
    std::map<std::string, std::string> operators_;  // operator: owner; both as hex, in the ledger's order
    std::map<std::uint64_t, Offer> offers_;
    std::map<std::uint64_t, std::vector<market::GroupSpec>> groups_;  // of a deployment
    std::map<std::uint64_t, std::uint64_t> offer_of_;                 // of a lease
    std::set<std::uint64_t> over_;                                    // leases that were compared for the last time
    std::uint64_t last_lease_ = 0;
    std::optional<std::string> problem_;
};

}  // namespace sublet::sim
