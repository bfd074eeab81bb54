// report.cpp: collects findings and notes while a file is read.
// Spec: docs/spec/deployment-files.md.
#include "sdl/report.hpp"

#include <algorithm>
#include <tuple>

#include "sdl/sdl.hpp"

namespace sublet::sdl {

void Report::find(Mark mark, std::string path, Complaint complaint) {
    if (findings_.size() >= kMaxFindings) {
        ++dropped_;
        return;
    }
    findings_.push_back(Finding{file_, mark.line, mark.column, std::move(path), std::move(complaint.rule),
                                std::move(complaint.message), std::move(complaint.fix)});
}

void Report::note(Mark mark, std::string message) {
    const bool known = std::ranges::any_of(notes_, [&](const Note& note) { return note.message == message; });
    if (!known && notes_.size() < kMaxFindings) {
        notes_.push_back(Note{mark.line, mark.column, std::move(message), "", ""});
    }
}

void Report::warn(Mark mark, Complaint complaint) {
    if (notes_.size() < kMaxFindings) {
        notes_.push_back(Note{mark.line, mark.column, std::move(complaint.message), std::move(complaint.rule),
                              std::move(complaint.fix)});
    }
}

std::vector<Finding> Report::take_findings() {
    std::ranges::stable_sort(findings_, [](const Finding& a, const Finding& b) {
        return std::tie(a.line, a.column) < std::tie(b.line, b.column);
    });
    if (dropped_ > 0) {
        findings_.push_back(Finding{file_, 0, 0, "", "limit",
                                    std::to_string(dropped_) + " more findings are not listed",
                                    "mend the ones above first"});
        dropped_ = 0;
    }
    return std::move(findings_);
}

std::string join(const std::string& path, std::string_view name) {
    std::string out = path + "/";
    for (const char c : name) {
        if (c == '~') {
            out += "~0";
        } else if (c == '/') {
            out += "~1";
        } else {
            out += c;
        }
    }
    return out;
}

std::string join(const std::string& path, std::size_t index) { return path + "/" + std::to_string(index); }

std::string to_text(const Finding& finding) {
    std::string out = finding.file;
    if (finding.line > 0) {
        out += ":" + std::to_string(finding.line) + ":" + std::to_string(finding.column);
    }
    out += ": " + finding.message;
    if (!finding.path.empty()) {
        out += " (at " + finding.path + ")";
    }
    out += " [" + finding.rule + "]";
    if (!finding.fix.empty()) {
        out += " fix: " + finding.fix;
    }
    return out;
}

std::string to_text(const std::string& file, const Note& note) {
    std::string out = file;
    if (note.line > 0) {
        out += ":" + std::to_string(note.line) + ":" + std::to_string(note.column);
    }
    out += (note.rule.empty() ? ": note: " : ": warning: ") + note.message;
    out += note.rule.empty() ? "" : " [" + note.rule + "]";
    return out + (note.fix.empty() ? "" : " instead: " + note.fix);
}

}  // namespace sublet::sdl
