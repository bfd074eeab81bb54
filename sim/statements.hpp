// statements.hpp: what is true of a whole campaign whoever took part, from what the blocks tell and the world's own
// clock: what each attacker can gain is bounded as docs/spec/threats.md says.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "consensus.hpp"

namespace sublet::sim {

// Accounts, as bech32.
struct Suspects {
    std::vector<std::string> tenants;
    std::vector<std::pair<std::string, std::string>> providers;  // owner, operator
};

struct Judgement {
    std::optional<std::string> untrue;  // the first
    std::map<std::string, std::uint64_t> marks;
};
Judgement judge_campaign(const Consensus& consensus, const Suspects& suspects);

}  // namespace sublet::sim
