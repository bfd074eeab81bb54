// main.cpp: sublet-sim: runs campaigns of a simulated market. The same seed replays bit for bit.
#include <chrono>
#include <cstdlib>

#include <fmt/format.h>
#include <CLI/CLI.hpp>

#include "net/log.hpp"
#include "world.hpp"

namespace {

using sublet::sim::Campaign;
using sublet::sim::Report;

Report run(const Campaign& campaign) {
    sublet::sim::World world{campaign};
    return world.run();
}

void print(const Campaign& campaign, const Report& report, double seconds) {
    fmt::print("seed {}: {}  {} blocks, {} transactions, {} exchanges, {:.1f} s, digest {}\n", campaign.seed,
               report.ok ? "ok" : "BROKEN", report.blocks, report.transactions, report.exchanges, seconds,
               sublet::to_hex(sublet::view_of(report.digest)).substr(0, 16));
    if (!report.ok) {
        fmt::print("  {}\n  replay with: sublet-sim --seed {}\n", report.why, campaign.seed);
    }
}

}  // namespace

int main(int argc, char** argv) {
    CLI::App options{
        "Runs a simulated market: replicas, providers, tenants, faults. The same seed replays bit for bit."};
    Campaign campaign;
    std::uint64_t count = 1;
    bool marks = false;
    bool twice = false;
    bool verbose = false;
    options.add_option("--seed", campaign.seed, "The first seed")->capture_default_str();
    options.add_option("--count", count, "How many seeds, one after the other")->capture_default_str();
    options.add_option("--replicas", campaign.replicas, "Replicas of the ledger")->check(CLI::Range(1, 7));
    options.add_option("--providers", campaign.providers, "Providers")->check(CLI::Range(1, 20));
    options.add_option("--tenants", campaign.tenants, "Tenants")->check(CLI::Range(1, 50));
    options.add_flag("!--no-faults", campaign.faults, "Nothing goes wrong");
    options.add_flag("--twice", twice, "Run each seed again: another digest is a failure");
    options.add_flag("--marks", marks, "Which rare paths were hit");
    options.add_flag("--verbose", verbose, "What the agents say");
    CLI11_PARSE(options, argc, argv);
    sublet::net::set_log_sink([verbose](const sublet::net::LogLine& line) {
        if (verbose) {
            fmt::print("{}: {}\n", line.component, line.message);
        }
    });

    std::uint64_t broken = 0;
    std::map<std::string, std::uint64_t> all;
    for (std::uint64_t i = 0; i < count; ++i, ++campaign.seed) {
        const auto begun = std::chrono::steady_clock::now();
        Report report = run(campaign);
        if (twice && report.ok && run(campaign).digest != report.digest) {
            report.ok = false;
            report.why = "the second run of this seed went another way";
        }
        print(campaign, report, std::chrono::duration<double>(std::chrono::steady_clock::now() - begun).count());
        broken += report.ok ? 0 : 1;
        for (const auto& [what, times] : report.marks) {
            all[what] += times;
        }
    }
    if (marks) {
        for (const auto& [what, times] : all) {
            fmt::print("  {:>7}  {}\n", times, what);
        }
    }
    return broken == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
