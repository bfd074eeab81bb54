// agent_process.hpp: an agent with a loop of its own, for tests: started, run until something holds, stopped or
// crashed.
#pragma once

#include <functional>
#include <memory>

#include "agent/agent.hpp"
#include "net/http.hpp"
#include "net/run.hpp"

namespace sublet::agent {

inline constexpr std::uint64_t kPatience_ms = 10'000;

// One process of the agent. A crash is that its loop never runs again; it is never destroyed, as frames that are still
// waiting must not outlive their loop.
struct Process {
    net::Loop loop;
    std::unique_ptr<net::Clock> clock = net::system_clock();
    std::unique_ptr<net::Random> random = net::system_random();
    std::unique_ptr<net::Files> files = net::system_files();
    std::unique_ptr<net::Listener> listener = net::system_listener(loop);
    std::unique_ptr<net::Transport> transport = net::system_transport(loop);
    std::unique_ptr<Agent> agent;

    Process(Ledger& ledger, runtime::Runtime& engine, AgentOptions options, runtime::Runtime* tasks = nullptr,
            const crypto::SecretKey* operator_key = nullptr) {
        AgentParts parts{loop,   ledger,    engine, *clock,          *random,
                         *files, *listener, tasks,  transport.get(), operator_key};
        agent = std::make_unique<Agent>(std::move(parts), std::move(options));
    }
    Result<> start() {
        Result<> started = net::run(loop, agent->start());
        if (started) {
            net::spawn(loop, agent->run());
        }
        return started;
    }
    template <class T>
    T run(Task<T> task) {
        return net::run(loop, std::move(task));
    }
    void crash() { agent.reset(); }
    void stop(StopMode mode) { net::run(loop, agent->stop(mode)); }
    // Lets the loop go on until the condition holds.
    bool until(const std::function<bool()>& condition) {
        const std::uint64_t end_ms = clock->monotonic_ms() + kPatience_ms;
        while (!condition()) {
            if (clock->monotonic_ms() > end_ms) {
                return false;
            }
            net::run(loop, clock->sleep(10));
        }
        return true;
    }
    void pass_time(std::uint64_t length_ms) { net::run(loop, clock->sleep(length_ms)); }
};

}  // namespace sublet::agent
