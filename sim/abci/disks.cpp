// disks.cpp: one chain, many disks.
#include "disks.hpp"

#include <sys/mount.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstring>
#include <fstream>
#include <functional>

#include "comet.hpp"
#include "engine/testing/world.hpp"
#include "market.hpp"

namespace sublet::sim {
namespace {

namespace fs = std::filesystem;

constexpr const char* kSmallDisk = "size=3m,mode=700";
constexpr std::uint64_t kHeights = 20;
constexpr std::uint64_t kMostUntilFull = 200;
constexpr int kFlips = 8;             // of a file
constexpr int kEmptyEvery = 10;       // of the refused folders, one is given up for an empty one
constexpr std::size_t kPiece = 4096;  // of what fills the disk

// A chain of the market at one replica to which nothing happens.
class Quiet {
public:
    explicit Quiet(const fs::path& folder)
        : market_({.bent_at = 0, .dice = determinism::kPinnedDice, .crowd = 0}),
          comet({.folder = folder, .plant = {}, .genesis = market_.genesis(), .seed = 1}),
          time_(market_.genesis().time) {}

    void make(std::uint64_t heights) {
        for (std::uint64_t i = 0; i < heights; ++i) {
            const bool first = comet.stored().is_zero();
            const determinism::Step step = first ? determinism::Step{determinism::kFirstBlock, {}} : market_.draw();
            const app::BlockResult result = first ? market_.world().last() : market_.execute(step);
            time_ = saturating_add(time_, BlockTime{step.passed.value()});
            comet.decide({comet.next_block(step.transactions, time_), result});
            comet.execute();
        }
    }
    // Up, and caught up.
    void start() {
        comet.begin();
        comet.handshake();
    }

private:
    determinism::Market market_;

public:
    AbciComet comet;

private:
    BlockTime time_;
};

class Tally {
public:
    explicit Tally(DiskReport& report) : report_(report) {}
    void say(bool holds, const std::string& what, const std::string& why = {}) {
        (holds ? report_.held : report_.broken).push_back(what + (holds || why.empty() ? "" : ": " + why));
    }
    // Holds unless it throws.
    bool held(const std::string& what, const std::function<void()>& work) {
        std::string why;
        try {
            work();
        } catch (const std::exception& broken) {
            why = broken.what();
            why = why.empty() ? "no sentence" : why;
        }
        say(why.empty(), what, why);
        return why.empty();
    }

private:
    DiskReport& report_;
};

class SmallDisk {
public:
    explicit SmallDisk(const fs::path& path) : path_(path) {
        fs::create_directory(path);
        mounted_ = ::mount("sublet-test", path.c_str(), "tmpfs", 0, kSmallDisk) == 0;
        why = mounted_ ? "" : std::strerror(errno);
    }
    ~SmallDisk() {
        if (mounted_) {
            ::umount2(path_.c_str(), MNT_DETACH);
        }
    }
    SmallDisk(const SmallDisk&) = delete;
    SmallDisk& operator=(const SmallDisk&) = delete;
    void fill() const {
        std::ofstream ballast{path_ / "ballast", std::ios::binary};
        const std::string piece(kPiece, '\0');
        while (ballast.write(piece.data(), static_cast<std::streamsize>(piece.size())).flush()) {
        }
    }
    void make_room() const { fs::remove(path_ / "ballast"); }
    std::string why;

private:
    fs::path path_;
    bool mounted_ = false;
};

bool says(const std::string& text, std::string_view words) { return text.find(words) != std::string::npos; }

// The words of docs/recovery.md for a ledger's folder: each has its row of what to do.
bool is_in_the_table(const std::string& sentence) {
    constexpr std::array<std::string_view, 6> kWords{
        "damaged", "was committed and is gone", "although height", "has root", "disk is full", "not a ledger folder"};
    return std::ranges::any_of(kWords, [&](std::string_view each) { return says(sentence, each); });
}

}  // namespace

DiskReport fill_the_disk() {
    DiskReport out;
    Tally tally{out};
    const engine::testing::Folder folder;
    const SmallDisk disk{folder.path() / "disk"};
    if (!disk.why.empty()) {
        out.skipped = "no small disk can be mounted here: " + disk.why;
        return out;
    }
    Quiet chain{folder.path() / "disk"};
    tally.held("a chain works on a small disk", [&] {
        chain.start();
        chain.make(kHeights);
    });
    disk.fill();
    std::string last_words;
    try {
        chain.make(kMostUntilFull);
    } catch (const Halted& halted) {
        last_words = halted.what();
    } catch (const std::exception& broken) {
        last_words = std::string{"not an exception of ABCI: "} + broken.what();
    }
    tally.say(says(last_words, "disk is full") && says(last_words, "make room"),
              "on a full disk Commit is answered by an exception that says what to do", last_words);
    const Height decided = chain.comet.stored();
    chain.comet.kill();
    std::string refused;
    try {
        chain.comet.begin();
    } catch (const std::exception& broken) {
        refused = broken.what();
    }
    tally.say(refused.empty() || is_in_the_table(refused) || says(refused, "space"),
              "a start on a full disk works, or is refused with a sentence", refused);
    chain.comet.kill();
    disk.make_room();
    tally.held("with room it stands where it answered last, and the replay gives the same hash",
               [&] { chain.start(); });
    tally.held("and it goes on", [&] { chain.make(kHeights / 4); });
    tally.say(chain.comet.stored().value() == decided.value() + kHeights / 4, "with every block that was decided");
    return out;
}

namespace {

// Where records of a RocksDB log end: blocks of 32 KiB, each record behind checksum (4), length (2) and type (1).
std::vector<std::uintmax_t> record_ends(const fs::path& log) {
    constexpr std::size_t kBlock = 32'768;
    constexpr std::size_t kHeader = 7;
    std::ifstream file{log, std::ios::binary};
    const std::string bytes{std::istreambuf_iterator<char>{file}, {}};
    const auto byte = [&](std::size_t at) { return static_cast<unsigned char>(bytes[at]); };
    std::vector<std::uintmax_t> out{0};
    for (std::size_t at = 0; at + kHeader <= bytes.size();) {
        const std::size_t left = kBlock - at % kBlock;
        const std::size_t length = byte(at + 4) | static_cast<std::size_t>(byte(at + 5)) << 8U;
        if (left < kHeader) {
            at += left;
            continue;
        }
        if (byte(at + 6) == 0 || at + kHeader + length > bytes.size()) {
            break;
        }
        at += kHeader + length;
        out.push_back(at);
    }
    return out;
}

// Copies of a folder, each harmed in one place, and what becomes of them.
class Harm {
public:
    Harm(Quiet& chain, fs::path whole, Tally& tally) : chain_(chain), whole_(std::move(whole)), tally_(tally) {}

