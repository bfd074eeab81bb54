// standing.hpp: what an owner has at stake for jobs, and how often its results were found right.
// Deterministic. Spec: docs/spec/audits.md (standing).
#pragma once

#include "modules/provider/provider.hpp"

namespace sublet::audit {

inline constexpr std::size_t kMaxEngines = 8;  // that an owner audits, or has rates for
inline constexpr std::size_t kMaxEngineBytes = 32;

// Made by an owner's first work stake, or by its provider's first claim in a job that is audited; it never goes.
struct Standing {
    std::uint32_t version = 1;
    Address owner;
    std::uint64_t number = 0;          // dense among those that may be drawn, from 1; 0: nothing is staked
    Amount stake;                      // ucredit, locked; the weight in draws
    Amount leaving;                    // comes back at leaves_at; until then it can be lost all the same
    LedgerTime leaves_at;              // zero: nothing leaves
    std::vector<std::string> engines;  // that it audits, sorted
    std::uint64_t passes = 0;          // audited results in a row that were right
    Amount exposure;                   // what tasks of audited jobs pay that are in hand or being audited
    LedgerTime failed_at;              // the last result that was found wrong; zero: none
    // For people, and never forgotten.
    std::uint64_t results_right = 0, results_wrong = 0;
    std::uint64_t audits_given = 0, audits_silent = 0, audits_wrong = 0;
    Amount slashed;

    static constexpr auto fields() {
        using codec::field;
        return codec::list(
            field(1, "version", &Standing::version), field(2, "owner", &Standing::owner),
            field(3, "number", &Standing::number), field(4, "stake", &Standing::stake),
            field(5, "leaving", &Standing::leaving), field(6, "leaves_at", &Standing::leaves_at),
            field(7, "engines", &Standing::engines), field(8, "passes", &Standing::passes),
            field(9, "exposure", &Standing::exposure), field(10, "failed_at", &Standing::failed_at),
            field(11, "results_right", &Standing::results_right), field(12, "results_wrong", &Standing::results_wrong),
            field(13, "audits_given", &Standing::audits_given), field(14, "audits_silent", &Standing::audits_silent),
            field(15, "audits_wrong", &Standing::audits_wrong), field(16, "slashed", &Standing::slashed));
    }
};

Bytes standing_prefix();
Bytes standing_key(const Address& owner);
// An owner that never staked and never claimed has a fresh one.
Standing standing_of(const ledger::View& view, const Address& owner);
void save(ledger::Ledger& ledger, const Standing& standing);
ledger::IndexEntries index_entries(const Standing& standing);
bool audits(const Standing& standing, std::string_view engine);
bool is_engine(std::string_view name);  // 1 to 32 of a–z, 0–9, - and .

// A task of an audited job is in hand, or is not any more. What is taken off was put on before.
void expose(ledger::Ledger& ledger, const Address& owner, Amount pay);
void expose_no_more(ledger::Ledger& ledger, const Address& owner, Amount pay);

// The stake changes; number and weight in draws follow. The money was moved before.
void set_stake(ledger::Ledger& ledger, Standing& standing, Amount stake);
// Takes at most `amount` of stake, then of what is leaving; it stays held: the caller burns it or gives it to a job.
Amount take(ledger::Ledger& ledger, Standing& standing, Amount amount);
// Of the stake, what is leaving included, rounded up: what silence costs, and a word that was wrong without being a
// lie.
Amount hundredth_of(const Standing& standing);
// The whole of it.
inline constexpr Amount kAll{~std::uint64_t{0}};

// Whom a draw finds whose point lies in [0, weight of all): in order of their numbers, as wide as their stakes.
Amount all_stakes(const ledger::View& view);
std::optional<Address> staker_at(const ledger::View& view, std::uint64_t point);
// For tests: what draws find is what owners have at stake. Empty: it is.
std::string broken_draws(const ledger::View& view);
// So many of those that audit the engine and have at least that at stake; at most `most` are counted.
std::size_t count_auditors(const ledger::View& view, std::string_view engine, Amount least, std::size_t most);

}  // namespace sublet::audit
