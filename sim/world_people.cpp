// world_people.cpp: who lives in a world, as its campaign and its seed have it, and the genesis that gives them money.
#include <algorithm>

#include "attackers.hpp"
#include "crypto/address.hpp"
#include "crypto/sha256.hpp"
#include "modules/bank/bank.hpp"
#include "stakers.hpp"
#include "world.hpp"

namespace sublet::sim {

void World::draw_people() {
    if (!campaign_.attackers) {
        campaign_.attackers = drawn_attackers(campaign_.seed);
    }
    campaign_.creators = campaign_.job_tasks > 0 ? 1 : campaign_.creators;
    campaign_.workers = campaign_.creators > 0 ? campaign_.workers : 0;
    const bool nobody_audits = campaign_.job_tasks > 0 || campaign_.creators == 0;
    campaign_.stakers = nobody_audits ? 0 : campaign_.stakers.value_or(drawn_stakers(campaign_.seed));
    campaign_.cheats_percent = campaign_.cheats_percent.value_or(drawn_cheats_percent(campaign_.seed));
}

crypto::SecretKey World::key(const std::string& name) const {
    return *crypto::SecretKey::from_bytes(Bytes{view_of(crypto::sha256("sublet simulator: " + name))});
}

std::string World::address(const std::string& name) const {
    return crypto::to_bech32(crypto::address_of(*crypto::public_key(key(name))));
}

bool World::lives(std::string_view attacker) const { return campaign_.attackers->contains(std::string{attacker}); }

app::Genesis World::genesis() const {
    app::Genesis out;
    out.chain_id = "sublet-sim";
    out.time = BlockTime{kEpochMs};
    out.params.object_bond = Amount{10'000};
    if (campaign_.plant == "early-pay") {
        out.params.hold_window_ms -= 1'000;
    } else if (campaign_.plant == "no-hold") {
        out.params.hold_window_ms = 0;
    } else if (campaign_.plant == "no-least-bill") {
        out.params.min_bill_ms = 0;
    } else if (campaign_.plant == "long-grace") {
        out.params.grace_ms = 3'600'000;
    } else if (campaign_.plant == "terms-at-once") {
        out.params.terms_delay_ms = 0;
    }
    if (stakers() > 0) {  // in half an hour much must happen
        out.params.min_work_stake = Amount{5'000};
        out.params.work_unlock_ms = 120'000;
        out.params.audit_silence_ms = 60'000;
        out.params.audit_again_permille = 300;
    }
    const auto give = [&](const std::string& name) {
        out.balances.push_back({address(name), std::string{bank::kCredit}, Amount{10'000'000'000}});
    };
    for (std::uint64_t i = 0; i < campaign_.providers; ++i) {
        give("provider-" + std::to_string(i) + "-owner");
        give("provider-" + std::to_string(i) + "-operator");
    }
    for (std::uint64_t i = 0; i < campaign_.tenants; ++i) {
        give("tenant-" + std::to_string(i));
    }
    for (std::uint64_t i = 0; i < campaign_.creators; ++i) {
        give("creator-" + std::to_string(i));
    }
    for (std::uint64_t i = 0; i < campaign_.workers; ++i) {
        give("worker-" + std::to_string(i) + "-owner");
    }
    for (std::uint64_t i = 0; i < stakers(); ++i) {
        give("staker-" + std::to_string(i) + "-owner");
    }
    for (const AttackerKind& kind : attacker_kinds()) {
        if (lives(kind.name)) {
            std::ranges::for_each(accounts_of(kind), give);
        }
    }
    std::ranges::sort(out.balances, {}, &app::GenesisBalance::address);
    return out;
}

}  // namespace sublet::sim
