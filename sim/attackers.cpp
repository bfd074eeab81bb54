// attackers.cpp: the table of attackers.
#include "attackers.hpp"

namespace sublet::sim {

const std::vector<AttackerKind>& attacker_kinds() {
    static const std::vector<AttackerKind> kinds{
        {"clock", "T1", false, make_clock},             // blocks held back, their time far ahead
        {"dust", "T2, T3", false, make_dust},           // the least deposit, the least top-up, all of the grace
        {"leaver", "T3", false, make_leaver},           // gone within the first minute
        {"mute", "T8", false, make_mute},               // no manifest, or an image that nobody has
        {"hopeless", "T7", false, make_hopeless},       // standing orders that nothing fits
        {"price-mover", "T5", true, make_price_mover},  // other terms in front of every order
        {"clogger", "T7", true, make_clogger},          // sixteen offers that fit nobody
        {"no-show", "T8", true, make_no_show},          // is assigned, does nothing
        {"liar", "T9", true, make_liar},                // says Ready, starts nothing, wants to be paid
    };
    return kinds;
}

std::set<std::string> drawn_attackers(std::uint64_t seed) {
    Dice dice = Dice{seed}.fork("attackers");
    std::set<std::string> out;
    while (out.size() < kAttackersPerCampaign) {
        out.emplace(attacker_kinds()[dice.between(0, attacker_kinds().size() - 1)].name);
    }
    return out;
}

std::vector<std::string> accounts_of(const AttackerKind& kind) {
    const std::string name{kind.name};
    return kind.is_provider ? std::vector{name + "-owner", name + "-operator"} : std::vector{name};
}

}  // namespace sublet::sim
