// main.cpp: sublet-sim: runs campaigns of a simulated market. The same seed replays bit for bit.
#include <chrono>
#include <cstdlib>

#include <fmt/format.h>
#include <CLI/CLI.hpp>

#include "attackers.hpp"
#include "children.hpp"
#include "marks.hpp"
#include "modules/job/job.hpp"
#include "net/log.hpp"
#include "shrink.hpp"
#include "world.hpp"

namespace {

using sublet::sim::Campaign;
using sublet::sim::Report;
using Steady = std::chrono::steady_clock;

struct Options {
    Campaign campaign;
    std::uint64_t count = 1;
    unsigned jobs = 1;
    std::uint64_t soak_minutes = 0;
    std::vector<std::uint64_t> only;
    std::vector<std::string> attackers;
    bool no_attackers = false;
    bool marks = false;
    bool must_hit = false;
    bool verbose = false;
    bool shrink = false;
    bool must_fail = false;
};

struct Totals {
    std::uint64_t seeds = 0;
    std::uint64_t broken = 0;
    double seconds = 0;
    std::map<std::string, std::uint64_t> marks;
    std::optional<std::pair<Campaign, Report>> first;  // that failed
};

void print(const Campaign& campaign, const Report& report) {
    fmt::print("seed {}: {}  {} blocks, {} transactions, {} exchanges, {:.1f} s, digest {}\n", campaign.seed,
               report.ok ? "ok" : "BROKEN", report.blocks, report.transactions, report.exchanges, report.seconds,
               report.digest_hex.substr(0, 16));
    if (!report.ok) {
        fmt::print("  {}\n  replay with: {}\n", report.why, sublet::sim::command_of(campaign));
    }
    std::fflush(stdout);
}

Totals search(const Options& options) {
    Totals out;
    const auto begun = Steady::now();
    const bool soak = options.soak_minutes > 0;
    const auto until = begun + std::chrono::minutes{options.soak_minutes};
    auto said = begun;
    Campaign campaign = options.campaign;
    std::uint64_t left = options.count;
    const auto next = [&]() -> std::optional<Campaign> {
        if (soak ? out.broken > 0 || Steady::now() >= until : left == 0) {
            return std::nullopt;
        }
        --left;
        Campaign given = campaign;
        ++campaign.seed;
        return given;
    };
    const auto done = [&](const Campaign& which, const Report& report) {
        ++out.seeds;
        for (const auto& [what, times] : report.marks) {
            out.marks[what] += times;
        }
        if (!report.ok) {
            ++out.broken;
            out.first = out.first ? out.first : std::pair{which, report};
        }
        if (!soak || !report.ok) {
            print(which, report);
        } else if (Steady::now() - said > std::chrono::seconds{10}) {
            said = Steady::now();
            fmt::print("{} seeds, all held\n", out.seeds);
            std::fflush(stdout);
        }
    };
    sublet::sim::run_children(options.jobs, next, done);
    out.seconds = std::chrono::duration<double>(Steady::now() - begun).count();
    return out;
}

void tell(const Totals& totals) {
    const auto& [campaign, report] = *totals.first;
    const sublet::sim::Shrunk small = sublet::sim::shrink(campaign, report);
    const Campaign& left = small.campaign;
    fmt::print("\nshrunk in {} tries: {}\n  {} tenants, {} creators, {} workers, {} providers, {} replicas; ",
               small.tries, small.report.why, left.tenants, left.creators, left.workers, left.providers, left.replicas);
    fmt::print("run it again with: {}\n\n", sublet::sim::command_of(left));
    constexpr std::size_t kLines = 40;
    const std::vector<std::string>& story = small.report.story;
    const std::size_t from = story.size() > kLines ? story.size() - kLines : 0;
    if (from > 0) {
        fmt::print("  … {} lines before\n", from);
    }
    for (std::size_t i = from; i < story.size(); ++i) {
        fmt::print("  {}\n", story[i]);
    }
    fmt::print("  → {}\n", small.report.why);
}

void add_options(CLI::App& app, Options& options) {
    Campaign& campaign = options.campaign;
    app.add_option("--seed", campaign.seed, "The first seed")->capture_default_str();
    app.add_option("--count", options.count, "How many seeds")->capture_default_str();
    app.add_option("--jobs", options.jobs, "How many at once, each in a process of its own")->check(CLI::Range(1, 64));
    app.add_option("--soak", options.soak_minutes, "For that many minutes, or until a seed fails");
    app.add_option("--replicas", campaign.replicas, "Replicas of the ledger")->check(CLI::Range(1, 7));
    app.add_option("--providers", campaign.providers, "Providers")->check(CLI::Range(1, 20));
    app.add_option("--tenants", campaign.tenants, "Tenants")->check(CLI::Range(0, 50));
    app.add_option("--creators", campaign.creators, "Creators of jobs")->check(CLI::Range(0, 20));
    app.add_option("--workers", campaign.workers, "Workers of jobs")->check(CLI::Range(0, 20));
    app.add_option("--stakers", campaign.stakers, "Owners who stake, work and audit; else the seed draws whether")
        ->check(CLI::Range(0, 20));
    app.add_option("--cheats", campaign.cheats_percent, "Percent of these who cheat; else the seed draws 0 to 60")
        ->check(CLI::Range(0, 100));
    app.add_option("--job-tasks", campaign.job_tasks, "One honest job of so many tasks, until it is done")
        ->check(CLI::Range(std::uint32_t{1}, sublet::job::kMaxTasks));
    std::vector<std::string> kinds;
    for (const sublet::sim::AttackerKind& each : sublet::sim::attacker_kinds()) {
        kinds.emplace_back(each.name);
    }
    app.add_option("--attackers", options.attackers, "These attackers instead of those that the seed draws")
        ->check(CLI::IsMember(kinds));
    app.add_flag("--no-attackers", options.no_attackers, "Everybody is honest");
    app.add_flag("!--no-auditor", campaign.audited, "Only the statements on what an attacker may gain judge the money");
    app.add_flag("!--no-faults", campaign.faults, "Nothing goes wrong");
    app.add_option("--only", options.only, "Of what goes wrong, only these numbers");
    app.add_option("--plant", campaign.plant, "A bug put in on purpose, to see it found")
        ->check(CLI::IsMember(std::vector<std::string>(sublet::sim::kPlants.begin(), sublet::sim::kPlants.end())));
    app.add_flag("--shrink", options.shrink, "Make the first failure small, and tell its story");
    app.add_flag("--must-fail", options.must_fail, "Succeeds if a seed fails: for planted bugs");
    app.add_flag("--twice", campaign.twice, "Run each seed again: another digest is a failure");
    app.add_flag("--marks", options.marks, "Which rare paths were hit");
    app.add_flag("--must-hit", options.must_hit, "A listed rare path that no seed went is a failure");
    app.add_flag("--verbose", options.verbose, "What the agents say");
}

}  // namespace

