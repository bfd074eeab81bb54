// attacker_clock.cpp: T1: most of the validators hold blocks back, and set the time of the next ones far ahead.
#include "attackers.hpp"

namespace sublet::sim {
namespace {

class ClockAttack final : public Attacker {
public:
    ClockAttack(World& world, const std::string& name) : world_(world), dice_(world.dice().fork(name)) {}
    void begin() override { again_later(); }

private:
    void again_later() {
        world_.time().after(dice_.between(60'000, 900'000), [this] {
            if (!world_.closing()) {
                attack();
                again_later();
            }
        });
    }
    void attack() {
        const std::uint64_t held_ms = dice_.chance(400) ? 0 : dice_.between(5'000, 180'000);
        const std::uint64_t ahead_ms = dice_.chance(300) ? 0 : dice_.between(60'000, 2 * 3'600'000);
        world_.mark(ahead_ms == 0 ? "blocks were held back" : "the blocks' time jumped");
        world_.tell("clock: no blocks for " + std::to_string(held_ms / 1000) + " s, then their time jumps by " +
                    std::to_string(ahead_ms / 1000) + " s");
        world_.consensus().hold_back(held_ms);
        world_.consensus().jump(ahead_ms);
    }
    World& world_;
    Dice dice_;
};

}  // namespace

std::unique_ptr<Attacker> make_clock(World& world, const std::string& name) {
    return std::make_unique<ClockAttack>(world, name);
}

}  // namespace sublet::sim
