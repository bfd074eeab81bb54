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

class Market {
public:
    // `bent_at`: a payment of this block is one ucredit more (0: none), to see that a comparison notices.
    explicit Market(std::uint64_t bent_at = 0);
    // It stands at this one's first block. step() and open() throw a scenario::Failure when roots differ.
    void follow(Follower& follower) { follower_ = &follower; }
    // Registers the providers; once, before step().
    void open();
    void step();

    [[nodiscard]] std::string root() const { return world_.app_hash(); }
    [[nodiscard]] const app::Genesis& genesis() const { return world_.genesis(); }
    void print_sums() const;

private:
    std::uint64_t dice(std::uint64_t sides);
    [[nodiscard]] Bytes sign(const std::string& who, const ledger::Any& message) const;
    app::BlockResult block(Millis passed, std::vector<Bytes> transactions);
    void open(std::uint64_t number);
    ledger::Any for_provider(std::uint64_t number);
    ledger::Any for_tenant(std::uint64_t number);
    ledger::Any create(const std::string& owner);

    scenario::World world_;
    Follower* follower_ = nullptr;
    std::uint64_t bent_at_;
    std::uint64_t steps_ = 0;
    std::uint64_t state_ = 20'260'102;
    std::uint64_t leases_ = 0;
    std::uint64_t taken_ = 0;
    std::uint64_t refused_ = 0;
};

}  // namespace sublet::determinism
