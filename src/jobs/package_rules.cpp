// package_rules.cpp: what a job's package may say, field by field. Spec: docs/spec/jobs.md (packages).
#include "jobs/package_rules.hpp"

#include <algorithm>
#include <array>
#include <set>

#include "codec/utf8.hpp"
#include "jobs/exr.hpp"

namespace sublet::jobs {
namespace {

constexpr std::array<std::string_view, 3> kWorkersNames{"JOB", "TASK", "TASK_INDEX"};

std::unexpected<Error> breaks(const std::string& field, const char* rule) {
    return fail(Code::kBadField, field + ": " + rule);
}

std::string item_of(std::string_view list, std::size_t index) {
    return std::string{list} + "[" + std::to_string(index) + "]";
}

bool is_plain_text(std::string_view text) { return text.find('\0') == std::string_view::npos && codec::is_utf8(text); }

bool is_variable_name(std::string_view name) {
    const auto letter = [](char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_'; };
    return !name.empty() && letter(name[0]) &&
           std::ranges::all_of(name, [&](char c) { return letter(c) || (c >= '0' && c <= '9'); });
}

Result<> check_command(const std::vector<std::string>& command) {
    if (command.empty() || command.size() > kMaxCommandItems || command[0].empty()) {
        return breaks("command", "1 to 256 items, and the first names a program");
    }
    std::size_t bytes = 0;
    for (std::size_t i = 0; i < command.size(); ++i) {
        bytes += command[i].size();
        if (!is_plain_text(command[i])) {
            return breaks(item_of("command", i), "UTF-8 without NUL");
        }
    }
    if (bytes > kMaxCommandBytes) {
        return breaks("command", "at most 64 KiB together; put a longer script into the input");
    }
    return {};
}

Result<> check_env(const std::vector<std::string>& env) {
    if (env.size() > kMaxEnvItems) {
        return breaks("env", "at most 256 variables");
    }
    std::set<std::string_view> seen;
    for (std::size_t i = 0; i < env.size(); ++i) {
        const std::string_view name = std::string_view{env[i]}.substr(0, env[i].find('='));
        if (name.size() == env[i].size() || !is_variable_name(name)) {
            return breaks(item_of("env", i), "NAME=value, NAME of letters, digits and _, no digit in front");
        }
        if (std::ranges::find(kWorkersNames, name) != kWorkersNames.end()) {
            return breaks(item_of("env", i), "TASK, TASK_INDEX and JOB are set by the worker; choose another name");
        }
        if (!is_plain_text(env[i])) {
            return breaks(item_of("env", i), "UTF-8 without NUL");
        }
        if (!seen.insert(name).second) {
            return breaks(item_of("env", i), "this NAME has a value already");
        }
    }
    return {};
}

Result<> check_names(const Package& package) {
    const std::string& kind = package.kind;
    if (kind.empty() || kind.size() > kMaxKindBytes || !std::ranges::all_of(kind, [](char c) {
            return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-';
        })) {
        return breaks("kind", "1 to 16 of a to z, 0 to 9 and -");
    }
    const std::string& image = package.image;
    if (image.empty() || image.size() > kMaxImageBytes ||
        !std::ranges::all_of(image, [](char c) { return c > ' ' && c <= '~'; })) {
        return breaks("image", "1 to 512 printable characters without spaces");
    }
    return {};
}

}  // namespace

Result<> check_package(const Package& package) {
    TRY_OK(check_names(package));
    TRY_OK(check_command(package.command));
    TRY_OK(check_env(package.env));
    if (package.cpu_milli < kMinCpuMilli || package.cpu_milli > kMaxCpuMilli) {
        return breaks("cpu_milli", "10 to 1024000");
    }
    if (package.memory_bytes < kMinMemoryBytes || package.memory_bytes > kMaxMemoryBytes) {
        return breaks("memory_bytes", "16 MiB to 16 TiB");
    }
    if (package.output_max_bytes < 1 || package.output_max_bytes > kMaxOutputBytes) {
        return breaks("output_max_bytes", "1 byte to 64 GiB");
    }
    if (package.first < -kMaxFirst || package.first > kMaxFirst) {
        return breaks("first", "-1000000000 to 1000000000");
    }
    if (package.step == 0 || package.step < -kMaxStep || package.step > kMaxStep) {
        return breaks("step", "-1000000 to 1000000, not 0");
    }
    if (package.tasks < 1 || package.tasks > kMaxTasks) {
        return breaks("tasks", "1 to 100000");
    }
    if (package.input && (package.input->bytes < 1 || package.input->bytes > kMaxInputBytes)) {
        return breaks("input.bytes", "1 byte to 1 TiB");
    }
    if (package.audit && !is_valid(package.audit->crops)) {
        return breaks("audit", "1 to 64 crops with a side of 8 to 256 pixels");
    }
    if (package.audit && (package.audit->size.width < 1 || package.audit->size.width > kMaxImageSide ||
                          package.audit->size.height < 1 || package.audit->size.height > kMaxImageSide)) {
        return breaks("audit", "a width and a height of 1 to 65536 pixels");
    }
    if (package.audit && package.audit->map && !is_valid(*package.audit->map)) {
        return breaks("audit.map", "1 to 64 columns and rows, two digits of hex for each cell, not all 0");
    }
    if (package.salt.size() != kSaltBytes) {
        return breaks("salt", "32 bytes, 64 digits of hex");
    }
    return {};
}

}  // namespace sublet::jobs
