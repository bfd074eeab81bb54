// manifest_rules.cpp: what a manifest must satisfy before anybody runs it.
// Spec: docs/spec/deployment-files.md (manifest rules).
#include "sdl/manifest_rules.hpp"

#include <algorithm>
#include <set>

#include "sdl/letters.hpp"
#include "sdl/lifecycle_rules.hpp"

namespace sublet::sdl {
namespace {

constexpr std::size_t kMaxName = 63;
constexpr std::size_t kMaxHost = 255;
constexpr std::size_t kMaxImage = 512;
constexpr std::size_t kMaxPath = 4096;
constexpr std::uint32_t kMaxReplicas = 1000;

bool is_control(char c) { return static_cast<unsigned char>(c) < 0x20 || c == 0x7f; }

// Placements are names for people; they end up in labels and directories.
bool is_group_name(const std::string& name) {
    const auto fine = [](char c) {
        return is_lower(c) || is_upper(c) || is_digit(c) || c == '-' || c == '_' || c == '.';
    };
    return !name.empty() && name.size() <= kMaxName && std::ranges::all_of(name, fine) && name[0] != '.' &&
           name[0] != '-';
}

bool is_image(const std::string& image) {
    const auto fine = [](char c) { return c > 0x20 && c < 0x7f && c != '"' && c != '\\' && c != '?' && c != '#'; };
    return !image.empty() && image.size() <= kMaxImage && image[0] != '-' && std::ranges::all_of(image, fine);
}

// Letters, digits, _ - and . not starting with a digit: a Kubernetes environment name.
bool is_env_name(const std::string& name) {
    const auto fine = [](char c) {
        return is_lower(c) || is_upper(c) || is_digit(c) || c == '_' || c == '-' || c == '.';
    };
    return !name.empty() && !is_digit(name[0]) && std::ranges::all_of(name, fine);
}

// DNS-1123: labels of lower-case letters, digits and inner hyphens.
bool is_host(const std::string& host) {
    if (host.empty() || host.size() > kMaxHost) {
        return false;
    }
    std::size_t start = 0;
    while (start <= host.size()) {
        const std::size_t end = std::min(host.find('.', start), host.size());
        const std::string label = host.substr(start, end - start);
        const auto fine = [](char c) { return is_lower(c) || is_digit(c) || c == '-'; };
        if (label.empty() || label.size() > kMaxName || label.front() == '-' || label.back() == '-' ||
            !std::ranges::all_of(label, fine)) {
            return false;
        }
        start = end + 1;
    }
    return true;
}

bool has_nul(const std::vector<std::string>& texts) {
    return std::ranges::any_of(texts, [](const std::string& text) {
        return text.size() > kMaxTextBytes || text.find('\0') != std::string::npos;
    });
}

class Examiner {
public:
    std::vector<ManifestProblem> examine(const Manifest& manifest) {
        if (manifest.groups.empty() || manifest.groups.size() > kMaxGroups) {
            add("a manifest has 1 to " + std::to_string(kMaxGroups) + " groups", "split the file");
        }
        std::set<std::string> groups;
        for (const ManifestGroup& group : manifest.groups) {
            service_.clear();
            if (!is_group_name(group.name) || !groups.insert(group.name).second) {
                add("\"" + group.name + "\" is no name for a placement, or is there twice",
                    "use letters, digits, - and _");
            }
            if (group.services.empty() || group.services.size() > kMaxServices) {
                add("a group has 1 to " + std::to_string(kMaxServices) + " services", "split the file");
            }
            examine_group(group);
        }
        return std::move(problems_);
    }

private:
    void add(std::string message, std::string fix) {
        problems_.push_back({service_, std::move(message), std::move(fix)});
    }

    void examine_group(const ManifestGroup& group) {
        std::set<std::string> names;
        for (const Service& service : group.services) {
            service_ = service.name;
            if (!is_service_name(service.name)) {
                add("\"" + service.name + "\" is no name for a service",
                    "use a-z, 0-9 and - (not first or last), start with a letter, at most 63");
            }
            if (!names.insert(service.name).second) {
                add("the service \"" + service.name + "\" is there twice", "give each service a name of its own");
            }
            examine_service(service);
            examine_volumes(service);
            examine_expose(service);
        }
        for (ManifestProblem& problem : lifecycle_problems(group)) {
            problems_.push_back(std::move(problem));
        }
    }

