// passphrase.cpp: where a key's passphrase comes from: the environment, a file, or a person at a terminal.
#include "client/passphrase.hpp"

#include <fcntl.h>
#include <termios.h>
#include <unistd.h>

#include <cerrno>
#include <cstdlib>
#include <system_error>

#include "client/keyring.hpp"

namespace sublet::client {
namespace {

// /dev/tty with echo off; echo is back when it dies, also after an error.
class SilentTerminal {
public:
    SilentTerminal() : handle_(::open("/dev/tty", O_RDWR | O_CLOEXEC)) {
        if (handle_ < 0 || ::tcgetattr(handle_, &before_) != 0) {
            return;
        }
        termios silent = before_;
        silent.c_lflag &= ~static_cast<tcflag_t>(ECHO);
        ready_ = ::tcsetattr(handle_, TCSAFLUSH, &silent) == 0;
    }
    ~SilentTerminal() {
        if (ready_) {
            ::tcsetattr(handle_, TCSAFLUSH, &before_);
        }
        if (handle_ >= 0) {
            ::close(handle_);
        }
    }
    SilentTerminal(const SilentTerminal&) = delete;
    SilentTerminal& operator=(const SilentTerminal&) = delete;

    [[nodiscard]] bool ready() const { return ready_; }

    Result<std::string> ask(const std::string& prompt) {
        say(prompt);
        std::string line;
        char c = 0;
        for (;;) {
            const ssize_t count = ::read(handle_, &c, 1);
            if (count < 0 && errno == EINTR) {
                continue;
            }
            if (count != 1 || c == '\n') {
                break;
            }
            if (line.size() == kMaxPassphrase) {
                return fail(Code::kKeyring, "a passphrase has at most 1024 characters");
            }
            line += c;
        }
        say("\n");
        return line;
    }

private:
    void say(const std::string& text) {
        // A prompt that cannot be shown is no reason to stop: the answer may come all the same.
        [[maybe_unused]] const ssize_t count = ::write(handle_, text.data(), text.size());
    }

    int handle_;
    termios before_{};
    bool ready_ = false;
};

Result<std::string> from_file(net::Files& files, const std::filesystem::path& path) {
    namespace fs = std::filesystem;
    std::error_code error;
    const fs::perms mode = fs::status(path, error).permissions();
    if (error || !fs::exists(path, error)) {
        return fail(Code::kKeyring, "there is no passphrase file " + path.string());
    }
    if ((mode & (fs::perms::group_all | fs::perms::others_all)) != fs::perms::none) {
        return fail(Code::kKeyring,
                    "others may read the passphrase file " + path.string() + "; run: chmod 600 " + path.string());
    }
    TRY(content, files.read(path));
    std::string line = content.substr(0, content.find('\n'));
    if (!line.empty() && line.back() == '\r') {
        line.pop_back();
    }
    if (line.empty()) {
        return fail(Code::kKeyring, "the first line of the passphrase file " + path.string() + " is empty");
    }
    return line;
}

Result<std::string> from_terminal(const PassphraseSource& source) {
    SilentTerminal terminal;
    if (!terminal.ready()) {
        return fail(Code::kKeyring, "no terminal to ask for the passphrase; set SUBLET_PASSPHRASE or give a file");
    }
    TRY(first, terminal.ask(source.prompt));
    if (source.new_key) {
        TRY(second, terminal.ask("Again: "));
        if (first != second) {
            return fail(Code::kKeyring, "the two passphrases differ; start again");
        }
    }
    return first;
}

}  // namespace

Result<std::string> read_passphrase(net::Files& files, const PassphraseSource& source) {
    if (source.use_environment) {
        if (const char* value = std::getenv(kPassphraseVariable); value != nullptr && *value != '\0') {
            return std::string{value};
        }
    }
    if (source.file) {
        return from_file(files, *source.file);
    }
    if (source.use_terminal) {
        return from_terminal(source);
    }
    return fail(Code::kKeyring, "no passphrase: set SUBLET_PASSPHRASE or name a file that holds it");
}

}  // namespace sublet::client
