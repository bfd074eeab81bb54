// sdl_corpus.cpp: runs a folder of deployment files: who agrees with recorded answers of the official compiler, and
// what is refused or noted here? Spec: docs/spec/deployment-files.md (agreement); `sdl-corpus --help` says how to use
// it.
#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iostream>
#include <map>
#include <nlohmann/json.hpp>
#include <optional>
#include <sstream>

#include "sdl/akash_record.hpp"
#include "sdl/sdl.hpp"

namespace {

using nlohmann::json;
using sublet::sdl::Finding;

constexpr int kSkipped = 77;
constexpr std::size_t kMostReasons = 20;  // of each kind in the table

constexpr const char* kUsage = R"(usage: sdl-corpus [--files] [FOLDER]

Reads every deployment file of a folder (without one: $SUBLET_SHARED/data/sdl) by two sets of rules and prints a table.

  Akash's rules      where FOLDER/golden.jsonl has the official compiler's answers, one JSON record a line:
                     {"file", "status": "ok" | "invalid" | "yaml-error", "errors" | "error" | "version" + "manifest" +
                     "groupSpecs"}. They agree if the verdict is the same, a refusal stands at a path that is listed
                     there, and the manifest's hash and the groups are equal. Both sides are printed where they do not.
  the default rules  those of `sublet rent`: accepted, accepted with warnings, refused, and why.

  --files            also one line for each file that is refused or has a warning

Exit codes: 0 all answers agree (or there are none), 1 some do not, 2 wrong usage or an unreadable folder, 77 no folder.
)";

std::optional<std::string> read_file(const std::string& path) {
    std::ifstream in(path, std::ios::binary);
    if (!in) {
        return std::nullopt;
    }
    std::ostringstream text;
    text << in.rdbuf();
    return text.str();
}

// Endpoints are compared as a multiset: the official compilers differ among themselves in their order.
void sort_endpoints(json& value) {
    if (value.is_object() && value.contains("endpoints") && value["endpoints"].is_array()) {
        auto& endpoints = value["endpoints"];
        std::sort(endpoints.begin(), endpoints.end());
    }
    if (value.is_structured()) {
        for (json& child : value) {
            sort_endpoints(child);
        }
    }
}

bool is_listed(const json& golden, const std::vector<Finding>& findings) {
    return std::ranges::any_of(findings, [&](const Finding& finding) {
        return std::ranges::any_of(golden.value("errors", json::array()),
                                   [&](const json& error) { return error.value("path", "") == finding.path; });
    });
}

// Empty if both sides agree, else what differs.
std::string difference(const json& golden, const json& ours, const std::vector<Finding>& findings) {
    const std::string official = golden["status"];
    const std::string mine = ours["status"];
    if (official != mine) {
        std::string out = "official " + official + ", here " + mine;
        if (!findings.empty()) {
            out += "\n      here: " + to_text(findings.front());
        } else if (golden.contains("errors")) {
            out += "\n      official: " + golden.value("errors", json::array()).dump();
        } else if (golden.contains("error")) {
            out += "\n      official: " + golden["error"].dump();
        }
        return out;
    }
    if (official == "invalid" && !is_listed(golden, findings)) {
        return "refused at another place\n      here: " + to_text(findings.front()) +
               "\n      official: " + golden.value("errors", json::array()).dump();
    }
    if (official != "ok") {
        return {};
    }
    if (golden["version"] != ours["version"]) {
        return "manifest hash\n      here: " + ours["manifest"].dump() +
               "\n      official: " + golden["manifest"].dump();
    }
    if (!golden.contains("groupSpecs")) {
        return {};
    }
    json left = golden["groupSpecs"];
    json right = ours["groupSpecs"];
    sort_endpoints(left);
    sort_endpoints(right);
    return left == right ? "" : "groups\n      here: " + right.dump() + "\n      official: " + left.dump();
}

struct Counts {
    std::size_t agreed = 0;
    std::size_t disagreed = 0;
};

// Files by reason; the reasons are many where people are inventive.
using Reasons = std::map<std::string, std::size_t>;

struct Table {
    std::map<std::string, Counts> official;  // by official verdict
    std::size_t files = 0;
    std::size_t disagreed = 0;
    std::size_t accepted = 0;
    std::size_t with_warnings = 0;
    Reasons refused;  // by rule and place
    Reasons refused_although_ok;
    Reasons warnings;
};

// "/services/web/depends_on" of one file and "/services/api/depends_on" of another are one reason.
std::string reason_of(const Finding& finding) {
    const std::size_t first = finding.path.find('/', 1);
    const std::size_t last = finding.path.rfind('/');
    const std::string section = finding.path.substr(0, first);
    const bool deep = first != std::string::npos && last > first;
    return finding.rule + (section.empty() ? "" : " in " + section + (deep ? "/…" + finding.path.substr(last) : ""));
}

