// state_commit.cpp: the state alone: a million keys, blocks of 1,000 updates, in memory and on disk, against RocksDB's
// own synced batches of the same bytes, and against IAVL where its program was built.
#include <rocksdb/db.h>
#include <rocksdb/write_batch.h>

#include <random>

#include "support/iavl.hpp"
#include "support/node.hpp"

using namespace sublet;
using namespace sublet::bench;

namespace {

constexpr std::size_t kKeys = 1'000'000;
constexpr std::size_t kPerBlock = 1'000;
constexpr int kBlocks = 40;
constexpr int kPeerBlocks = 8;  // the first of them: it is slower by far
constexpr int kRounds = 5;

Bytes key_of(std::uint64_t number) { return Bytes{view_of(crypto::sha256(std::to_string(number)))}; }

class Source {
public:
    UpdateBlock block() {
        std::map<Bytes, Bytes> unique;
        while (unique.size() < kPerBlock) {
            unique[key_of(dice_() % kKeys)] = value();
        }
        UpdateBlock out;
        for (auto& [key, value] : unique) {
            out.push_back({key, value});
        }
        return out;
    }
    Bytes value() {
        Bytes out(100, '\0');
        for (char& each : out) {
            each = static_cast<char>(dice_());
        }
        return out;
    }

private:
    std::mt19937_64 dice_{11};
};

class Applier {
public:
    Hash operator()(ledger::Tree& tree, const UpdateBlock& block) {
        for (const store::Change& each : block) {
            tree.put(each.key, *each.value);
        }
        return tree.root_hash(
            [this](std::size_t count, const std::function<void(std::size_t)>& work) { workers_.run(count, work); });
    }

private:
    engine::Workers workers_{std::max(1U, std::thread::hardware_concurrency()) - 1};
};

std::unique_ptr<rocksdb::DB> plain_database(const std::filesystem::path& path) {
    rocksdb::Options options;
    options.create_if_missing = true;
    options.max_background_jobs = 2;
    options.write_buffer_size = 16U << 20U;
    rocksdb::DB* db = nullptr;
    if (!rocksdb::DB::Open(options, path.string(), &db).ok()) {
        throw scenario::Failure("cannot open a database");
    }
    return std::unique_ptr<rocksdb::DB>{db};
}

double plain(rocksdb::DB& db, const std::vector<UpdateBlock>& blocks) {
    const Timer::time_point start = Timer::now();
    rocksdb::WriteOptions options;
    options.sync = true;
    for (const UpdateBlock& block : blocks) {
        rocksdb::WriteBatch batch;
        for (const store::Change& each : block) {
            batch.Put(each.key, *each.value);
        }
        if (!db.Write(options, &batch).ok()) {
            throw scenario::Failure("cannot write");
        }
    }
    return static_cast<double>(blocks.size() * kPerBlock) / seconds_since(start);
}

class Chain {
public:
    Chain(store::Store& store, ledger::Tree& tree, Applier& apply) : store_(store), tree_(tree), apply_(apply) {}
    double in_turn(std::vector<UpdateBlock> blocks) {
        const Timer::time_point start = Timer::now();
        for (UpdateBlock& block : blocks) {
            const Hash root = apply_(tree_, block);
            write(std::move(block), root);
        }
        return static_cast<double>(blocks.size() * kPerBlock) / seconds_since(start);
    }
    // One block is written while the next one is hashed.
    double overlapped(std::vector<UpdateBlock> blocks) {
        const Timer::time_point start = Timer::now();
        std::jthread writer;
        for (UpdateBlock& block : blocks) {
            const Hash root = apply_(tree_, block);
            if (writer.joinable()) {
                writer.join();
            }
            writer = std::jthread{[this, &block, root] { write(std::move(block), root); }};
        }
        writer.join();
        return static_cast<double>(blocks.size() * kPerBlock) / seconds_since(start);
    }

private:
    void write(UpdateBlock block, const Hash& root) {
        ++height_;
        store::FullBlock full;
        full.block.header.chain_id = "bench-1";
        full.block.header.height = Height{height_};
        full.block.header.hash = root;
        need(store_.commit({.height = Height{height_},
                            .time = BlockTime{height_},
                            .app_hash = root,
                            .changes = std::move(block),
                            .archived = {},
                            .block = &full,
                            .when_durable = nullptr}));
    }
    store::Store& store_;
    ledger::Tree& tree_;
    Applier& apply_;
    std::uint64_t height_ = 0;
};

UpdateBlock first_block(Source& source) {
    std::map<Bytes, Bytes> sorted;
    for (std::uint64_t i = 0; i < kKeys; ++i) {
        sorted.emplace(key_of(i), source.value());
    }
    UpdateBlock out;
    out.reserve(kKeys);
    for (auto& [key, value] : sorted) {
        out.push_back({key, std::move(value)});
    }
    return out;
}

// Every contestant holds the same keys, and each round gives all of them the same blocks.
class Contest {
public:
    Contest() {
        const UpdateBlock first = first_block(source_);
        if (iavl_program() != nullptr) {
            for (const char* kind : {"memory", "goleveldb"}) {
                iavl_[kind] = std::make_unique<Iavl>(iavl_program(), kind, folder_.path() / "iavl");
                (void)iavl_[kind]->round(&first, 1);
            }
        }
        rocksdb::WriteBatch batch;
        for (const store::Change& each : first) {
            batch.Put(each.key, *each.value);
        }
        if (!database_->Write({}, &batch).ok()) {
            throw scenario::Failure("cannot write");
        }
        store::Commit commit{.height = Height{0},
                             .time = BlockTime{0},
                             .app_hash = apply_(tree_, first),
                             .changes = first,
                             .archived = {},
                             .block = nullptr,
                             .when_durable = nullptr};
        need(store_->begin("bench-1", "{}", commit));
    }
    void round() {
        std::vector<UpdateBlock> blocks;
        for (int i = 0; i < kBlocks; ++i) {
            blocks.push_back(source_.block());
        }
        std::map<std::string, double> now;
        now["plain"] = plain(*database_, blocks);
        {
            ledger::Tree trial = tree_;
            const Timer::time_point start = Timer::now();
            for (const UpdateBlock& block : blocks) {
                (void)apply_(trial, block);
            }
            now["memory"] = kBlocks * kPerBlock / seconds_since(start);
        }
        for (const auto& [kind, peer] : iavl_) {
            now["iavl " + kind] = peer->round(blocks.data(), kPeerBlocks);
        }
        now["turn"] = chain_.in_turn(blocks);
        now["overlap"] = chain_.overlapped(std::move(blocks));
        std::string line;
        for (const auto& [name, rate] : now) {
            rates_[name].push_back(rate);
            line += name + " " + std::to_string(static_cast<int>(rate)) + ", ";
        }
        tell(line + "updates/s");
    }
    void row(const char* name, const char* of, const char* against, const char* peer, std::optional<double> goal) {
        Row out{.name = name,
                .value = 0,
                .unit = "updates/s",
                .against = against,
                .against_value = 0,
                .goal = goal,
                .goal_of_ratio = true,
                .lower_is_better = false,
                .curve = {},
                .skipped = {}};
        if (rates_[peer].empty()) {
            out.skipped = iavl_missing();
        } else {
            out.value = median(rates_[of]);
            out.against_value = median(rates_[peer]);
        }
        print(out);
    }

private:
    engine::testing::Folder folder_;
    Source source_;
    ledger::Tree tree_;
    Applier apply_;
    std::map<std::string, std::unique_ptr<Iavl>> iavl_;
    std::unique_ptr<rocksdb::DB> database_ = plain_database(folder_.path() / "plain");
    std::unique_ptr<store::Store> store_ = need(store::Store::open(folder_.path() / "store"));
    Chain chain_{*store_, tree_, apply_};
    std::map<std::string, std::vector<double>> rates_;
};

void run() {
    Contest contest;
    for (int round = 0; round < kRounds; ++round) {
        contest.round();
    }
    const char* const rocks = "RocksDB, synced batches of the same bytes";
    contest.row("state of 1 M keys, in memory", "memory", rocks, "plain", std::nullopt);
    contest.row("state of 1 M keys, durable, in turn", "turn", rocks, "plain", 0.55);
    contest.row("state of 1 M keys, durable, overlapped", "overlap", rocks, "plain", 0.8);
    contest.row("state of 1 M keys, durable, beside IAVL on disk", "overlap", "IAVL v1.3.5 on goleveldb, synced",
                "iavl goleveldb", 35);
    contest.row("state of 1 M keys, durable, beside IAVL in memory", "overlap", "IAVL v1.3.5 in memory", "iavl memory",
                10);
}

}  // namespace

int main() { return guarded("state_commit", run); }
