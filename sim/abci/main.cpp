// main.cpp: sim_abci: walks CometBFT's call grammar at random over a real socket, seed by seed.
#include <poll.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <chrono>
#include <cstdlib>

#include <fmt/format.h>
#include <CLI/CLI.hpp>

#include "disks.hpp"
#include "plants.hpp"
#include "served.hpp"
#include "walk.hpp"

namespace {

using sublet::sim::WalkReport;
using Steady = std::chrono::steady_clock;

constexpr unsigned kLongestSeed_s = 120;  // then it hangs: SIGALRM ends it

struct Options {
    std::uint64_t seed = 1;
    std::uint64_t count = 1;
    unsigned jobs = 1;
    std::uint64_t seconds = 0;
    std::string plant;
    bool must_fail = false;
    bool must_hit = false;
    std::string serve;
    std::string disks;
};

struct Totals {
    std::uint64_t seeds = 0, broken = 0, heights = 0, transactions = 0, checks = 0;
    sublet::sim::AbciComet::Marks marks;
};

std::string again(const Options& options, std::uint64_t seed) {
    return fmt::format("sim_abci --seed {}{}", seed, options.plant.empty() ? "" : " --plant " + options.plant);
}

// One fact a line, for the process that counts.
void tell(FILE* to, const WalkReport& report) {
    fmt::print(to, "seed {} {} {} {} {:.1f} {}\n", report.seed, report.heights, report.transactions, report.checks,
               report.seconds, report.why);
    for (const auto& [what, times] : report.marks) {
        fmt::print(to, "mark {} {}\n", times, what);
    }
    std::fflush(to);
}

void count_line(const Options& options, const std::string& line, Totals& totals) {
    std::istringstream words{line};
    std::string kind;
    std::string rest;
    words >> kind;
    if (kind == "mark") {
        std::uint64_t times = 0;
        words >> times >> std::ws;
        std::getline(words, rest);
        totals.marks[rest] += times;
    } else if (kind == "begun") {
        ++totals.seeds;
    } else if (kind == "seed") {
        WalkReport report;
        words >> report.seed >> report.heights >> report.transactions >> report.checks >> report.seconds >> std::ws;
        std::getline(words, report.why);
        totals.heights += report.heights;
        totals.transactions += report.transactions;
        totals.checks += report.checks;
        totals.broken += report.why.empty() ? 0U : 1U;
        fmt::print("seed {}: {}  {} heights, {} transactions, {} checks, {:.1f} s\n", report.seed,
                   report.why.empty() ? "ok" : "BROKEN", report.heights, report.transactions, report.checks,
                   report.seconds);
        if (!report.why.empty()) {
            fmt::print("  {}\n  replay with: {}\n", report.why, again(options, report.seed));
        }
        std::fflush(stdout);
    }
}

// Every jobs-th seed, one after the other.
[[noreturn]] void work(const Options& options, unsigned which, int pipe) {
    FILE* const to = ::fdopen(pipe, "w");
    const auto until = Steady::now() + std::chrono::seconds{options.seconds};
    for (std::uint64_t i = which; options.seconds > 0 ? Steady::now() < until : i < options.count; i += options.jobs) {
        ::alarm(kLongestSeed_s);
        fmt::print(to, "begun {}\n", options.seed + i);
        std::fflush(to);
        tell(to, sublet::sim::walk(options.seed + i, options.plant));
    }
    std::fclose(to);
    ::_exit(EXIT_SUCCESS);
}

struct Worker {
    pid_t pid = 0;
    int pipe = -1;
    std::string text;
    std::string walking;  // the seed that it has not told of
};

// What a worker says, until it has ended. A seed of which it never told has crashed this program, or hangs.
void follow(const Options& options, std::vector<Worker>& workers, Totals& totals) {
    std::array<char, 4096> piece{};
    for (std::size_t open = workers.size(); open > 0;) {
        std::vector<pollfd> looked;
        for (const Worker& each : workers) {
            looked.push_back({.fd = each.pipe, .events = POLLIN, .revents = 0});
        }
        ::poll(looked.data(), looked.size(), -1);
        for (std::size_t i = 0; i < workers.size(); ++i) {
            if (workers[i].pipe < 0 || looked[i].revents == 0) {
                continue;
            }
            const ssize_t got = ::read(workers[i].pipe, piece.data(), piece.size());
            workers[i].text.append(piece.data(), static_cast<std::size_t>(std::max<ssize_t>(got, 0)));
            for (std::size_t end = 0; (end = workers[i].text.find('\n')) != std::string::npos;) {
                const std::string line = workers[i].text.substr(0, end);
                workers[i].text.erase(0, end + 1);
                workers[i].walking = line.starts_with("begun ")  ? line.substr(6)
                                     : line.starts_with("seed ") ? ""
                                                                 : workers[i].walking;
                count_line(options, line, totals);
            }
            if (got <= 0) {
                ::close(std::exchange(workers[i].pipe, -1));
                --open;
                int status = 0;
                ::waitpid(workers[i].pid, &status, 0);
                if (!workers[i].walking.empty()) {
                    ++totals.broken;
                    fmt::print("seed {}: BROKEN\n  the walker {}\n  replay with: {}\n", workers[i].walking,
                               WIFSIGNALED(status) && WTERMSIG(status) == SIGALRM ? "hangs" : "has crashed",
                               again(options, std::strtoull(workers[i].walking.c_str(), nullptr, 10)));
                }
            }
        }
    }
}

Totals search(const Options& options) {
    std::vector<Worker> workers;
    for (unsigned i = 0; i < options.jobs; ++i) {
        std::array<int, 2> pipe{};
        std::fflush(stdout);
        if (::pipe(pipe.data()) != 0) {
            break;
        }
        const pid_t pid = ::fork();
        if (pid == 0) {
            ::close(pipe[0]);
            work(options, i, pipe[1]);
        }
        ::close(pipe[1]);
        workers.push_back({.pid = pid, .pipe = pipe[0], .text = {}, .walking = {}});
    }
    Totals out;
    follow(options, workers, out);
    return out;
}

bool report(const Options& options, const Totals& totals) {
    bool failed = totals.broken > 0 || totals.seeds == 0;
    for (const std::string& each : sublet::sim::must_be_walked()) {
        const auto found = totals.marks.find(each);
        if (options.must_hit && (found == totals.marks.end() || found->second == 0)) {
            fmt::print("no seed went this way: {}\n", each);
            failed = true;
        }
    }
    for (const auto& [what, times] : totals.marks) {
        fmt::print("  {:>7}  {}\n", times, what);
    }
    fmt::print("{} seeds, {} broken; {} heights, {} transactions, {} checks\n", totals.seeds, totals.broken,
               totals.heights, totals.transactions, totals.checks);
    return failed;
}

// In the words of the end-to-end scripts.
int print(const sublet::sim::DiskReport& report) {
    constexpr int kSkipped = 77;
    if (!report.skipped.empty()) {
        fmt::print("skip disks: {}\n", report.skipped);
        return kSkipped;
    }
    for (const std::string& each : report.held) {
        fmt::print("ok {}\n", each);
    }
    for (const std::string& each : report.broken) {
        fmt::print("not ok {}\n", each);
    }
    fmt::print("{} held, {} did not\n", report.held.size(), report.broken.size());
    return report.broken.empty() ? EXIT_SUCCESS : EXIT_FAILURE;
}

}  // namespace

