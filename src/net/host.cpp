// host.cpp: the real clock, randomness and files of this machine.
#include "net/host.hpp"

#include <fcntl.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <system_error>

#include <boost/asio/redirect_error.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>

#include "base/assert.hpp"

namespace sublet::net {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t kMaxFileBytes = 1ULL << 30U;

class SystemClock final : public Clock {
public:
    std::uint64_t unix_ms() override { return count_ms(std::chrono::system_clock::now().time_since_epoch()); }
    std::uint64_t monotonic_ms() override { return count_ms(std::chrono::steady_clock::now().time_since_epoch()); }
    Task<> sleep(std::uint64_t length_ms) override {
        auto executor = co_await boost::asio::this_coro::executor;
        boost::asio::steady_timer timer(executor);
        timer.expires_after(std::chrono::milliseconds(length_ms));
        boost::system::error_code ignored;
        co_await timer.async_wait(boost::asio::redirect_error(boost::asio::use_awaitable, ignored));
    }

private:
    template <class Length>
    static std::uint64_t count_ms(Length length) {
        return static_cast<std::uint64_t>(std::chrono::duration_cast<std::chrono::milliseconds>(length).count());
    }
};

class SystemRandom final : public Random {
public:
    Bytes bytes(std::size_t count) override {
        Bytes out(count, '\0');
        std::size_t filled = 0;
        while (filled < count) {
            const ssize_t got = ::getrandom(out.data() + filled, count - filled, 0);
            SUBLET_ASSERT(got > 0 || errno == EINTR);
            filled += got > 0 ? static_cast<std::size_t>(got) : 0;
        }
        return out;
    }
};

std::unexpected<Error> io_error(const char* what, const fs::path& path) {
    const Code code = errno == ENOENT ? Code::kNotFound : Code::kIo;
    return fail(code, std::string(what) + " " + path.string() + ": " + std::strerror(errno));
}

// Closes a file descriptor at the end of its scope.
class Descriptor {
public:
    explicit Descriptor(int number) : number_(number) {}
    ~Descriptor() {
        if (number_ >= 0) {
            ::close(number_);
        }
    }
    Descriptor(const Descriptor&) = delete;
    Descriptor& operator=(const Descriptor&) = delete;
    [[nodiscard]] int number() const { return number_; }
    [[nodiscard]] bool valid() const { return number_ >= 0; }

private:
    int number_;
};

Result<> write_all(int file, BytesView content, const fs::path& path) {
    while (!content.empty()) {
        const ssize_t put = ::write(file, content.data(), content.size());
        if (put < 0 && errno == EINTR) {
            continue;
        }
        if (put < 0) {
            return io_error("writing", path);
        }
        content.remove_prefix(static_cast<std::size_t>(put));
    }
    if (::fsync(file) != 0) {
        return io_error("syncing", path);
    }
    return {};
}

// A rename is durable only once its folder is.
Result<> sync_folder(const fs::path& folder) {
    const Descriptor opened(::open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
    if (!opened.valid() || ::fsync(opened.number()) != 0) {
        return io_error("syncing folder", folder);
    }
    return {};
}

class SystemFiles final : public Files {
public:
    Result<Bytes> read(const fs::path& path) override {
        const Descriptor file(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
        if (!file.valid()) {
            return io_error("opening", path);
        }
        Bytes content;
        char piece[16384];
        while (true) {
            const ssize_t got = ::read(file.number(), piece, sizeof piece);
            if (got < 0 && errno == EINTR) {
                continue;
            }
            if (got < 0) {
                return io_error("reading", path);
            }
            if (got == 0) {
                return content;
            }
            if (content.size() + static_cast<std::size_t>(got) > kMaxFileBytes) {
                return fail(Code::kTooLarge,
                            path.string() + " is longer than " + std::to_string(kMaxFileBytes) + " bytes");
            }
            content.append(piece, static_cast<std::size_t>(got));
        }
    }

    Result<> write(const fs::path& path, BytesView content, unsigned mode) override {
        const fs::path folder = path.has_parent_path() ? path.parent_path() : fs::path(".");
        std::string name = (folder / (".new-" + path.filename().string() + "-XXXXXX")).string();
        const Descriptor file(::mkostemp(name.data(), O_CLOEXEC));
        if (!file.valid()) {
            return io_error("creating a file beside", path);
        }
        Result<> done = write_all(file.number(), content, path);
        if (done && ::fchmod(file.number(), mode) != 0) {
            done = io_error("setting the mode of", path);
        }
        if (done && ::rename(name.c_str(), path.c_str()) != 0) {
            done = io_error("replacing", path);
        }
        if (!done) {
            ::unlink(name.c_str());
            return done;
        }
        return sync_folder(folder);
    }

    bool exists(const fs::path& path) override {
        std::error_code ignored;
        return fs::exists(path, ignored);
    }

    // Missing parents are made too; `mode` is set on the last one, also when it was there.
    Result<> make_folder(const fs::path& path, unsigned mode) override {
        std::error_code error;
        fs::create_directories(path, error);
        if (error) {
            return fail(Code::kIo, "making folder " + path.string() + ": " + error.message());
        }
        if (::chmod(path.c_str(), mode) != 0) {
            return io_error("setting the mode of", path);
        }
        return {};
    }

    // One file or one empty folder.
    Result<> remove(const fs::path& path) override {
        if (::remove(path.c_str()) != 0) {
            return io_error("removing", path);
        }
        return {};
    }
};

}  // namespace

std::unique_ptr<Clock> system_clock() { return std::make_unique<SystemClock>(); }
std::unique_ptr<Random> system_random() { return std::make_unique<SystemRandom>(); }
std::unique_ptr<Files> system_files() { return std::make_unique<SystemFiles>(); }

}  // namespace sublet::net
