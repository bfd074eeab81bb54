// plants.hpp: rules of docs/spec/jobs.md that every ledger breaks on purpose, in the state that a block leaves: all
// replicas agree, every sum is conserved, and only who follows each task can see it.
#pragma once

#include <memory>
#include <string>

#include "app/app.hpp"

namespace sublet::sim {

//   paid-twice    an accepted result is paid a second time from what its job still holds
//   no-stake      a claim locks nothing
//   same-attempt  the second claim of a task has the number of the first: the fence does not hold
bool breaks_a_job_rule(const std::string& plant);
// What a replica has after the commit of that block is changed, and so is what the block left and said.
void break_job_rule(const std::string& plant, const std::string& chain_id, std::unique_ptr<app::App>& app,
                    app::ChangeSet& changes, app::BlockResult& done);

}  // namespace sublet::sim
