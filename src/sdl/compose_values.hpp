// compose_values.hpp: the values that docker compose writes in its own way: durations, sizes, commands, ports, volumes.
// Both a compose file and a deployment file with compose words are read with these. Spec: docs/spec/compose.md.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "sdl/lifecycle.hpp"
#include "sdl/node.hpp"
#include "sdl/report.hpp"

namespace sublet::sdl {

inline constexpr std::size_t kMaxComposePorts = 256;  // of one service, ranges written out

using Variables = std::map<std::string, std::string>;

// "1h30m", "10s", "500ms", "1.5s": milliseconds, a fraction of one dropped; a unit is needed but for 0.
std::optional<std::uint64_t> read_duration_ms(std::string_view text);

// "512m", "1.5g", "64kb", "1GiB", "1024": powers of 1024 as docker reads them.
std::optional<std::uint64_t> read_docker_bytes(std::string_view text);
std::optional<std::uint64_t> read_docker_bytes(const Node& node);

// Words as a POSIX shell splits them: quotes and backslashes, nothing else. Nothing when a quote stays open.
std::optional<std::vector<std::string>> split_command(std::string_view text);

// A number or text of a scalar as docker would print it; nothing for lists, maps and null.
std::optional<std::string> scalar_text(const Node& node);

// A whole number, written as one or as text.
std::optional<std::uint64_t> read_whole(const Node& node);

// Everything below reports what it cannot read to the report, and answers what it could.
struct ComposeReader {
    Report& report;
    const Variables* variables = nullptr;  // where "KEY" without a value is looked up; null: nowhere

    void refuse(Mark mark, const std::string& path, std::string message, std::string fix) const;
};

// Text that is split, or a list of words.
std::vector<std::string> read_command(const ComposeReader& reader, const Node& node, const std::string& path);

// "KEY=value" entries of a list or a map, in order; a later entry of the same key replaces the earlier.
std::vector<std::string> read_environment(const ComposeReader& reader, const Node& node, const std::string& path);
void add_environment(std::vector<std::string>& entries, const std::string& entry);

struct ComposePort {
    std::uint16_t inside = 0;
    std::uint16_t outside = 0;  // 0: none was asked for
    bool udp = false;
    bool loopback = false;  // bound to the host's own address only
    Mark mark;
};
// An entry of ports:, short or long; a range gives several.
std::vector<ComposePort> read_ports(const ComposeReader& reader, const Node& node, const std::string& path);
// An entry of expose:.
std::vector<ComposePort> read_exposed(const ComposeReader& reader, const Node& node, const std::string& path);

struct ComposeVolume {
    enum class What : std::uint8_t { kNamed, kAnonymous, kBind, kTmpfs };
    What what = What::kNamed;
    std::string source;  // the volume's name, or the path on the host
    std::string target;
    bool read_only = false;
    std::uint64_t bytes = 0;  // of a tmpfs; 0: not said
    Mark mark;
};
// An entry of volumes:, short or long.
std::optional<ComposeVolume> read_volume(const ComposeReader& reader, const Node& node, const std::string& path);
// tmpfs: one path or a list of them, each with options behind a colon.
std::vector<ComposeVolume> read_tmpfs(const ComposeReader& reader, const Node& node, const std::string& path);

struct ComposeDependency {
    Dependency dependency;
    bool required = true;
    Mark mark;
};
// depends_on: a list of names, or a map with conditions.
std::vector<ComposeDependency> read_depends_on(const ComposeReader& reader, const Node& node, const std::string& path);
// restart: no, always, unless-stopped, on-failure[:n].
std::optional<Restart> read_restart(const ComposeReader& reader, const Node& node, const std::string& path);
// healthcheck:; nothing when it is disabled or cannot be read.
std::optional<HealthCheck> read_health(const ComposeReader& reader, const Node& node, const std::string& path);

}  // namespace sublet::sdl
