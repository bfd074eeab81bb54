// hostile_frames.cpp: how frames are bent, and how connections behave.
#include "hostile_frames.hpp"

#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <deque>
#include <fstream>
#include <random>

#include "codec/encode.hpp"
#include "codec/wire.hpp"
#include "engine/cometbft/loose.hpp"
#include "engine/cometbft/sockets.hpp"

namespace sublet::fuzz {
namespace {

constexpr std::size_t kOpen = 16;                    // at once, beside the honest ones
constexpr std::size_t kWriteBytes = 64U << 10U;      // at most, of one connection
constexpr std::size_t kBesideEvery = 1U << 20U;      // bytes
constexpr std::uint64_t kAnnounced = (1ULL << 30U);  // the longest length that is believed
constexpr std::size_t kParts = 20'000;               // of a message

class Bender {
public:
    explicit Bender(const Hostility& hostility) : dice_(hostility.seed) {
        for (const abci::Request& each : hostility.models) {
            models_.push_back(codec::encode(each));
        }
    }
    std::uint64_t roll(std::uint64_t sides) { return dice_() % sides; }

    // A frame, or something that is none.
    Bytes frame() {
        Bytes out;
        const std::uint64_t kind = roll(1'000);
        if (kind < 550) {
            abci::append_frame(out, bent());
        } else if (kind < 650) {
            abci::append_frame(out, random(roll(400)));
        } else if (kind < 750) {
            const Bytes message = bent();  // a length that lies
            codec::write_varint(out, roll(2 * message.size() + 2));
            out += message;
        } else if (kind < 900) {
            abci::append_frame(out, model());
        } else if (kind < 940) {
            out = random(1 + roll(200));
        } else if (kind < 960) {
            codec::write_varint(out, kAnnounced - roll(1'000));
            out += random(roll(1'000));
        } else if (kind < 980) {
            codec::write_varint(out, kAnnounced + 1 + (dice_() >> 1U));
        } else if (kind < 999) {
            out = Bytes(1 + roll(12), '\xff');
        } else {
            abci::append_frame(out, many());
        }
        return out;
    }

private:
    const Bytes& model() { return models_[roll(models_.size())]; }
    Bytes random(std::size_t size) {
        Bytes out(size, '\0');
        std::ranges::generate(out, [this] { return static_cast<char>(dice_()); });
        return out;
    }
    Bytes bent() {
        Bytes out = model();
        for (std::uint64_t i = 1 + roll(4); i > 0 && !out.empty(); --i) {
            const std::size_t at = roll(out.size());
            switch (roll(6)) {
                case 0:
                    out[at] = static_cast<char>(dice_());
                    break;
                case 1:
                    out[at] = static_cast<char>(static_cast<unsigned char>(out[at]) ^ (1U << roll(8)));
                    break;
                case 2:
                    out.resize(at);
                    break;
                case 3:
                    out.insert(at, random(roll(20)));
                    break;
                case 4:
                    out.erase(at, 1 + roll(8));
                    break;
                default:
                    out.insert(at, model());
            }
        }
        return out;
    }
    // A little that asks for much: thousands of empty parts, of transactions, of fields that are not known.
    Bytes many() {
        Bytes part;
        const std::uint64_t kind = roll(3);
        for (std::size_t i = 0; i < kParts; ++i) {
            part += kind == 0 ? "\x1a" : kind == 1 ? "\x98\x06" : "\x0a";
            part += '\0';
        }
        Bytes out;
        codec::write_tag(out, roll(2) == 0 ? 20 : 16, codec::WireType::kLength);
        codec::write_length(out, part);
        return out;
    }

    std::mt19937_64 dice_;
    std::vector<Bytes> models_;
};

// Takes what is there, and waits for nothing.
void read_some(int socket) {
    std::array<char, 16'384> piece{};
    while (::recv(socket, piece.data(), piece.size(), MSG_DONTWAIT) > 0) {
    }
}

// Whether a server reads it and what is behind it.
bool is_frame(BytesView bytes) {
    abci::FrameReader frames;
    frames.feed(bytes);
    Result<std::optional<BytesView>> message = frames.next();
    for (; message && *message; message = frames.next()) {
        if (const Result<abci::Request> read = abci::decode_loosely<abci::Request>(**message);
            !read || codec::encode(*read).empty()) {
            return false;
        }
    }
    return message && frames.waiting() == 0;
}

class Mob {
public:
    Mob(const Hostility& hostility, Assault& told) : bender_(hostility), told_(told) {}
    ~Mob() {
        while (!open_.empty()) {
            shut_oldest();
        }
    }
    Mob(const Mob&) = delete;
    Mob& operator=(const Mob&) = delete;

    // One connection's whole life, but for its end, which may come much later. Errors: kIo.
    Result<> once(const std::string& address) {
        TRY(socket, abci::dial(address));
        ++told_.connections;
        const bool reads = bender_.roll(2) == 0;
        const Bytes out = stream();
        bool taken = true;
        for (BytesView rest = out; taken && !rest.empty();) {
            const std::size_t size = bender_.roll(3) == 0 ? 1 + bender_.roll(rest.size()) : rest.size();
            taken = abci::send_all(socket, rest.substr(0, size));
            rest.remove_prefix(size);
            if (reads) {
                read_some(socket);
            }
        }
        told_.bytes += out.size();
        told_.shut += taken ? 0U : 1U;
        open_.push_back(socket);
        while (open_.size() > bender_.roll(kOpen)) {
            shut_oldest();
        }
        return {};
    }

private:
    // Frames up to the first that is none, for behind it nobody reads; now and then more.
    Bytes stream() {
        Bytes out;
        const std::size_t wanted = bender_.roll(kWriteBytes);
        const bool wild = bender_.roll(10) == 0;
        for (bool read_on = true; out.size() < wanted && (read_on || wild);) {
            const Bytes each = bender_.frame();
            read_on = is_frame(each);
            if (read_on || bender_.roll(20) == 0) {  // most bent ones end the connection: they are not the only ones
                out += each;
                ++told_.frames;
            } else {
                read_on = true;
            }
        }
        return out;
    }
    void shut_oldest() {
        ::close(open_.front());
        open_.pop_front();
    }

    Bender bender_;
    Assault& told_;
    std::deque<int> open_;
};

}  // namespace

std::size_t resident_bytes() {
    std::ifstream file{"/proc/self/statm"};
    std::size_t whole = 0;
    std::size_t resident = 0;
    file >> whole >> resident;
    return resident * static_cast<std::size_t>(::sysconf(_SC_PAGESIZE));
}

Assault assail(const Hostility& hostility, const std::function<std::string()>& address,
               const std::function<std::string()>& beside) {
    Assault out;
    const std::size_t before = resident_bytes();
    const std::uint64_t wanted = hostility.megabytes << 20U;
    Mob mob{hostility, out};
    for (std::uint64_t next = 0; out.bytes < wanted && out.why.empty();) {
        if (const Result<> sent = mob.once(address()); !sent) {
            out.why = "nobody listens: " + sent.error().message;
        }
        if (out.bytes >= next) {
            next = out.bytes + kBesideEvery;
            out.why = out.why.empty() ? beside() : out.why;
            const std::size_t now = resident_bytes();
            out.most_more_bytes = std::max(out.most_more_bytes, now > before ? now - before : 0);
        }
    }
    if (out.why.empty() && out.most_more_bytes > hostility.most_more_bytes) {
        out.why = std::to_string(out.most_more_bytes >> 20U) + " MiB of memory more than before";
    }
    return out;
}

int with_arguments(int count, char** arguments, const std::function<Assault(Hostility)>& run) {
    Hostility hostility;
    for (int i = 1; i + 1 < count; i += 2) {
        const std::string word = arguments[i];
        const std::uint64_t value = std::strtoull(arguments[i + 1], nullptr, 10);
        if (word == "--megabytes") {
            hostility.megabytes = value;
        } else if (word == "--seed") {
            hostility.seed = value;
        } else if (word == "--most-mib") {
            hostility.most_more_bytes = value << 20U;
        }
    }
    const auto begun = std::chrono::steady_clock::now();
    const Assault told = run(hostility);
    const double seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - begun).count();
    std::printf(
        "%llu MiB in %llu frames over %llu connections (%llu shut by the server), seed %llu: %.1f s, "
        "at most %zu MiB of memory more\n",
        static_cast<unsigned long long>(told.bytes >> 20U), static_cast<unsigned long long>(told.frames),
        static_cast<unsigned long long>(told.connections), static_cast<unsigned long long>(told.shut),
        static_cast<unsigned long long>(hostility.seed), seconds, told.most_more_bytes >> 20U);
    std::printf("%s\n", told.why.empty() ? "all held" : told.why.c_str());
    return told.why.empty() ? EXIT_SUCCESS : EXIT_FAILURE;
}

}  // namespace sublet::fuzz
