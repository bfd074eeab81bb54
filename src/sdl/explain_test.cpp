// explain_test.cpp: what is said about the full file: who reaches what, what is kept, in which order it starts.
#include "sdl/explain.hpp"

#include <gtest/gtest.h>

#include "sdl/sdl.hpp"
#include "sdl/test_files.hpp"

namespace sublet::sdl {
namespace {

std::string all_of(const Explanation& told) {
    std::string out;
    const auto add = [&out](const std::string& head, const std::vector<std::string>& lines) {
        for (const std::string& line : lines) {
            out += head + line + "\n";
        }
    };
    for (const ExplainedGroup& group : told.groups) {
        for (const ExplainedService& service : group.services) {
            out += service.name + ": " + service.runs + "\n";
            add("", service.details);
            add("reach ", service.reach);
            add("kept ", service.kept);
            add("lost ", service.lost);
        }
        add("start ", group.start);
        add("wants ", group.wants);
    }
    return out + told.notice;
}

TEST(Explain, SaysWhatRunsWhoReachesItAndWhatIsKept) {
    const auto deployment = parse(kFullFile, "full.yaml");
    ASSERT_TRUE(deployment) << to_text(deployment.error().front());
    const std::string text = all_of(explain(*deployment));
    constexpr const char* kModels =
        "web: 2 copies of nginx:alpine, each with 0.5 cores and 512 MiB of memory and 1 GPU (nvidia a100 80Gi pcie or "
        "nvidia h100)";
    constexpr const char* kLeased =
        "reach the world reaches port 9000/TCP, on a port that the provider chooses (asked for 9000), at the leased "
        "address \"front\"";
    for (const char* part :
         {kModels, "reach the world reaches port 8080/TCP by HTTP as www.example.com", kLeased,
          "reach web may reach it at db:5432/UDP", "reach nobody outside; the services beside it find it as db",
          "kept 10 GiB at /var/lib/data as long as the lease lives (volume data)",
          "lost 64 MiB of memory as a file system at /dev/shm", "lost 2 GiB of scratch disk, all else it writes",
          "start db starts at once", "start web starts when db runs", "wants region = us-east",
          "wants vouched for by one of: auditor", "is told: KEY, EMPTY", "120 seconds before"}) {
        EXPECT_NE(text.find(part), std::string::npos) << part << "\n" << text;
    }
    EXPECT_EQ(text.find("secret"), std::string::npos);
    EXPECT_EQ(text.find("value"), std::string::npos);  // of a variable
}

}  // namespace
}  // namespace sublet::sdl
