// worker.hpp: takes tasks of jobs whose packages creators brought here, runs them, and shows the results to the ledger.
// Spec: docs/spec/worker.md; ARCHITECTURE §7.
#pragma once

#include <set>

#include "agent/auditor.hpp"
#include "agent/core.hpp"
#include "agent/job_store.hpp"
#include "agent/job_swarm.hpp"
#include "agent/job_view.hpp"
#include "agent/worker_container.hpp"
#include "agent/worker_parts.hpp"
#include "agent/worker_terms.hpp"
#include "jobs/benchmark.hpp"
#include "net/hand.hpp"

namespace sublet::agent {

inline constexpr std::uint64_t kWorkerLook_ms = 1'000;      // between two looks at jobs that have nothing to do
inline constexpr std::uint64_t kSessionIdle_ms = 15'000;    // then a container that serves many tasks is removed
inline constexpr std::uint64_t kAuditIdle_ms = 600'000;     // the same of audits, whose turns come seldom
inline constexpr std::size_t kMaxIdleAudits = 2;            // then the one that was idle longest is removed
inline constexpr std::uint64_t kMeasureEvery_ms = 1'000;    // what a task has written, and whether its session lives
inline constexpr std::uint64_t kMeasureScratch_ms = 5'000;  // the engine walks all that a container has written
inline constexpr std::uint64_t kDeadlineMargin_ms = 2'000;  // a task is ended so long before the ledger's time is up

// The references outlive it; all that it spawns belongs to core.tasks.
class Worker {
public:
    explicit Worker(Core& core)
        : core_(core), changed_(core.parts.loop), packing_(core.parts.loop), measuring_(core.parts.loop) {}

    // Errors: kIo (the folder).
    Result<> open();
    [[nodiscard]] bool lends() const { return core_.options.job_slots > 0 && core_.parts.job_runtime != nullptr; }
    // Until core.stopping. Attempts that an earlier run left go on where they were.
    Task<> run();
    void wake() { changed_.notify_all(); }
    // Where nothing runs and nothing is probed, nothing new is begun until it is false again. False: something does.
    bool keep_still(bool still);
    // After the end of run(), when containers are to stop: what has a result is shown, what runs is given back (its
    // stake comes home, others may have it), its containers go.
    Task<> end_all();

    // For an audit: does a task again, or crops of it in a session of that profile. What it left is packed as the
    // result of the attempt `id` (audit_attempt). Errors: kTimeout, kEngine, kImage, and as JobStore::finish.
    Task<Result<Outcome>> redo(AttemptId id, KeptJob job, Redo how);
    // Is fetched where it is not.
    bool has_image(JobId id, const std::string& image);

    // Open after open() alone.
    [[nodiscard]] JobStore& store() { return *store_; }
    [[nodiscard]] JobSwarm& swarm() { return *swarm_; }
    // Everything of the job goes, at once.
    Result<> drop(JobId id);
    // An input that is whole is checked and unpacked, beside the loop.
    void settle(JobId id);
    // Waits for the end of it, not for ever; what was wrong with it.
    Task<Result<>> settled(JobId id, std::uint64_t most_ms);
    [[nodiscard]] JobView view(JobId id) const;

private:
    struct Pull;
    using Bounds = RunBounds;
    using Measured = RunMeasured;
    using Ended = RunEnded;
    using Session = JobSession;

