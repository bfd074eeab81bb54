// service_loop.cpp: waits for the end of a long-running verb.
#include "cli/service_loop.hpp"

#include <cstdlib>

#include "net/quiet.hpp"
#include "net/signals.hpp"

namespace sublet::cli {
namespace {

constexpr std::uint64_t kLookMs = 500;
constexpr int kExitBySignal = 130;

struct Ending {
    explicit Ending(net::Loop& loop) : changed(loop) {}
    net::Notifier changed;
    bool signalled = false;
};

net::Task<> watch_signals(net::Loop& loop, std::shared_ptr<Ending> ending) {
    co_await net::wait_for_signal(loop);
    ending->signalled = true;
    ending->changed.notify_all();
    co_await net::wait_for_signal(loop);
    std::_Exit(kExitBySignal);
}

net::Task<std::optional<std::string>> until_ended(std::shared_ptr<Ending> ending,
                                                  std::function<std::optional<std::string>()> trouble) {
    while (!ending->signalled) {
        std::optional<std::string> why = trouble();
        if (why) {
            co_return why;
        }
        co_await ending->changed.wait_for(kLookMs);
    }
    co_return std::nullopt;
}

}  // namespace

std::optional<std::string> serve(Context& context, std::function<std::optional<std::string>()> trouble) {
    auto ending = std::make_shared<Ending>(context.loop);
    net::spawn(context.loop, watch_signals(context.loop, ending));
    return context.wait(until_ended(ending, std::move(trouble)));
}

}  // namespace sublet::cli
