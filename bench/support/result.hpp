// result.hpp: what a bench prints: one JSON object a result, as tools/bench.py reads it; and the clock.
#pragma once

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <optional>
#include <string>
#include <vector>

namespace sublet::bench {

using Timer = std::chrono::steady_clock;

inline double seconds_since(Timer::time_point start) {
    return std::chrono::duration<double>(Timer::now() - start).count();
}

inline double quantile(std::vector<double> values, double part) {
    std::ranges::sort(values);
    return values[std::min(values.size() - 1, static_cast<std::size_t>(part * static_cast<double>(values.size())))];
}
inline double median(std::vector<double> values) { return quantile(std::move(values), 0.5); }

struct Row {
    std::string name;
    double value = 0;
    std::string unit;
    std::string against;  // empty: nothing
    double against_value = 0;
    std::optional<double> goal;
    bool goal_of_ratio = false;
    bool lower_is_better = false;
    std::string curve;         // JSON, see tools/bench.py; empty: none
    std::string skipped = {};  // why there is no value; empty: there is one
};

inline void print(const Row& row) {
    if (!row.skipped.empty()) {
        std::printf(R"({"name": "%s", "value": null, "unit": "skipped: %s", "against": "%s")", row.name.c_str(),
                    row.skipped.c_str(), row.against.c_str());
    } else {
        std::printf(R"({"name": "%s", "value": %.6g, "unit": "%s")", row.name.c_str(), row.value, row.unit.c_str());
    }
    if (row.skipped.empty() && !row.against.empty()) {
        std::printf(R"(, "against": "%s", "against_value": %.6g, "ratio": %.6g)", row.against.c_str(),
                    row.against_value, row.value / row.against_value);
    }
    if (row.goal) {
        std::printf(R"(, "goal": %g, "goal_of": "%s", "better": "%s")", *row.goal,
                    row.goal_of_ratio ? "ratio" : "value", row.lower_is_better ? "lower" : "higher");
    }
    if (!row.curve.empty()) {
        std::printf(R"(, "curve": %s)", row.curve.c_str());
    }
    std::printf("}\n");
    std::fflush(stdout);
}

inline void tell(const std::string& text) { std::fprintf(stderr, "   %s\n", text.c_str()); }

}  // namespace sublet::bench
