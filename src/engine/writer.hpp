// writer.hpp: one thread that makes a block durable while the engine checks and executes for the next one.
#pragma once

#include <condition_variable>
#include <functional>
#include <mutex>
#include <optional>
#include <thread>

#include "engine/core.hpp"

namespace sublet::engine {

class Writer {
public:
    struct Written {
        Core::Executed executed;
        Result<> result;
    };

    // `write` runs on the writer's thread; so does `done`, after each block.
    Writer(std::function<Result<>(Core::Executed&)> write, std::function<void()> done);
    ~Writer();  // finishes the block in work
    Writer(const Writer&) = delete;
    Writer& operator=(const Writer&) = delete;

    // One block at a time: the one before has been taken. These four are for one thread.
    void give(Core::Executed executed);
    [[nodiscard]] bool has_work() const { return given_; }
    // Whether take() would answer at once.
    [[nodiscard]] bool has_written();
    // Waits until the block that was given is written.
    Written take();

private:
    void serve();

    std::function<Result<>(Core::Executed&)> write_;
    std::function<void()> done_;
    bool given_ = false;  // the giving thread's

    std::mutex mutex_;  // what follows
    std::condition_variable changed_;
    std::optional<Core::Executed> todo_;
    std::optional<Written> written_;
    bool stopping_ = false;

    std::thread thread_;
};

}  // namespace sublet::engine
