// parse.cpp: a deployment file from text to a deployment, in the order: YAML, structure, references, compilation,
// manifest rules. Spec: docs/spec/deployment-files.md.
#include <algorithm>

#include "sdl/compile.hpp"
#include "sdl/compose_words.hpp"
#include "sdl/manifest_rules.hpp"
#include "sdl/rules.hpp"
#include "sdl/sdl.hpp"

namespace sublet::sdl {
namespace {

// Where a problem of the compiled manifest stands in the file: at its service.
Mark mark_of_service(const Node& root, const std::string& service) {
    for (const Entry& entry : root.find("services")->entries) {
        if (entry.key == service) {
            return entry.mark;
        }
    }
    return root.mark;
}

// `lenient`: words of docker compose are read, and order, health and restart become part of the manifest.
std::expected<Deployment, std::vector<Finding>> parse_with(Rules rules, bool lenient, std::string_view text,
                                                           const std::string& file_name) {
    auto root = read_yaml(text, file_name);
    if (!root) {
        return std::unexpected(std::vector<Finding>{std::move(root).error()});
    }
    Report report(file_name);
    Checker checker{report, rules};
    WordsByService words;
    if (lenient) {
        words = take_compose_words(report, *root);
    }
    check_structure(checker, *root);
    if (rules == Rules::kOurs || report.clean()) {  // officially one after the other; a person wants to know everything
        check_references(checker, *root);
    }
    if (!report.clean()) {
        return std::unexpected(report.take_findings());
    }
    Deployment deployment = compile(report, *root, rules);
    if (lenient) {
        add_lifecycles(report, *root, words, deployment);
    }
    if (rules == Rules::kOurs) {
        for (ManifestProblem& problem : manifest_problems(deployment.manifest)) {
            report.find(mark_of_service(*root, problem.service), join("/services", problem.service),
                        {.rule = "manifest", .message = std::move(problem.message), .fix = std::move(problem.fix)});
        }
    }
    if (!report.clean()) {
        return std::unexpected(report.take_findings());
    }
    deployment.notes = report.take_notes();
    return deployment;
}

}  // namespace

std::expected<Deployment, std::vector<Finding>> parse(std::string_view text, const std::string& file_name) {
    return parse_with(Rules::kOurs, true, text, file_name);
}

std::expected<Deployment, std::vector<Finding>> parse_strict(std::string_view text, const std::string& file_name) {
    return parse_with(Rules::kOurs, false, text, file_name);
}

std::expected<Deployment, std::vector<Finding>> parse_official(std::string_view text, const std::string& file_name) {
    return parse_with(Rules::kOfficial, false, text, file_name);
}

}  // namespace sublet::sdl
