// proposal.hpp: what is voted on: parameters by name and value, or an upgrade by name and height.
// Deterministic. Spec: docs/spec/governance.md.
#pragma once

#include "modules/gov/params.hpp"
#include "modules/stake/validator.hpp"

namespace sublet::gov {

using ProposalId = Quantity<struct ProposalTag>;

inline constexpr std::size_t kMaxOpen = 16;           // proposals that are voted on
inline constexpr std::size_t kKeptForValidators = 4;  // of them: others do not crowd them out
inline constexpr std::size_t kMaxChanges = 16;        // in one proposal
inline constexpr std::size_t kMaxTitleBytes = 140;
inline constexpr std::size_t kMaxUpgradeBytes = 32;

enum class Choice : std::uint8_t { kYes = 1, kNo = 2, kAbstain = 3 };
bool valid(Choice choice);
std::string_view to_name(Choice choice);

enum class ProposalState : std::uint8_t {
    kVoting = 1,
    kPassed = 2,      // and done
    kRejected = 3,    // by votes
    kUnheard = 4,     // too few took part: its deposit is burnt
    kImpossible = 5,  // passed, and could not be done any more
};
bool valid(ProposalState state);
std::string_view to_name(ProposalState state);

struct Change {
    std::string name;  // of a parameter
    std::uint64_t value = 0;
    static constexpr auto fields() {
        return codec::list(codec::field(1, "name", &Change::name), codec::field(2, "value", &Change::value));
    }
};

struct Ballot {
    Address validator;  // its operator
    Choice choice = Choice::kYes;
    static constexpr auto fields() {
        return codec::list(codec::field(1, "validator", &Ballot::validator),
                           codec::field(2, "choice", &Ballot::choice));
    }
};

struct Proposal {
    std::uint32_t version = 1;
    ProposalId id;
    Address proposer;
    std::string title;
    std::vector<Change> changes;
    std::string upgrade;    // its name; empty: this is about parameters
    Height upgrade_height;  // zero: that upgrade is called off
    Amount deposit;         // ulet, held while it is voted on
    ProposalState state = ProposalState::kVoting;
    LedgerTime voting_ends;
    std::vector<Ballot> ballots;  // at most one of each validator; gone once it is decided
    // What was counted, of power in the engine's set.
    std::uint64_t yes = 0, no = 0, abstain = 0, total = 0;
    Height decided_at;
    LedgerTime leaves_at;  // for the history store
    static constexpr auto fields() {
        using codec::field;
        return codec::list(
            field(1, "version", &Proposal::version), field(2, "id", &Proposal::id),
            field(3, "proposer", &Proposal::proposer), field(4, "title", &Proposal::title),
            field(5, "changes", &Proposal::changes), field(6, "upgrade", &Proposal::upgrade),
            field(7, "upgrade_height", &Proposal::upgrade_height), field(8, "deposit", &Proposal::deposit),
            field(9, "state", &Proposal::state), field(10, "voting_ends", &Proposal::voting_ends),
            field(11, "ballots", &Proposal::ballots), field(12, "yes", &Proposal::yes), field(13, "no", &Proposal::no),
            field(14, "abstain", &Proposal::abstain), field(15, "total", &Proposal::total),
            field(16, "decided_at", &Proposal::decided_at), field(17, "leaves_at", &Proposal::leaves_at));
    }
};

// How many there were, and how many are voted on.
struct Proposals {
    std::uint32_t version = 1;
    ProposalId last;
    std::uint64_t open = 0;
    static constexpr auto fields() {
        using codec::field;
        return codec::list(field(1, "version", &Proposals::version), field(2, "last", &Proposals::last),
                           field(3, "open", &Proposals::open));
    }
};

// An upgrade that is ahead, or that was done at that height.
struct Upgrade {
    std::uint32_t version = 1;
    std::string name;
    Height height;  // the first block of the new rules
    static constexpr auto fields() {
        using codec::field;
        return codec::list(field(1, "version", &Upgrade::version), field(2, "name", &Upgrade::name),
                           field(3, "height", &Upgrade::height));
    }
};

Bytes proposal_prefix();
Bytes proposal_key(ProposalId id);
std::optional<Proposal> find_proposal(const ledger::View& view, ProposalId id);
void save(ledger::Ledger& ledger, const Proposal& proposal);
ledger::IndexEntries index_entries(const Proposal& proposal);
Proposals proposals(const ledger::View& view);
void save(ledger::Ledger& ledger, const Proposals& proposals);
// Those in the state with ids above `after`.
std::vector<Proposal> proposals_after(const ledger::View& view, ProposalId after, std::size_t most);

}  // namespace sublet::gov
