// process.hpp: the steps of an audit. Jobs begin audits and take what came of them; messages and timers do the rest.
// Deterministic. Spec: docs/spec/audits.md.
#pragma once

#include "ledger/message.hpp"
#include "modules/audit/audit.hpp"

namespace sublet::audit {

using ledger::Block;
using ledger::Ledger;
using ledger::View;

struct Request {
    JobId job;
    std::uint32_t task = 0;
    std::uint32_t attempt = 0;
    Address creator;
    Address worker;
    Hash digest{};
    Amount pay;         // of an auditor
    Amount collateral;  // what the claim staked
    Millis task_timeout;
    Terms terms;
    bool forced = false;
    bool disputed = false;
    bool funded = true;  // what is set aside does for an auditor
    std::vector<std::uint32_t> evidence;
};
// A result was shown, or is disputed: then its earlier audit is over, and this one takes its place.
void begin(Ledger& ledger, const Request& request, const Block& block);
// The result of what a job began is there: those that are over and not settled, the longest first.
std::optional<Audit> next_over(const View& view);
// The job has done what follows from it: it stays until the job leaves, one that was not drawn goes at once.
void settle(Ledger& ledger, Audit audit);
// The audits of a task's attempts leave with it. Returns how many there were.
std::size_t archive(Ledger& ledger, JobId job, std::uint32_t task);
// Of a job whose creator has a chain.
void open_chain(Ledger& ledger, const Chain& chain);
void archive_chain(Ledger& ledger, JobId job);

// What falls due at block.now. Returns how many records were handled.
std::size_t run_timers(Ledger& ledger, const Block& block, std::size_t budget);

// ---- the steps, for this module's own files ----

// The probability of an audit of this result, in thousandths (T25).
std::uint32_t probability_permille(const View& view, const Audit& audit, bool doubled);
// Dice, a hash, fall within so many thousandths.
bool falls(const Hash& dice, std::uint64_t permille);
// The seed is known: drawn or not.
void seed(Ledger& ledger, Audit& audit, BytesView element, const Block& block);
// How many seats the round still needs.
std::size_t missing(const Audit& audit);
// Auditors for the seats that are missing; false: nobody could be found for one.
bool draw(Ledger& ledger, Audit& audit, const Block& block);
// What stake an auditor needs.
Amount least_stake(const Audit& audit, const ledger::Params& params);
// After every change: goes on as far as what is there says.
void advance(Ledger& ledger, Audit& audit, const Block& block);
void finish(Ledger& ledger, Audit& audit, Outcome outcome, const Block& block);
// It was asked and said nothing: a hundredth of its stake is burnt (T21).
void pass_over(Ledger& ledger, Audit& audit, Seat& seat);
// The arbiters' word that so many of them gave alike, in answer, verdict and marks; nothing: there is none.
const Seat* alike(const Audit& audit, std::size_t least);
// All of them: nobody is punished by the word of some.
inline const Seat* ruling(const Audit& audit) { return alike(audit, kArbiterSeats); }

ledger::Event audit_event(std::string_view fact, const Audit& audit);
ledger::Event seat_event(std::string_view fact, const Audit& audit, const Seat& seat);

}  // namespace sublet::audit