    // Once after the start: containers of attempts that the ledger still counts as ours are waited for, others go.
    Task<> resume();
    void take_up(const std::vector<job::Task>& in_hand);
    void begin(const job::Task& task);
    Task<> remove_containers_but(std::vector<job::Task> in_hand);
    Task<> look();
    // Jobs that this provider was drawn to probe: docs/spec/work.md.
    Task<> look_at_probes();
    Task<> probe(KeptJob job, job::Job record);
    Task<Result<ProbeFound>> measure(KeptJob job, job::Job record);
    Task<Result<std::vector<double>>> time_tasks(std::shared_ptr<Session> session, KeptJob job, job::Job record);
    Task<Result<jobs::Turn>> probe_turn(std::shared_ptr<Session> session, KeptJob job, std::uint32_t task,
                                        ProbeTurn how);
    [[nodiscard]] std::uint64_t paid_probe_ms(const job::Job& record, const jobs::Package& package) const;
    Task<> tell_probe(JobId id, ProbeFound found);
    Task<std::vector<JobId>> dearest_first();
    Task<> learn_terms(JobId id);
    // So long a task of this job may take before it is given up as more work than predicted; nothing: as long as it
    // likes.
    [[nodiscard]] std::optional<std::uint64_t> overrun_ms(const AttemptId& id) const;
    Task<> consider(KeptJob job);
    Task<bool> has_work(JobId id);
    Task<> unpack_input(JobId id, WholeInput input);
    Task<Result<Outcome>> pack_result(AttemptId id);
    Task<> watch_kept();
    Task<> forget_when_old(JobId id);
    Task<> fetch_image(JobId id, std::string image);
    Task<Result<>> pull_image(JobId id, std::string image);
    Task<> watch_pull(JobId id, std::shared_ptr<Pull> pull);
    bool let_go_of_image(JobId id);
    Task<> remove_image(std::string image);
    Task<> work(AttemptId id, std::uint64_t limit_ms);
    Task<Ended> run_container(AttemptId id, KeptJob job, std::uint64_t until_ms);
    Task<Ended> wait_for_end(AttemptId id, std::string container, Bounds bounds);
    // Empty, or what is too much. Looks no more often than kMeasureEvery_ms.
    Task<std::string> too_much(std::filesystem::path out, std::string container, Bounds bounds, Measured& measured);
    Task<Ended> run_in_session(AttemptId id, KeptJob job, Redo how);
    Task<Result<std::shared_ptr<Session>>> free_session(KeptJob job, std::string profile);
    // Where the program leaves a task's results; what an earlier turn left there is removed and the next one handed
    // over.
    static std::filesystem::path left_by(const Session& session, std::uint32_t task);
    static Result<std::filesystem::path> begin_turn(Session& session, const jobs::Package& package, std::uint32_t task,
                                                    const TurnWords& words);
    Task<Ended> wait_for_turn(AttemptId id, std::shared_ptr<Session> session, Bounds bounds);
    Task<> end_session(std::shared_ptr<Session> session);
    Task<> end_idle_sessions();
    Task<> keep_log(AttemptId id, std::string container);
    Task<> report(AttemptId id, Outcome outcome);
    Task<> give_up(AttemptId id, Ended ended);
    // False when it was refused or nobody knows: look before saying it again, and not at once.
    Task<bool> tell(Message message);
    Message next_word(const job::Task& task, const Outcome& outcome) const;
    // The attempt as the ledger has it; nothing once it is not ours any more. Asks until there is an answer.
    Task<std::optional<job::Task>> standing_of(AttemptId id);
    [[nodiscard]] bool may_claim() const;

    Core& core_;
    net::Notifier changed_;
    std::optional<JobStore> store_;
    std::optional<JobSwarm> swarm_;
    std::optional<Auditor> auditor_;
    std::map<JobId, JobStanding> standing_;
    std::vector<std::shared_ptr<Session>> sessions_;
    unsigned next_session_ = 1;
    std::uint64_t unsure_until_ms_ = 0;  // monotonic: so long a claim without an answer may still come into a block
    std::set<AttemptId> running_;        // a container each
    std::set<AttemptId> reporting_;      // ended, on their way to the ledger
    std::set<JobId> probing_;            // a container each
    std::set<JobId> telling_;            // what was found, on its way to the ledger
    bool still_ = false;
    bool pulling_ = false;
    std::map<JobId, unsigned> failed_probes_;
    std::set<JobId> settling_;
    std::map<JobId, Error> spoiled_;  // inputs, by what was wrong with them
    net::Hand packing_;               // hashes and archives
    net::Hand measuring_;             // what tasks write
};

}  // namespace sublet::agent