    void with(const std::string& what, const std::function<void(const fs::path&)>& work) {
        chain_.comet.kill();
        const fs::path ledger = chain_.comet.process().ledger();
        fs::remove_all(ledger);
        fs::copy(whole_, ledger, fs::copy_options::recursive);
        work(ledger);
        chain_.comet.forget_commits();
        try {
            chain_.comet.begin();
        } catch (const Broken& broken) {
            refuse(what, broken.what());
            return;
        }
        if (tally_.held(what + ": it comes back, and the replay gives the same hash",
                        [&] { chain_.comet.handshake(); })) {
            ++recovered;
        }
    }
    int refused = 0, recovered = 0;

private:
    void refuse(const std::string& what, const std::string& sentence) {
        tally_.say(is_in_the_table(sentence), what + ": it is refused with a sentence of docs/recovery.md", sentence);
        if (refused++ % kEmptyEvery == 0) {
            fs::remove_all(chain_.comet.process().ledger());
            tally_.held(what + ": from an empty folder the replay gives the same hash", [&] { chain_.start(); });
        }
    }

    Quiet& chain_;
    fs::path whole_;
    Tally& tally_;
};

std::vector<std::string> files_of(const fs::path& folder) {
    std::vector<std::string> out;
    for (const auto& entry : fs::directory_iterator(folder)) {
        const std::string name = entry.path().filename().string();
        if (!name.starts_with("LOG") && name != "LOCK" && entry.file_size() > 0) {
            out.push_back(name);
        }
    }
    std::ranges::sort(out);
    return out;
}

void flip(const fs::path& path, std::uintmax_t at, unsigned bit) {
    std::fstream file{path, std::ios::in | std::ios::out | std::ios::binary};
    file.seekg(static_cast<std::streamoff>(at));
    const int byte = file.get();
    file.seekp(static_cast<std::streamoff>(at));
    file.put(static_cast<char>(static_cast<unsigned>(byte) ^ (1U << bit)));
}

}  // namespace

DiskReport damage_the_disk(std::uint64_t seed) {
    DiskReport out;
    Tally tally{out};
    Dice dice{seed};
    const engine::testing::Folder folder;
    Quiet chain{folder.path()};
    chain.start();
    chain.make(kHeights);
    chain.comet.kill();
    const fs::path ledger = chain.comet.process().ledger();
    const fs::path young = folder.path() / "young";  // everything is in the log
    fs::copy(ledger, young, fs::copy_options::recursive);
    chain.start();
    chain.make(kHeights / 2);
    chain.comet.kill();
    const fs::path old = folder.path() / "old";  // sorted files, and a log
    fs::copy(ledger, old, fs::copy_options::recursive);

    Harm young_disks{chain, young, tally};
    for (const std::string& name : files_of(young)) {
        if (!name.ends_with(".log")) {
            continue;
        }
        const std::vector<std::uintmax_t> ends = record_ends(young / name);
        tally.say(ends.size() > kHeights, "a record at least of each height is found in " + name);
        for (const std::uintmax_t end : ends) {
            young_disks.with(name + " cut at " + std::to_string(end),
                             [&](const fs::path& at) { fs::resize_file(at / name, end); });
            young_disks.with(name + " cut at " + std::to_string(end) + ", and no word of its height",
                             [&](const fs::path& at) {
                                 fs::resize_file(at / name, end);
                                 fs::remove(at / "TIP");
                             });
        }
    }
    Harm old_disks{chain, old, tally};
    for (const std::string& name : files_of(old)) {
        const std::uintmax_t size = fs::file_size(old / name);
        for (int i = 0; i < kFlips; ++i) {
            const std::uintmax_t at_byte = dice.between(0, size - 1);
            const auto bit = static_cast<unsigned>(dice.between(0, 7));
            old_disks.with(name + ", bit " + std::to_string(bit) + " of byte " + std::to_string(at_byte) + " flipped",
                           [&](const fs::path& at) { flip(at / name, at_byte, bit); });
        }
    }
    tally.say(young_disks.refused > 0 && old_disks.refused > 0 && young_disks.recovered + old_disks.recovered > 0,
              "damage was tried and noticed: " + std::to_string(young_disks.refused + old_disks.refused) +
                  " refused, " + std::to_string(young_disks.recovered + old_disks.recovered) + " came back");
    return out;
}

}  // namespace sublet::sim
