// run.cpp: the two places where a coroutine meets the loop, so that no other unit pays for co_spawn's templates.
#include "net/run.hpp"

#include <exception>

#include <boost/asio/co_spawn.hpp>

#include "base/assert.hpp"

namespace sublet::net {
namespace {

struct Ending {
    bool done = false;
    std::exception_ptr thrown;
};

}  // namespace

void spawn(Loop& loop, Task<> task) {
    boost::asio::co_spawn(loop, std::move(task), [](std::exception_ptr) {});
}

namespace detail {

void run_to_end(Loop& loop, Task<> task) {
    auto ending = std::make_shared<Ending>();
    boost::asio::co_spawn(loop, std::move(task), [ending](std::exception_ptr thrown) {
        ending->thrown = std::move(thrown);
        ending->done = true;
    });
    bool starved = false;
    while (!ending->done) {
        if (loop.stopped()) {
            loop.restart();  // somebody stopped it, or it ran out of work earlier
        }
        const bool moved = loop.run_one() > 0;
        SUBLET_ASSERT(moved || !starved);  // twice nothing to do: the task can never end
        starved = !moved;
    }
    if (ending->thrown) {
        std::rethrow_exception(ending->thrown);
    }
}

}  // namespace detail
}  // namespace sublet::net
