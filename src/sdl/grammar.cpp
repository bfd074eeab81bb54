// grammar.cpp: the structure of a deployment file from the top.
// Spec: docs/spec/deployment-files.md (grammar).
#include "sdl/grammar.hpp"

#include <limits>

#include "sdl/units.hpp"

namespace sublet::sdl {
namespace {

constexpr std::string_view kVersions[] = {"2.0", "2.1"};
constexpr std::string_view kEndpointKinds[] = {"ip"};
constexpr double kMaxReplicas = 4294967295.0;

void version(Checker& c, const Node& node, const std::string& path) { check_one_of(c, node, path, kVersions); }
void endpoint_kind(Checker& c, const Node& node, const std::string& path) {
    check_one_of(c, node, path, kEndpointKinds);
}
void count(Checker& c, const Node& node, const std::string& path) {
    check_integer(c, node, path, 1, c.rules == Rules::kOurs ? kMaxReplicas : std::numeric_limits<double>::infinity());
}

void deployment_of_placement(Checker& c, const Node& node, const std::string& path) {
    static constexpr Field kFields[] = {{"count", true, count}, {"profile", true, check_text}};
    check_fields(c, node, path, kFields);
}
void deployment_of_service(Checker& c, const Node& node, const std::string& path) {
    check_each_value(c, node, path, deployment_of_placement);
}
void deployment(Checker& c, const Node& node, const std::string& path) {
    check_each_value(c, node, path, deployment_of_service);
}

// ^[a-z]+[-_0-9a-z]+$
bool is_endpoint_name(std::string_view name) {
    if (name.size() < 2 || name[0] < 'a' || name[0] > 'z') {
        return false;
    }
    return name.find_first_not_of("abcdefghijklmnopqrstuvwxyz0123456789-_") == std::string_view::npos;
}

void endpoint(Checker& c, const Node& node, const std::string& path) {
    static constexpr Field kFields[] = {{"kind", true, endpoint_kind}};
    check_fields(c, node, path, kFields);
}

void endpoints(Checker& c, const Node& node, const std::string& path) {
    if (!want(c, node, path, Kind::kMap)) {
        return;
    }
    for (const Entry& entry : node.entries) {
        if (is_endpoint_name(entry.key)) {
            endpoint(c, entry.value, join(path, entry.key));
        } else {
            c.report.find(entry.mark, path,
                          {.rule = "additionalProperties",
                           .message = "\"" + entry.key + "\" cannot be the name of an endpoint",
                           .fix = "use at least two of a-z, 0-9, - and _, starting with a letter"});
        }
    }
}

void compute(Checker& c, const Node& node, const std::string& path) {
    check_each_value(c, node, path, check_compute_profile);
}
void placement(Checker& c, const Node& node, const std::string& path) {
    check_each_value(c, node, path, check_placement_profile);
}

void profiles(Checker& c, const Node& node, const std::string& path) {
    static constexpr Field kFields[] = {{"compute", true, compute}, {"placement", true, placement}};
    check_fields(c, node, path, kFields);
}

// ^[1-9][0-9]*(s|m|h)$, and here no longer than fits.
bool is_window(std::string_view text, Rules rules) {
    const std::size_t unit = text.find_first_not_of("0123456789");
    const bool shaped = unit != std::string_view::npos && unit > 0 && text[0] != '0' && unit + 1 == text.size() &&
                        (text[unit] == 's' || text[unit] == 'm' || text[unit] == 'h');
    return shaped && (rules == Rules::kOfficial || read_window_s(text));
}

void min_window(Checker& c, const Node& node, const std::string& path) {
    if (want(c, node, path, Kind::kText) && !is_window(node.text, c.rules)) {
        c.report.find(node.mark, path,
                      {.rule = "pattern",
                       .message = "\"" + node.text + "\" is not a reclamation window",
                       .fix = "write a whole number followed by s, m or h: \"24h\""});
    }
}

void reclamation(Checker& c, const Node& node, const std::string& path) {
    static constexpr Field kFields[] = {{"min_window", true, min_window}};
    check_fields(c, node, path, kFields);
}

}  // namespace

void check_structure(Checker& checker, const Node& root) {
    static constexpr Field kFields[] = {
        {"version", true, version},          {"services", true, check_services}, {"profiles", true, profiles},
        {"deployment", true, deployment},    {"endpoints", false, endpoints},    {"include", false, check_text_list},
        {"reclamation", false, reclamation},
    };
    check_fields(checker, root, "", kFields);
}

}  // namespace sublet::sdl
