// executor.hpp: does the steps of a plan. Each step may be repeated at any time; a failed one is tried again by a later
// plan. Spec: ARCHITECTURE §6.
#pragma once

#include "agent/core.hpp"

namespace sublet::agent {

class Executor {
public:
    explicit Executor(Core& core) : core_(core) {}

    // All steps of one lease, in order; stops at the first that fails. Marks the lease busy meanwhile.
    Task<> run(LeaseId lease, std::vector<Step> steps);
    // Stops every container of ours at once, leases or not; nothing is removed.
    Task<Result<>> stop_all(std::vector<runtime::ContainerState> containers);

private:
    Task<Result<>> run_all(LeaseId lease, std::vector<Step> steps);
    Task<Result<>> run_one(Step step);
    Task<Result<>> stop_together(std::vector<Step> steps);
    Task<> stop_one(std::string id, std::shared_ptr<std::optional<Error>> failure);
    Task<Result<>> pull(Step step);
    Task<Result<>> volume(Step step);
    Task<Result<>> create(Step step);
    Task<Result<>> start(Step step);
    Task<Result<>> started(Step step, std::string id);
    Task<Result<>> ready(LeaseId lease);
    Task<Result<>> end(Step step);
    Task<Result<>> forget(LeaseId lease);
    Task<Result<>> network(std::string key);
    void failed_to_start(const Step& step, const Error& error);
    Result<> fill_in(const Step& step, Replica& replica);

    const Replica* find_replica(const Step& step) const;

    Core& core_;
};

}  // namespace sublet::agent