void try_default_rules(Table& table, const std::string& text, const std::string& file, const std::string& official,
                       bool each_file) {
    const auto verdict = sublet::sdl::parse(text, file);
    if (!verdict) {
        const Finding& first = verdict.error().front();
        ++table.refused[reason_of(first)];
        if (official == "ok") {
            ++table.refused_although_ok[to_text(first)];
        }
        if (each_file) {
            std::cout << "  refused    " << to_text(first) << '\n';
        }
        return;
    }
    ++table.accepted;
    table.with_warnings += verdict->notes.empty() ? 0U : 1U;
    for (const auto& note : verdict->notes) {
        ++table.warnings[note.message];
        if (each_file) {
            std::cout << "  warning    " << file << ":" << note.line << ": " << note.message << '\n';
        }
    }
}

// With a recorded answer or without one.
void try_file(Table& table, const std::string& folder, const std::string& file, const json& record, bool each_file) {
    ++table.files;
    const auto text = read_file(folder + "/" + file);
    if (!text) {
        std::cout << "  missing    " << file << '\n';
        ++table.disagreed;
        return;
    }
    const std::string official = record.value("status", "");
    if (!official.empty()) {
        const auto verdict = sublet::sdl::parse_official(*text, file);
        const json ours = json::parse(sublet::sdl::akash_record(file, verdict));
        const std::string what = difference(record, ours, verdict ? std::vector<Finding>{} : verdict.error());
        Counts& counts = table.official[official];
        ++(what.empty() ? counts.agreed : counts.disagreed);
        if (!what.empty()) {
            ++table.disagreed;
            std::cout << "  disagreed  " << file << "\n    " << what << '\n';
        }
    }
    try_default_rules(table, *text, file, official, each_file);
}

void print_reasons(const char* title, const Reasons& reasons) {
    std::vector<std::pair<std::size_t, std::string>> sorted;
    for (const auto& [reason, count] : reasons) {
        sorted.emplace_back(count, reason);
    }
    std::ranges::stable_sort(sorted, std::ranges::greater{}, [](const auto& each) { return each.first; });
    for (std::size_t i = 0; i < std::min(sorted.size(), kMostReasons); ++i) {
        std::cout << "  " << title << "  " << sorted[i].first << "  " << sorted[i].second << '\n';
    }
    if (sorted.size() > kMostReasons) {
        std::cout << "  " << title << "  and " << sorted.size() - kMostReasons << " rarer reasons\n";
    }
}

void print_table(const Table& table) {
    if (!table.official.empty()) {
        std::cout << "official verdict   agreed  disagreed\n";
    }
    for (const auto& [status, counts] : table.official) {
        std::cout << status << std::string(19 - std::min<std::size_t>(status.size(), 18), ' ') << counts.agreed
                  << "\t   " << counts.disagreed << '\n';
    }
    std::cout << "default rules: " << table.files << " files, " << table.accepted << " accepted ("
              << table.with_warnings << " with warnings), " << table.files - table.accepted << " refused\n";
    print_reasons("refused ", table.refused);
    print_reasons("refused although officially ok ", table.refused_although_ok);
    print_reasons("warning ", table.warnings);
}

// What the answers name, else every .yaml and .yml below the folder.
std::optional<std::vector<json>> records_of(const std::string& folder) {
    std::vector<json> out;
    std::ifstream golden(folder + "/golden.jsonl");
    for (std::string line; golden && std::getline(golden, line);) {
        json record = json::parse(line, nullptr, false);
        if (!record.is_object() || !record.contains("file") || !record["file"].is_string()) {
            std::cerr << "sdl-corpus: a line of golden.jsonl is no record with a file\n";
            return std::nullopt;
        }
        out.push_back(std::move(record));
    }
    if (!out.empty()) {
        return out;
    }
    std::error_code problem;
    std::vector<std::string> files;
    for (std::filesystem::recursive_directory_iterator at(folder, problem), end; !problem && at != end;
         at.increment(problem)) {
        const std::string extension = at->path().extension();
        if (at->is_regular_file() && (extension == ".yaml" || extension == ".yml")) {
            files.push_back(std::filesystem::relative(at->path(), folder).string());
        }
    }
    if (problem) {
        std::cerr << "sdl-corpus: cannot read " << folder << ": " << problem.message() << '\n';
        return std::nullopt;
    }
    std::ranges::sort(files);
    for (const std::string& file : files) {
        out.push_back(json{{"file", file}});
    }
    return out;
}

}  // namespace

int main(int argc, char** argv) {
    const char* shared = std::getenv("SUBLET_SHARED");
    std::string folder = shared == nullptr ? "" : std::string(shared) + "/data/sdl";
    bool each_file = false;
    bool named = false;
    for (int i = 1; i < argc; ++i) {
        const std::string argument = argv[i];
        if (argument == "--help" || argument == "-h") {
            std::cout << kUsage;
            return 0;
        }
        if (argument == "--files") {
            each_file = true;
        } else if (argument.starts_with('-') || named) {
            std::cerr << kUsage;
            return 2;
        } else {
            folder = argument;
            named = true;
        }
    }
    if (folder.empty()) {
        std::cout << "skipped: name a folder of deployment files, or set SUBLET_SHARED (--help says more)\n";
        return kSkipped;
    }
    const auto records = records_of(folder);
    if (!records) {
        return 2;
    }
    Table table;
    for (const json& record : *records) {
        try_file(table, folder, record["file"], record, each_file);
    }
    print_table(table);
    return table.disagreed == 0 ? 0 : 1;
}
