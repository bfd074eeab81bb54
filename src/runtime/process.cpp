// process.cpp: fork and exec with memory files for input and output, so that no pipe can fill up, and a pidfd to wait
// on.
#include "runtime/process.hpp"
#include "net/quiet.hpp"

#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <boost/asio/posix/stream_descriptor.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <memory>
#include <thread>

namespace sublet::runtime {
namespace {

namespace asio = boost::asio;

class Fd {
public:
    explicit Fd(int fd) : fd_(fd) {}
    Fd(const Fd&) = delete;
    Fd& operator=(const Fd&) = delete;
    ~Fd() {
        if (fd_ >= 0) {
            ::close(fd_);
        }
    }
    [[nodiscard]] int get() const { return fd_; }

private:
    int fd_;
};

int memory_file(const std::string& content) {
    const int fd = static_cast<int>(::syscall(SYS_memfd_create, "sublet", 1U /* close on exec */));
    std::size_t done = 0;
    while (fd >= 0 && done < content.size()) {
        const auto count = ::write(fd, content.data() + done, content.size() - done);
        if (count <= 0) {
            break;
        }
        done += static_cast<std::size_t>(count);
    }
    if (fd >= 0) {
        ::lseek(fd, 0, SEEK_SET);
    }
    return fd;
}

std::string read_all(int fd) {
    std::string out;
    const auto size = ::lseek(fd, 0, SEEK_END);
    out.resize(size < 0 ? 0 : std::min(static_cast<std::size_t>(size), kMaxProcessOutputBytes));
    std::size_t done = 0;
    while (done < out.size()) {
        const auto count = ::pread(fd, out.data() + done, out.size() - done, static_cast<off_t>(done));
        if (count <= 0) {
            break;
        }
        done += static_cast<std::size_t>(count);
    }
    out.resize(done);
    return out;
}

std::vector<char*> pointers(std::vector<std::string>& texts) {
    std::vector<char*> out;
    for (auto& text : texts) {
        out.push_back(text.data());
    }
    out.push_back(nullptr);
    return out;
}

std::vector<std::string> environment_with(const std::vector<std::string>& added) {
    std::vector<std::string> out = added;
    for (char** entry = environ; *entry != nullptr; ++entry) {
        const std::string text = *entry;
        const auto name = text.substr(0, text.find('=') + 1);
        bool replaced = false;
        for (const auto& mine : added) {
            replaced = replaced || mine.starts_with(name);
        }
        if (!replaced) {
            out.push_back(text);
        }
    }
    return out;
}

// Everything is allocated before the fork: between fork and exec only calls that signals may interrupt are allowed.
int spawn(const ProcessRequest& request, const std::string& program, int in, int out, int err, bool own_group) {
    auto argv = request.argv;
    auto env = environment_with(request.env);
    auto argv_pointers = pointers(argv);
    auto env_pointers = pointers(env);
    const int parent = ::getpid();
    const int pid = ::fork();
    if (pid != 0) {
        return pid;
    }
    ::prctl(PR_SET_PDEATHSIG, SIGTERM);
    if (::getppid() != parent) {
        ::_exit(127);
    }
    if (own_group) {
        ::setpgid(0, 0);  // Ctrl-C of the terminal is ours to handle
    }
    sigset_t none;
    ::sigemptyset(&none);
    ::sigprocmask(SIG_SETMASK, &none, nullptr);
    if (request.network >= 0 && ::setns(request.network, CLONE_NEWNET) != 0) {
        ::_exit(127);
    }
    if (!request.folder.empty() && ::chdir(request.folder.c_str()) != 0) {
        ::_exit(127);
    }
    ::dup2(in, 0);
    ::dup2(out, 1);
    ::dup2(err, 2);
    // A container monitor outlives us: it must not hold our listening sockets open.
    ::close_range(3, ~0U, CLOSE_RANGE_CLOEXEC);
    ::execve(program.c_str(), argv_pointers.data(), env_pointers.data());
    ::_exit(127);
}

struct Watch {
    bool late = false;
    bool ended = false;
};

int code_of(int status) { return WIFSIGNALED(status) ? 128 + WTERMSIG(status) : WEXITSTATUS(status); }

}  // namespace

std::string find_program(const std::string& name) {
    if (name.find('/') != std::string::npos) {
        return ::access(name.c_str(), X_OK) == 0 ? name : std::string();
    }
    const char* path = std::getenv("PATH");
    std::string places = std::string(path == nullptr ? "" : path) + ":/usr/local/sbin:/usr/sbin:/sbin:/usr/bin:/bin";
    while (!places.empty()) {
        const auto colon = places.find(':');
        const std::string candidate = places.substr(0, colon) + "/" + name;
        if (candidate.size() > name.size() + 1 && ::access(candidate.c_str(), X_OK) == 0) {
            return candidate;
        }
        places.erase(0, colon == std::string::npos ? places.size() : colon + 1);
    }
    return {};
}

net::Task<Result<ProcessResult>> run_process(ProcessRequest request) {
    const std::string program = find_program(request.argv.at(0));
    if (program.empty()) {
        co_return fail(Code::kNotFound, "the program '" + request.argv[0] + "' is not installed");
    }
    const Fd in(memory_file(request.input));
    const Fd out(memory_file(""));
    const Fd err(memory_file(""));
    const int pid = spawn(request, program, in.get(), out.get(), err.get(), false);
    if (pid < 0) {
        co_return fail(Code::kIo, "cannot start " + program + ": " + std::strerror(errno));
    }
    const int pidfd = static_cast<int>(::syscall(SYS_pidfd_open, pid, 0U));
    if (pidfd < 0) {
        ::kill(pid, SIGKILL);
        ::waitpid(pid, nullptr, 0);
        co_return fail(Code::kIo,
                       std::string("pidfd_open: ") + std::strerror(errno) + " (Linux 5.3 or later is needed)");
    }
    auto executor = co_await asio::this_coro::executor;
    asio::posix::stream_descriptor ended(executor, pidfd);
    asio::steady_timer timer(executor, std::chrono::milliseconds(request.timeout_ms));
    // Shared, because the timer's handler may be queued already when the child's end wins.
    auto state = std::make_shared<Watch>();
    timer.async_wait([state, pid](boost::system::error_code failed) {
        if (!failed && !state->ended) {
            state->late = true;
            ::kill(pid, SIGKILL);
        }
    });
    boost::system::error_code error;
    auto token = asio::redirect_error(asio::use_awaitable, error);
    co_await ended.async_wait(asio::posix::stream_descriptor::wait_read, token);
    state->ended = true;
    timer.cancel();
    int status = 0;
    ::waitpid(pid, &status, 0);
    if (state->late) {
        co_return fail(Code::kTimeout,
                       request.argv[0] + " did not end within " + std::to_string(request.timeout_ms) + " ms");
    }
    ProcessResult result{.exit_code = code_of(status), .out = read_all(out.get()), .err = read_all(err.get())};
    co_return result;
}

Child::~Child() { stop(); }

Result<> Child::start(const ProcessRequest& request, const std::string& log_path) {
    const std::string program = find_program(request.argv.at(0));
    if (program.empty()) {
        return fail(Code::kNotFound, "the program '" + request.argv[0] + "' is not installed");
    }
    const Fd in(::open("/dev/null", O_RDONLY | O_CLOEXEC));
    const Fd log(::open(log_path.c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600));
    if (in.get() < 0 || log.get() < 0) {
        return fail(Code::kIo, "cannot write " + log_path + ": " + std::strerror(errno));
    }
    pid_ = spawn(request, program, in.get(), log.get(), log.get(), true);
    if (pid_ < 0) {
        return fail(Code::kIo, "cannot start " + program + ": " + std::strerror(errno));
    }
    return {};
}

bool Child::running() {
    if (pid_ <= 0) {
        return false;
    }
    int status = 0;
    if (::waitpid(pid_, &status, WNOHANG) == 0) {
        return true;
    }
    exit_code_ = code_of(status);
    pid_ = -1;
    return false;
}

void Child::ask_to_stop() const {
    if (pid_ > 0) {
        ::kill(pid_, SIGTERM);
    }
}

void Child::stop() {
    if (!running()) {
        return;
    }
    ::kill(pid_, SIGTERM);
    constexpr unsigned kStepMs = 10;
    for (unsigned waited = 0; waited < kStopMs && running(); waited += kStepMs) {
        std::this_thread::sleep_for(std::chrono::milliseconds(kStepMs));
    }
    if (running()) {
        ::kill(pid_, SIGKILL);
        ::waitpid(pid_, nullptr, 0);
        pid_ = -1;
    }
}

}  // namespace sublet::runtime
