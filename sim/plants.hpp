// plants.hpp: rules of docs/spec/jobs.md and docs/spec/audits.md that every ledger breaks on purpose, in the state that
// a block leaves: all replicas agree, every sum is conserved, and only who follows each task and each audit can see it.
#pragma once

#include <memory>
#include <string>

#include "app/app.hpp"

namespace sublet::sim {

//   paid-twice    an accepted result is paid a second time from what its job still holds
//   no-stake      a claim locks nothing
//   same-attempt  the second claim of a task has the number of the first: the fence does not hold
//   outvoted-paid    an auditor is paid though what it judged is not what came out
//   slash-returned   what is slashed of a worker's stake, and would be burnt, is paid back to it
//   two-rule         two of three arbiters rule where they must be three
//   worker-audits    whose result it is gets the seat of the auditor that was drawn
bool breaks_a_job_rule(const std::string& plant);
// What a replica has after the commit of that block is changed, and so is what the block left and said.
void break_job_rule(const std::string& plant, const std::string& chain_id, std::unique_ptr<app::App>& app,
                    app::ChangeSet& changes, app::BlockResult& done);

// plants_audits.cpp: the same for one event.
bool breaks_an_audit_rule(const std::string& plant);
void break_audit_rule(const std::string& plant, ledger::Ledger& ledger, const ledger::Event& event);
// What an event says under that key; zero or "" where it says nothing.
std::uint64_t number_in(const ledger::Event& event, std::string_view key);
std::string text_in(const ledger::Event& event, std::string_view key);

}  // namespace sublet::sim
