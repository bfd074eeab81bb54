// hand.hpp: one thread that does for a loop what would keep it waiting: hashes, archives, walks of folders. In order,
// one at a time.
#pragma once

#include <condition_variable>
#include <deque>
#include <functional>
#include <mutex>
#include <optional>
#include <thread>

#include "net/notify.hpp"

namespace sublet::net {

inline constexpr std::size_t kMaxHandWaits = 256;  // pieces of work that wait

class Hand {
public:
    explicit Hand(Loop& loop) : loop_(loop) {}
    // What is under way is finished first; what waits is not begun, and who asked for it waits for ever.
    ~Hand();
    Hand(const Hand&) = delete;
    Hand& operator=(const Hand&) = delete;

    // `work` runs on the thread: it may use nothing of the loop's. Errors: kRefused (kMaxHandWaits), and what it
    // answers.
    template <class T>
    Task<Result<T>> run(std::function<Result<T>()> work) {
        struct Answer {
            explicit Answer(Loop& loop) : there(loop) {}
            Notifier there;                  // loop's thread alone
            std::optional<Result<T>> value;  // written by the thread before the loop is told
        };
        auto answer = std::make_shared<Answer>(loop_);
        const bool taken = add([work = std::move(work), answer] { answer->value.emplace(work()); },
                               [answer] { answer->there.notify_all(); });
        if (!taken) {
            co_return fail(Code::kRefused, "too much is to be packed, unpacked and measured here; try again later");
        }
        co_await answer->there.wait();
        co_return *std::move(answer->value);
    }

private:
    struct Work {
        std::function<void()> begin;
        std::function<void()> tell;  // on the loop
    };
    bool add(std::function<void()> begin, std::function<void()> tell);
    void serve();

    Loop& loop_;
    std::mutex mutex_;  // what follows
    std::condition_variable changed_;
    std::deque<Work> waiting_;
    bool stopping_ = false;

    std::thread thread_;  // begun with the first piece of work
};

}  // namespace sublet::net
