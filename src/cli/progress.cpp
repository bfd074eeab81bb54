// progress.cpp: draws the progress line.
#include "cli/progress.hpp"

#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <string_view>

#include "cli/log_format.hpp"
#include "net/quiet.hpp"
#include "net/run.hpp"

namespace sublet::cli {
namespace {

constexpr std::uint64_t kFrameMs = 100;
constexpr std::string_view kFrames[] = {"⠋", "⠙", "⠹", "⠸", "⠼", "⠴", "⠦", "⠧", "⠇", "⠏"};

bool fancy() {
    const char* terminal = std::getenv("TERM");
    return ::isatty(STDERR_FILENO) == 1 && terminal != nullptr && std::string_view{terminal} != "dumb";
}

}  // namespace

std::string without_controls(std::string text) {
    bool after_c2 = false;  // U+0080 to U+009F are controls too: C2 80 to C2 9F
    for (char& each : text) {
        const auto byte = static_cast<unsigned char>(each);
        const bool high = after_c2 && byte >= 0x80 && byte < 0xa0;
        const bool low = (byte < 0x20 && each != '\n' && each != '\t') || byte == 0x7f;
        each = high || low ? '?' : each;
        after_c2 = byte == 0xc2;
    }
    return text;
}

struct Progress::State {
    net::Clock& clock;
    std::string what;
    std::uint64_t began_ms = 0;
    bool terminal = false;
    bool ended = false;
    bool drawn = false;    // on a terminal: the line is there
    bool printed = false;  // elsewhere: this text was printed

    [[nodiscard]] std::uint64_t elapsed_ms() const { return clock.monotonic_ms() - began_ms; }
    void erase() {
        if (drawn) {
            fmt::print(stderr, "\r\033[K");
            std::fflush(stderr);
            drawn = false;
        }
    }
    void draw(std::size_t frame) {
        const std::uint64_t tenths = elapsed_ms() / 100;
        if (terminal) {
            fmt::print(stderr, "\r\033[K{} {} {}.{} s", kFrames[frame % std::size(kFrames)], what, tenths / 10,
                       tenths % 10);
            std::fflush(stderr);
            drawn = true;
        } else if (json_logs()) {
            if (!printed) {
                net::log(net::LogLevel::kInfo, "cli", what);
                printed = true;
            }
        } else if (!printed) {
            fmt::print(stderr, "… {} ({}.{} s)\n", what, tenths / 10, tenths % 10);
            printed = true;
        }
    }
};

Progress::Progress(net::Loop& loop, net::Clock& clock, std::string what)
    : state_(std::make_shared<State>(State{clock, std::move(what)})) {
    state_->began_ms = clock.monotonic_ms();
    state_->terminal = fancy();
    net::spawn(loop, spin(state_));
}

Progress::~Progress() {
    state_->ended = true;
    state_->erase();
}

net::Task<> Progress::spin(std::shared_ptr<State> state) {
    co_await state->clock.sleep(kQuietMs);
    for (std::size_t frame = 0; !state->ended; ++frame) {
        state->draw(frame);
        co_await state->clock.sleep(kFrameMs);
    }
}

void Progress::say(std::string what) {
    what = without_controls(std::move(what));
    std::ranges::replace(what, '\n', ' ');
    if (state_->what != what) {
        state_->what = std::move(what);
        state_->printed = false;
    }
}

void Progress::note(const std::string& line) {
    state_->erase();
    fmt::print(stderr, "{}\n", without_controls(line));
}

}  // namespace sublet::cli
