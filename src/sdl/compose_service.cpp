// compose_service.cpp: one service of a compose file as plain values.
// Spec: docs/spec/compose.md (services).
#include <algorithm>

#include "modules/market/resources.hpp"
#include "sdl/compose_model.hpp"
#include "sdl/compose_text.hpp"

namespace sublet::sdl {
namespace {

const std::vector<Node>& items_of(const Node* node) {
    static const std::vector<Node> kNone;
    return node == nullptr ? kNone : node->items;
}

std::string text_at(const Node& node, std::string_view key) {
    const Node* value = node.find(key);
    return value == nullptr ? "" : scalar_text(*value).value_or("");
}

class ServiceReader {
public:
    ServiceReader(ComposeContext& context, const Entry& entry, std::string path)
        : context_(context), node_(entry.value), reader_{context.report, &context.sources.variables} {
        out_.name_here = entry.key;
        out_.name = context.names.at(entry.key);
        out_.mark = entry.mark;
        out_.path = std::move(path);
    }

    ComposeService read() {
        if (!node_.is(Kind::kMap)) {
            refuse(out_.mark, "", "a service is a map of keys", "write image: below it");
            return std::move(out_);
        }
        read_image();
        if (const Node* words = node_.find("entrypoint")) {
            out_.entrypoint = read_command(reader_, *words, at("entrypoint"));
        }
        if (const Node* words = node_.find("command")) {
            out_.command = read_command(reader_, *words, at("command"));
        }
        read_variables_of_service();
        read_reach();
        read_mounts();
        read_lifecycle();
        read_networks();
        read_compose_resources(context_, out_, node_);
        for (const Entry& entry : node_.entries) {
            if (!judge_service_key(context_.report, out_.name_here, entry, out_.path)) {
                refuse(entry.mark, entry.key,
                       "service \"" + out_.name_here + "\": \"" + entry.key + "\" is no key of a compose service",
                       "is it spelled right? Remove it otherwise");
            }
        }
        return std::move(out_);
    }

private:
    [[nodiscard]] std::string at(std::string_view key) const { return key.empty() ? out_.path : join(out_.path, key); }

    void refuse(Mark mark, std::string_view key, std::string message, std::string fix) {
        reader_.refuse(mark, at(key), std::move(message), std::move(fix));
    }
    void warn(Mark mark, std::string rule, std::string message, std::string fix) {
        context_.report.warn(mark, {.rule = std::move(rule),
                                    .message = "service \"" + out_.name_here + "\": " + std::move(message),
                                    .fix = std::move(fix)});
    }

    void read_image() {
        out_.image = text_at(node_, "image");
        const Node* build = node_.find("build");
        if (out_.image.empty()) {
            refuse(build == nullptr ? out_.mark : build->mark, build == nullptr ? "" : "build",
                   "service \"" + out_.name_here + "\" has no image" +
                       (build == nullptr ? "" : ", and images are not built here"),
                   build == nullptr
                       ? "add image:"
                       : "build and push it (docker build -t REGISTRY/NAME . && docker push REGISTRY/NAME), "
                         "then write image: REGISTRY/NAME");
        } else if (build != nullptr) {
            warn(build->mark, "compose-ignored", "build is ignored: the image " + out_.image + " is pulled",
                 "push that image to a registry before you rent");
        }
    }

    void read_variables_of_service() {
        const Node* files = node_.find("env_file");
        const auto add_file = [&](const Node& item) {
            const std::string path = item.is(Kind::kMap) ? text_at(item, "path") : scalar_text(item).value_or("");
            const bool required = text_at(item, "required") != "false";
            const auto text =
                path.empty() || !context_.sources.read_file ? std::nullopt : context_.sources.read_file(path);
            if (!text) {
                if (required) {
                    refuse(item.mark, "env_file", "cannot read the file of variables \"" + path + "\"",
                           "put it beside the compose file, or remove it here");
                }
                return;
            }
            for (const auto& [key, value] :
                 read_variables(context_.report, *text, path, item.mark, context_.sources.variables)) {
                add_environment(out_.environment, key + "=" + value);
            }
        };
        if (files != nullptr && files->is(Kind::kList)) {
            std::ranges::for_each(files->items, add_file);
        } else if (files != nullptr && !files->is(Kind::kNull)) {
            add_file(*files);
        }
        if (const Node* environment = node_.find("environment")) {
            for (const std::string& entry : read_environment(reader_, *environment, at("environment"))) {
                add_environment(out_.environment, entry);
            }
        }
    }

