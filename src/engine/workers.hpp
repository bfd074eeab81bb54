// workers.hpp: the same pure work for many items, on all cores, while the caller waits.
#pragma once

#include <condition_variable>
#include <functional>
#include <mutex>
#include <thread>
#include <vector>

namespace sublet::engine {

inline constexpr std::size_t kMaxWorkers = 15;

class Workers {
public:
    // `threads` beside the caller's, at most kMaxWorkers; none: everything is done by the caller.
    explicit Workers(std::size_t threads);
    ~Workers();
    Workers(const Workers&) = delete;
    Workers& operator=(const Workers&) = delete;

    // work(0) … work(count − 1), in any order, on any of the threads; returns when all are done. One caller at a time.
    void run(std::size_t count, const std::function<void(std::size_t)>& work);

private:
    void serve();
    void take_part(std::unique_lock<std::mutex>& lock);

    std::mutex mutex_;  // what follows
    std::condition_variable begun_;
    std::condition_variable done_;
    const std::function<void(std::size_t)>* work_ = nullptr;
    std::size_t next_ = 0;
    std::size_t count_ = 0;
    std::size_t portion_ = 1;  // items taken at once
    std::size_t busy_ = 0;     // threads inside an item
    bool stopping_ = false;

    std::vector<std::thread> threads_;
};

}  // namespace sublet::engine
