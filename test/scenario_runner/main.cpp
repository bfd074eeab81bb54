// main.cpp: scenario_test FILE.scn…: runs each and compares the app hash at its end with app_hashes.txt beside it.
// UPDATE_GOLDEN=1 rewrites that file instead.
#include <cstdlib>
#include <fstream>
#include <iostream>

#include "runner.hpp"

namespace {

using Pins = std::map<std::string, std::string>;
namespace fs = std::filesystem;

fs::path pin_file(const fs::path& scenario) { return scenario.parent_path() / "app_hashes.txt"; }

Pins read_pins(const fs::path& file) {
    Pins pins;
    std::ifstream input{file};
    std::string name;
    std::string hash;
    while (input >> name >> hash) {
        pins[name] = hash;
    }
    return pins;
}

void pin(const fs::path& scenario, const sublet::scenario::Outcome& outcome) {
    Pins pins = read_pins(pin_file(scenario));
    pins[outcome.name] = outcome.app_hash;
    for (auto each = pins.begin(); each != pins.end();) {
        const bool there = fs::exists(scenario.parent_path() / (each->first + ".scn"));
        each = there ? std::next(each) : pins.erase(each);
    }
    std::ofstream output{pin_file(scenario)};
    for (const auto& [name, hash] : pins) {
        output << name << " " << hash << "\n";
    }
}

bool run_one(const fs::path& scenario, bool update) {
    try {
        const sublet::scenario::Outcome outcome = sublet::scenario::run(scenario);
        if (update) {
            pin(scenario, outcome);
        } else if (const std::string pinned = read_pins(pin_file(scenario))[outcome.name]; pinned != outcome.app_hash) {
            std::cerr << scenario.string() << ": ends with app hash " << outcome.app_hash << ", pinned is "
                      << (pinned.empty() ? "none" : pinned)
                      << ". If the protocol was meant to change: UPDATE_GOLDEN=1 scenario_test FILES\n";
            return false;
        }
        std::cout << "ok " << outcome.name << "\n";
        return true;
    } catch (const std::exception& failure) {
        std::cerr << failure.what() << "\n";
        return false;
    }
}

}  // namespace

int main(int argc, char** argv) {
    const char* const golden = std::getenv("UPDATE_GOLDEN");
    const bool update = golden != nullptr && std::string_view{golden} == "1";
    bool ok = argc > 1;
    for (int i = 1; i < argc; ++i) {
        ok = run_one(argv[i], update) && ok;
    }
    return ok ? EXIT_SUCCESS : EXIT_FAILURE;
}
