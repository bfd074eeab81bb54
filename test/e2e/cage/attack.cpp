// attack.cpp: what a hostile tenant's program would try; one attempt a run, "done" or "refused: why" on standard
// output.
#include <arpa/inet.h>
#include <fcntl.h>
#include <linux/bpf.h>
#include <linux/perf_event.h>
#include <netdb.h>
#include <netinet/in.h>
#include <poll.h>
#include <sched.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <sys/ptrace.h>
#include <sys/reboot.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/swap.h>
#include <sys/syscall.h>
#include <sys/sysmacros.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <ctime>
#include <string>
#include <vector>

namespace {

long bpf_map() {
    union bpf_attr attr{};
    attr.map_type = BPF_MAP_TYPE_ARRAY;
    attr.key_size = attr.value_size = 4;
    attr.max_entries = 1;
    return syscall(SYS_bpf, BPF_MAP_CREATE, &attr, sizeof attr);
}

long perf() {
    struct perf_event_attr attr{};
    attr.type = PERF_TYPE_SOFTWARE;
    attr.size = sizeof attr;
    attr.config = PERF_COUNT_SW_CPU_CLOCK;
    return syscall(SYS_perf_event_open, &attr, 0, -1, -1, 0);
}

long clock_set() {
    struct timespec now{};
    clock_gettime(CLOCK_REALTIME, &now);
    return clock_settime(CLOCK_REALTIME, &now);
}

long other_user() {  // with a control group of its own a release_agent of the host could be named
    return unshare(CLONE_NEWUSER | CLONE_NEWNS);
}

long hold_handle() {
    struct {
        struct file_handle head;
        unsigned char rest[128];
    } handle{};
    int mount_id = 0;
    handle.head.handle_bytes = sizeof handle.rest;
    if (name_to_handle_at(AT_FDCWD, "/", &handle.head, &mount_id, 0) != 0) {
        return -1;
    }
    const int root = open("/", O_RDONLY | O_DIRECTORY);
    return open_by_handle_at(root, &handle.head, O_RDONLY);
}

// Forks until it cannot, tells how often that went, and ends what it made.
int forks() {
    std::vector<pid_t> made;
    while (made.size() < 5000) {
        const pid_t pid = fork();
        if (pid == 0) {
            pause();
            _exit(0);
        }
        if (pid < 0) {
            break;
        }
        made.push_back(pid);
    }
    const int why = errno;
    for (const pid_t pid : made) {
        kill(pid, SIGKILL);
        waitpid(pid, nullptr, 0);
    }
    std::printf("%s %zu\n", made.size() < 5000 ? std::strerror(why) : "done", made.size());
    return 0;
}

int files() {
    std::size_t made = 0;
    while (made < 100'000 && open("/", O_RDONLY) >= 0) {
        ++made;
    }
    std::printf("%zu\n", made);
    return 0;
}

// One datagram from each of many sockets: each is a connection to the host's table.
int flood(const char* host, int seconds) {
    struct sockaddr_in to{};
    to.sin_family = AF_INET;
    to.sin_port = htons(9);
    inet_pton(AF_INET, host, &to.sin_addr);
    std::size_t sent = 0;
    for (int tenth = 0; tenth < seconds * 10; ++tenth) {
        for (int i = 0; i < 60; ++i) {
            const int made = socket(AF_INET, SOCK_DGRAM, 0);
            sent += sendto(made, "x", 1, 0, reinterpret_cast<struct sockaddr*>(&to), sizeof to) == 1 ? 1 : 0;
        }
        poll(nullptr, 0, 100);
    }
    std::printf("sent %zu\n", sent);
    return 0;
}

// Asks for a page by HTTP. HOST is an address, with %interface where it is link-local.
int get(const char* host, const char* port, const std::string& path) {
    struct addrinfo hints{};
    hints.ai_flags = AI_NUMERICHOST | AI_NUMERICSERV;
    hints.ai_socktype = SOCK_STREAM;
    struct addrinfo* found = nullptr;
    if (const int wrong = getaddrinfo(host, port, &hints, &found); wrong != 0) {
        std::printf("no address: %s\n", gai_strerror(wrong));
        return 2;
    }
    const int made = socket(found->ai_family, SOCK_STREAM | SOCK_NONBLOCK, 0);
    connect(made, found->ai_addr, found->ai_addrlen);
    struct pollfd ready{.fd = made, .events = POLLOUT, .revents = 0};
    int why = errno;
    socklen_t size = sizeof why;
    if (why == EINPROGRESS && poll(&ready, 1, 2000) == 0) {
        std::puts("refused: silent");
        return 1;
    }
    if (why == EINPROGRESS) {
        getsockopt(made, SOL_SOCKET, SO_ERROR, &why, &size);
    }
    if (why != 0) {
        std::printf("refused: %s\n", std::strerror(why));
        return 1;
    }
    const std::string ask = "GET /" + path + " HTTP/1.0\r\n\r\n";
    ready.events = POLLIN;
    char byte = 0;
    if (write(made, ask.data(), ask.size()) < 0 || poll(&ready, 1, 2000) != 1 || read(made, &byte, 1) != 1) {
        std::puts("done: connected, no answer");
        return 0;
    }
    std::puts("done: answered");
    return 0;
}

int memory() {
    for (std::size_t taken = 0; taken < (std::size_t{4} << 30U); taken += 1U << 20U) {
        void* part = mmap(nullptr, 1U << 20U, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
        if (part == MAP_FAILED) {
            std::puts("refused: no more");
            return 1;
        }
        std::memset(part, 1, 1U << 20U);
    }
    std::puts("done");
    return 0;
}

long attempt(const std::string& name, const std::string& place) {
    const std::string node = place + "/node";
    const auto make = [&](mode_t kind, unsigned major, unsigned minor) {
        unlink(node.c_str());
        return mknod(node.c_str(), kind | 0600, makedev(major, minor)) == 0 ? open(node.c_str(), O_RDONLY) : -1;
    };
    if (name == "mount") {
        return mount("none", place.c_str(), "tmpfs", 0, "");
    }
    if (name == "remount") {
        return mount(nullptr, "/", nullptr, MS_REMOUNT | MS_BIND, nullptr);
    }
    if (name == "pivot_root") {
        return syscall(SYS_pivot_root, place.c_str(), place.c_str());
    }
    if (name == "unshare") {
        return other_user();
    }
    if (name == "keyctl") {
        return syscall(SYS_keyctl, 0, -3, 1);
    }
    if (name == "bpf") {
        return bpf_map();
    }
    if (name == "perf_event_open") {
        return perf();
    }
    if (name == "clock_settime") {
        return clock_set();
    }
    if (name == "sethostname") {
        return sethostname("owned", 5);
    }
    if (name == "raw_socket") {
        return socket(AF_INET, SOCK_RAW, IPPROTO_ICMP);
    }
    if (name == "packet_socket") {
        return socket(AF_PACKET, SOCK_RAW, 0x0300);
    }
    if (name == "mknod_disk") {
        return make(S_IFBLK, 254, 0);
    }
    if (name == "mknod_mem") {
        return make(S_IFCHR, 1, 1);
    }
    if (name == "init_module") {
        return syscall(SYS_init_module, "", 0, "");
    }
    if (name == "reboot") {
        return reboot(RB_DISABLE_CAD);
    }
    if (name == "swapon") {
        return swapon("/nowhere", 0);
    }
    if (name == "syslog") {
        return syscall(SYS_syslog, 3, place.data(), 0);
    }
    if (name == "open_by_handle_at") {
        return hold_handle();
    }
    if (name == "ptrace_host") {
        return ptrace(PTRACE_SEIZE, std::atoi(place.c_str()), nullptr, nullptr);
    }
    errno = EINVAL;
    return -1;
}

}  // namespace

int main(int argc, char** argv) {
    const std::string name = argc > 1 ? argv[1] : "";
    const std::string place = argc > 2 ? argv[2] : "/tmp";
    if (name == "get") {
        return get(place.c_str(), argc > 3 ? argv[3] : "80", argc > 4 ? argv[4] : "");
    }
    if (name == "fork") {
        return forks();
    }
    if (name == "files") {
        return files();
    }
    if (name == "memory") {
        return memory();
    }
    if (name == "flood") {
        return flood(place.c_str(), argc > 3 ? std::atoi(argv[3]) : 1);
    }
    if (attempt(name, place) >= 0) {
        std::puts("done");
        return 0;
    }
    std::printf("refused: %s\n", std::strerror(errno));
    return 1;
}
