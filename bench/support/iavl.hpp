// iavl.hpp: bench/peers/iavl as a process beside the bench: it takes a round of blocks and answers how fast it was.
#pragma once

#include <fcntl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <csignal>
#include <cstdlib>
#include <filesystem>
#include <vector>

#include "store/store.hpp"
#include "world.hpp"

namespace sublet::bench {

using UpdateBlock = std::vector<store::Change>;  // keys of 32 bytes, values of 100

// Where tools/bench.py built it, or nothing; then why.
inline const char* iavl_program() { return std::getenv("BENCH_PEER_IAVL"); }
inline std::string iavl_missing() {
    const char* const why = std::getenv("BENCH_NO_PEER_IAVL");
    return why != nullptr ? why : "./run bench builds what it is held against";
}

class Iavl {
public:
    // `kind`: "memory" or "goleveldb", in `folder` then.
    Iavl(const char* program, const char* kind, const std::filesystem::path& folder) {
        std::array<int, 2> load{};
        std::array<int, 2> rates{};
        if (::pipe2(load.data(), O_CLOEXEC) != 0 || ::pipe2(rates.data(), O_CLOEXEC) != 0) {
            throw scenario::Failure("cannot make a pipe");
        }
        (void)std::signal(SIGPIPE, SIG_IGN);  // NOLINT(cert-err33-c): a peer that ended shows where its rate is awaited
        process_ = ::fork();
        if (process_ == 0) {
            ::dup2(load[0], STDIN_FILENO);
            ::dup2(rates[1], STDOUT_FILENO);
            ::execl(program, program, kind, folder.c_str(), nullptr);
            ::_exit(127);
        }
        ::close(load[0]);
        ::close(rates[1]);
        load_ = ::fdopen(load[1], "w");
        rates_ = ::fdopen(rates[0], "r");
    }
    ~Iavl() {
        std::fclose(load_);   // NOLINT(cert-err33-c): its end of input, and its end
        std::fclose(rates_);  // NOLINT(cert-err33-c)
        ::waitpid(process_, nullptr, 0);
    }
    Iavl(const Iavl&) = delete;
    Iavl& operator=(const Iavl&) = delete;

    // Updates a second, every block a version of its own.
    double round(const UpdateBlock* first, std::size_t count) {
        number(count);
        for (const UpdateBlock* block = first; block != first + count; ++block) {
            number(block->size());
            for (const store::Change& each : *block) {
                write(each.key);
                write(*each.value);
            }
        }
        double rate = 0;
        if (std::fflush(load_) != 0 || std::fscanf(rates_, "%lf", &rate) != 1) {  // NOLINT(cert-err34-c)
            throw scenario::Failure("the IAVL program ended early");
        }
        return rate;
    }

private:
    void number(std::size_t value) {
        std::string bytes;
        for (unsigned shift = 0; shift < 32; shift += 8) {
            bytes.push_back(static_cast<char>(value >> shift));
        }
        write(bytes);
    }
    void write(std::string_view bytes) { (void)std::fwrite(bytes.data(), 1, bytes.size(), load_); }

    ::pid_t process_ = -1;
    std::FILE* load_ = nullptr;
    std::FILE* rates_ = nullptr;
};

}  // namespace sublet::bench