    void examine_service(const Service& service) {
        if (!is_image(service.image)) {
            add("\"" + service.image + "\" is no image reference", "write name:tag without spaces");
        }
        if (service.count == 0 || service.count > kMaxReplicas) {
            add("the count must be 1 to " + std::to_string(kMaxReplicas), "change count:");
        }
        if (service.resources.cpu_milli == 0 || service.resources.memory_bytes == 0) {
            add("a service needs CPU and memory", "give its profile both");
        }
        if (has_nul(service.command) || has_nul(service.args) || has_nul(service.env)) {
            add("a text holds a NUL byte or is too long", "remove it");
        }
        for (const std::string& entry : service.env) {
            if (!is_env_name(entry.substr(0, entry.find('=')))) {
                add("the environment entry \"" + entry.substr(0, std::min<std::size_t>(entry.find('='), 40)) +
                        "\" has no valid name",
                    "write NAME=value; names have letters, digits, _ - . and do not start with a digit");
            }
        }
    }

    void examine_volumes(const Service& service) {
        std::set<std::string> volumes;
        for (const Storage& storage : service.resources.storage) {
            if (!volumes.insert(storage.name).second) {
                add("two volumes have the name \"" + storage.name + "\"", "give each a name of its own");
            }
            if (!is_group_name(storage.name)) {
                add("\"" + storage.name + "\" is no name for a volume", "use letters, digits, - and _");
            }
            const bool mounted = std::ranges::any_of(service.params.mounts, [&](const Mount& mount) {
                return mount.volume == storage.name && !mount.path.empty();
            });
            if (storage.persistent && !mounted) {
                add("the persistent volume \"" + storage.name + "\" is not mounted", "mount it with params.storage");
            }
        }
        std::set<std::string> paths;
        for (const Mount& mount : service.params.mounts) {
            if (!volumes.contains(mount.volume)) {
                add("the mount of \"" + mount.volume + "\" has no volume", "add it to the profile's storage");
            }
            if (!mount.path.empty() && (!is_mount_path(mount.path) || !paths.insert(mount.path).second)) {
                add("\"" + mount.path + "\" is no mount path, or is used twice",
                    "use an absolute path without .. or :");
            }
        }
    }

    void examine_expose(const Service& service) {
        for (const Expose& expose : service.expose) {
            if (expose.port == 0 || (expose.proto != "TCP" && expose.proto != "UDP")) {
                add("a port must be 1 to 65535 and TCP or UDP", "change expose:");
            }
            for (const std::string& host : expose.hosts) {
                if (!is_host(host)) {
                    add("\"" + host + "\" is no host name", "use a name such as www.example.com in lower case");
                }
                if (!hosts_.insert(host + "\n" + std::to_string(expose.outside_port())).second && expose.global) {
                    add("the host name \"" + host + "\" is accepted twice on one port",
                        "name each host once in the file");
                }
            }
        }
    }

    std::string service_;
    std::set<std::string> hosts_;
    std::vector<ManifestProblem> problems_;
};

}  // namespace

bool is_service_name(const std::string& name) {
    const auto fine = [](char c) { return is_lower(c) || is_digit(c) || c == '-'; };
    return !name.empty() && name.size() <= kMaxName && is_lower(name.front()) && name.back() != '-' &&
           std::ranges::all_of(name, fine);
}

bool is_mount_path(const std::string& path) {
    return path.size() > 1 && path.size() <= kMaxPath && path[0] == '/' && path.find("/../") == std::string::npos &&
           !path.ends_with("/..") && path.find(':') == std::string::npos && std::ranges::none_of(path, is_control);
}

std::vector<ManifestProblem> manifest_problems(const Manifest& manifest) { return Examiner().examine(manifest); }

}  // namespace sublet::sdl
