// rogue.cpp: what a hostile task's program tries beside what attack.cpp tries; one attempt a run, "done: what" or
// "refused: why" on standard output. `make` leaves what another task's `find` looks for.
#include <fcntl.h>
#include <linux/vm_sockets.h>
#include <mqueue.h>
#include <netinet/in.h>
#include <sys/ipc.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/shm.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/un.h>
#include <unistd.h>

#include <arpa/inet.h>
#include <cerrno>
#include <csignal>
#include <cstddef>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <map>
#include <string>

namespace {

constexpr key_t kKey = 0x5ab1e7;
constexpr const char* kQueue = "/sublet-task";
constexpr const char* kShared = "/dev/shm/sublet-task";

// An abstract address lies in a network namespace, one in a folder does not.
long unix_socket(const std::string& name, bool listens) {
    sockaddr_un where{};
    where.sun_family = AF_UNIX;
    const bool abstract = name.starts_with("@");
    std::memcpy(where.sun_path + (abstract ? 1 : 0), name.data() + (abstract ? 1 : 0),
                name.size() - (abstract ? 1 : 0));
    const auto size = static_cast<socklen_t>(offsetof(sockaddr_un, sun_path) + name.size() + (abstract ? 0 : 1));
    const int made = socket(AF_UNIX, SOCK_STREAM, 0);
    auto* const address = reinterpret_cast<sockaddr*>(&where);
    if (listens) {
        return bind(made, address, size) == 0 ? listen(made, 1) : -1;
    }
    return connect(made, address, size);
}

// From a virtual machine to its host, past every network namespace.
long machine_socket(const std::string& port) {
    const int made = socket(AF_VSOCK, SOCK_STREAM, 0);
    if (made < 0) {
        return -1;
    }
    sockaddr_vm where{};
    where.svm_family = AF_VSOCK;
    where.svm_cid = VMADDR_CID_HOST;
    where.svm_port = static_cast<unsigned>(std::atoi(port.c_str()));
    static_cast<void>(connect(made, reinterpret_cast<sockaddr*>(&where), sizeof where));
    errno = 0;
    return 0;  // such a socket alone is too much
}

// The same by the call of 32-bit programs, whose arguments no filter can read.
long old_machine_socket() {
#ifdef __x86_64__
    void* const low = mmap(nullptr, 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_32BIT, -1, 0);
    if (low == MAP_FAILED) {
        return -1;
    }
    const unsigned arguments[3] = {AF_VSOCK, SOCK_STREAM, 0};
    std::memcpy(low, arguments, sizeof arguments);
    int made = 0;
    constexpr int kSocketCall = 102;
    asm volatile("int $0x80" : "=a"(made) : "a"(kSocketCall), "b"(1), "c"(low) : "memory");
    errno = made < 0 ? -made : 0;
    return made;
#else
    errno = ENOSYS;
    return -1;
#endif
}

long datagram(const std::string& host) {
    sockaddr_in where{};
    where.sin_family = AF_INET;
    where.sin_port = htons(53);
    inet_pton(AF_INET, host.c_str(), &where.sin_addr);
    const int made = socket(AF_INET, SOCK_DGRAM, 0);
    return sendto(made, "x", 1, 0, reinterpret_cast<sockaddr*>(&where), sizeof where);
}

long keep_file(const char* name, const char* text) {
    const int made = open(name, O_WRONLY | O_CREAT | O_TRUNC, 0666);
    const long written = made < 0 ? -1 : write(made, text, std::strlen(text));
    close(made);
    return written;
}

// What lies in namespaces alone: shared memory, a queue of messages, an abstract socket. Then it waits.
int make(const std::string& seconds) {
    const int segment = shmget(kKey, 4096, IPC_CREAT | 0666);
    const mqd_t queue = mq_open(kQueue, O_CREAT | O_RDWR, 0666, nullptr);
    const bool good =
        segment >= 0 && queue >= 0 && keep_file(kShared, "secret") > 0 && unix_socket("@sublet-task", true) == 0;
    std::printf("%s\n", good ? "made" : std::strerror(errno));
    std::fflush(stdout);
    sleep(static_cast<unsigned>(std::atoi(seconds.c_str())));
    const bool there = shmget(kKey, 0, 0) == segment && access(kShared, R_OK) == 0;
    shmctl(segment, IPC_RMID, nullptr);
    std::printf("%s\n", there ? "kept" : "lost");
    return 0;
}

long write_as(const std::string& how, const std::string& place) {
    const char* const file = place.c_str();
    if (how == "truncate") {
        return truncate(file, 0);
    }
    if (how == "chmod") {
        return chmod(file, 0777);
    }
    if (how == "chown") {
        return chown(file, 1, 1);
    }
    if (how == "utime") {
        return utimensat(AT_FDCWD, file, nullptr, 0);
    }
    if (how == "link") {
        return link("/busybox", (place + ".link").c_str());
    }
    const int opened = open(file, O_RDONLY);  // and again, for writing, by the name of what is open
    const std::string again = "/proc/self/fd/" + std::to_string(opened);
    return open(again.c_str(), O_RDWR);
}

// So many empty files; the number of those that could be made.
int inodes(const std::string& folder, const std::string& most) {
    long made = 0;
    for (const long wanted = std::atol(most.c_str()); made < wanted; ++made) {
        const int file = open((folder + "/" + std::to_string(made)).c_str(), O_CREAT | O_WRONLY, 0600);
        if (file < 0) {
            std::printf("refused: %s\n", std::strerror(errno));
            return 1;
        }
        close(file);
    }
    std::printf("done: %ld files\n", made);
    return 0;
}

// So many files of 15 MiB that are removed and stay open; waits then.
int ghosts(const std::string& folder, const std::string& most) {
    const std::string piece(1U << 20U, 'x');
    for (long made = 0; made < std::atol(most.c_str()); ++made) {
        const std::string name = folder + "/ghost";
        const int file = open(name.c_str(), O_CREAT | O_WRONLY, 0600);
        unlink(name.c_str());
        for (int i = 0; i < 15; ++i) {
            if (write(file, piece.data(), piece.size()) < 0) {
                std::printf("refused: %s\n", std::strerror(errno));
            }
        }
    }
    sleep(30);
    return 0;
}

long attempt(const std::string& name, const std::string& what, const std::string& more) {
    const std::map<std::string, long (*)(const std::string&)> simple{{"vsock", machine_socket}, {"datagram", datagram}};
    if (const auto found = simple.find(name); found != simple.end()) {
        return found->second(what);
    }
    if (name == "old_vsock") {
        return old_machine_socket();
    }
    if (name == "socket") {
        return socket(std::atoi(what.c_str()), SOCK_SEQPACKET, 0);
    }
    if (name == "unix") {
        return unix_socket(what, false);
    }
    if (name == "shm") {
        return shmget(kKey, 0, 0);
    }
    if (name == "queue") {
        return mq_open(kQueue, O_RDONLY);
    }
    if (name == "write") {
        return write_as(what, more);
    }
    if (name == "kill_all") {
        return kill(-1, SIGKILL);
    }
    if (name == "nice") {
        return setpriority(PRIO_PROCESS, 0, -20);
    }
    if (name == "setuid") {
        return seteuid(0);
    }
    if (name == "memory_of") {
        const int opened = open(("/proc/" + what + "/mem").c_str(), O_RDWR);
        return opened;
    }
    errno = EINVAL;
    return -1;
}

}  // namespace

int main(int argc, char** argv) {
    const std::string name = argc > 1 ? argv[1] : "";
    const std::string what = argc > 2 ? argv[2] : "";
    const std::string more = argc > 3 ? argv[3] : "";
    if (name == "make") {
        return make(what);
    }
    if (name == "inodes") {
        return inodes(what, more);
    }
    if (name == "ghosts") {
        return ghosts(what, more);
    }
    if (attempt(name, what, more) >= 0) {
        std::puts("done");
        return 0;
    }
    std::printf("refused: %s\n", std::strerror(errno));
    return 1;
}
