// child.hpp: a program that runs beside us and ends when we do; what it says comes line by line.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.hpp"

namespace sublet::engine {

inline constexpr std::size_t kMaxSaidLine = 16U << 10U;  // what is longer comes in pieces
inline constexpr unsigned kChildPatience_ms = 15'000;    // from SIGTERM to SIGKILL

// For one thread: the program gets SIGKILL when the thread that started it dies.
class Child {
public:
    using Said = std::function<void(std::string_view line)>;  // of both its outputs

    // `argv[0]` is a path; it runs in `folder`. Errors: kIo (the system's words).
    static Result<std::unique_ptr<Child>> start(const std::vector<std::string>& argv, const std::string& folder,
                                                Said said);
    ~Child();  // end()
    Child(const Child&) = delete;
    Child& operator=(const Child&) = delete;

    // Hands on what it says for so long. Once it has ended: its exit code, 128 + signal where a signal ended it.
    std::optional<int> serve(unsigned for_ms);
    // SIGTERM, and SIGKILL for one that stays. Blocks at most kChildPatience_ms.
    void end();
    [[nodiscard]] int pid() const { return pid_; }

private:
    Child(int pid, int output, Said said) : pid_(pid), output_(output), said_(std::move(said)) {}
    bool read_some();
    void hand_on(bool rest);

    int pid_;
    int output_;
    Said said_;
    std::string unread_;
    std::optional<int> ended_;
};

}  // namespace sublet::engine
