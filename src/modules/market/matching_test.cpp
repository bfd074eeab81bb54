// matching_test.cpp: nobody can clog the matcher (T7): small offers, offers of one owner, old impossible orders.
#include <gtest/gtest.h>

#include "modules/market/lifecycle.hpp"

namespace sublet::market {
namespace {

Address owner_of(std::uint32_t number) {
    Address address;
    for (std::size_t i = 0; i < 4; ++i) {
        address.bytes[i] = static_cast<std::uint8_t>(number >> (8 * i));
    }
    return address;
}

// Records written as the messages would write them, in numbers that messages would take long for.
struct Floor {
    Ledger ledger;
    Block block;

    Floor() {
        block.now = LedgerTime{1'000};
        ledger::save(ledger, ledger::params_key(), block.params);
        bank::issue(ledger, owner_of(1), Amount{1'000'000'000'000}, bank::kCredit);
    }
    void add_provider(std::uint32_t owner, std::size_t machines = 1) {
        provider::Provider provider;
        provider.owner = owner_of(owner);
        provider.operator_address = owner_of(owner + 1'000'000);
        provider.machines.resize(machines);
        provider.beating = true;
        provider.last_heartbeat = block.now;
        save(ledger, provider);
    }
    OfferId add_offer(std::uint32_t owner, std::uint64_t cpu_milli, std::uint64_t price, std::uint64_t gpus = 0) {
        Offer offer;
        offer.id = OfferId{next_id(ledger, Counter::kOffer)};
        offer.provider = owner_of(owner);
        offer.capacity = {cpu_milli, 64ULL << 30U, 1ULL << 40U, {}};
        if (gpus > 0) {
            offer.capacity.gpus.push_back({{"nvidia", "a100", 0, ""}, gpus});
        }
        offer.free = offer.capacity;
        offer.price.cpu_core = price;
        offer.created_at = block.now;
        save(ledger, offer);
        return offer.id;
    }
    DeploymentId add_order(std::uint64_t cpu_milli, std::uint64_t max_rate, std::uint64_t gpus = 0) {
        Deployment deployment;
        deployment.id = DeploymentId{next_id(ledger, Counter::kDeployment)};
        deployment.owner = owner_of(1);
        deployment.deposit_time = Millis{600'000};
        ResourceUnit unit;
        unit.cpu_milli = cpu_milli;
        unit.memory_bytes = 1ULL << 30U;
        unit.gpu_units = gpus;
        unit.count = 1;
        unit.max_rate = Rate{max_rate};
        Group group;
        group.spec.units = {unit};
        group.order.created_at = block.now;
        group.order.expires_at = after(block.now, Millis{block.params.order_life_max_ms});
        deployment.groups = {group};
        deployment.groups.front().order.locked = order_lock(deployment, 0, block);
        bank::hold(ledger, deployment.owner, deployment.groups.front().order.locked);
        save(ledger, deployment);
        return deployment.id;
    }
    void end_block() {
        match(ledger, block);
        (void)ledger.take_touched();
        block.now = after(block.now, Millis{1'000});
    }
    void touch(OfferId id) {
        Offer offer = *find_offer(ledger, id);
        offer.available_until = LedgerTime{block.now.value() + 1'000'000'000};
        save(ledger, offer);
    }
    void resize(OfferId id, std::uint64_t memory_bytes) {
        Offer offer = *find_offer(ledger, id);
        offer.free.memory_bytes = memory_bytes;
        offer.capacity = offer.free;
        save(ledger, offer);
    }
    OfferId offer_of(DeploymentId id) {
        const LeaseId lease = find_deployment(ledger, id)->groups.front().order.lease;
        return lease == LeaseId{} ? OfferId{} : find_lease(ledger, lease)->offer;
    }
};

constexpr std::uint64_t kPrice = 100'000'000'000;

TEST(Matching, OffersWithoutGpusDoNotHideTheOneWithGpus) {
    Floor floor;
    for (std::uint32_t owner = 10; owner < 10 + 300; ++owner) {
        floor.add_provider(owner);
        floor.add_offer(owner, 4'000, 1);
    }
    floor.add_provider(500);
    const OfferId wanted = floor.add_offer(500, 4'000, kPrice, 1);
    floor.end_block();
    const DeploymentId order = floor.add_order(1'000, kPrice, 1);
    floor.end_block();
    EXPECT_EQ(floor.offer_of(order), wanted);
}

TEST(Matching, ManyOffersOfFewOwnersDoNotUseUpTheVisits) {
    Floor floor;
    // Twenty owners of sixteen cheap offers, each a byte too small: less than what the board can tell.
    for (std::uint32_t owner = 10; owner < 30; ++owner) {
        floor.add_provider(owner, 16);
        for (int i = 0; i < 16; ++i) {
            floor.resize(floor.add_offer(owner, 1'024, 1), (1ULL << 30U) - 1);
        }
    }
    floor.add_provider(500);
    const OfferId wanted = floor.add_offer(500, 4'000, kPrice);
    floor.end_block();
    const DeploymentId order = floor.add_order(1'000, kPrice);
    floor.end_block();
    EXPECT_EQ(floor.offer_of(order), wanted);
}

TEST(Matching, SilentProvidersDoNotUseUpTheVisits) {
    Floor floor;
    for (std::uint32_t owner = 10; owner < 110; ++owner) {
        floor.add_provider(owner, 4);
        for (int i = 0; i < 4; ++i) {
            floor.add_offer(owner, 4'000, 1);
        }
    }
    floor.add_provider(500);
    const OfferId wanted = floor.add_offer(500, 4'000, kPrice);
    floor.end_block();
    for (std::uint32_t owner = 10; owner < 110; ++owner) {
        provider::Provider silent = *provider::find(floor.ledger, owner_of(owner));
        silent.beating = false;
        save(floor.ledger, silent);
    }
    floor.end_block();
    const DeploymentId order = floor.add_order(1'000, kPrice);
    floor.end_block();
    EXPECT_EQ(floor.offer_of(order), wanted);
}

// What of a block is more than it can look at is not forgotten: no offer changes in the blocks after it.
TEST(Matching, ABurstOfOrdersIsServedToItsEnd) {
    Floor floor;
    floor.add_provider(10);
    floor.resize(floor.add_offer(10, 1'000'000, 1), kMaxMemoryBytes);
    floor.end_block();
    std::vector<DeploymentId> orders;
    for (std::size_t i = 0; i < 3 * kMaxMatchOrders; ++i) {
        orders.push_back(floor.add_order(100, kPrice));
    }
    floor.end_block();
    EXPECT_TRUE(has_more_to_match(floor.ledger));
    for (int i = 0; i < 10 && has_more_to_match(floor.ledger); ++i) {
        floor.end_block();
    }
    EXPECT_FALSE(has_more_to_match(floor.ledger));
    for (const DeploymentId id : orders) {
        EXPECT_NE(floor.offer_of(id), OfferId{}) << id.value();
    }
}

TEST(Matching, TheBestPriceWinsThenTheOlderOffer) {
    Floor floor;
    for (const std::uint32_t owner : {10U, 11U, 12U}) {
        floor.add_provider(owner);
    }
    floor.add_offer(10, 4'000, kPrice);
    const OfferId cheap = floor.add_offer(11, 64'000, kPrice / 2);
    floor.add_offer(12, 1'000, kPrice / 2);
    floor.end_block();
    const DeploymentId order = floor.add_order(1'000, kPrice);
    floor.end_block();
    EXPECT_EQ(floor.offer_of(order), cheap);
}

TEST(Matching, EveryStandingOrderMeetsTheOfferThatFits) {
    Floor floor;
    floor.add_provider(10);
    floor.add_provider(11);
    const OfferId small = floor.add_offer(10, 100, 1);
    const OfferId large = floor.add_offer(11, 4'000, 2 * kPrice);
    // Twice what a block looks at: impossible ones, then one that the large offer will fit.
    for (int i = 0; i < 300; ++i) {
        floor.add_order(300'000, kPrice);
    }
    const DeploymentId order = floor.add_order(1'000, kPrice);
    floor.end_block();
    floor.touch(small);  // the scan comes to its end and will begin anew
    floor.end_block();
    // The large offer gets cheaper in a block whose scan does not reach the order; later blocks touch another offer.
    Offer offer = *find_offer(floor.ledger, large);
    offer.price.cpu_core = kPrice;
    save(floor.ledger, offer);
    floor.end_block();
    for (int i = 0; i < 3 && floor.offer_of(order) == OfferId{}; ++i) {
        floor.touch(small);
        floor.end_block();
    }
    EXPECT_EQ(floor.offer_of(order), large);
}

}  // namespace
}  // namespace sublet::market