int main(int argc, char** argv) {
    CLI::App app{"Walks CometBFT's calls at random, at a replica in a process of its own, over a Unix socket."};
    Options options;
    app.add_option("--seed", options.seed, "The first seed")->capture_default_str();
    app.add_option("--count", options.count, "How many seeds")->capture_default_str();
    app.add_option("--jobs", options.jobs, "How many at once")->check(CLI::Range(1, 64));
    app.add_option("--seconds", options.seconds, "As many seeds as there is time for");
    app.add_option("--plant", options.plant, "A bug of the application, to see it found")
        ->check(
            CLI::IsMember(std::vector<std::string>(sublet::sim::kAbciPlants.begin(), sublet::sim::kAbciPlants.end())));
    app.add_flag("--must-fail", options.must_fail, "Succeeds if a seed fails: for planted bugs");
    app.add_flag("--must-hit", options.must_hit, "A listed rare path that no seed went is a failure");
    app.add_option("--disks", options.disks, "Instead: what becomes of the replica's disk")
        ->check(CLI::IsMember({"full", "damaged"}));
    app.add_option("--serve", options.serve, "Is the replica's process, in this folder")->group("");
    CLI11_PARSE(app, argc, argv);
    if (!options.serve.empty()) {
        return sublet::sim::serve_replica(options.serve, options.plant);
    }
    if (!options.disks.empty()) {
        return print(options.disks == "full" ? sublet::sim::fill_the_disk()
                                             : sublet::sim::damage_the_disk(options.seed));
    }
    const auto begun = Steady::now();
    const bool failed = report(options, search(options));
    fmt::print("{:.0f} s\n", std::chrono::duration<double>(Steady::now() - begun).count());
    return failed == options.must_fail ? EXIT_SUCCESS : EXIT_FAILURE;
}
