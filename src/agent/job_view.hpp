// job_view.hpp: how a job stands at a worker, for its creator.
#pragma once

#include <string>
#include <vector>

#include "agent/job_store.hpp"

namespace sublet::agent {

// What a creator is told of a job at this worker.
struct JobView {
    bool complete = false;  // the input is here
    bool image = false;     // so is the image
    std::string trouble;    // why nothing is claimed
    std::vector<AttemptId> running;
};

}  // namespace sublet::agent
