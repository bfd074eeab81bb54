// test_no_room.hpp: a full disk, for tests of what writes files.
#pragma once

#include <csignal>

#include <sys/resource.h>

namespace sublet {

// While one lives, no file of this process can grow: what a full disk looks like to a writer.
class NoRoom {
public:
    NoRoom() : before_(std::signal(SIGXFSZ, SIG_IGN)) {
        ::getrlimit(RLIMIT_FSIZE, &limit_);
        const rlimit none{0, limit_.rlim_max};
        ::setrlimit(RLIMIT_FSIZE, &none);
    }
    ~NoRoom() {
        ::setrlimit(RLIMIT_FSIZE, &limit_);
        (void)std::signal(SIGXFSZ, before_);
    }
    NoRoom(const NoRoom&) = delete;
    NoRoom& operator=(const NoRoom&) = delete;

private:
    rlimit limit_{};
    void (*before_)(int);
};

}  // namespace sublet
