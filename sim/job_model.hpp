// job_model.hpp: an independent, naive prediction of every job, task, stake and payment, from docs/spec/jobs.md alone,
// and what follows from audits: rules are looked up as they stand there, lists are walked, nothing of the ledger's code
// is used.
#pragma once

#include "job_acts.hpp"

namespace sublet::sim {

class JobModel {
public:
    // Balances, what is burnt and the time are those of the leases' model. `marks` counts the rare ways.
    JobModel(properties::Model& money, std::map<std::string, std::uint64_t>& marks)
        : audits(money, marks), money_(money), marks_(marks) {}
    JobModel(const JobModel&) = delete;
    JobModel& operator=(const JobModel&) = delete;

    AuditModel audits;
    std::map<std::uint64_t, ModelJob> jobs;
    std::map<std::string, ModelWorker> workers;
    // Tasks that changed since somebody emptied it: job, index.
    std::set<std::pair<std::uint64_t, std::uint32_t>> changed;

    // What fell due by now, in this block; `before`: the app hash of the state before it, raw.
    void begin_block(std::uint64_t height, std::string before);
    // The rule of docs/spec/jobs.md that is against it, or "".
    [[nodiscard]] std::string against(const JobAct& act) const;
    // Something that nothing is against.
    void apply(const JobAct& act);
    // The number that the next job gets.
    [[nodiscard]] std::uint64_t next_id() const { return jobs.empty() ? 1 : jobs.rbegin()->first + 1; }
    // Whether the creator has paid for so many messages of workers (rule 1); counts them down if so.
    bool take_free_messages(std::uint64_t job, std::uint64_t count);

private:
    using Wide = properties::Wide;
    [[nodiscard]] std::string against_creator(const JobAct& act) const;
    [[nodiscard]] std::string against_claim(const JobAct& act) const;
    [[nodiscard]] std::string against_report(const JobAct& act) const;
    [[nodiscard]] std::optional<std::uint32_t> picked(const ModelJob& job, const std::string& worker) const;
    [[nodiscard]] std::size_t in_hand_of(const std::string& worker) const;
    void create(const JobAct& act);
    void claim(const JobAct& act);
    void cancel(std::uint64_t id);
    void approve(const JobAct& act);
    void reject(std::uint64_t id, std::uint32_t index);
    void open(const JobAct& act);
    // job_model_audits.cpp
    [[nodiscard]] std::string against_dispute(const ModelJob& job, const JobAct& act) const;
    void dispute(const JobAct& act);
    struct How {
        bool forced = false, disputed = false;
    };
    void begin_audit(std::uint64_t id, std::uint32_t index, How how);
    [[nodiscard]] bool is_suspect(std::uint64_t id, std::uint32_t index) const;
    void settle(const AuditName& name);
    void make_void(std::uint64_t id, std::uint32_t index);
    // In hand, in audit or in review, or not any more.
    void expose(const ModelJob& job, const ModelTask& task, int sign);
    bool run_one_timer();
    void fall_due(std::uint64_t id, std::uint32_t index);
    // The task leaves the list that it is in.
    ModelTask& move(std::uint64_t id, std::uint32_t index, TaskStep next);
    void wait_again(std::uint64_t id, std::uint32_t index);
    void count_try(std::uint64_t id, std::uint32_t index);
    void time_out(std::uint64_t id, std::uint32_t index);
    static void bar(ModelJob& job, const std::string& worker);
    void accept(std::uint64_t id, std::uint32_t index);
    void pay(ModelJob& job, const std::string& worker, Wide amount);
    void close_if_over(std::uint64_t id);
    void close(std::uint64_t id);

    properties::Model& money_;
    std::map<std::string, std::uint64_t>& marks_;
};

}  // namespace sublet::sim
