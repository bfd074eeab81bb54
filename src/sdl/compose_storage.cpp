// compose_storage.cpp: a compose volume as storage of a profile and a mount, written into the tree of a deployment
// file. Spec: docs/spec/compose.md (volumes).
#include "sdl/compose_storage.hpp"

#include <algorithm>

#include "sdl/compose_model.hpp"
#include "sdl/make_node.hpp"

namespace sublet::sdl {
namespace {

const Node* mounts_of(const Node& service) { return find(service.find("params"), "storage"); }

class StorageAdder {
public:
    StorageAdder(Report& report, Node& root, const std::string& service, const ComposeVolume& volume, Lifecycle& life)
        : report_(report), root_(root), service_(service), volume_(volume), life_(life) {}

    void add() {
        if (volume_.what == ComposeVolume::What::kBind) {
            warn("compose-ignored",
                 "\"" + volume_.source + "\" at " + volume_.target +
                     " is ignored: it is a path of the host, and hosts are not shared",
                 "keep data in storage of the compute profile, mounted with params: storage:");
            return;
        }
        if (is_mounted(volume_.target)) {
            warn("compose-ignored", "the volume at " + volume_.target + " is ignored: params: mounts one there already",
                 "remove it");
            return;
        }
        const std::string owner = volume_.what == ComposeVolume::What::kNamed ? owner_of(volume_.source) : "";
        if (owner == service_) {
            warn("compose-ignored",
                 "the volume \"" + volume_.source + "\" is ignored: the service mounts it elsewhere already",
                 "remove it");
            return;
        }
        if (!owner.empty()) {
            life_.shared.push_back({owner, volume_.source, volume_.target, volume_.read_only});
            std::ranges::sort(life_.shared, {}, &SharedMount::path);
            return;
        }
        add_own();
    }

private:
    void warn(std::string rule, std::string message, std::string fix) {
        report_.warn(volume_.mark, {.rule = std::move(rule),
                                    .message = "service \"" + service_ + "\": " + std::move(message),
                                    .fix = std::move(fix)});
    }

    Node& service_node() { return *find_mutable(*find_mutable(root_, "services"), service_); }

    bool is_mounted(const std::string& path) {
        const Node* mounts = mounts_of(service_node());
        return mounts != nullptr && std::ranges::any_of(mounts->entries, [&](const Entry& mount) {
                   return text_of(mount.value.find("mount")) == path;
               });
    }

    std::string owner_of(const std::string& volume) {
        std::string owner;
        for (const Entry& service : root_.find("services")->entries) {
            const Node* mounts = mounts_of(service.value);
            if (mounts != nullptr && mounts->find(volume) != nullptr && (owner.empty() || service.key == service_)) {
                owner = service.key;
            }
        }
        return owner;
    }

    void add_own() {
        const bool ram = volume_.what == ComposeVolume::What::kTmpfs;
        std::string name = volume_.what == ComposeVolume::What::kNamed ? volume_.source : ram ? "ram" : "volume";
        const std::string stem = name;
        for (std::size_t turn = 2; name == "default" || find(mounts_of(service_node()), name) != nullptr; ++turn) {
            name = stem + "-" + std::to_string(turn);
        }
        const std::uint64_t bytes =
            ram ? (volume_.bytes == 0 ? kDefaultTmpfsBytes : volume_.bytes) : kDefaultVolumeBytes;
        if (!add_to_profiles(name, bytes, ram)) {
            warn("compose-ignored",
                 "the volume at " + volume_.target + " is ignored: the service has no compute profile to put it in",
                 "mend deployment: and profiles: first");
            return;
        }
        Node& mounts =
            child(child(service_node(), "params", Kind::kMap, volume_.mark), "storage", Kind::kMap, volume_.mark);
        mounts.entries.push_back(
            {name, volume_.mark,
             map_node(volume_.mark, {{"mount", volume_.mark, text_node(volume_.target, volume_.mark)},
                                     {"readOnly", volume_.mark, bool_node(volume_.read_only, volume_.mark)}})});
        if (ram) {
            warn("compose-word",
                 "the tmpfs at " + volume_.target + " is read as " + std::to_string(bytes >> 20U) + " MiB of memory",
                 "");
        } else {
            warn("compose-volume-size",
                 "the volume \"" + name + "\" at " + volume_.target +
                     " is read as 1 GiB of storage, kept as long as the lease",
                 "add storage with a size of its own to the compute profile and mount it with params: storage:");
        }
    }

