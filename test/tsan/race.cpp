// race.cpp: a planted data race, so that the stage `tsan` is seen to notice one.
#include <cstdio>
#include <thread>

int main() {
    int shared = 0;
    const auto add = [&shared] {
        for (int i = 0; i < 1'000; ++i) {
            ++shared;
        }
    };
    std::thread other{add};
    add();
    other.join();
    std::printf("%d\n", shared);
    return 0;
}
