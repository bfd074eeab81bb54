// roots.cpp: prints the roots of a seeded market of many blocks, or compares them with the pinned ones.
//
// roots [BLOCKS]               default 10,000; a line of block and root every 1,000 blocks and at the end
// roots BLOCKS --pinned FILE   compares with each line of FILE up to BLOCKS; status 1 when one differs
// roots … --bent BLOCK         with one ucredit more in a payment of that block: the comparison must notice
#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <map>

#include "market.hpp"

namespace sublet::determinism {
namespace {

constexpr std::uint64_t kFirst = 300;  // pinned for the ordinary tests

struct Options {
    std::uint64_t blocks = 10'000;
    std::uint64_t bent_at = 0;
    std::string pinned;
};

Options parse(int count, char** arguments) {
    Options out;
    for (int i = 1; i < count; ++i) {
        const std::string word = arguments[i];
        const char* const value = i + 1 < count ? arguments[i + 1] : "";
        if (word == "--pinned") {
            out.pinned = value;
            ++i;
        } else if (word == "--bent") {
            out.bent_at = std::strtoull(value, nullptr, 10);
            ++i;
        } else {
            out.blocks = std::strtoull(word.c_str(), nullptr, 10);
        }
    }
    return out;
}

int compare(const Options& options) {
    std::map<std::uint64_t, std::string> pinned;
    std::ifstream file{options.pinned};
    std::uint64_t block = 0;
    for (std::string root; file >> block >> root;) {
        pinned[block] = root;
    }
    Market market{{.bent_at = options.bent_at}};
    market.open();
    int compared = 0;
    for (std::uint64_t i = 1; i <= options.blocks; ++i) {
        market.step();
        const auto found = pinned.find(i);
        if (found == pinned.end()) {
            continue;
        }
        ++compared;
        if (found->second != market.root()) {
            std::printf("block %llu: root %s, pinned is %s\n", static_cast<unsigned long long>(i),
                        market.root().c_str(), found->second.c_str());
            return 1;
        }
    }
    std::printf("%d roots of %llu blocks are the pinned ones\n", compared,
                static_cast<unsigned long long>(options.blocks));
    return compared > 0 ? 0 : 1;
}

int print(const Options& options) {
    Market market{{.bent_at = options.bent_at}};
    market.open();
    for (std::uint64_t i = 1; i <= options.blocks; ++i) {
        market.step();
        if (i == kFirst || i % 1'000 == 0 || i == options.blocks) {
            std::printf("%llu %s\n", static_cast<unsigned long long>(i), market.root().c_str());
            std::fflush(stdout);
        }
    }
    market.print_sums();
    return 0;
}

}  // namespace
}  // namespace sublet::determinism

int main(int count, char** arguments) {
    const sublet::determinism::Options options = sublet::determinism::parse(count, arguments);
    return options.pinned.empty() ? sublet::determinism::print(options) : sublet::determinism::compare(options);
}
