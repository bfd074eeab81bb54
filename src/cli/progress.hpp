// progress.hpp: one line on stderr for whatever takes longer than half a second: a spinner with the elapsed time on a
// terminal, plain lines elsewhere.
#pragma once

#include <memory>
#include <string>

#include "net/host.hpp"

namespace sublet::cli {

inline constexpr std::uint64_t kQuietMs = 500;

// What strangers wrote must not steer a terminal: control characters become "?", lines and tabs stay. UTF-8 or not.
std::string without_controls(std::string text);

class Progress {
public:
    // `clock` and `loop` outlive the process's wish to run them.
    Progress(net::Loop& loop, net::Clock& clock, std::string what);
    ~Progress();  // takes the line away
    Progress(const Progress&) = delete;
    Progress& operator=(const Progress&) = delete;

    // What is being waited for now. Elsewhere than on a terminal each new text is a line of its own, once it is late
    // enough. Control characters are not printed.
    void say(std::string what);
    // A line that stays.
    void note(const std::string& line);

private:
    struct State;
    static net::Task<> spin(std::shared_ptr<State> state);
    std::shared_ptr<State> state_;
};

}  // namespace sublet::cli
