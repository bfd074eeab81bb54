// workers.cpp: a few threads that take items in small portions.
#include "engine/workers.hpp"

#include <algorithm>

namespace sublet::engine {

namespace {

constexpr std::size_t kMostAtOnce = 8;    // a signature check each, so the lock is seldom asked for
constexpr std::size_t kPortionsEach = 4;  // at least, for each thread: nobody waits long for the last one

}  // namespace

Workers::Workers(std::size_t threads) {
    threads_.reserve(std::min(threads, kMaxWorkers));
    for (std::size_t i = 0; i < std::min(threads, kMaxWorkers); ++i) {
        threads_.emplace_back([this] { serve(); });
    }
}

Workers::~Workers() {
    {
        const std::scoped_lock lock{mutex_};
        stopping_ = true;
    }
    begun_.notify_all();
    for (std::thread& each : threads_) {
        each.join();
    }
}

void Workers::run(std::size_t count, const std::function<void(std::size_t)>& work) {
    if (threads_.empty() || count <= 1) {
        for (std::size_t i = 0; i < count; ++i) {
            work(i);
        }
        return;
    }
    std::unique_lock lock{mutex_};
    work_ = &work;
    next_ = 0;
    count_ = count;
    portion_ = std::clamp(count / (kPortionsEach * (threads_.size() + 1)), std::size_t{1}, kMostAtOnce);
    begun_.notify_all();
    take_part(lock);
    done_.wait(lock, [this] { return busy_ == 0; });
    work_ = nullptr;
}

void Workers::take_part(std::unique_lock<std::mutex>& lock) {
    ++busy_;
    while (next_ < count_) {
        const std::size_t begin = next_;
        const std::size_t end = std::min(count_, begin + portion_);
        next_ = end;
        lock.unlock();
        for (std::size_t i = begin; i < end; ++i) {
            (*work_)(i);
        }
        lock.lock();
    }
    --busy_;
}

void Workers::serve() {
    std::unique_lock lock{mutex_};
    while (true) {
        begun_.wait(lock, [this] { return stopping_ || (work_ != nullptr && next_ < count_); });
        if (stopping_) {
            return;
        }
        take_part(lock);
        if (busy_ == 0) {
            done_.notify_one();
        }
    }
}

}  // namespace sublet::engine
