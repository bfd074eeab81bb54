// attackers.hpp: who may live in a campaign beside the honest ones and wants more than the rules give (threats.md).
// Each has a name, dice and keys of its own, so leaving one out moves nothing of the others' plans.
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "world.hpp"

namespace sublet::sim {

class Attacker {
public:
    virtual ~Attacker() = default;
    virtual void begin() = 0;
};

struct AttackerKind {
    std::string_view name;  // as --attackers takes it; its keys are `name`, or `name`-owner and `name`-operator
    std::string_view threat;
    bool is_provider = false;
    std::unique_ptr<Attacker> (*make)(World& world, const std::string& name) = nullptr;
};

// In the order of their start.
const std::vector<AttackerKind>& attacker_kinds();
inline constexpr std::size_t kAttackersPerCampaign = 2;
// Those that live in the campaign of that seed: two of them, drawn.
std::set<std::string> drawn_attackers(std::uint64_t seed);
// The accounts of that one.
std::vector<std::string> accounts_of(const AttackerKind& kind);

// validators (attacker_clock.cpp)
std::unique_ptr<Attacker> make_clock(World& world, const std::string& name);
// tenants (attacker_tenants.cpp) and providers (attacker_providers.cpp)
std::unique_ptr<Attacker> make_dust(World& world, const std::string& name);
std::unique_ptr<Attacker> make_leaver(World& world, const std::string& name);
std::unique_ptr<Attacker> make_mute(World& world, const std::string& name);
std::unique_ptr<Attacker> make_hopeless(World& world, const std::string& name);
std::unique_ptr<Attacker> make_price_mover(World& world, const std::string& name);
std::unique_ptr<Attacker> make_clogger(World& world, const std::string& name);
std::unique_ptr<Attacker> make_no_show(World& world, const std::string& name);
std::unique_ptr<Attacker> make_liar(World& world, const std::string& name);

}  // namespace sublet::sim
