// compose_keys.cpp: what becomes of each key of a compose service that is not simply taken over.
// Spec: docs/spec/compose.md (keys).
#include <algorithm>

#include "sdl/compose_model.hpp"

namespace sublet::sdl {
namespace {

// Read by read_project.
constexpr std::string_view kTaken[] = {
    "image",    "command",     "entrypoint",     "environment", "env_file",  "ports",
    "expose",   "volumes",     "tmpfs",          "depends_on",  "links",     "restart",
    "deploy",   "scale",       "cpus",           "cpu_count",   "mem_limit", "mem_reservation",
    "shm_size", "storage_opt", "container_name", "networks",    "profiles",  "healthcheck",
    "gpus",     "build",       "network_mode",
};

struct Judged {
    std::string_view key;
    std::string_view why;  // "has no effect: …"
    std::string_view instead;
};

constexpr Judged kIgnored[] = {
    {"labels", "labels are for tools beside docker; nobody reads them here",
     "remove it; host names go under accept: of a deployment file"},
    {"annotations", "nobody reads annotations here", "remove it"},
    {"logging", "logs are kept by the provider and read with `sublet lease logs`", "remove it"},
    {"platform", "the machine's own architecture is used", "remove it, or ask for arch in a deployment file"},
    {"user", "the container starts as the user that its image names", "set USER in the image"},
    {"working_dir", "the container starts in the folder that its image names",
     "set WORKDIR in the image, or use [\"sh\", \"-c\", \"cd … && exec …\"]"},
    {"privileged", "no container gets more rights than the fixed few", "remove it; what needs it does not run here"},
    {"cap_add", "no container gets further capabilities", "remove it; what needs them does not run here"},
    {"cap_drop", "all but nine capabilities are dropped anyway", "remove it"},
    {"security_opt", "every container runs with no-new-privileges and seccomp", "remove it"},
    {"devices", "no device of the host but graphics cards can be had",
     "for a GPU use deploy.resources.reservations.devices"},
    {"device_cgroup_rules", "no device of the host can be had", "remove it"},
    {"dns", "names are resolved by the provider", "remove it"},
    {"dns_search", "names are resolved by the provider", "remove it"},
    {"dns_opt", "names are resolved by the provider", "remove it"},
    {"hostname", "a container's host name is its service's, and that is how others find it", "remove it"},
    {"domainname", "services are found by their name alone", "remove it"},
    {"extra_hosts", "names beyond the services cannot be added, and the host is out of reach",
     "use the address itself"},
    {"external_links", "nothing outside of this file is in its network", "put that service into this file"},
    {"init", "no init process is added", "use an image with one (tini)"},
    {"ipc", "each container has its own", "remove it"},
    {"isolation", "it is a setting of Windows", "remove it"},
    {"mac_address", "addresses are the provider's to give", "remove it"},
    {"pid", "each container sees its own processes", "remove it"},
    {"pids_limit", "the provider's limit applies (1024 processes)", "remove it"},
    {"pull_policy", "an image is pulled when the provider does not have it", "remove it; name a digest to be sure"},
    {"read_only", "the root stays writable", "remove it"},
    {"runtime", "the provider chooses the runtime", "for a GPU use deploy.resources.reservations.devices"},
    {"stdin_open", "there is no terminal", "remove it; commands run with the gateway's shell"},
    {"tty", "there is no terminal", "remove it"},
    {"attach", "logs are read with `sublet lease logs`", "remove it"},
    {"stop_grace_period", "the provider's grace applies", "remove it"},
    {"stop_signal", "the image's own stop signal is used", "set STOPSIGNAL in the image"},
    {"sysctls", "settings of the kernel are the provider's", "remove it"},
    {"ulimits", "the provider's limits apply (20000 open files)", "remove it"},
    {"userns_mode", "the provider chooses it", "remove it"},
    {"uts", "each container has its own", "remove it"},
    {"cgroup", "the provider chooses it", "remove it"},
    {"cgroup_parent", "the provider chooses it", "remove it"},
    {"group_add", "the container has the groups of its image's user", "remove it"},
    {"blkio_config", "disks are shared fairly by the provider", "remove it"},
    {"cpu_percent", "cores are what is rented", "use cpus"},
    {"cpu_period", "cores are what is rented", "use cpus"},
    {"cpu_quota", "cores are what is rented", "use cpus"},
    {"cpu_rt_period", "cores are what is rented", "use cpus"},
    {"cpu_rt_runtime", "cores are what is rented", "use cpus"},
    {"cpu_shares", "cores are what is rented", "use cpus"},
    {"cpuset", "the provider chooses the cores", "use cpus"},
    {"memswap_limit", "there is no swap", "use mem_limit"},
    {"mem_swappiness", "there is no swap", "use mem_limit"},
    {"oom_kill_disable", "a container over its memory is ended", "use mem_limit"},
    {"oom_score_adj", "the provider chooses it", "remove it"},
    {"develop", "it is for development", "remove it"},
    {"credential_spec", "it is a setting of Windows", "remove it"},
    {"post_start", "no commands run beside the service's own", "put it into the image's start"},
    {"pre_stop", "no commands run beside the service's own", "put it into the image's stop"},
    {"use_api_socket", "the engine is out of reach", "remove it"},
    {"volume_driver", "volumes are the provider's", "remove it"},
    {"label_file", "nobody reads labels here", "remove it"},
};

constexpr Judged kRefused[] = {
    {"extends", "services of other files are not read", "run `docker compose config > full.yml` and rent full.yml"},
    {"volumes_from", "it hides which volumes are meant", "list them under volumes:"},
    {"secrets", "files of secrets do not travel with a deployment", "pass them as environment variables"},
    {"configs", "files of configuration do not travel with a deployment",
     "put them into the image, or pass them as environment variables"},
    {"provider", "what another program provides cannot be rented", "add a service with an image"},
    {"models", "models are not fetched", "use an image that holds or fetches the model"},
};

}  // namespace

bool judge_service_key(Report& report, const std::string& service, const Entry& entry, const std::string& path) {
    if (entry.key.starts_with("x-") || std::ranges::find(kTaken, std::string_view(entry.key)) != std::end(kTaken)) {
        return true;
    }
    const auto refused = std::ranges::find(kRefused, std::string_view(entry.key), &Judged::key);
    if (refused != std::end(kRefused)) {
        const bool empty = entry.value.is(Kind::kNull) || (entry.value.is(Kind::kList) && entry.value.items.empty());
        if (!empty) {
            report.find(entry.mark, join(path, entry.key),
                        {.rule = "compose-unsupported",
                         .message = "service \"" + service + "\": " + entry.key +
                                    " cannot be had here: " + std::string{refused->why},
                         .fix = std::string{refused->instead}});
        }
        return true;
    }
    const auto ignored = std::ranges::find(kIgnored, std::string_view(entry.key), &Judged::key);
    if (ignored == std::end(kIgnored)) {
        return false;
    }
    report.warn(entry.mark,
                {.rule = "compose-ignored",
                 .message = "service \"" + service + "\": " + entry.key + " is ignored: " + std::string{ignored->why},
                 .fix = std::string{ignored->instead}});
    return true;
}

}  // namespace sublet::sdl
