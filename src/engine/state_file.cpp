// state_file.cpp: written beside its name and renamed; nothing of it is believed when it is read.
#include "engine/state_file.hpp"

#include <fstream>

namespace sublet::engine {
namespace {

namespace fs = std::filesystem;

constexpr std::string_view kStateFileHead = "sublet state 1\n";

std::uint32_t length_in(BytesView bytes) {
    Bytes wide(4, '\0');
    wide += bytes;
    return static_cast<std::uint32_t>(read_be64(wide));
}

// Exactly so many bytes, or nothing.
std::optional<Bytes> piece_of(std::ifstream& file, std::size_t size) {
    Bytes out(size, '\0');
    file.read(out.data(), static_cast<std::streamsize>(size));
    return file.gcount() == static_cast<std::streamsize>(size) ? std::optional{std::move(out)} : std::nullopt;
}

}  // namespace

fs::path state_file_beside(const fs::path& genesis) { return fs::path{genesis}.replace_extension(".state"); }

Result<> write_state_file(const fs::path& path, const ledger::Tree& state,
                          const std::function<void(std::uint64_t leaves)>& progress) {
    const fs::path fresh = path.string() + ".new";
    std::ofstream file{fresh, std::ios::binary | std::ios::trunc};
    file << kStateFileHead;
    ledger::RangeMaker maker{state};
    while (file) {
        TRY(range, maker.next());
        if (!range) {
            break;
        }
        Bytes length;
        append_be32(length, static_cast<std::uint32_t>(range->size()));
        file << length << *range;
        if (progress) {
            progress(maker.leaves());
        }
    }
    file.close();
    std::error_code problem;
    if (file) {
        fs::rename(fresh, path, problem);
    }
    if (!file || problem) {
        std::error_code ignored;
        fs::remove(fresh, ignored);
        return fail(Code::kIo, "cannot write " + path.string() +
                                   (problem ? ": " + problem.message() : ": is there room, and may it be written?"));
    }
    return {};
}

Result<ledger::Tree> read_state_file(const fs::path& path, const Hash& root) {
    std::ifstream file{path, std::ios::binary};
    if (!file) {
        return fail(Code::kIo, "cannot read the state file " + path.string());
    }
    const auto wrong = [&path](const std::string& what) { return fail(Code::kParse, path.string() + ": " + what); };
    if (piece_of(file, kStateFileHead.size()) != std::optional<Bytes>{kStateFileHead}) {
        return wrong("this is not the state of a network");
    }
    ledger::RangeTaker taker{root};
    while (!taker.complete()) {
        const std::optional<Bytes> length = piece_of(file, 4);
        if (!length || length_in(*length) > ledger::kMaxRangeBytes) {
            return wrong(length ? "a piece of it is too long" : "it ends early");
        }
        const std::optional<Bytes> range = piece_of(file, length_in(*length));
        if (!range) {
            return wrong("it ends early");
        }
        if (const Result<> taken = taker.take(*range); !taken) {
            return wrong(taken.error().message);
        }
    }
    if (file.peek() != std::ifstream::traits_type::eof()) {
        return wrong("something stands behind its end");
    }
    return taker.finish();
}

Result<ledger::Tree> state_of(const app::Genesis& genesis, const fs::path& state_file) {
    if (state_file.empty()) {
        return fail(Code::kUsage, "this genesis begins with the state of another network: name the file that has it");
    }
    const Result<Hash> root = fixed_from<sizeof(Hash)>(genesis.state_root);
    return root ? read_state_file(state_file, *root)
                : Result<ledger::Tree>{fail(Code::kParse, "genesis: state_root has 32 bytes")};
}

}  // namespace sublet::engine
