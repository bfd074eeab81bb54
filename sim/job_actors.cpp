// job_actors.cpp: the life of a creator's or a worker's program.
#include "job_actors.hpp"

#include "crypto/sha256.hpp"
#include "net/quiet.hpp"
#include "net/run.hpp"

namespace sublet::sim {

using net::Task;

JobActor::JobActor(World& world, std::string name, std::size_t number)
    : world_(world), name_(std::move(name)), number_(number), dice_(world.dice().fork(name_)) {
    world_.network().give_dice(name_, world.dice().fork("wires of " + name_));
}

void JobActor::start() {
    process_ = &world_.spawn_process(name_, name_);
    chain_ = std::make_unique<client::Chain>(*process_->transport, process_->clock, world_.node_for(number_));
    take_keys();
    net::spawn(process_->loop, live());
}

void JobActor::kill() {
    world_.kill(*process_);
    // The frames of the dead loop may still name these.
    (void)chain_.release();
    leave_keys();
    process_ = nullptr;
}

Task<Result<client::TxOutcome>> JobActor::say_all(client::Signer& signer, std::vector<client::TxMessage> messages) {
    Task<Result<client::TxOutcome>> submitting = chain_->submit(signer, std::move(messages));
    co_return co_await std::move(submitting);
}

Hash result_of(JobId job, std::uint32_t task) {
    return crypto::sha256("what comes of task " + std::to_string(task) + " of job " + std::to_string(job.value()));
}

}  // namespace sublet::sim
