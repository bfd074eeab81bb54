// compose_model.hpp: a compose file as plain values, after everything that cannot be had here was said.
// Spec: docs/spec/compose.md.
#pragma once

#include <functional>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "sdl/compose_values.hpp"

namespace sublet::sdl {

// What a file that says nothing gets; each is said in a comment of the deployment file.
inline constexpr std::uint64_t kDefaultCpuMilli = 1000;
inline constexpr std::uint64_t kDefaultMemoryBytes = 512ULL << 20U;
inline constexpr std::uint64_t kDefaultRootBytes = 1ULL << 30U;
inline constexpr std::uint64_t kDefaultVolumeBytes = 1ULL << 30U;
inline constexpr std::uint64_t kDefaultTmpfsBytes = 64ULL << 20U;

struct ComposeMount {
    std::string volume;  // a name that a deployment file takes
    std::string path;
    bool read_only = false;
    bool ram = false;
    bool shared = false;  // it is another service's
    std::uint64_t bytes = 0;
    bool size_given = false;
};

struct ComposeGpus {
    std::uint64_t count = 0;
    std::string model;  // "" is any
};

struct ComposeService {
    std::string name;       // that a deployment file takes
    std::string name_here;  // as the file has it
    std::string path;       // "/services/web"
    Mark mark;
    std::string image;
    std::vector<std::string> entrypoint;
    std::vector<std::string> command;
    std::vector<std::string> environment;
    std::vector<ComposePort> world;   // reachable from everywhere
    std::vector<ComposePort> inside;  // from the other services
    std::vector<ComposeMount> mounts;
    std::uint64_t cpu_milli = 0;  // 0: not said, as in the next two
    std::uint64_t memory_bytes = 0;
    std::uint64_t root_bytes = 0;
    ComposeGpus gpus;
    std::uint64_t count = 1;
    Lifecycle lifecycle;  // without `shared`
    bool restart_given = false;
    std::vector<ComposeDependency> waits;  // as written; checked when all services are known
};

struct ComposeProject {
    std::vector<ComposeService> services;  // in the order of the file
};

// A volume as the top of the file declares it.
struct ComposeDeclared {
    std::string name;  // that a deployment file takes
    std::uint64_t bytes = 0;
    bool bind = false;  // a folder of the host by way of driver_opts
    std::string owner;  // the first service that mounts it
};

// Where a compose file is used.
struct ComposeSources {
    Variables variables;
    std::function<std::optional<std::string>(const std::string& path)> read_file;
    bool empty_folders = false;
};

// What reading one service needs of the whole file, and adds to it.
struct ComposeContext {
    Report& report;
    const ComposeSources& sources;
    std::map<std::string, std::string> names;  // of services: as the file has it → as a deployment file takes it
    std::map<std::string, ComposeDeclared> volumes;
    std::map<std::string, std::vector<std::string>> link_aliases;  // service as the file has it → names by links:
    std::size_t anonymous = 0;                                     // volumes without a name so far
};

ComposeService read_compose_service(ComposeContext& context, const Entry& entry, const std::string& path);
// Cores, memory, graphics cards, copies: deploy: and the older keys.
void read_compose_resources(ComposeContext& context, ComposeService& service, const Node& node);

// "My_App" → "my-app"
std::string deployment_name(const std::string& name);

// The tree must be substituted and merged.
ComposeProject read_project(Report& report, const Node& root, const ComposeSources& sources);

// The deployment file (SDL 2.0 with compose words) that does the same.
std::string write_deployment(const ComposeProject& project, const std::string& file_name);

// Warns of and refuses the keys of a service that have no counterpart here. True for a key that is dealt with.
bool judge_service_key(Report& report, const std::string& service, const Entry& entry, const std::string& path);

}  // namespace sublet::sdl