    void read_reach() {
        for (const Node& item : items_of(node_.find("ports"))) {
            for (const ComposePort& port : read_ports(reader_, item, at("ports"))) {
                if (port.loopback) {
                    warn(port.mark, "compose-port",
                         "port " + std::to_string(port.inside) +
                             " is bound to the host's own address: here it is reached from the other services only",
                         "drop the address to have it reachable from everywhere");
                }
                (port.loopback ? out_.inside : out_.world).push_back(port);
            }
        }
        for (const Node& item : items_of(node_.find("expose"))) {
            for (const ComposePort& port : read_exposed(reader_, item, at("expose"))) {
                out_.inside.push_back(port);
            }
        }
        if (out_.world.size() + out_.inside.size() > kMaxComposePorts) {
            refuse(out_.mark, "ports", "more than " + std::to_string(kMaxComposePorts) + " ports", "list fewer");
            out_.world.clear();
            out_.inside.clear();
        }
    }

    void read_mounts() {
        for (const Node& item : items_of(node_.find("volumes"))) {
            if (const auto volume = read_volume(reader_, item, at("volumes"))) {
                mount(*volume);
            }
        }
        if (const Node* tmpfs = node_.find("tmpfs")) {
            for (const ComposeVolume& volume : read_tmpfs(reader_, *tmpfs, at("tmpfs"))) {
                mount(volume);
            }
        }
        if (const Node* size = node_.find("shm_size")) {
            ComposeVolume shm;
            shm.what = ComposeVolume::What::kTmpfs;
            shm.target = "/dev/shm";
            shm.bytes = read_docker_bytes(*size).value_or(0);
            if (shm.bytes == 0) {
                refuse(size->mark, "shm_size", "it is no size", "write 256m");
            }
            mount(shm);
        }
        const auto own = std::ranges::count_if(out_.mounts, [](const ComposeMount& each) { return !each.shared; });
        if (static_cast<std::size_t>(own) + 1 > market::kMaxVolumes) {
            refuse(out_.mark, "volumes",
                   "service \"" + out_.name_here + "\" has " + std::to_string(own) + " volumes, and " +
                       std::to_string(market::kMaxVolumes - 1) + " fit beside its root",
                   "mount one volume where several folders lie, or give some to another service");
        }
    }

    void mount(const ComposeVolume& volume) {
        const bool twice =
            std::ranges::any_of(out_.mounts, [&](const ComposeMount& each) { return each.path == volume.target; });
        if (twice) {
            refuse(volume.mark, "volumes", "two volumes at " + volume.target, "remove one");
            return;
        }
        switch (volume.what) {
            case ComposeVolume::What::kBind:
                mount_folder(volume);
                break;
            case ComposeVolume::What::kTmpfs:
                out_.mounts.push_back({"ram-" + std::to_string(out_.mounts.size() + 1), volume.target, volume.read_only,
                                       true, false, volume.bytes == 0 ? kDefaultTmpfsBytes : volume.bytes,
                                       volume.bytes != 0});
                break;
            case ComposeVolume::What::kAnonymous: {
                const std::string name = out_.name + "-" + std::to_string(++context_.anonymous);
                out_.mounts.push_back(
                    {name, volume.target, volume.read_only, false, false, kDefaultVolumeBytes, false});
                warn_size(volume.mark, "the volume without a name at " + volume.target);
                break;
            }
            case ComposeVolume::What::kNamed:
                mount_named(volume);
                break;
        }
    }

    // A file has a dot in its name; sockets and devices are no folders either.
    static bool may_be_folder(const std::string& source) {
        const std::string name = source.substr(source.rfind('/') == std::string::npos ? 0 : source.rfind('/') + 1);
        return name.find('.', 1) == std::string::npos && !source.starts_with("/dev") && !source.starts_with("/proc") &&
               !source.starts_with("/sys") && !source.starts_with("/etc/");
    }

    void mount_folder(const ComposeVolume& volume) {
        if (!context_.sources.empty_folders || !may_be_folder(volume.source)) {
            refuse_bind(volume.mark, volume.source, volume.target);
            return;
        }
        ComposeVolume named = volume;
        named.what = ComposeVolume::What::kNamed;
        std::string name = deployment_name(volume.target.substr(1));
        const auto taken = [&](const auto& each) { return each.second.name == name; };
        for (const std::string stem = name; std::ranges::any_of(context_.volumes, taken) || name == "default";) {
            name = stem.substr(0, 50) + "-" + std::to_string(++context_.anonymous);
        }
        context_.volumes.try_emplace(volume.source, ComposeDeclared{name, 0, false, ""});
        warn(
            volume.mark, "compose-folder",
            "\"" + volume.source + "\" of this machine is not taken along: a volume that starts empty stands in for it",
            "");
        mount_named(named);
    }

    void refuse_bind(Mark mark, const std::string& source, const std::string& target) {
        if (source == "/etc/localtime" || source == "/etc/timezone") {
            warn(mark, "compose-ignored", source + " of this machine is not mounted: clocks are in UTC",
                 "set TZ in environment where the image knows it");
            return;
        }
        const bool engine = source.ends_with("docker.sock") || source.ends_with("podman.sock");
        refuse(mark, "volumes",
               "service \"" + out_.name_here + "\": \"" + source +
                   "\" is a path of this machine, and the container runs on another",
               engine ? "remove it: no container may talk to the provider's engine"
                      : "for data to keep write NAME:" + target +
                            " and NAME: under volumes at the top, or give --empty-folders; files that must be there go "
                            "into the image");
    }