    bool add_to_profiles(const std::string& name, std::uint64_t bytes, bool ram) {
        Node* deployment = find_mutable(root_, "deployment");
        Node* placements = deployment == nullptr ? nullptr : find_mutable(*deployment, service_);
        bool added = false;
        for (Entry& placement : placements == nullptr ? none_ : placements->entries) {
            Node* reference = find_mutable(placement.value, "profile");
            if (reference == nullptr || !own_profile(placement.key, *reference)) {
                continue;
            }
            Node* compute = find_mutable(*find_mutable(root_, "profiles"), "compute");
            Node* resources = find_mutable(*find_mutable(*compute, reference->text), "resources");
            added = (resources != nullptr && put_storage(*resources, name, bytes, ram)) || added;
        }
        return added;
    }

    bool put_storage(Node& resources, const std::string& name, std::uint64_t bytes, bool ram) {
        Node& storage = child(resources, "storage", Kind::kList, volume_.mark);
        if (storage.is(Kind::kMap)) {  // a single one stands for a list
            Node list;
            list.kind = Kind::kList;
            list.mark = storage.mark;
            list.items.push_back(std::move(storage));
            storage = std::move(list);
        }
        const bool there =
            std::ranges::any_of(storage.items, [&](const Node& item) { return text_of(item.find("name")) == name; });
        if (there) {
            return true;  // of the profile's own; only the mount was missing
        }
        const Mark mark = volume_.mark;
        storage.items.push_back(
            map_node(mark, {{"name", mark, text_node(name, mark)},
                            {"size", mark, text_node(std::to_string(bytes >> 20U) + "Mi", mark)},
                            {"attributes", mark,
                             map_node(mark, {{"persistent", mark, bool_node(!ram, mark)},
                                             {"class", mark, text_node(ram ? "ram" : "default", mark)}})}}));
        return true;
    }

    // A profile that only this service uses: the one it has, or a copy under a name of its own, priced alike.
    bool own_profile(const std::string& placement, Node& reference) {
        Node* profiles = find_mutable(root_, "profiles");
        Node* compute = profiles == nullptr ? nullptr : find_mutable(*profiles, "compute");
        const Node* from = compute == nullptr ? nullptr : compute->find(reference.text);
        if (from == nullptr) {
            return false;
        }
        if (!is_shared(reference.text)) {
            return true;
        }
        const std::string copy = reference.text + "-" + service_;
        if (compute->find(copy) == nullptr) {
            Node resources = *from;
            compute->entries.push_back({copy, volume_.mark, std::move(resources)});
        }
        Node* infra = find_mutable(*profiles, "placement");
        infra = infra == nullptr ? nullptr : find_mutable(*infra, placement);
        Node* pricing = infra == nullptr ? nullptr : find_mutable(*infra, "pricing");
        const Node* price = pricing == nullptr ? nullptr : pricing->find(reference.text);
        if (price != nullptr && pricing->find(copy) == nullptr) {
            Node same = *price;
            pricing->entries.push_back({copy, volume_.mark, std::move(same)});
        }
        reference.text = copy;
        return true;
    }

    bool is_shared(const std::string& profile) {
        for (const Entry& service : root_.find("deployment")->entries) {
            for (const Entry& placement : service.value.entries) {
                if (service.key != service_ && text_of(placement.value.find("profile")) == profile) {
                    return true;
                }
            }
        }
        return false;
    }

    Report& report_;
    Node& root_;
    const std::string& service_;
    const ComposeVolume& volume_;
    Lifecycle& life_;
    std::vector<Entry> none_;
};

}  // namespace

Node* find_mutable(Node& node, std::string_view key) {
    const auto at = std::ranges::find(node.entries, key, &Entry::key);
    return at == node.entries.end() ? nullptr : &at->value;
}

Node& child(Node& node, const std::string& key, Kind kind, Mark mark) {
    Node* found = find_mutable(node, key);
    if (found == nullptr) {
        node.entries.push_back({key, mark, {}});
        found = &node.entries.back().value;
        found->mark = mark;
    }
    if (found->is(Kind::kNull)) {
        found->kind = kind;
    }
    return *found;
}

void add_volume(Report& report, Node& root, const std::string& service, const ComposeVolume& volume, Lifecycle& life) {
    StorageAdder{report, root, service, volume, life}.add();
}

}  // namespace sublet::sdl
