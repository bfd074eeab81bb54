// job_actors.hpp: who has jobs computed and who computes them, by hand over the real client. Each has dice and luck
// with the wires of its own, so leaving one out moves nothing of the others' plans.
#pragma once

#include "client/chain.hpp"
#include "world.hpp"

namespace sublet::sim {

// A program that may be killed at any moment, and then knows what it wrote down.
class JobActor {
public:
    JobActor(World& world, std::string name, std::size_t number);
    virtual ~JobActor() = default;
    JobActor(const JobActor&) = delete;
    JobActor& operator=(const JobActor&) = delete;
    void start();
    void kill();
    [[nodiscard]] bool is_up() const { return process_ != nullptr; }
    [[nodiscard]] const std::string& name() const { return name_; }
    // What the end of the program took with it, for the story; "" when nothing.
    virtual std::string lose_last_write() { return ""; }

protected:
    // One run of the program; begins anew after a kill.
    virtual net::Task<> live() = 0;
    // Keys that it signs with.
    virtual void take_keys() = 0;
    virtual void leave_keys() = 0;
    template <class M>
    net::Task<Result<client::TxOutcome>> say(client::Signer& signer, M message) {
        std::vector<client::TxMessage> messages{client::pack(message)};
        return say_all(signer, std::move(messages));
    }
    net::Task<Result<client::TxOutcome>> say_all(client::Signer& signer, std::vector<client::TxMessage> messages);

    World& world_;
    std::string name_;
    std::size_t number_;
    Dice dice_;
    Process* process_ = nullptr;
    std::unique_ptr<client::Chain> chain_;
};

// What every honest worker finds for a task.
Hash result_of(JobId job, std::uint32_t task);

class Creator final : public JobActor {
public:
    Creator(World& world, std::size_t number);

private:
    net::Task<> live() override;
    void take_keys() override;
    void leave_keys() override { (void)signer_.release(); }
    // ordinary jobs: creators.cpp
    net::Task<> create();
    // those whose results are audited: creators_audited.cpp
    void ask_for_audits(job::MsgCreateJob& message);
    net::Task<> dispute_or_wait(job::Job job, job::Task result);
    net::Task<> reveal(job::Job job);
    net::Task<> look_after(job::Job job);
    net::Task<> judge(job::Job job, job::Task result);
    net::Task<> change_mind(job::Job job);
    net::Task<> try_what_is_forbidden(job::Job job);
    [[nodiscard]] bool gives_up(const job::Job& job);
    // one job of very many: job_scale.cpp
    net::Task<> live_at_scale();
    net::Task<bool> approve_some(JobId job);

    std::unique_ptr<client::Signer> signer_;
    std::uint64_t closes_after_ms_ = 0;  // of the healed world, until what is left is cancelled
    std::map<JobId, std::pair<std::uint64_t, std::uint64_t>> moved_;  // how far a job was, and since when
    std::uint32_t settled_ = 0;                                       // at scale: all tasks before it are accepted
};

class Worker : public JobActor {
public:
    Worker(World& world, std::size_t number);
    std::string lose_last_write() override;

protected:
    Worker(World& world, std::string name, std::size_t number);
    void take_keys() override;
    void leave_keys() override;
    // What it does beside its tasks, once in a while.
    virtual net::Task<> besides();
    // What it gives for a task that it does not do.
    [[nodiscard]] virtual std::optional<Hash> cheap_result(const job::Task& /*task*/) const { return std::nullopt; }
    std::unique_ptr<client::Signer> owner_, operator_;

private:
    using Attempt = std::tuple<JobId, std::uint32_t, std::uint32_t>;  // job, task, attempt
    enum class Fate { kResult, kWrongResult, kFails, kFailsEarly, kNeverStarts, kNeverCommits, kNeverShows };
    struct Found {
        Hash digest{};
        Bytes nonce;
    };
    net::Task<> live() override;
    net::Task<> sign_up();
    net::Task<> beat();
    net::Task<> further(job::Task task);
    net::Task<> commit(job::Task task, bool wrong);
    net::Task<> show(job::Task task);
    net::Task<> claim(bool has_one);
    net::Task<> misbehave(std::vector<job::Task> in_hand);
    net::Task<> report_again(Attempt attempt);
    net::Task<> report_for_another();
    [[nodiscard]] Fate fate_of(const job::Task& task) const;
    void note(const std::vector<job::Task>& in_hand);
    Found write_result(const job::Task& task, bool wrong);
    // one job of very many: job_scale.cpp
    net::Task<> work_at_scale(std::vector<job::Task> in_hand);
    std::size_t claims_at_once_ = 1;

    std::uint64_t beat_at_ms_ = 0;
    std::map<Attempt, Found> results_;  // on its disk
    std::vector<Attempt> written_;      // in this order
    std::map<Attempt, std::uint64_t> begun_at_ms_;
    std::set<Attempt> had_, over_;  // attempts of its own: seen in hand, and not any more
};

}  // namespace sublet::sim
