// market.hpp: a seeded market whose blocks are the same everywhere: three transactions each, from different keys.
#pragma once

#include "world.hpp"

namespace sublet::determinism {

// Another executor of the same blocks. A transaction that it does not take is left out of the block on both sides.
class Follower {
public:
    virtual ~Follower() = default;
    virtual bool take(const Bytes& transaction) = 0;
    // Makes the block of what it took, and answers with its root in hex.
    virtual std::string finish(Millis passed) = 0;
};

inline constexpr std::uint64_t kPinnedDice = 20'260'102;  // those of roots.txt
inline constexpr Millis kFirstBlock{1'000};  // World::start() makes it so long after genesis, with nothing in it

struct MarketOptions {
    std::uint64_t bent_at = 0;  // a payment of this block is one ucredit more (0: none): a comparison must notice
    std::uint64_t dice = kPinnedDice;
    std::uint64_t crowd = 0;  // keys more that have money, for whoever wants many transactions: crowd_name()
    // Validators of the genesis, and as many keys with LET that may become some: validator_name().
    std::uint64_t validators = 0;
};

// One block to come: how long after the last, and what is in it, signed for the state of now.
struct Step {
    Millis passed;
    std::vector<Bytes> transactions;
};

class Market {
public:
    explicit Market(MarketOptions options = {});
    // It stands at this one's first block. step() and open() throw a scenario::Failure when roots differ.
    void follow(Follower& follower) { follower_ = &follower; }
    // Registers the providers; once, before step().
    void open();
    void step();
    // The same in two halves, for whoever decides on the blocks: the providers' registrations first, then as step().
    Step draw();
    app::BlockResult execute(const Step& step);

    static std::string crowd_name(std::uint64_t number) { return "crowd" + std::to_string(number); }
    static std::string validator_name(std::uint64_t number) { return "validator" + std::to_string(number); }
    [[nodiscard]] scenario::World& world() { return world_; }
    [[nodiscard]] std::string root() const { return world_.app_hash(); }
    [[nodiscard]] const app::Genesis& genesis() const { return world_.genesis(); }
    void print_sums() const;

private:
    std::uint64_t dice(std::uint64_t sides);
    [[nodiscard]] Bytes sign(const std::string& who, const ledger::Any& message) const;
    app::BlockResult block(Millis passed, std::vector<Bytes> transactions);
    [[nodiscard]] Step opening(std::uint64_t number) const;
    Step usual();
    void count(const app::BlockResult& result);
    ledger::Any for_provider(std::uint64_t number);
    ledger::Any for_tenant(std::uint64_t number);
    ledger::Any create(const std::string& owner);

    scenario::World world_;
    Follower* follower_ = nullptr;
    std::uint64_t bent_at_;
    std::uint64_t opened_ = 0;
    std::uint64_t steps_ = 0;
    std::uint64_t state_;
    std::uint64_t leases_ = 0;
    std::uint64_t taken_ = 0;
    std::uint64_t refused_ = 0;
};

}  // namespace sublet::determinism
