// new_job.hpp: from a package to a job on the ledger: what it would cost, the creator's yes, the money locked.
// Spec: docs/spec/jobs.md (creating).
#pragma once

#include <CLI/CLI.hpp>

#include "cli/job_audit.hpp"
#include "cli/job_follow.hpp"

namespace sublet::cli {

// What all verbs that create jobs ask for.
struct JobTerms {
    double cores = 1;  // of a task
    std::string memory = "512Mi";
    std::string output_max = "64Mi";
    std::string pay;                // credits a task; empty: by the cheapest offer and `estimate_s`
    std::string pay_cap;            // empty: the pay
    std::uint64_t estimate_s = 60;  // that a task takes
    std::string engine;             // in which drawn providers find its work; empty: they do not
    std::string price;   // credits for a core of the reference machine and hour; empty: by the cheapest offer
    std::string budget;  // credits that it may cost at most; empty: what it needs
    std::uint64_t timeout_s = 3'600;
    std::uint64_t start_timeout_s = 600;
    std::uint64_t window_s = 86'400;
    std::uint32_t at_once = 256;
    std::string out = ".";
    bool yes = false;
    bool detach = false;
    std::uint32_t keepers = 2;  // providers that are to keep it before --detach returns
    bool no_approve = false;
    std::optional<jobs::Still> still;        // the results are parts of one image
    std::optional<jobs::FrameShape> frames;  // the results are frames: what each must be
    AuditOptions audit;
    Finish finish;             // what is made of them
    bool no_swarm = false;     // the input goes through gateways, once for each worker
    std::string upload_limit;  // bytes a second of the input; empty: none
};
void add_terms(CLI::App* command, JobTerms& terms);
// Those of jobs that are paid by their work.
void add_work_terms(CLI::App* command, JobTerms& terms);
// How large the tasks are and which values they have. Errors: kUsage, naming the option.
Result<> fill_package(jobs::Package& package, const JobTerms& terms, const char* option, const std::string& array);
// An archive of the folder, for the package and to be moved: where it is. Errors: as jobs::pack.
Result<std::filesystem::path> pack_input(Context& context, jobs::Package& package, const std::filesystem::path& folder);

// Shows the quote, asks where somebody can answer, creates the job and follows it. `input`: an archive, or empty.
// Gives the exit code: kExitOk when every task was accepted.
Result<int> run_new_job(Context& context, jobs::Package package, const std::filesystem::path& input,
                        const JobTerms& terms);
// Asks on the terminal. False also for what is no answer.
bool says_yes(const char* question);
// The end of a followed job for people or as JSON.
int print_job_end(Context& context, const JobCount& count, const std::filesystem::path& out);

}  // namespace sublet::cli
