// snapshot_folder.cpp: a folder for each height: its chunks, and last a file with their hashes. It is made whole under
// another name first, so whatever stands under a height's name is complete.
#include "engine/cometbft/snapshot_folder.hpp"

#include <algorithm>
#include <charconv>

#include "codec/decode.hpp"
#include "codec/encode.hpp"
#include "crypto/sha256.hpp"
#include "net/log.hpp"

namespace sublet::engine {
namespace {

namespace fs = std::filesystem;

constexpr std::string_view kListName = "snapshot";
constexpr std::string_view kUnfinished = ".new";
constexpr unsigned kPrivate = 0600;
constexpr unsigned kPrivateFolder = 0700;

// The file that says what is in a snapshot's folder.
struct ChunkList {
    std::uint32_t version = 1;
    Height height;
    Hash app_hash{};
    Bytes hashes;  // SHA-256 of each chunk
    static constexpr auto fields() {
        using codec::field;
        return codec::list(field(1, "version", &ChunkList::version), field(2, "height", &ChunkList::height),
                           field(3, "app_hash", &ChunkList::app_hash),
                           codec::raw_field(4, "hashes", &ChunkList::hashes));
    }
};

std::string chunk_name(std::size_t index) { return "chunk-" + std::to_string(index); }

std::optional<std::uint64_t> height_in(const std::string& name) {
    std::uint64_t out = 0;
    const auto [end, problem] = std::from_chars(name.data(), name.data() + name.size(), out);
    return problem == std::errc{} && end == name.data() + name.size() && std::to_string(out) == name
               ? std::optional{out}
               : std::nullopt;
}

Result<> room_for(const fs::path& folder, std::size_t bytes) {
    std::error_code problem;
    const fs::space_info space = fs::space(folder, problem);
    return problem || space.available >= kRoomForTheLedger + bytes
               ? Result<>{}
               : fail(Code::kIo, "less than " + std::to_string(kRoomForTheLedger >> 20U) +
                                     " MiB would be left on the disk of " + folder.string());
}

}  // namespace

abci::Snapshot described(Height height, const Hash& app_hash, std::uint32_t chunks) {
    abci::Snapshot out;
    out.height = height.value();
    out.format = kSnapshotFormat;
    out.chunks = chunks;
    out.hash = Bytes{view_of(app_hash)};
    return out;
}

Result<std::unique_ptr<SnapshotFolder>> SnapshotFolder::open(SnapshotOptions options) {
    if (options.keep == 0 || options.keep > kMaxSnapshots) {
        return fail(Code::kUsage, "1 to " + std::to_string(kMaxSnapshots) + " snapshots can be kept");
    }
    std::unique_ptr<SnapshotFolder> out{new SnapshotFolder{std::move(options)}};
    TRY_OK(out->look());
    out->thread_ = std::thread{[folder = out.get()] { folder->serve(); }};
    return out;
}

SnapshotFolder::~SnapshotFolder() {
    {
        const std::scoped_lock lock{mutex_};
        stopping_ = true;
    }
    changed_.notify_all();
    if (thread_.joinable()) {
        thread_.join();
    }
}

fs::path SnapshotFolder::folder_of(Height height) const { return options_.folder / std::to_string(height.value()); }

// What is complete is offered; anything of ours that is not goes away.
Result<> SnapshotFolder::look() {
    TRY_OK(files_->make_folder(options_.folder, kPrivateFolder));
    std::error_code problem;
    for (const fs::directory_entry& entry : fs::directory_iterator{options_.folder, problem}) {
        const std::string name = entry.path().filename().string();
        const std::optional<std::uint64_t> height = height_in(name);
        std::error_code ignored;
        if (!height) {
            if (name.ends_with(kUnfinished)) {
                fs::remove_all(entry.path(), ignored);
            }
            continue;
        }
        const Result<Bytes> text = files_->read(entry.path() / kListName);
        const Result<ChunkList> list =
            text ? codec::decode<ChunkList>(*text) : Result<ChunkList>{std::unexpected{text.error()}};
        const std::size_t chunks = list ? list->hashes.size() / sizeof(Hash) : 0;
        if (!list || list->height.value() != *height || chunks == 0 || chunks > kMaxSnapshotChunks ||
            list->hashes.size() % sizeof(Hash) != 0) {
            fs::remove_all(entry.path(), ignored);
            continue;
        }
        std::size_t there = 0;
        while (there < chunks && fs::exists(entry.path() / chunk_name(there), ignored)) {
            ++there;
        }
        if (there < chunks) {
            fs::remove_all(entry.path(), ignored);
            continue;
        }
        Kept kept{.snapshot = described(list->height, list->app_hash, static_cast<std::uint32_t>(chunks))};
        for (std::size_t i = 0; i < chunks; ++i) {
            TRY(hash, fixed_from<sizeof(Hash)>(BytesView{list->hashes}.substr(i * sizeof(Hash), sizeof(Hash))));
            kept.chunk_hashes.push_back(hash);
        }
        keep(std::move(kept));
    }
    return problem ? fail(Code::kIo, "cannot look into " + options_.folder.string() + ": " + problem.message())
                   : Result<>{};
}

void SnapshotFolder::committed(const std::shared_ptr<const app::Committed>& state) {
    if (options_.every == 0 || state->height.value() % options_.every != 0) {
        return;
    }
    {
        const std::scoped_lock lock{mutex_};
        next_ = state;
    }
    changed_.notify_all();
}

void SnapshotFolder::wait() {
    std::unique_lock lock{mutex_};
    changed_.wait(lock, [this] { return !busy_ && !next_; });
}

bool SnapshotFolder::giving_up() const {
    const std::scoped_lock lock{mutex_};
    return stopping_;
}

void SnapshotFolder::serve() {
    while (true) {
        std::shared_ptr<const app::Committed> state;
        {
            std::unique_lock lock{mutex_};
            busy_ = false;
            changed_.notify_all();
            changed_.wait(lock, [this] { return stopping_ || next_; });
            if (stopping_) {
                return;
            }
            state = std::exchange(next_, nullptr);
            busy_ = true;
        }
        Result<Kept> made = make(*state);
        if (made) {
            keep(*std::move(made));
        } else if (made.error().code != Code::kCancelled) {
            net::log(net::LogLevel::kWarning, "snapshots",
                     "no snapshot of height " + std::to_string(state->height.value()) + ": " + made.error().message);
        }
    }
}

Result<SnapshotFolder::Kept> SnapshotFolder::make(const app::Committed& state) const {
    const fs::path place = folder_of(state.height).string() + std::string{kUnfinished};
    std::error_code ignored;
    fs::remove_all(place, ignored);
    TRY_OK(files_->make_folder(place, kPrivateFolder));
    const auto write = [&]() -> Result<Kept> {
        Kept out;
        ChunkList list{.version = 1, .height = state.height, .app_hash = state.app_hash, .hashes = {}};
        ledger::RangeMaker maker{state.view.state(), options_.target_bytes};
        while (true) {
            TRY(chunk, maker.next());
            if (!chunk) {
                break;
            }
            if (giving_up() || out.chunk_hashes.size() == kMaxSnapshotChunks) {
                return fail(giving_up() ? Code::kCancelled : Code::kTooLarge, "the state is too large");
            }
            TRY_OK(room_for(place, chunk->size()));
            TRY_OK(files_->write(place / chunk_name(out.chunk_hashes.size()), *chunk, kPrivate));
            out.chunk_hashes.push_back(crypto::sha256(*chunk));
            list.hashes += view_of(out.chunk_hashes.back());
        }
        TRY_OK(files_->write(place / kListName, codec::encode(list), kPrivate));
        out.snapshot = described(state.height, state.app_hash, static_cast<std::uint32_t>(out.chunk_hashes.size()));
        std::error_code problem;
        fs::remove_all(folder_of(state.height), problem);
        fs::rename(place, folder_of(state.height), problem);
        return problem ? Result<Kept>{fail(Code::kIo, "cannot rename " + place.string() + ": " + problem.message())}
                       : out;
    };
    Result<Kept> out = write();
    if (!out) {
        fs::remove_all(place, ignored);
    }
    return out;
}

void SnapshotFolder::keep(Kept made) {
    std::vector<Height> gone;
    {
        const std::scoped_lock lock{mutex_};
        std::erase_if(kept_, [&](const Kept& each) { return each.snapshot.height == made.snapshot.height; });
        kept_.push_back(std::move(made));
        std::ranges::sort(kept_, {}, [](const Kept& each) { return each.snapshot.height; });
        while (kept_.size() > options_.keep) {
            gone.emplace_back(kept_.front().snapshot.height);
            kept_.erase(kept_.begin());
        }
    }
    for (const Height height : gone) {
        std::error_code ignored;
        fs::remove_all(folder_of(height), ignored);
    }
}

std::vector<abci::Snapshot> SnapshotFolder::list() const {
    const std::scoped_lock lock{mutex_};
    std::vector<abci::Snapshot> out;
    for (auto each = kept_.rbegin(); each != kept_.rend(); ++each) {
        out.push_back(each->snapshot);
    }
    return out;
}

std::optional<Height> SnapshotFolder::oldest() const {
    const std::scoped_lock lock{mutex_};
    return kept_.empty() ? std::nullopt : std::optional{Height{kept_.front().snapshot.height}};
}

std::optional<Bytes> SnapshotFolder::chunk(Height height, std::uint32_t format, std::uint32_t index) const {
    std::optional<Hash> expected;
    {
        const std::scoped_lock lock{mutex_};
        const auto found =
            std::ranges::find(kept_, height.value(), [](const Kept& each) { return each.snapshot.height; });
        if (found == kept_.end() || format != kSnapshotFormat || index >= found->chunk_hashes.size()) {
            return std::nullopt;
        }
        expected = found->chunk_hashes[index];
    }
    Result<Bytes> bytes = files_->read(folder_of(height) / chunk_name(index));
    if (!bytes || crypto::sha256(*bytes) != *expected) {
        net::log(net::LogLevel::kWarning, "snapshots",
                 "chunk " + std::to_string(index) + " of height " + std::to_string(height.value()) +
                     " is not as it was written" + (bytes ? "" : ": " + bytes.error().message));
        return std::nullopt;
    }
    return *std::move(bytes);
}

}  // namespace sublet::engine
