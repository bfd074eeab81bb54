// report.hpp: collects findings and notes while a file is read, so that all of them are reported and not the first.
// Spec: docs/spec/deployment-files.md.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "sdl/manifest.hpp"
#include "sdl/node.hpp"

namespace sublet::sdl {

inline constexpr std::size_t kMaxFindings = 200;  // the rest is counted, not listed

// What a finding says; designated initialisers keep the texts apart.
struct Complaint {
    std::string rule;
    std::string message;
    std::string fix;
};

class Report {
public:
    explicit Report(std::string file) : file_(std::move(file)) {}

    void find(Mark mark, std::string path, Complaint complaint);
    // Once per text: prices say the same thing again and again.
    void note(Mark mark, std::string message);
    // Something of the file has no effect, or another than its author may expect.
    void warn(Mark mark, Complaint complaint);
    [[nodiscard]] bool clean() const { return findings_.empty(); }
    // In the order of the file.
    [[nodiscard]] std::vector<Finding> take_findings();
    [[nodiscard]] std::vector<Note> take_notes() { return std::move(notes_); }

private:
    std::string file_;
    std::vector<Finding> findings_;
    std::size_t dropped_ = 0;
    std::vector<Note> notes_;
};

// "/services" + "web" → "/services/web", with ~ and / of the name escaped as JSON pointers have it.
std::string join(const std::string& path, std::string_view name);
std::string join(const std::string& path, std::size_t index);

}  // namespace sublet::sdl