    void mount_named(const ComposeVolume& volume) {
        const auto found = context_.volumes.find(volume.source);
        if (found == context_.volumes.end()) {
            refuse(volume.mark, "volumes", "the volume \"" + volume.source + "\" is not declared",
                   "add volumes: with " + volume.source + ": at the top of the file");
            return;
        }
        ComposeDeclared& declared = found->second;
        if (declared.bind) {
            refuse_bind(volume.mark, volume.source, volume.target);
            return;
        }
        ComposeMount mount{declared.name, volume.target,  volume.read_only,   false,
                           false,         declared.bytes, declared.bytes != 0};
        if (declared.owner == out_.name) {
            refuse(volume.mark, "volumes", "the volume \"" + volume.source + "\" is mounted twice in one service",
                   "mount it once");
            return;
        }
        mount.shared = !declared.owner.empty();
        if (!mount.shared) {
            declared.owner = out_.name;
            if (!mount.size_given) {
                mount.bytes = kDefaultVolumeBytes;
                warn_size(volume.mark, "the volume \"" + volume.source + "\"");
            }
        }
        out_.mounts.push_back(std::move(mount));
    }

    void warn_size(Mark mark, const std::string& what) {
        warn(mark, "compose-volume-size", what + " gets 1 GiB, kept as long as the lease",
             "write driver_opts: { size: 10g } at the volume for another size");
    }

    void read_lifecycle() {
        if (const Node* names = node_.find("depends_on")) {
            out_.waits = read_depends_on(reader_, *names, at("depends_on"));
        }
        for (const Node& item : items_of(node_.find("links"))) {
            const std::string text = scalar_text(item).value_or("");
            const std::string target = text.substr(0, text.find(':'));
            if (text.find(':') != std::string::npos) {
                context_.link_aliases[target].push_back(text.substr(text.find(':') + 1));
            }
            const bool known = std::ranges::any_of(
                out_.waits, [&](const ComposeDependency& each) { return each.dependency.service == target; });
            if (!known) {
                out_.waits.push_back({{target, After::kStarted}, true, item.mark});
            }
        }
        const Node* restart = node_.find("restart");
        const Node* policy = find(find(node_.find("deploy"), "restart_policy"), "condition");
        out_.lifecycle.restart = {RestartWhen::kOnFailure, 0};
        for (const Node* said : {policy, restart}) {
            if (const auto read = said == nullptr ? std::nullopt : read_restart(reader_, *said, at("restart"))) {
                out_.lifecycle.restart = *read;
                out_.restart_given = true;
            }
        }
        if (const Node* health = node_.find("healthcheck")) {
            out_.lifecycle.health = read_health(reader_, *health, at("healthcheck"));
        }
    }

    void add_alias(const std::string& alias) {
        auto& aliases = out_.lifecycle.aliases;
        if (alias != out_.name && std::ranges::find(aliases, alias) == aliases.end()) {
            aliases.push_back(alias);
        }
    }

    void read_networks() {
        add_alias(out_.name_here);
        add_alias(node_.find("container_name") == nullptr ? out_.name : text_at(node_, "container_name"));
        if (const Node* networks = node_.find("networks")) {
            for (const Entry& network : networks->entries) {
                for (const Node& alias : items_of(network.value.find("aliases"))) {
                    add_alias(scalar_text(alias).value_or(""));
                }
                if (network.value.find("ipv4_address") != nullptr || network.value.find("ipv6_address") != nullptr) {
                    warn(network.mark, "compose-ignored", "its address cannot be chosen", "use the service's name");
                }
            }
        }
        const std::string mode = text_at(node_, "network_mode");
        if (mode.starts_with("service:") || mode.starts_with("container:")) {
            refuse(node_.find("network_mode")->mark, "network_mode",
                   "service \"" + out_.name_here + "\" wants the network of another, which cannot be had here",
                   "remove it and reach the other by its name");
        } else if (mode == "host") {
            warn(
                node_.find("network_mode")->mark, "compose-ignored",
                "network_mode is ignored: a container has a network of its own, so only the ports listed are reachable",
                "list its ports under ports:");
        } else if (mode == "none") {
            warn(node_.find("network_mode")->mark, "compose-ignored",
                 "network_mode is ignored: it reaches the other services and the internet", "remove it");
        }
    }

    ComposeContext& context_;
    const Node& node_;
    ComposeReader reader_;
    ComposeService out_;
};

}  // namespace

ComposeService read_compose_service(ComposeContext& context, const Entry& entry, const std::string& path) {
    return ServiceReader{context, entry, path}.read();
}

}  // namespace sublet::sdl
