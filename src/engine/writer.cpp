// writer.cpp: the thread that writes blocks.
#include "engine/writer.hpp"

#include <utility>

namespace sublet::engine {

Writer::Writer(std::function<Result<>(Core::Executed&)> write, std::function<void()> done)
    : write_(std::move(write)), done_(std::move(done)), thread_([this] { serve(); }) {}

Writer::~Writer() {
    {
        const std::scoped_lock lock{mutex_};
        stopping_ = true;
    }
    changed_.notify_all();
    thread_.join();
}

void Writer::give(Core::Executed executed) {
    given_ = true;
    {
        const std::scoped_lock lock{mutex_};
        todo_.emplace(std::move(executed));
    }
    changed_.notify_all();
}

bool Writer::has_written() {
    const std::scoped_lock lock{mutex_};
    return written_.has_value();
}

Writer::Written Writer::take() {
    std::unique_lock lock{mutex_};
    changed_.wait(lock, [this] { return written_.has_value(); });
    given_ = false;
    Written out = *std::move(written_);
    written_.reset();
    return out;
}

void Writer::serve() {
    std::unique_lock lock{mutex_};
    while (true) {
        changed_.wait(lock, [this] { return stopping_ || todo_.has_value(); });
        if (!todo_) {
            return;
        }
        Core::Executed executed = *std::exchange(todo_, std::nullopt);
        lock.unlock();
        Result<> result = write_(executed);
        lock.lock();
        written_.emplace(Written{std::move(executed), std::move(result)});
        changed_.notify_all();
        lock.unlock();
        done_();
        lock.lock();
    }
}

}  // namespace sublet::engine
