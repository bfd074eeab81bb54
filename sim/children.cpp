// children.cpp: forks, and reads the reports of the children through pipes.
#include "children.hpp"

#include <array>
#include <charconv>
#include <chrono>
#include <cstdlib>
#include <vector>

#include <poll.h>
#include <sys/wait.h>
#include <unistd.h>

namespace sublet::sim {
namespace {

using Steady = std::chrono::steady_clock;

struct Child {
    Campaign campaign;
    pid_t pid = 0;
    int pipe = -1;
    std::string text;
    Steady::time_point begun;
};

// One fact a line: a word, a space, the rest.
std::string to_text(const Report& report) {
    std::string out;
    const auto line = [&](const std::string& word, const std::string& rest) { out += word + " " + rest + "\n"; };
    line("ok", report.ok ? "1" : "0");
    line("why", report.why);
    line("digest", to_hex(view_of(report.digest)));
    line("blocks", std::to_string(report.blocks));
    line("transactions", std::to_string(report.transactions));
    line("exchanges", std::to_string(report.exchanges));
    line("troubles", std::to_string(report.troubles));
    line("job_troubles", std::to_string(report.job_troubles));
    for (const auto& [what, times] : report.marks) {
        line("mark", std::to_string(times) + " " + what);
    }
    for (const std::string& each : report.story) {
        line("story", each);
    }
    line("end", "");
    return out;
}

std::uint64_t number_of(const std::string& text) {
    std::uint64_t out = 0;
    std::from_chars(text.data(), text.data() + text.size(), out);
    return out;
}

// False without the last line: the child did not live to write it.
bool read_text(const std::string& text, Report& out) {
    for (std::size_t at = 0, end = 0; (end = text.find('\n', at)) != std::string::npos; at = end + 1) {
        const std::string line = text.substr(at, end - at);
        const std::size_t space = line.find(' ');
        const std::string word = line.substr(0, space);
        const std::string rest = line.substr(space + 1);
        if (word == "ok") {
            out.ok = rest == "1";
        } else if (word == "why") {
            out.why = rest;
        } else if (word == "digest") {
            out.digest_hex = rest;
        } else if (word == "blocks") {
            out.blocks = number_of(rest);
        } else if (word == "transactions") {
            out.transactions = number_of(rest);
        } else if (word == "exchanges") {
            out.exchanges = number_of(rest);
        } else if (word == "troubles") {
            out.troubles = number_of(rest);
        } else if (word == "job_troubles") {
            out.job_troubles = number_of(rest);
        } else if (word == "mark") {
            out.marks[rest.substr(rest.find(' ') + 1)] = number_of(rest);
        } else if (word == "story") {
            out.story.push_back(rest);
        } else if (word == "end") {
            return true;
        }
    }
    return false;
}

void live(const Campaign& campaign, int to_parent) {
    Report report;
    {
        World world{campaign};
        report = world.run();
    }
    if (campaign.twice && report.ok) {
        World again{campaign};
        if (again.run().digest != report.digest) {
            report.ok = false;
            report.why = "the second run of this seed went another way";
        }
    }
    const std::string text = to_text(report);
    for (std::size_t sent = 0; sent < text.size();) {
        const ssize_t count = ::write(to_parent, text.data() + sent, text.size() - sent);
        if (count <= 0) {
            break;
        }
        sent += static_cast<std::size_t>(count);
    }
}

std::optional<Child> spawn(const Campaign& campaign) {
    std::array<int, 2> ends{};
    if (::pipe(ends.data()) != 0) {
        return std::nullopt;
    }
    Child out{.campaign = campaign, .text = {}, .begun = Steady::now()};
    out.pid = ::fork();
    if (out.pid == 0) {
        ::close(ends[0]);
        live(campaign, ends[1]);
        ::_exit(EXIT_SUCCESS);
    }
    ::close(ends[1]);
    out.pipe = ends[0];
    if (out.pid < 0) {
        ::close(out.pipe);
        return std::nullopt;
    }
    return out;
}

// True when the child has no more to say.
bool listen(Child& child) {
    std::array<char, 65'536> piece{};
    const ssize_t count = ::read(child.pipe, piece.data(), piece.size());
    if (count > 0) {
        child.text.append(piece.data(), static_cast<std::size_t>(count));
        return false;
    }
    return true;
}

Report bury(const Child& child) {
    int status = 0;
    ::close(child.pipe);
    ::waitpid(child.pid, &status, 0);
    Report out;
    if (!read_text(child.text, out)) {
        out.ok = false;
        out.why = WIFSIGNALED(status) ? "the simulator ended by signal " + std::to_string(WTERMSIG(status))
                                      : std::string{"the simulator ended without a report"};
    }
    out.seconds = std::chrono::duration<double>(Steady::now() - child.begun).count();
    std::error_code ignored;
    std::filesystem::remove_all(scratch_folder(child.pid, child.campaign.seed), ignored);
    return out;
}

}  // namespace

void run_children(unsigned jobs, const std::function<std::optional<Campaign>()>& next,
                  const std::function<void(const Campaign&, const Report&)>& done) {
    std::vector<Child> children;
    bool more = true;
    while (more || !children.empty()) {
        while (more && children.size() < jobs) {
            const std::optional<Campaign> campaign = next();
            std::optional<Child> child = campaign ? spawn(*campaign) : std::nullopt;
            if (campaign && !child) {
                Report failed;
                failed.why = "no process could be made";
                done(*campaign, failed);
            }
            more = child.has_value();
            if (child) {
                children.push_back(std::move(*child));
            }
        }
        if (children.empty()) {
            return;  // poll() on nothing would wait for ever
        }
        std::vector<pollfd> ready;
        ready.reserve(children.size());
        for (const Child& each : children) {
            ready.push_back({.fd = each.pipe, .events = POLLIN, .revents = 0});
        }
        if (::poll(ready.data(), ready.size(), -1) < 0) {
            continue;
        }
        for (std::size_t i = ready.size(); i-- > 0;) {
            if (ready[i].revents != 0 && listen(children[i])) {
                const Child child = std::move(children[i]);
                children.erase(children.begin() + static_cast<std::ptrdiff_t>(i));
                done(child.campaign, bury(child));
            }
        }
    }
}

Report run_apart(const Campaign& campaign) {
    Report out;
    bool given = false;
    run_children(
        1, [&] { return std::exchange(given, true) ? std::nullopt : std::optional{campaign}; },
        [&](const Campaign&, const Report& report) { out = report; });
    return out;
}

}  // namespace sublet::sim
