// creators_audited.cpp: posts jobs whose results are audited, with a chain of seeds or without one, and disputes what
// comes back doubtful: mostly what is wrong, now and then what is right.
#include "crypto/sha256.hpp"
#include "job_actors.hpp"
#include "net/quiet.hpp"

namespace sublet::sim {

using net::Task;

namespace {

constexpr std::size_t kChain = 64;  // elements

// The chain follows from the job and the key: a creator that is killed has it again.
std::vector<Hash> chain_of(const std::string& creator, BytesView content) {
    std::vector<Hash> out{crypto::sha256("seeds of " + creator + ": " + Bytes{content})};
    while (out.size() < kChain) {
        out.push_back(crypto::sha256(view_of(out.back())));
    }
    return out;
}

}  // namespace

void Creator::ask_for_audits(job::MsgCreateJob& message) {
    message.tasks = static_cast<std::uint32_t>(dice_.between(4, 40));  // so that somebody gets a record
    message.at_once = static_cast<std::uint32_t>(dice_.between(4, 20));
    message.pay = Amount{dice_.between(50, 1'000)};
    message.pay_cap = dice_.chance(500) ? Amount{} : Amount{message.pay.value() * 2};
    message.stake = Amount{dice_.between(0, message.pay.value())};
    message.task_timeout = Millis{dice_.between(45'000, 90'000)};
    message.window = Millis{dice_.between(20'000, 120'000)};
    message.audit = audit::Terms{.how = audit::How::kWhole,
                                 .engine = "batch",
                                 .share_permille = static_cast<std::uint32_t>(dice_.between(20, 300)),
                                 .floor_permille = static_cast<std::uint32_t>(dice_.between(1, 150)),
                                 .unstable = dice_.chance(50),
                                 .tip = {}};
    if (dice_.chance(700)) {
        message.audit->tip = Bytes{view_of(chain_of(name_, message.content).back())};
    }
    world_.mark(message.audit->tip.empty() ? "an audited job without a chain of seeds" : "an audited job with a chain");
}

Task<> Creator::dispute_or_wait(job::Job job, job::Task result) {
    const bool right = result.digest == result_of(job.id, result.index);
    const std::uint64_t mood = dice_.between(0, 999);
    if (mood < (right ? 60U : 700U)) {
        const std::vector<std::uint32_t> places(2 * dice_.between(0, 2), 7);
        Task<Result<client::TxOutcome>> saying =
            say(*signer_, job::MsgDisputeTask{signer_->text(), job.id, result.index, places});
        world_.mark(co_await std::move(saying) ? "a creator disputed a result" : "a dispute was refused");
    } else if (mood > 850) {
        Task<Result<client::TxOutcome>> saying =
            say(*signer_, job::MsgApproveTasks{signer_->text(), job.id, result.index, 1});
        world_.mark(co_await std::move(saying) ? "a creator approved" : "an approval failed");
    } else if (mood > 830) {
        Task<Result<client::TxOutcome>> saying =
            say(*signer_, job::MsgRejectTask{signer_->text(), job.id, result.index});
        world_.mark(co_await std::move(saying) ? "BROKEN: a result of an audited job was rejected"
                                               : "a rejection in an audited job was refused");
    }
}

// The next element where something waits for it; now and then one that is not the next, or none.
Task<> Creator::reveal(job::Job job) {
    const Result<audit::Chain> chain = co_await chain_->chain_of(job.id);
    const Result<std::vector<audit::Audit>> audits = co_await chain_->audits_from({job.id, 0, 0});
    const bool waits = audits && std::ranges::any_of(*audits, [](const audit::Audit& each) {
                           return each.stage == audit::Stage::kElement;
                       });
    if (!chain || !waits || dice_.chance(250)) {
        co_return;
    }
    const std::vector<Hash> elements = chain_of(name_, view_of(job.content));
    const auto tip = std::ranges::find(elements, chain->tip);
    if (tip == elements.end() || tip == elements.begin()) {
        co_return;
    }
    const bool wrong = dice_.chance(100);
    const Hash element = wrong ? elements.front() : *std::prev(tip);
    const bool next = element == *std::prev(tip);
    Task<Result<client::TxOutcome>> saying =
        say(*signer_, audit::MsgRevealSeed{signer_->text(), job.id, Bytes{view_of(element)}});
    const bool taken = (co_await std::move(saying)).has_value();
    world_.mark(next    ? (taken ? "an element was revealed" : "an element was refused")
                : taken ? "BROKEN: an element that is not the next was taken"
                        : "an element that is not the next was refused");
}

}  // namespace sublet::sim