int main(int argc, char** argv) {
    CLI::App app{"Runs a simulated market: replicas, providers, tenants, faults. The same seed replays bit for bit."};
    Options options;
    add_options(app, options);
    CLI11_PARSE(app, argc, argv);
    if (!options.only.empty()) {
        options.campaign.only = std::set<std::uint64_t>(options.only.begin(), options.only.end());
    }
    if (options.no_attackers || !options.attackers.empty()) {
        options.campaign.attackers = std::set<std::string>(options.attackers.begin(), options.attackers.end());
    }
    sublet::net::set_log_sink([verbose = options.verbose](const sublet::net::LogLine& line) {
        if (verbose) {
            fmt::print("{}: {}\n", line.component, line.message);
            std::fflush(stdout);
        }
    });
    const Totals totals = search(options);
    if (options.marks) {
        for (const auto& [what, times] : totals.marks) {
            fmt::print("  {:>7}  {}\n", times, what);
        }
    }
    bool failed = totals.broken > 0;
    for (const char* each : sublet::sim::kMustHit) {
        if (options.must_hit && !totals.marks.contains(each)) {
            fmt::print("no seed went this way: {}\n", each);
            failed = true;
        }
    }
    fmt::print("{} seeds, {} broken, {:.0f} s\n", totals.seeds, totals.broken, totals.seconds);
    if (totals.first && options.shrink) {
        tell(totals);
    }
    return failed == options.must_fail ? EXIT_SUCCESS : EXIT_FAILURE;
}
