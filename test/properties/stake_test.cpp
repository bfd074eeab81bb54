// stake_test.cpp: random histories of validators and delegators: every invariant after every block, and a naive model
// in floating point that nobody may come off better than. Seeds: SUBLET_HISTORIES of them, from 1.
#include <gtest/gtest.h>

#include <cmath>
#include <cstdlib>
#include <random>

#include "modules/stake/process.hpp"
#include "verb.hpp"

namespace sublet::properties {
namespace {

using scenario::World;
using Real = long double;

constexpr std::uint64_t kLet = 1'000'000;
constexpr std::uint64_t kSteps = 80;

class StakeHistory {
public:
    explicit StakeHistory(std::uint64_t seed) : dice_(seed) {
        world_.stakes.min_self_bond = Amount{10 * kLet};
        world_.stakes.unbonding_ms = 60'000;
        world_.stakes.jail_ms = 10'000;
        world_.stakes.signed_blocks_window = 10;
        world_.stakes.max_validators = 7;
        world_.stakes.grants_end_permille = below(2) == 0 ? 20 : 1'000;
        world_.stakes.double_sign_permille = below(501);
        for (const char* founder : {"f1", "f2", "f3"}) {
            world_.found(founder, 1 + below(1'000));
        }
        for (const std::string& name : people()) {
            world_.give(name, 1'000 * kLet, "ulet");
        }
        world_.give("payer", ~std::uint64_t{0} >> 1U, "ucredit");
        world_.start();
    }

    void step() {
        fee_ = 0;
        std::vector<Bytes> transactions;
        if (below(2) == 0) {
            fee_ = 1 + (below(4) == 0 ? below(1'000'000'000'000) : below(5));
            const bank::MsgSend send{World::address("payer"), World::address("payee"), {{"ucredit", "1"}}};
            scenario::TxOptions options;
            options.fee = fee_;
            transactions.push_back(world_.sign("payer", {scenario::wrap(send)}, options));
        }
        if (const auto message = random_message()) {
            transactions.push_back(world_.sign(signer_, {*message}));
        }
        trouble();
        const std::map<Address, std::uint64_t> weights = weights_now();
        const app::BlockResult result = world_.block(Millis{below(4) * 1'000}, transactions);
        for (const stake::Misbehavior& each : reported_) {
            on_struck(each);
        }
        reported_.clear();
        if (!result.transactions.empty() && result.transactions.back().code == Code::kOk && effect_) {
            effect_();
        }
        earn(weights);
        note_events(result);
    }

    // What exact arithmetic gives, but for a unit per step.
    void compare() const {
        constexpr Real kSlack = kSteps + 2;
        for (const auto& [pair, principal] : principal_) {
            const auto validator = stake::find(world_.view(), pair.first);
            const auto mine = stake::find_delegation(world_.view(), pair.first, pair.second);
            const Real worth = mine ? Real(stake::value_floor(*validator, mine->shares).value()) : 0;
            EXPECT_LE(std::abs(worth - principal), kSlack);
        }
        for (const std::string& name : people()) {
            Real got = Real(bank::balance(world_.view(), raw(name)).value());
            for (const std::string& other : people()) {
                got += pending(raw(other), raw(name));
            }
            Real earned = 0;
            for (const auto& [pair, income] : earned_) {
                earned += pair.second == raw(name) ? income : 0;
            }
            EXPECT_LE(std::abs(got - earned), kSlack + earned * 1e-12L) << name;
        }
    }

    std::set<std::string> events;  // that there were

private:
    using Pair = std::pair<Address, Address>;  // validator, delegator

    static const std::vector<std::string>& people() {
        static const std::vector<std::string> names{"v1", "v2", "v3", "v4", "v5", "d1", "d2", "f1"};
        return names;
    }
    std::uint64_t below(std::uint64_t most) { return std::uniform_int_distribution<std::uint64_t>{0, most - 1}(dice_); }
    const std::string& somebody() { return people()[below(people().size())]; }
    static Address raw(const std::string& name) { return World::raw_address(name); }

    std::optional<ledger::Any> random_message() {
        signer_ = somebody();
        const std::string other = somebody();
        const Pair pair{raw(other), raw(signer_)};
        const Amount amount{below(3) == 0 ? 1 + below(300 * kLet) : (1 + below(200)) * kLet};
        effect_ = nullptr;
        switch (below(7)) {
            case 0: {
                effect_ = [this, amount] { principal_[{raw(signer_), raw(signer_)}] += Real(amount.value()); };
                return scenario::wrap(stake::MsgCreateValidator{World::address(signer_),
                                                                Bytes{view_of(World::consensus_key(signer_))}, signer_,
                                                                static_cast<std::uint32_t>(below(1'001)), amount});
            }
            case 1:
            case 2:
                effect_ = [this, pair, amount] { principal_[pair] += Real(amount.value()); };
                return scenario::wrap(stake::MsgDelegate{World::address(signer_), World::address(other), amount});
            case 3:
            case 4:
                return unbond(other, pair, amount);
            case 5:
                return scenario::wrap(stake::MsgUnjail{World::address(signer_)});
            default:
                return scenario::wrap(stake::MsgWithdrawRewards{World::address(signer_), World::address(other)});
        }
    }

    // Half of the time everything, to the unit.
    ledger::Any unbond(const std::string& validator, const Pair& pair, Amount amount) {
        const auto found = stake::find(world_.view(), pair.first);
        const auto mine = stake::find_delegation(world_.view(), pair.first, pair.second);
        const bool all = found && mine && below(2) == 0;
        if (all) {
            amount = stake::value_floor(*found, mine->shares);
        }
        effect_ = [this, pair, amount, all] { principal_[pair] = all ? 0 : principal_[pair] - Real(amount.value()); };
        return scenario::wrap(stake::MsgUnbond{World::address(signer_), World::address(validator), amount});
    }

    void trouble() {
        if (below(12) == 0) {
            const std::string name = somebody();
            if (world_.absent.erase(name) == 0) {
                world_.absent.insert(name);
            }
        }
        if (below(25) == 0) {
            stake::Misbehavior what;
            what.address = stake::consensus_address(World::consensus_key(somebody()));
            what.height =
                Height{world_.height().value() - std::min<std::uint64_t>(below(6), world_.height().value() - 1)};
            what.time = world_.time();
            what.offence = stake::Offence::kTwoVotes;
            const auto found = stake::find_by_key(world_.view(), what.address);
            if (found && !stake::is_struck(*found)) {
                reported_.push_back(what);
                world_.report(what);
            }
        }
    }
    void on_struck(const stake::Misbehavior& what) {
        const Address validator = stake::find_by_key(world_.view(), what.address)->operator_address;
        for (auto& [pair, principal] : principal_) {
            if (pair.first == validator) {
                principal *= 1 - Real(world_.stakes.double_sign_permille) / 1'000;
            }
        }
    }

    [[nodiscard]] std::map<Address, std::uint64_t> weights_now() const {
        std::map<Address, std::uint64_t> out;
        for (const stake::Member& each : stake::engine_set(world_.view()).members) {
            out[each.operator_address] = stake::find(world_.view(), each.operator_address)->weight;
        }
        return out;
    }
    void earn(const std::map<Address, std::uint64_t>& weights) {
        Real total = 0;
        for (const auto& [validator, weight] : weights) {
            total += Real(weight);
        }
        for (const auto& [validator, weight] : weights) {
            const auto found = stake::find(world_.view(), validator);
            if (total == 0 || weight == 0 || !found) {
                continue;
            }
            const Real income = Real(fee_) * Real(weight) / total;
            Real all = 0;
            for (const auto& [pair, principal] : principal_) {
                all += pair.first == validator ? principal : 0;
            }
            const Real commission = found->shares == 0 ? income : income * found->commission_permille / 1'000;
            earned_[{validator, validator}] += commission;
            for (const auto& [pair, principal] : principal_) {
                if (pair.first == validator && found->shares > 0) {
                    earned_[pair] += (income - commission) * principal / all;
                }
            }
        }
    }
    [[nodiscard]] Real pending(const Address& operator_address, const Address& delegator) const {
        const auto found = stake::find(world_.view(), operator_address);
        if (!found) {
            return 0;
        }
        const auto validator = stake::settled(world_.view(), *found);
        const auto mine = stake::find_delegation(world_.view(), operator_address, delegator);
        Real out = mine ? Real(stake::whole_floor(stake::settled(validator, *mine).owed).value()) : 0;
        out += operator_address == delegator ? Real(stake::whole_floor(validator.commission).value()) : 0;
        return out;
    }

    void note_events(const app::BlockResult& result) {
        for (const ledger::Event& each : result.events) {
            events.insert(each.type);
        }
        for (const app::TxResult& transaction : result.transactions) {
            for (const ledger::Event& each : transaction.events) {
                events.insert(each.type);
            }
        }
    }

    World world_;
    std::mt19937_64 dice_;
    std::string signer_;
    std::function<void()> effect_;
    std::uint64_t fee_ = 0;
    std::vector<stake::Misbehavior> reported_;
    std::map<Pair, Real> principal_;
    std::map<Pair, Real> earned_;
};

TEST(Stakes, AddUpWhateverAnybodyDoes) {
    const char* const asked = std::getenv("SUBLET_HISTORIES");
    const std::uint64_t histories = asked != nullptr ? std::strtoull(asked, nullptr, 10) : 200;
    std::set<std::string> events;
    for (std::uint64_t seed = 1; seed <= histories; ++seed) {
        SCOPED_TRACE("seed " + std::to_string(seed));
        StakeHistory history{seed};
        for (std::uint64_t i = 0; i < kSteps; ++i) {
            ASSERT_NO_THROW(history.step());
        }
        history.compare();
        events.merge(history.events);
        if (HasFailure()) {
            return;
        }
    }
    for (const char* each :
         {"validator_created", "delegated", "unbonding", "unbonded", "rewards_withdrawn", "grants_ended",
          "validator_jailed", "validator_unjailed", "validator_struck", "validator_left"}) {
        EXPECT_TRUE(events.contains("sublet.stake." + std::string{each})) << each << " never happened";
    }
}

}  // namespace
}  // namespace sublet::properties
