// grammar_services.cpp: the structure of /services.
// Spec: docs/spec/deployment-files.md (grammar).
#include <limits>

#include "sdl/grammar.hpp"

namespace sublet::sdl {
namespace {

constexpr double kMaxPort = 65535;
constexpr double kMaxBodyBytes = 104857600;
constexpr double kMaxProxyTimeoutMs = 60000;
constexpr double kMaxProxyBufferBytes = 1048576;
constexpr double kUnlimited = std::numeric_limits<double>::infinity();
constexpr double kMaxU32 = std::numeric_limits<std::uint32_t>::max();

constexpr std::string_view kProtos[] = {"TCP", "UDP", "tcp", "udp"};
constexpr std::string_view kNextCases[] = {"error", "timeout", "500", "502", "503", "504", "403", "404", "429", "off"};
constexpr std::string_view kReadable[] = {"deployment", "logs", "events"};
constexpr std::string_view kTee[] = {"cpu", "cpu-gpu"};

void port_number(Checker& c, const Node& node, const std::string& path) { check_integer(c, node, path, 1, kMaxPort); }
void proto(Checker& c, const Node& node, const std::string& path) { check_one_of(c, node, path, kProtos); }
void body_size(Checker& c, const Node& node, const std::string& path) {
    check_integer(c, node, path, 0, kMaxBodyBytes);
}
void timeout_ms(Checker& c, const Node& node, const std::string& path) {
    check_integer(c, node, path, 0, kMaxProxyTimeoutMs);
}
void any_u32(Checker& c, const Node& node, const std::string& path) {
    check_integer(c, node, path, 0, c.rules == Rules::kOurs ? kMaxU32 : kUnlimited);
}
void buffer_size(Checker& c, const Node& node, const std::string& path) {
    check_integer(c, node, path, 0, kMaxProxyBufferBytes);
}
void next_case(Checker& c, const Node& node, const std::string& path) { check_one_of(c, node, path, kNextCases); }
void readable(Checker& c, const Node& node, const std::string& path) { check_one_of(c, node, path, kReadable); }
void tee(Checker& c, const Node& node, const std::string& path) { check_one_of(c, node, path, kTee); }
void not_empty(Checker& c, const Node& node, const std::string& path) { check_text_at_least(c, node, path, 1); }
void email(Checker& c, const Node& node, const std::string& path) { check_text_at_least(c, node, path, 5); }
void password(Checker& c, const Node& node, const std::string& path) { check_text_at_least(c, node, path, 6); }

void text_list_or_null(Checker& c, const Node& node, const std::string& path) {
    if (!node.is(Kind::kNull)) {
        check_text_list(c, node, path);
    }
}

void next_cases(Checker& c, const Node& node, const std::string& path) {
    check_each_item(c, node, path, next_case);
    for (const Node& item : node.items) {
        if (item.text == "off" && node.items.size() > 1) {
            c.report.find(
                item.mark, path,
                {.rule = "oneOf", .message = "\"off\" must stand alone", .fix = "keep \"off\", or remove it"});
            return;
        }
    }
}

void http_options(Checker& c, const Node& node, const std::string& path) {
    static constexpr Field kFields[] = {
        {"max_body_size", false, body_size},       {"next_cases", false, next_cases},
        {"next_timeout", false, any_u32},          {"next_tries", false, any_u32},
        {"proxy_buffer_size", false, buffer_size}, {"read_timeout", false, timeout_ms},
        {"send_timeout", false, timeout_ms},
    };
    check_fields(c, node, path, kFields);
}

void expose_to(Checker& c, const Node& node, const std::string& path) {
    static constexpr Field kFields[] = {
        {"global", false, check_bool}, {"ip", false, not_empty}, {"service", false, check_text}};
    if (!check_fields(c, node, path, kFields)) {
        return;
    }
    const Node* global = node.find("global");
    if (!text_of(node.find("ip")).empty() && (global == nullptr || !global->boolean)) {
        c.report.find(node.mark, path,
                      {.rule = "if", .message = "an IP endpoint must be exposed globally", .fix = "add global: true"});
    }
}

void expose_to_list(Checker& c, const Node& node, const std::string& path) {
    check_each_item(c, node, path, expose_to);
}

void expose(Checker& c, const Node& node, const std::string& path) {
    static constexpr Field kFields[] = {
        {"accept", false, check_text_list}, {"as", false, port_number}, {"http_options", false, http_options},
        {"port", true, port_number},        {"proto", false, proto},    {"to", false, expose_to_list},
    };
    check_fields(c, node, path, kFields);
}

void expose_list(Checker& c, const Node& node, const std::string& path) {
    if (!node.is(Kind::kNull)) {
        check_each_item(c, node, path, expose);
    }
}

void absolute_path(Checker& c, const Node& node, const std::string& path) {
    if (want(c, node, path, Kind::kText) && !node.text.starts_with('/')) {
        c.report.find(node.mark, path,
                      {.rule = "pattern",
                       .message = "the mount \"" + node.text + "\" is not an absolute path",
                       .fix = "start it with /"});
    }
}

void volume_mount(Checker& c, const Node& node, const std::string& path) {
    static constexpr Field kFields[] = {{"mount", false, absolute_path}, {"readOnly", false, check_bool}};
    check_fields(c, node, path, kFields);
}

void volume_mounts(Checker& c, const Node& node, const std::string& path) {
    check_each_value(c, node, path, volume_mount);
}
void readable_list(Checker& c, const Node& node, const std::string& path) { check_each_item(c, node, path, readable); }

void permissions(Checker& c, const Node& node, const std::string& path) {
    static constexpr Field kFields[] = {{"read", false, readable_list}};
    check_fields(c, node, path, kFields);
}

void params(Checker& c, const Node& node, const std::string& path) {
    static constexpr Field kFields[] = {
        {"storage", false, volume_mounts}, {"permissions", false, permissions}, {"tee", false, tee}};
    check_fields(c, node, path, kFields);
}

void credentials(Checker& c, const Node& node, const std::string& path) {
    static constexpr Field kFields[] = {{"email", false, email},
                                        {"host", true, not_empty},
                                        {"password", true, password},
                                        {"username", true, not_empty}};
    check_fields(c, node, path, kFields);
}

void dependency(Checker& c, const Node& node, const std::string& path) {
    static constexpr Field kFields[] = {{"service", false, check_text}};
    check_fields(c, node, path, kFields);
}

void dependencies(Checker& c, const Node& node, const std::string& path) { check_each_item(c, node, path, dependency); }

void service(Checker& c, const Node& node, const std::string& path) {
    static constexpr Field kFields[] = {
        {"args", false, text_list_or_null},  {"command", false, text_list_or_null},
        {"credentials", false, credentials}, {"dependencies", false, dependencies},
        {"env", false, text_list_or_null},   {"expose", false, expose_list},
        {"image", true, not_empty},          {"params", false, params},
    };
    check_fields(c, node, path, kFields);
}

}  // namespace

void check_services(Checker& checker, const Node& node, const std::string& path) {
    check_each_value(checker, node, path, service);
    if (node.entries.size() > kMaxServices && checker.rules == Rules::kOurs) {
        checker.report.find(node.mark, path,
                            {.rule = "limit",
                             .message = "more than " + std::to_string(kMaxServices) + " services",
                             .fix = "split the file"});
    }
}

}  // namespace sublet::sdl
