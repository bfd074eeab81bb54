// campaign.hpp: what a world is made of, and what is told of it afterwards.
#pragma once

#include <array>
#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "base/bytes.hpp"

namespace sublet::sim {

struct Campaign {
    std::uint64_t seed = 1;
    std::uint64_t replicas = 3;
    std::uint64_t providers = 2;
    std::uint64_t tenants = 3;
    std::uint64_t creators = 2;
    std::uint64_t workers = 4;
    std::optional<std::uint64_t> stakers;            // owners who stake, work and audit; nothing: what the seed draws
    std::optional<std::uint64_t> cheats_percent;     // of these; nothing: what the seed draws
    std::uint64_t job_tasks = 0;                     // not zero: one job of so many, honest creator and workers
    std::uint64_t hostile_ms = 30 * 60'000;          // the safety phase: faults
    std::uint64_t healed_ms = 18 * 60'000;           // the liveness phase: everything must come to an end
    std::optional<std::set<std::string>> attackers;  // by name; nothing: those that the seed draws
    bool faults = true;
    bool twice = false;                           // the second run must go the same way
    std::optional<std::set<std::uint64_t>> only;  // of the troubles, counted from 0; nothing: all of them
    std::string plant;                            // a bug put in on purpose: see kPlants
    bool audited = true;                          // else only the statements judge what the money did
};

// Bugs that exist to be found, of the fake engine or of the rules that all replicas follow.
//   lost-commit  a crash loses one unsynced commit and keeps the next
//   reordered    the last replica executes blocks backwards
//   torn-batch   a crash writes half of a commit
//   early-pay    every ledger pays out a second earlier than docs/spec/money.md says
// Rules of docs/spec/threats.md that every ledger breaks:
//   no-hold        T9: what was earned is paid out at once
//   no-least-bill  T3: who leaves at once pays nothing
//   long-grace     T3: an hour without money instead of ten minutes
//   terms-at-once  T5: worse terms do not wait
// Rules of docs/spec/jobs.md and docs/spec/audits.md: plants.hpp.
inline constexpr std::array kPlants{"lost-commit",   "torn-batch",    "reordered",      "early-pay",  "no-hold",
                                    "no-least-bill", "long-grace",    "terms-at-once",  "paid-twice", "no-stake",
                                    "same-attempt",  "outvoted-paid", "slash-returned", "two-rule",   "worker-audits"};
// Troubles of creators and workers have numbers of their own, from this one on.
inline constexpr std::uint64_t kFirstJobTrouble = 1'000;

struct Report {
    bool ok = false;
    std::string why;  // the broken promise
    Hash digest{};    // of every block's app hash and every mark: the same seed gives the same
    std::uint64_t blocks = 0;
    std::uint64_t transactions = 0;
    std::uint64_t exchanges = 0;
    std::map<std::string, std::uint64_t> marks;  // rare paths that were hit, and how often
    std::uint64_t troubles = 0;                  // how many things went wrong, or would have
    std::uint64_t job_troubles = 0;              // the same, with creators and workers
    std::vector<std::string> story;              // of a broken one: what went wrong and what the ledger said, in order
    std::string digest_hex;                      // as a child process reports it
    double seconds = 0;                          // of the wall clock
};

}  // namespace sublet::sim
