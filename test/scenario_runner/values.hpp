// values.hpp: the words of scenarios that stand for money, time, sizes and rates; exact, never rounded.
#pragma once

#include <map>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

#include "base/units.hpp"

namespace sublet::scenario {

// What a scenario says is wrong, or what it expects is not there.
struct Failure : std::runtime_error {
    using std::runtime_error::runtime_error;
};

// "1.5cr" (credits, six digits at most), "5let" (LET), "1_500_000" or "1500000" (the smallest unit).
std::uint64_t amount(std::string_view text);
// "500ms", "30s", "10m", "2h", "1d".
Millis duration(std::string_view text);
// "512Mi", "1Gi", "2Ti", "100" (bytes).
std::uint64_t bytes(std::string_view text);
// Nano-ucredit per second: "100u/s" (ucredit per second), "0.36cr/h" (credits per hour; must be exact), "7" (nano).
std::uint64_t rate(std::string_view text);
// Thousandths: "0.5" is 500.
std::uint64_t milli(std::string_view text);
std::uint64_t number(std::string_view text);

// The key=value words of a line. Every word must be asked for: `done` names one that nobody knew.
class Args {
public:
    explicit Args(const std::vector<std::string>& words);
    // Takes the word's value, or the default.
    std::string take(const std::string& key, std::string_view otherwise);
    // Takes the word's value; a Failure names it when it is not there.
    std::string need(const std::string& key);
    [[nodiscard]] bool has(const std::string& key) const { return words_.contains(key); }
    void done() const;

private:
    std::map<std::string, std::string> words_;
};

std::vector<std::string> split(std::string_view text, char separator);

}  // namespace sublet::scenario
