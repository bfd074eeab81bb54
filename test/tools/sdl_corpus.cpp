// sdl_corpus.cpp: runs a folder of deployment files with recorded answers of the official compiler: who agrees?
// Usage: sdl-corpus [FOLDER]; without one, $SUBLET_SHARED/data/sdl. Spec: docs/spec/deployment-files.md.
//
// FOLDER/golden.jsonl has one record a line: {file, status, errors | error | version, manifest, groupSpecs}.
// Exit: 0 all agree, 1 some disagree, 2 the folder cannot be read, 77 no folder was named.
#include <algorithm>
#include <cstdlib>
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

// What a person who runs `rent` meets: the default rules are stricter here and there.
struct Local {
    std::size_t accepted = 0;
    std::size_t with_notes = 0;
    std::size_t refused = 0;
    std::map<std::string, std::size_t> refused_although_ok;
};

void try_default_rules(Local& local, const std::string& text, const std::string& file, const std::string& official) {
    const auto verdict = sublet::sdl::parse(text, file);
    if (verdict) {
        ++local.accepted;
        local.with_notes += verdict->notes.empty() ? 0U : 1U;
        return;
    }
    ++local.refused;
    if (official == "ok") {
        ++local.refused_although_ok[to_text(verdict.error().front())];
    }
}

int run(const std::string& folder) {
    std::ifstream golden(folder + "/golden.jsonl");
    if (!golden) {
        std::cerr << "sdl-corpus: cannot read " << folder << "/golden.jsonl\n";
        return 2;
    }
    std::map<std::string, Counts> table;
    Local local;
    std::string line;
    std::size_t disagreed = 0;
    while (std::getline(golden, line)) {
        const json record = json::parse(line, nullptr, false);
        if (record.is_discarded()) {
            std::cerr << "sdl-corpus: a line of golden.jsonl is no JSON\n";
            return 2;
        }
        const std::string file = record["file"];
        const auto text = read_file(folder + "/" + file);
        if (!text) {
            std::cout << "  missing  " << file << '\n';
            ++disagreed;
            continue;
        }
        const auto verdict = sublet::sdl::parse_official(*text, file);
        const json ours = json::parse(sublet::sdl::akash_record(file, verdict));
        const std::string what = difference(record, ours, verdict ? std::vector<Finding>{} : verdict.error());
        Counts& counts = table[record["status"]];
        ++(what.empty() ? counts.agreed : counts.disagreed);
        if (!what.empty()) {
            ++disagreed;
            std::cout << "  disagreed  " << file << "\n    " << what << '\n';
        }
        try_default_rules(local, *text, file, record["status"]);
    }
    std::cout << "official verdict   agreed  disagreed\n";
    for (const auto& [status, counts] : table) {
        std::cout << status << std::string(19 - status.size(), ' ') << counts.agreed << "\t   " << counts.disagreed
                  << '\n';
    }
    std::cout << "default rules: " << local.accepted << " accepted (" << local.with_notes << " with notes), "
              << local.refused << " refused\n";
    for (const auto& [why, count] : local.refused_although_ok) {
        std::cout << "  refused here although officially ok: " << why << '\n';
    }
    return disagreed == 0 ? 0 : 1;
}

}  // namespace

int main(int argc, char** argv) {
    if (argc > 2) {
        std::cerr << "usage: sdl-corpus [FOLDER]\n";
        return 2;
    }
    const char* shared = std::getenv("SUBLET_SHARED");
    const std::string folder = argc == 2 ? argv[1] : shared == nullptr ? "" : std::string(shared) + "/data/sdl";
    if (folder.empty()) {
        std::cout << "skipped: name a folder with golden.jsonl, or set SUBLET_SHARED\n";
        return kSkipped;
    }
    return run(folder);
}
