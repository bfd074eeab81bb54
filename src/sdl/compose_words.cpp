// compose_words.cpp: takes the words of docker compose out of a deployment file.
// Spec: docs/spec/compose.md (words).
#include "sdl/compose_words.hpp"

#include <algorithm>

#include "sdl/compose_model.hpp"
#include "sdl/compose_storage.hpp"
#include "sdl/make_node.hpp"

namespace sublet::sdl {
namespace {

constexpr std::string_view kOfficial[] = {"args", "command", "credentials", "dependencies",
                                          "env",  "expose",  "image",       "params"};

struct Ignored {
    std::string_view key;
    std::string_view instead;
};

// Words that a compose file may say, and that say nothing in a deployment file.
constexpr Ignored kIgnored[] = {
    {"build", "push the image and name it under image:"},
    {"cmd", "write command: (the entry point) and args:"},
    {"deploy", "write count: under deployment: and resources under profiles:"},
    {"scale", "write count: under deployment:"},
    {"cpus", "write cpu: units: in the compute profile"},
    {"cpu_count", "write cpu: units: in the compute profile"},
    {"mem_limit", "write memory: size: in the compute profile"},
    {"mem_reservation", "write memory: size: in the compute profile"},
    {"shm_size", "add storage of class ram and mount it at /dev/shm"},
    {"storage_opt", "write storage: size: in the compute profile"},
    {"gpus", "write gpu: in the compute profile"},
    {"env_file", "write the variables under env:"},
    {"networks", "remove it: the services of a placement reach each other by name"},
    {"network_mode", "remove it, and list ports under expose:"},
    {"profiles", "remove the service, or the key"},
    {"extends", "write the service out"},
    {"volumes_from", "list volumes under params: storage:"},
    {"secrets", "pass them under env:"},
    {"configs", "put them into the image, or pass them under env:"},
};

class WordTaker {
public:
    WordTaker(Report& report, Node& root) : report_(report), root_(root) {}

    WordsByService take() {
        take_top();
        Node* services = find_mutable(root_, "services");
        if (services == nullptr || !services->is(Kind::kMap)) {
            return {};
        }
        for (Entry& service : services->entries) {
            if (service.value.is(Kind::kMap)) {
                take_service(service);
            }
        }
        return std::move(out_);
    }

private:
    void warn(Mark mark, std::string message, std::string fix) {
        report_.warn(mark, {.rule = "compose-ignored", .message = std::move(message), .fix = std::move(fix)});
    }
    void read_as(Mark mark, std::string message) {
        report_.warn(mark, {.rule = "compose-word", .message = std::move(message), .fix = ""});
    }

    void take_top() {
        constexpr Ignored kTop[] = {
            {"volumes", "volumes are declared as storage of a compute profile"},
            {"networks", "remove it: the services of a placement share one network"},
            {"name", "remove it: a deployment has a number"},
            {"secrets", "pass them under env:"},
            {"configs", "put them into the image, or pass them under env:"},
        };
        for (const Ignored& word : kTop) {
            const auto at = std::ranges::find(root_.entries, word.key, &Entry::key);
            if (at != root_.entries.end()) {
                warn(at->mark,
                     "\"" + at->key + "\" is a word of docker compose and is ignored at the top of a deployment file",
                     std::string{word.instead});
                root_.entries.erase(at);
            }
        }
        std::erase_if(root_.entries, [&](const Entry& entry) {
            const bool extension = entry.key.starts_with("x-");
            if (extension) {
                warn(entry.mark, "\"" + entry.key + "\" is ignored", "remove it");
            }
            return extension;
        });
    }

    void take_service(Entry& service) {
        path_ = join("/services", service.key);
        name_ = service.key;
        const std::vector<Entry> all = service.value.entries;
        std::erase_if(service.value.entries, [](const Entry& entry) {
            return std::ranges::find(kOfficial, std::string_view(entry.key)) == std::end(kOfficial);
        });
        for (const Entry& entry : all) {
            const bool official = std::ranges::find(kOfficial, std::string_view(entry.key)) != std::end(kOfficial);
            if (!official && !honour(service.value, entry) && !ignore(entry)) {
                service.value.entries.push_back(entry);  // the grammar refuses it
            }
        }
    }

    bool honour(Node& service, const Entry& entry) {
        const ComposeReader reader{report_, nullptr};
        const std::string path = join(path_, entry.key);
        Lifecycle& life = out_[name_].lifecycle;
        if (entry.key == "depends_on" || entry.key == "depends-on" || entry.key == "links") {
            for (ComposeDependency& wait : read_depends_on(reader, entry.value, path)) {
                wait.dependency.service.resize(
                    std::min(wait.dependency.service.find(':'), wait.dependency.service.size()));
                out_[name_].waits.push_back(std::move(wait));
            }
        } else if (entry.key == "restart") {
            life.restart = read_restart(reader, entry.value, path).value_or(Restart{});
        } else if (entry.key == "healthcheck") {
            life.health = read_health(reader, entry.value, path);
        } else if (entry.key == "aliases" || entry.key == "container_name") {
            take_aliases(entry, life);
        } else if (entry.key == "volumes" || entry.key == "tmpfs") {
            take_volumes(entry, path, life);
        } else if (entry.key == "environment") {
            take_environment(service, entry, path);
        } else if (entry.key == "entrypoint") {
            take_entrypoint(service, entry, path);
        } else if (entry.key == "ports") {
            take_ports(service, entry, path);
        } else {
            return false;
        }
        return true;
    }

