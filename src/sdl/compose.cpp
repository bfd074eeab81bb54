// compose.cpp: a docker compose file becomes a deployment file: YAML, merge keys, variables, project, text, and that
// text read again as any deployment file is. Spec: docs/spec/compose.md.
#include "sdl/compose.hpp"

#include <algorithm>

#include "sdl/compose_model.hpp"
#include "sdl/compose_text.hpp"
#include "sdl/sdl.hpp"

namespace sublet::sdl {
namespace {

// .env beside the file; what the process has wins.
Variables all_variables(Report& report, const ComposeWorld& world) {
    Variables out = world.environment;
    const auto text = world.read_file ? world.read_file(".env") : std::nullopt;
    if (text) {
        for (auto& [name, value] : read_variables(report, *text, ".env", {}, world.environment)) {
            if (!world.environment.contains(name)) {
                out[name] = value;
            }
        }
    }
    return out;
}

// What the deployment file says that the compose file's own reading did not: its place is that of the service.
std::vector<Finding> back_to_compose(std::vector<Finding> findings, const ComposeProject& project,
                                     const std::string& file_name) {
    for (Finding& finding : findings) {
        finding.file = file_name;
        finding.line = 0;
        finding.column = 0;
        for (const ComposeService& service : project.services) {
            const std::string path = join("/services", service.name);
            const bool about = finding.path == path || finding.path.starts_with(path + "/") ||
                               finding.message.find("\"" + service.name + "\"") != std::string::npos;
            if (about && finding.line == 0) {
                finding.line = service.mark.line;
                finding.column = service.mark.column;
            }
        }
    }
    return findings;
}

}  // namespace

bool is_compose(std::string_view text) {
    const auto root = read_yaml(text, "");
    if (!root || !root->is(Kind::kMap)) {
        return false;
    }
    const Node* services = root->find("services");
    const std::string version =
        root->find("version") == nullptr ? "" : scalar_text(*root->find("version")).value_or("");
    if (services == nullptr || root->find("deployment") != nullptr || root->find("profiles") != nullptr) {
        return false;
    }
    // compose had versions 2.0 and 2.1 too; an expose with a port: or a key of ours decides.
    const bool sdl_version = version == "2.0" || version == "2.1";
    const bool sdl_words = std::ranges::any_of(services->entries, [](const Entry& service) {
        const Node* expose = service.value.find("expose");
        const bool ports = expose != nullptr &&
                           std::ranges::any_of(expose->items, [](const Node& item) { return item.is(Kind::kMap); });
        return ports || service.value.find("env") != nullptr || service.value.find("params") != nullptr;
    });
    return !(sdl_version && (sdl_words || services->entries.empty()));
}

std::expected<FromCompose, std::vector<Finding>> from_compose(std::string_view text, const std::string& file_name,
                                                              const ComposeWorld& world) {
    auto root = read_yaml(text, file_name);
    if (!root) {
        return std::unexpected(std::vector<Finding>{std::move(root).error()});
    }
    Report report(file_name);
    merge_keys(report, *root);
    const ComposeSources sources{all_variables(report, world), world.read_file, world.empty_folders};
    substitute(report, *root, sources.variables);
    const ComposeProject project = read_project(report, *root, sources);
    if (report.clean() && project.services.empty()) {
        report.find(root->mark, "/services",
                    {.rule = "compose",
                     .message = "no service is left to run",
                     .fix = "choose a profile with COMPOSE_PROFILES"});
    }
    if (!report.clean()) {
        return std::unexpected(report.take_findings());
    }
    FromCompose out;
    out.text = write_deployment(project, file_name);
    auto deployment = parse(out.text, file_name + " as a deployment file");
    if (!deployment) {
        return std::unexpected(back_to_compose(std::move(deployment).error(), project, file_name));
    }
    out.deployment = std::move(*deployment);
    out.deployment.notes = report.take_notes();
    std::ranges::stable_sort(out.deployment.notes, {}, &Note::line);
    return out;
}

}  // namespace sublet::sdl
