// history.hpp: a random history of the App beside the naive model, compared to the unit after every block.
#pragma once

#include <functional>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "money_action.hpp"
#include "money_model.hpp"
#include "world.hpp"

namespace sublet::properties {

// When providers are paid: when an action says so, at each heartbeat too, or at each heartbeat and once more behind it.
enum class Settling { kAsItComes, kOften, kTwice };

// Histories that RapidCheck tries of each property: SUBLET_HISTORIES, or else `usual`. Before main: it reads its
// configuration once.
bool use_histories(const char* usual);

class History {
public:
    explicit History(Settling settling, std::uint64_t restart_every = 0);

    void act(const Action& action);
    void finish();
    [[nodiscard]] std::map<std::string, std::uint64_t> balances() const;

private:
    static std::vector<std::string> people();
    void open_market();
    void rent(const Action& action);
    void beat(std::uint32_t count, std::uint32_t which);
    void for_lease(const Action& action);
    std::uint64_t pick(const Action& action) const;
    // One transaction each; `effect` runs on the model when it was accepted.
    struct Tx {
        std::string signer;
        ledger::Any message;
        std::function<void()> effect;
        std::uint64_t before = 0;  // transactions of the same signer ahead of it in the block
    };
    void block(std::uint32_t passed_ms, const std::vector<Tx>& transactions = {});
    ledger::Any sign_of_life(const std::string& provider) const;
    std::vector<std::uint64_t> open_leases(const std::string& provider) const;
    void take_new_leases();
    void compare() const;
    void compare_lease(std::uint64_t id, const ModelLease& lease) const;

    Settling settling_;
    scenario::World world_;
    Model model_;
    std::map<Address, std::string> names_;
    std::map<std::uint64_t, std::pair<std::uint64_t, std::uint64_t>> sizes_;  // deployment: milli-cores, count
    std::uint64_t last_lease_ = 0;
    std::uint64_t last_deployment_ = 0;
};

}  // namespace sublet::properties
