// worker_terms.hpp: what a worker knows of a job that it keeps, besides what is on its disk.
#pragma once

#include <optional>
#include <string>

#include "modules/job/job.hpp"

namespace sublet::agent {

struct JobStanding {  // of a job here, since this process started
    bool image = false;
    std::string trouble;
    std::optional<job::Job> by_work;  // the job, where its tasks are paid by their work
    std::uint64_t rate = 0;           // of this provider in its engine, mRWU a second
    std::optional<audit::How> audit;  // how its results are audited
    std::optional<Amount> pay;        // of a task, as the job said when it was first looked at
    std::uint64_t rest_until_ms = 0;  // monotonic: nothing to claim before
    std::uint64_t over_since_ms = 0;  // the ledger said that the job is over
    std::uint64_t asked_ms = 0;       // monotonic: the ledger, about a job whose input is not here yet
};

}  // namespace sublet::agent
