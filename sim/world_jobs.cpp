// world_jobs.cpp: creators and workers in the world: their start, what goes wrong with them, and that every job ends.
#include "stakers.hpp"
#include "world.hpp"

namespace sublet::sim {
namespace {

constexpr std::uint64_t kStepMs = 10'000;
constexpr std::uint64_t kMostPerTaskMs = 100, kMostBesidesMs = 600'000;  // of a job at scale

}  // namespace

void World::start_creators_and_workers() {
    for (std::size_t i = 0; i < campaign_.creators; ++i) {
        job_actors_.push_back(std::make_unique<Creator>(*this, i));
    }
    for (std::size_t i = 0; i < campaign_.workers; ++i) {
        job_actors_.push_back(std::make_unique<Worker>(*this, i));
    }
    for (std::size_t i = 0; i < stakers(); ++i) {
        job_actors_.push_back(std::make_unique<Staker>(*this, i));
    }
    for (const auto& each : job_actors_) {
        each->start();
    }
}

void World::schedule_job_trouble() {
    if (job_actors_.empty()) {
        return;
    }
    time_.after(job_fate_.between(5'000, 120'000), [this] {
        if (closing_) {
            return;
        }
        const std::uint64_t number = kFirstJobTrouble + job_troubles_++;
        const Dice fate = job_fate_.fork("trouble");
        if (!campaign_.only || campaign_.only->contains(number)) {
            job_trouble(fate, number);
        }
        schedule_job_trouble();
    });
}

void World::job_trouble(Dice fate, std::uint64_t number) {
    JobActor& actor = *job_actors_[fate.between(0, job_actors_.size() - 1)];
    const std::uint64_t later_ms = fate.between(1'000, 90'000);
    std::string what = "trouble " + std::to_string(number) + ": " + actor.name();
    const std::string until = ", for " + std::to_string(later_ms / 1000) + " s";
    if (fate.chance(400)) {
        mark("a creator or a worker was cut off");
        network_.cut(actor.name());
        time_.after(later_ms, [this, &actor] { network_.mend(actor.name()); });
        tell(what + " is cut off" + until);
        return;
    }
    if (!actor.is_up()) {
        tell(what + " would be killed, but is down");
        return;
    }
    mark("a creator or a worker was killed");
    actor.kill();
    what += " is killed" + until;
    what += fate.chance(500) ? actor.lose_last_write() : "";
    time_.after(later_ms, [&actor] { actor.start(); });
    tell(std::move(what));
}

void World::heal_creators_and_workers() {
    for (const auto& each : job_actors_) {
        network_.mend(each->name());
    }
}

// In pieces; a job that does not get there in time is for the judge.
void World::pass_until_the_job_is_over() {
    const std::uint64_t until_ms = time_.now_ms() + kMostBesidesMs + campaign_.job_tasks * kMostPerTaskMs;
    while (time_.now_ms() < until_ms && !consensus_->broken() && !job_not_over().empty()) {
        pass(kStepMs);
    }
}

// The first job that never came to its end, or at scale has not all results; "" when there is none.
std::string World::job_not_over() const {
    std::string out;
    std::uint64_t jobs = 0;
    const std::shared_ptr<const app::Committed> last = consensus_->latest();
    last->view.visit(job::job_prefix(), job::job_prefix(), [&](BytesView, BytesView value) {
        const auto job = codec::decode<job::Job>(value);
        ++jobs;
        const bool short_of = job && campaign_.job_tasks > 0 && job->accepted != campaign_.job_tasks;
        if (!job || job->closed_at.is_zero() || short_of) {
            out = job ? "job " + std::to_string(job->id.value()) + " never came to its end: it is " +
                            std::string{to_name(job->state)} + " with " + std::to_string(job->accepted) + " of " +
                            std::to_string(job->tasks) + " results accepted"
                      : "a job's record does not decode";
        }
        return out.empty();
    });
    return out.empty() && jobs == 0 && campaign_.job_tasks > 0 ? "there never was a job" : out;
}

}  // namespace sublet::sim
