// process.hpp: running the few programs that have no library: nft and podman. Never through a shell.
#pragma once

#include <string>
#include <vector>

#include "net/task.hpp"

namespace sublet::runtime {

inline constexpr std::size_t kMaxProcessOutputBytes = 4U << 20U;

struct ProcessRequest {
    std::vector<std::string> argv;  // argv[0] is looked up in PATH
    std::vector<std::string> env;   // added to ours, "NAME=value"
    std::string input;
    std::string folder;                 // where it runs; empty: where we run
    std::uint64_t timeout_ms = 10'000;  // then it is killed
    int network = -1;                   // file of the network namespace that it runs in; -1: ours
};

struct ProcessResult {
    int exit_code = 0;  // 128 + signal when a signal ended it
    std::string out, err;
};

// Waits without holding up the loop. Errors: kNotFound (no such program), kIo, kTimeout.
net::Task<Result<ProcessResult>> run_process(ProcessRequest request);

// The full path of a program in PATH or in the places for administrators, or empty.
std::string find_program(const std::string& name);

// A child that lives beside us and gets SIGTERM when the thread that started it dies. Its output goes to `log_path`.
class Child {
public:
    Child() = default;
    Child(const Child&) = delete;
    Child& operator=(const Child&) = delete;
    ~Child();  // SIGTERM, then SIGKILL after `stop_ms`
    Result<> start(const ProcessRequest& request, const std::string& log_path);
    [[nodiscard]] bool running();  // reaps it when it has ended
    [[nodiscard]] int pid() const { return pid_; }
    [[nodiscard]] int exit_code() const { return exit_code_; }
    void ask_to_stop() const;  // SIGTERM, and no waiting
    void stop();               // blocks at most kStopMs
    static constexpr unsigned kStopMs = 3'000;

private:
    int pid_ = -1;
    int exit_code_ = 0;
};

}  // namespace sublet::runtime