    bool ignore(const Entry& entry) {
        const auto word = std::ranges::find(kIgnored, std::string_view(entry.key), &Ignored::key);
        if (word != std::end(kIgnored) || entry.key.starts_with("x-")) {
            warn(entry.mark,
                 "service \"" + name_ + "\": " + entry.key +
                     " is a word of docker compose and is ignored in a deployment file",
                 word == std::end(kIgnored) ? "remove it" : std::string{word->instead});
            return true;
        }
        return judge_service_key(report_, name_, entry, path_);
    }

    void take_aliases(const Entry& entry, Lifecycle& life) {
        const auto add = [&](const Node& node) {
            if (const auto text = scalar_text(node); text && *text != name_) {
                life.aliases.push_back(*text);
            }
        };
        std::ranges::for_each(entry.value.items, add);
        add(entry.value);
        std::ranges::sort(life.aliases);
    }

    void take_volumes(const Entry& entry, const std::string& path, Lifecycle& life) {
        const ComposeReader reader{report_, nullptr};
        std::vector<ComposeVolume> volumes;
        if (entry.key == "tmpfs") {
            volumes = read_tmpfs(reader, entry.value, path);
        } else if (!entry.value.is(Kind::kList)) {
            reader.refuse(entry.mark, path, "volumes is a list", "write - NAME:/path lines below it");
        }
        for (const Node& item : entry.value.items) {
            if (auto volume = entry.key == "tmpfs" ? std::nullopt : read_volume(reader, item, path)) {
                volumes.push_back(std::move(*volume));
            }
        }
        for (const ComposeVolume& volume : volumes) {
            add_volume(report_, root_, name_, volume, life);
        }
    }

    void take_environment(Node& service, const Entry& entry, const std::string& path) {
        const ComposeReader reader{report_, nullptr};
        Node& env = child(service, "env", Kind::kList, entry.mark);
        std::vector<std::string> present;
        for (const Node& item : env.items) {
            present.push_back(item.text.substr(0, item.text.find('=')));
        }
        for (const std::string& each : read_environment(reader, entry.value, path)) {
            if (std::ranges::find(present, each.substr(0, each.find('='))) == present.end()) {
                env.items.push_back(text_node(each, entry.mark));
            }
        }
        read_as(entry.mark, "service \"" + name_ + "\": environment is read as env");
    }

    void take_entrypoint(Node& service, const Entry& entry, const std::string& path) {
        if (service.find("command") != nullptr) {
            warn(entry.mark,
                 "service \"" + name_ +
                     "\": entrypoint is ignored, because command: is the entry point of a deployment file",
                 "write the entry point under command: and its arguments under args:");
            return;
        }
        Node& command = child(service, "command", Kind::kList, entry.mark);
        for (const std::string& word : read_command({report_, nullptr}, entry.value, path)) {
            command.items.push_back(text_node(word, entry.mark));
        }
        read_as(entry.mark, "service \"" + name_ + "\": entrypoint is read as command");
    }

    void take_ports(Node& service, const Entry& entry, const std::string& path) {
        if (service.find("expose") != nullptr) {
            warn(entry.mark, "service \"" + name_ + "\": ports is ignored, because expose: says what is reachable",
                 "add port:, as: and to: under expose:");
            return;
        }
        Node& expose = child(service, "expose", Kind::kList, entry.mark);
        for (const Node& item : entry.value.items) {
            for (const ComposePort& port : read_ports({report_, nullptr}, item, path)) {
                std::vector<Entry> fields{{"port", port.mark, number_node(port.inside, port.mark)},
                                          {"proto", port.mark, text_node(port.udp ? "UDP" : "TCP", port.mark)}};
                if (port.outside != 0) {
                    fields.push_back({"as", port.mark, number_node(port.outside, port.mark)});
                }
                Node targets;
                targets.kind = Kind::kList;
                targets.mark = port.mark;
                if (!port.loopback) {
                    targets.items.push_back(map_node(port.mark, {{"global", port.mark, bool_node(true, port.mark)}}));
                }
                fields.push_back({"to", port.mark, std::move(targets)});
                expose.items.push_back(map_node(port.mark, std::move(fields)));
            }
        }
        read_as(entry.mark, "service \"" + name_ + "\": ports is read as expose, reachable from everywhere");
    }

    Report& report_;
    Node& root_;
    std::string name_;
    std::string path_;
    WordsByService out_;
};

}  // namespace

WordsByService take_compose_words(Report& report, Node& root) { return WordTaker{report, root}.take(); }

}  // namespace sublet::sdl
