// hub.cpp: bounded queues between the engine and its readers.
#include "engine/hub.hpp"

#include <algorithm>

namespace sublet::engine {

namespace {

void finish(Hub::Queue& queue, const Error& why) {
    if (!queue.ended) {
        queue.ended = why;
        queue.notifier.notify_all();
    }
}

net::Task<Result<BlockPtr>> next_of(std::shared_ptr<Hub::Queue> queue) {
    while (true) {
        if (!queue->blocks.empty()) {
            BlockPtr block = std::move(queue->blocks.front());
            queue->blocks.pop_front();
            queue->bytes -= block->block.bytes;
            co_return block;
        }
        if (queue->ended) {
            co_return std::unexpected{*queue->ended};
        }
        co_await queue->notifier.wait();
    }
}

net::Task<Error> end_of(std::shared_ptr<Hub::Queue> queue) {
    while (!queue->ended) {
        co_await queue->notifier.wait();
    }
    co_return *queue->ended;
}

class HubSubscription final : public Subscription {
public:
    explicit HubSubscription(std::shared_ptr<Hub::Queue> queue) : queue_(std::move(queue)) {}
    ~HubSubscription() override { close(); }
    HubSubscription(const HubSubscription&) = delete;
    HubSubscription& operator=(const HubSubscription&) = delete;
    net::Task<Result<BlockPtr>> next() override { return next_of(queue_); }
    net::Task<Error> ended() override { return end_of(queue_); }
    void close() final {
        queue_->blocks.clear();
        queue_->bytes = 0;
        finish(*queue_, {Code::kCancelled, "the subscription was closed"});
    }

private:
    std::shared_ptr<Hub::Queue> queue_;
};

}  // namespace

Result<std::unique_ptr<Subscription>> Hub::subscribe() {
    std::erase_if(queues_, [](const auto& each) { return each.expired(); });
    if (ended_) {
        return std::unexpected{*ended_};
    }
    if (queues_.size() >= kMaxSubscribers) {
        return fail(Code::kRefused, "too many subscribers: at most " + std::to_string(kMaxSubscribers));
    }
    auto queue = std::make_shared<Queue>(loop_);
    queues_.push_back(queue);
    return std::unique_ptr<Subscription>{new HubSubscription{std::move(queue)}};
}

void Hub::publish(const BlockPtr& block) {
    for (const std::weak_ptr<Queue>& each : queues_) {
        const std::shared_ptr<Queue> queue = each.lock();
        if (!queue || queue->ended) {
            continue;
        }
        const std::size_t behind = queue->blocks.size();
        const bool too_many_bytes = behind > 0 && queue->bytes + block->block.bytes > kMaxSubscriberBytes;
        if (behind >= kMaxSubscriberBlocks || too_many_bytes) {
            queue->blocks.clear();
            queue->bytes = 0;
            ++dropped_;
            finish(*queue, {Code::kRefused, "this reader is " + std::to_string(behind) +
                                                " blocks behind and was dropped; come back with its place"});
            continue;
        }
        queue->bytes += block->block.bytes;
        queue->blocks.push_back(block);
        queue->notifier.notify_all();
    }
    std::erase_if(queues_, [](const auto& each) { return each.expired(); });
}

void Hub::end(const Error& why) {
    ended_ = why;
    for (const std::weak_ptr<Queue>& each : queues_) {
        if (const std::shared_ptr<Queue> queue = each.lock()) {
            finish(*queue, why);
        }
    }
}

}  // namespace sublet::engine
