// compose_lifecycle.cpp: depends_on, restart and healthcheck as docker compose writes them.
// Spec: docs/spec/compose.md (lifecycle).
#include <algorithm>

#include "sdl/compose_values.hpp"

namespace sublet::sdl {
namespace {

std::optional<After> read_condition(const std::string& text) {
    if (text.empty() || text == "service_started") {
        return After::kStarted;
    }
    if (text == "service_healthy") {
        return After::kHealthy;
    }
    return text == "service_completed_successfully" ? std::optional{After::kCompleted} : std::nullopt;
}

std::string text_at(const Node& node, std::string_view key) {
    const Node* value = node.find(key);
    return value == nullptr ? "" : scalar_text(*value).value_or("");
}

// A time of a health check in milliseconds; `fallback` where it is not given.
std::uint32_t read_time(const ComposeReader& reader, const Node& node, const char* key, std::uint32_t fallback,
                        const std::string& path) {
    const std::string text = text_at(node, key);
    if (text.empty()) {
        return fallback;
    }
    const auto ms = read_duration_ms(text);
    if (!ms || *ms > kMaxHealthMs) {
        reader.refuse(node.find(key)->mark, join(path, key), "\"" + text + "\" is no time up to an hour",
                      "write 30s, 500ms or 1m30s");
        return fallback;
    }
    return *ms == 0 ? fallback : static_cast<std::uint32_t>(*ms);
}

// The command of a check; empty when it is switched off.
std::vector<std::string> read_test(const ComposeReader& reader, const Node& test, const std::string& path) {
    if (test.is(Kind::kText)) {
        return {"/bin/sh", "-c", test.text};
    }
    std::vector<std::string> words = read_command(reader, test, path);
    const std::string form = words.empty() ? "NONE" : words.front();
    if (form == "NONE") {
        return {};
    }
    words.erase(words.begin());
    if (form == "CMD-SHELL" && words.size() == 1) {
        return {"/bin/sh", "-c", words.front()};
    }
    if (form != "CMD" || words.empty()) {
        reader.refuse(test.mark, path, "a health check's test starts with CMD, CMD-SHELL or NONE",
                      "write [\"CMD\", \"program\", \"argument\"]");
        return {};
    }
    return words;
}

}  // namespace

std::vector<ComposeDependency> read_depends_on(const ComposeReader& reader, const Node& node, const std::string& path) {
    std::vector<ComposeDependency> out;
    const auto add = [&](ComposeDependency dependency) {
        const auto same = std::ranges::find_if(out, [&](const ComposeDependency& each) {
            return each.dependency.service == dependency.dependency.service;
        });
        if (same == out.end()) {
            out.push_back(std::move(dependency));
        }
    };
    for (const Node& item : node.items) {
        if (item.is(Kind::kText)) {
            add({{item.text, After::kStarted}, true, item.mark});
        } else {
            reader.refuse(item.mark, path, "an entry of depends_on is the name of a service", "write - name");
        }
    }
    for (const Entry& entry : node.entries) {
        const std::string condition = text_at(entry.value, "condition");
        const auto known = read_condition(condition);
        if (!known) {
            reader.refuse(entry.mark, join(path, entry.key), "\"" + condition + "\" is no condition",
                          "use service_started, service_healthy or service_completed_successfully");
            continue;
        }
        add({{entry.key, *known}, text_at(entry.value, "required") != "false", entry.mark});
    }
    if (node.is(Kind::kText)) {  // people write depends_on: db
        add({{node.text, After::kStarted}, true, node.mark});
    } else if (node.is(Kind::kNumber) || node.is(Kind::kBool)) {
        reader.refuse(node.mark, path, "depends_on is a list of services", "write - name lines below it");
    }
    return out;
}

std::optional<Restart> read_restart(const ComposeReader& reader, const Node& node, const std::string& path) {
    const std::string text = scalar_text(node).value_or("");
    if (text.empty()) {
        return std::nullopt;  // a variable that is not set
    }
    if (text == "always" || text == "unless-stopped" || text == "any") {
        return Restart{RestartWhen::kAlways, 0};
    }
    if (text == "no" || text == "none" || (node.is(Kind::kBool) && !node.boolean)) {
        return Restart{RestartWhen::kNever, 0};
    }
    constexpr std::string_view kOnFailure = "on-failure";
    if (text == kOnFailure) {
        return Restart{RestartWhen::kOnFailure, 0};
    }
    if (text.starts_with(std::string{kOnFailure} + ":")) {
        Node count;
        count.kind = Kind::kText;
        count.text = text.substr(kOnFailure.size() + 1);
        if (const auto most = read_whole(count); most && *most <= kMaxHealthRetries) {
            return Restart{RestartWhen::kOnFailure, static_cast<std::uint32_t>(*most)};
        }
    }
    reader.refuse(node.mark, path, "\"" + text + "\" is no restart policy",
                  "use \"no\", always, unless-stopped, on-failure or on-failure:3");
    return std::nullopt;
}

std::optional<HealthCheck> read_health(const ComposeReader& reader, const Node& node, const std::string& path) {
    if (!node.is(Kind::kMap)) {
        reader.refuse(node.mark, path, "healthcheck is a map", "write test: [\"CMD\", …] below it");
        return std::nullopt;
    }
    const Node* test = node.find("test");
    if (test == nullptr || text_at(node, "disable") == "true") {
        return std::nullopt;
    }
    HealthCheck out;
    out.test = read_test(reader, *test, join(path, "test"));
    out.interval_ms = read_time(reader, node, "interval", out.interval_ms, path);
    out.timeout_ms = read_time(reader, node, "timeout", out.timeout_ms, path);
    out.start_period_ms = read_time(reader, node, "start_period", out.start_period_ms, path);
    if (const Node* retries = node.find("retries")) {
        const auto count = read_whole(*retries);
        if (!count || *count > kMaxHealthRetries) {
            reader.refuse(retries->mark, join(path, "retries"), "retries is a whole number up to 1000", "write 3");
        } else if (*count > 0) {
            out.retries = static_cast<std::uint32_t>(*count);
        }
    }
    return out.test.empty() ? std::nullopt : std::optional{out};
}

}  // namespace sublet::sdl
