// child.cpp: fork, exec, a pipe for what it says.
#include "engine/cometbft/child.hpp"

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <chrono>
#include <cstring>

namespace sublet::engine {
namespace {

using Clock = std::chrono::steady_clock;

constexpr int kFailedToStart = 127;
constexpr unsigned kStep_ms = 50;

int code_of(int status) { return WIFSIGNALED(status) ? 128 + WTERMSIG(status) : WEXITSTATUS(status); }

// Between fork and exec only what signals may interrupt.
[[noreturn]] void become(char* const* argv, const char* folder, int output, int parent) {
    ::prctl(PR_SET_PDEATHSIG, SIGKILL);
    if (::getppid() != parent || ::chdir(folder) != 0) {
        ::_exit(kFailedToStart);
    }
    ::setpgid(0, 0);  // Ctrl-C of the terminal is ours to handle
    sigset_t none;
    ::sigemptyset(&none);
    ::sigprocmask(SIG_SETMASK, &none, nullptr);
    const int nothing = ::open("/dev/null", O_RDONLY);
    ::dup2(nothing, 0);
    ::dup2(output, 1);
    ::dup2(output, 2);
    ::close_range(3, ~0U, CLOSE_RANGE_CLOEXEC);
    ::execv(argv[0], argv);
    ::_exit(kFailedToStart);
}

}  // namespace

Result<std::unique_ptr<Child>> Child::start(const std::vector<std::string>& argv, const std::string& folder,
                                            Said said) {
    std::vector<std::string> words = argv;
    std::vector<char*> pointers;
    for (std::string& each : words) {
        pointers.push_back(each.data());
    }
    pointers.push_back(nullptr);
    std::array<int, 2> pipe{};
    if (::pipe2(pipe.data(), O_CLOEXEC) != 0) {
        return fail(Code::kIo, "no pipe for " + argv.front() + ": " + std::strerror(errno));
    }
    const int parent = ::getpid();
    const int pid = ::fork();
    if (pid == 0) {
        become(pointers.data(), folder.c_str(), pipe[1], parent);
    }
    ::close(pipe[1]);
    if (pid < 0) {
        ::close(pipe[0]);
        return fail(Code::kIo, "cannot start " + argv.front() + ": " + std::strerror(errno));
    }
    ::fcntl(pipe[0], F_SETFL, O_NONBLOCK);
    return std::unique_ptr<Child>{new Child{pid, pipe[0], std::move(said)}};
}

Child::~Child() {
    end();
    ::close(output_);
}

void Child::hand_on(bool rest) {
    std::size_t end = 0;
    while ((end = unread_.find('\n')) != std::string::npos || unread_.size() >= kMaxSaidLine) {
        end = std::min(end, kMaxSaidLine);
        said_(std::string_view{unread_}.substr(0, end));
        unread_.erase(0, end + (end < unread_.size() && unread_[end] == '\n' ? 1 : 0));
    }
    if (rest && !unread_.empty()) {
        said_(unread_);
        unread_.clear();
    }
}

// False: nothing is there.
bool Child::read_some() {
    std::array<char, kMaxSaidLine> piece{};
    const ssize_t count = ::read(output_, piece.data(), piece.size());
    if (count <= 0) {
        return false;
    }
    unread_.append(piece.data(), static_cast<std::size_t>(count));
    hand_on(false);
    return true;
}

std::optional<int> Child::serve(unsigned for_ms) {
    const auto until = Clock::now() + std::chrono::milliseconds{for_ms};
    while (!ended_) {
        int status = 0;
        if (::waitpid(pid_, &status, WNOHANG) == pid_) {
            ended_ = code_of(status);
            while (read_some()) {
            }
            hand_on(true);
            break;
        }
        if (Clock::now() >= until) {
            break;
        }
        pollfd output{.fd = output_, .events = POLLIN, .revents = 0};
        ::poll(&output, 1, static_cast<int>(std::min(for_ms, kStep_ms)));
        if (!read_some() && (output.revents & POLLHUP) != 0) {  // it has closed its outputs: nothing wakes poll
            ::poll(nullptr, 0, static_cast<int>(kStep_ms));
        }
    }
    return ended_;
}

void Child::end() {
    if (ended_) {
        return;
    }
    ::kill(pid_, SIGTERM);
    ::kill(pid_, SIGCONT);
    if (!serve(kChildPatience_ms)) {
        ::kill(pid_, SIGKILL);
        serve(kChildPatience_ms);
    }
}

}  // namespace sublet::engine
