// seccomp.hpp: the system calls that a container of our own engine may make: what its distribution publishes, less what
// opens more of the kernel to a stranger than a rented container needs.
#pragma once

#include <filesystem>
#include <string>
#include <string_view>

#include "base/result.hpp"

namespace sublet::runtime {

// The published profile without namespaces, mounts, keyrings, io_uring and userfaultfd for anyone: EPERM; `clone3`,
// whose flags no filter can read, is ENOSYS, so that libraries fall back to `clone`. Sockets are AF_UNIX, AF_INET,
// AF_INET6 and AF_NETLINK alone; `socketcall` is EACCES. Errors: kMalformed when
// `published` is no profile that refuses by default, as then nothing would be taken away.
Result<std::string> hardened_seccomp(std::string_view published);

// Where distributions put it; empty when there is none (the engine then uses the one that it was built with).
std::filesystem::path published_seccomp();

}  // namespace sublet::runtime
