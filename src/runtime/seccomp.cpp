// seccomp.cpp: takes calls out of the published profile.
#include "runtime/seccomp.hpp"

#include <algorithm>
#include <array>
#include <cerrno>

#include "runtime/json_view.hpp"

namespace sublet::runtime {
namespace {

// A user namespace makes its maker root inside, and with that the rest of the list reachable. Keyrings are not in any
// namespace. io_uring goes around every other filter, userfaultfd makes races in the kernel easy to win.
constexpr std::array kRefused = {
    "add_key",        "fsconfig",          "fsmount",          "fsopen",      "fspick",     "io_uring_enter",
    "io_uring_setup", "io_uring_register", "keyctl",           "mount",       "move_mount", "mount_setattr",
    "open_tree",      "pivot_root",        "request_key",      "setns",       "umount",     "umount2",
    "unshare",        "userfaultfd",       "quotactl",         "quotactl_fd", "acct",       "swapon",
    "swapoff",        "name_to_handle_at", "open_by_handle_at"};

// AF_UNIX, AF_INET, AF_INET6. The others are in no network namespace (AF_VSOCK reaches the host of a virtual machine),
// or have the kernel load what nobody here uses (AF_ALG, AF_TIPC, AF_RDS, …).
constexpr std::array kSocketFamilies = {1, 2, 10};
constexpr int kNetlink = 16;
constexpr int kAudit = 9;  // of AF_NETLINK: login programs expect this error, as in the published profile

// CLONE_NEWNS, NEWCGROUP, NEWUTS, NEWIPC, NEWUSER, NEWPID, NEWNET.
constexpr std::uint64_t kNamespaceFlags = 0x7e020000;

bool is_refused(const Json& name) {
    return name.is_string() && (std::ranges::find(kRefused, name.get_ref<const std::string&>()) != kRefused.end() ||
                                name == "clone" || name == "clone3" || name == "socket" || name == "socketcall");
}

Json condition(int index, const char* op, int value) {
    return {{"index", index}, {"value", value}, {"valueTwo", 0}, {"op", op}};
}

// What no rule names is refused by default. `socketcall`, by which 32-bit programs made sockets before Linux 4.3, hides
// the family from any filter; libseccomp allows it along with `socket` unless a rule without conditions refuses it, and
// not with the default error, as such a rule would be left out.
void add_socket_rules(Json& rules) {
    const auto add = [&](const char* action, Json conditions) -> Json& {
        return rules.emplace_back(Json{{"names", {"socket"}}, {"action", action}, {"args", std::move(conditions)}});
    };
    for (const int family : kSocketFamilies) {
        add("SCMP_ACT_ALLOW", Json::array({condition(0, "SCMP_CMP_EQ", family)}));
    }
    const Json netlink = condition(0, "SCMP_CMP_EQ", kNetlink);
    add("SCMP_ACT_ALLOW", Json::array({netlink, condition(2, "SCMP_CMP_NE", kAudit)}));
    add("SCMP_ACT_ERRNO", Json::array({netlink, condition(2, "SCMP_CMP_EQ", kAudit)}))["errnoRet"] = EINVAL;
    rules.push_back({{"names", {"socketcall"}}, {"action", "SCMP_ACT_ERRNO"}, {"errnoRet", EACCES}});
}

bool conditional(const Json& rule) {
    const auto there = [&](const char* which) {
        return rule.contains(which) && rule[which].is_object() && !rule[which].empty();
    };
    return there("includes");
}

}  // namespace

Result<std::string> hardened_seccomp(std::string_view published) {
    Json profile = Json::parse(published, nullptr, false);
    if (!profile.is_object() || profile.value("defaultAction", Json{}) != "SCMP_ACT_ERRNO" ||
        !profile.contains("syscalls") || !profile["syscalls"].is_array()) {
        return fail(Code::kMalformed,
                    "the published seccomp profile does not refuse by default: reinstall the package "
                    "golang-github-containers-common, or name another engine");
    }
    Json rules = Json::array();
    for (Json rule : profile["syscalls"]) {
        if (!rule.is_object() || !rule.contains("names") || !rule["names"].is_array()) {
            return fail(Code::kMalformed, "a rule of the published seccomp profile has no names");
        }
        // Rules for capabilities that no container here has stay as they are.
        if (!conditional(rule)) {
            Json kept = Json::array();
            for (const Json& name : rule["names"]) {
                if (!is_refused(name)) {
                    kept.push_back(name);
                }
            }
            rule["names"] = kept;
        }
        if (!rule["names"].empty()) {
            rules.push_back(std::move(rule));
        }
    }
    rules.push_back({{"names", kRefused}, {"action", "SCMP_ACT_ERRNO"}, {"errnoRet", EPERM}});
    rules.push_back({{"names", {"clone3"}}, {"action", "SCMP_ACT_ERRNO"}, {"errnoRet", ENOSYS}});
    add_socket_rules(rules);
    const Json no_namespaces = {
        {"index", 0}, {"value", kNamespaceFlags}, {"valueTwo", 0}, {"op", "SCMP_CMP_MASKED_EQ"}};
    rules.push_back({{"names", {"clone"}}, {"action", "SCMP_ACT_ALLOW"}, {"args", Json::array({no_namespaces})}});
    profile["syscalls"] = std::move(rules);
    return profile.dump();
}

std::filesystem::path published_seccomp() {
    for (const char* place : {"/etc/containers/seccomp.json", "/usr/share/containers/seccomp.json"}) {
        std::error_code missing;
        if (std::filesystem::exists(place, missing)) {
            return place;
        }
    }
    return {};
}

}  // namespace sublet::runtime
