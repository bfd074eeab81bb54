// messages.hpp: every message of jobs. Deterministic. Spec: docs/spec/jobs.md.
#pragma once

#include "modules/job/messages_creator.hpp"
#include "modules/job/messages_probe.hpp"
#include "modules/job/messages_results.hpp"
#include "modules/job/messages_worker.hpp"
