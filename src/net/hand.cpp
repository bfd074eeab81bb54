// hand.cpp: the thread of a Hand.
#include "net/hand.hpp"

#include <boost/asio/post.hpp>

namespace sublet::net {

Hand::~Hand() {
    {
        const std::lock_guard lock{mutex_};
        stopping_ = true;
        waiting_.clear();
    }
    changed_.notify_one();
    if (thread_.joinable()) {
        thread_.join();
    }
}

bool Hand::add(std::function<void()> begin, std::function<void()> tell) {
    {
        const std::lock_guard lock{mutex_};
        if (waiting_.size() >= kMaxHandWaits) {
            return false;
        }
        waiting_.push_back({std::move(begin), std::move(tell)});
    }
    if (!thread_.joinable()) {
        thread_ = std::thread{[this] { serve(); }};
    }
    changed_.notify_one();
    return true;
}

void Hand::serve() {
    std::unique_lock lock{mutex_};
    while (true) {
        changed_.wait(lock, [this] { return stopping_ || !waiting_.empty(); });
        if (stopping_) {
            return;
        }
        Work next = std::move(waiting_.front());
        waiting_.pop_front();
        lock.unlock();
        next.begin();
        boost::asio::post(loop_, std::move(next.tell));
        next = {};
        lock.lock();
    }
}

}  // namespace sublet::net
