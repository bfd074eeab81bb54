// stakers.hpp: owners who put credits at stake, do tasks and audit each other's results: honestly, or as one of the
// ways to cheat would have it.
#pragma once

#include "job_actors.hpp"
#include "modules/audit/messages.hpp"

namespace sublet::sim {

// What a seed draws: whether there are any, and how many of a hundred cheat.
std::uint64_t drawn_stakers(std::uint64_t seed);
std::uint64_t drawn_cheats_percent(std::uint64_t seed);

class Staker final : public Worker {
public:
    Staker(World& world, std::size_t number);

private:
    enum class Way {
        kHonest,
        kCheap,     // gives what costs little, and audits without looking
        kLazy,      // does its tasks, and audits without looking
        kTogether,  // gives what its friends know, passes what they gave and fails everybody else
        kLate,      // does its tasks until it has a record, then gives what costs little
        kLiar       // does its tasks, looks, and says the contrary
    };
    // What it is going to say in an audit, drawn once.
    struct Plan {
        Hash answer{};
        Bytes nonce;
        audit::Verdict verdict = audit::Verdict::kPass;
        bool before_commit = false;    // inconclusive, and it knows at once
        audit::SeatState silent_in{};  // says nothing more once it is that far; zero: it speaks
        std::uint64_t from_ms = 0;     // it works until then
    };
    net::Task<> besides() override;
    [[nodiscard]] std::optional<Hash> cheap_result(const job::Task& task) const override;
    net::Task<> see_to_stake();
    net::Task<> speak(audit::Audit audit);
    net::Task<> say_what_is_forbidden(audit::Audit audit);
    [[nodiscard]] Dice dice_of(const audit::Audit& audit, const std::string& what) const;
    Plan& plan_for(const audit::Audit& audit, const audit::Seat& seat);
    void look(const audit::Audit& audit, const audit::Seat& seat, Plan& plan);
    [[nodiscard]] std::uint32_t wrong_ones(const audit::Audit& audit, const Plan& plan) const;

    Way way_;
    std::map<Hash, Plan> plans_;  // by the audit's seed
    std::uint64_t stake_at_ms_ = 0;
    std::uint64_t passes_ = 0;  // when it last looked
};

}  // namespace sublet::sim
