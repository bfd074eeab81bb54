// state_commit.cpp: the state alone: a million keys, blocks of 1,000 updates, in memory and on disk, against RocksDB's
// own synced batches of the same bytes.
#include <rocksdb/db.h>
#include <rocksdb/write_batch.h>

#include <random>

#include "support/node.hpp"

using namespace sublet;
using namespace sublet::bench;

namespace {

constexpr std::size_t kKeys = 1'000'000;
constexpr std::size_t kPerBlock = 1'000;
constexpr int kBlocks = 40;
constexpr int kRounds = 5;

Bytes key_of(std::uint64_t number) { return Bytes{view_of(crypto::sha256(std::to_string(number)))}; }

struct Block {
    std::vector<store::Change> changes;
};

class Source {
public:
    Block block() {
        std::map<Bytes, Bytes> unique;
        while (unique.size() < kPerBlock) {
            unique[key_of(dice_() % kKeys)] = value();
        }
        Block out;
        for (auto& [key, value] : unique) {
            out.changes.push_back({key, value});
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
    Hash operator()(ledger::Tree& tree, const Block& block) {
        for (const store::Change& each : block.changes) {
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

double plain(rocksdb::DB& db, const std::vector<Block>& blocks) {
    const Timer::time_point start = Timer::now();
    rocksdb::WriteOptions options;
    options.sync = true;
    for (const Block& block : blocks) {
        rocksdb::WriteBatch batch;
        for (const store::Change& each : block.changes) {
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
    double in_turn(std::vector<Block> blocks) {
        const Timer::time_point start = Timer::now();
        for (Block& block : blocks) {
            const Hash root = apply_(tree_, block);
            write(std::move(block), root);
        }
        return static_cast<double>(blocks.size() * kPerBlock) / seconds_since(start);
    }
    // One block is written while the next one is hashed.
    double overlapped(std::vector<Block> blocks) {
        const Timer::time_point start = Timer::now();
        std::jthread writer;
        for (Block& block : blocks) {
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
    void write(Block block, const Hash& root) {
        ++height_;
        store::FullBlock full;
        full.block.header.chain_id = "bench-1";
        full.block.header.height = Height{height_};
        full.block.header.hash = root;
        need(store_.commit({.height = Height{height_},
                            .time = BlockTime{height_},
                            .app_hash = root,
                            .changes = std::move(block.changes),
                            .archived = {},
                            .block = &full,
                            .when_durable = nullptr}));
    }
    store::Store& store_;
    ledger::Tree& tree_;
    Applier& apply_;
    std::uint64_t height_ = 0;
};

void run() {
    engine::testing::Folder folder;
    Source source;
    ledger::Tree tree;
    const std::unique_ptr<rocksdb::DB> database = plain_database(folder.path() / "plain");
    const std::unique_ptr<store::Store> store = need(store::Store::open(folder.path() / "store"));
    {
        store::Commit first{.height = Height{0},
                            .time = BlockTime{0},
                            .app_hash = {},
                            .changes = {},
                            .archived = {},
                            .block = nullptr,
                            .when_durable = nullptr};
        std::map<Bytes, Bytes> sorted;
        for (std::uint64_t i = 0; i < kKeys; ++i) {
            sorted.emplace(key_of(i), source.value());
        }
        rocksdb::WriteBatch batch;
        for (const auto& [key, value] : sorted) {
            tree.put(key, value);
            batch.Put(key, value);
            first.changes.push_back({key, value});
        }
        first.app_hash = tree.root_hash();
        need(store->begin("bench-1", "{}", first));
        if (!database->Write({}, &batch).ok()) {
            throw scenario::Failure("cannot write");
        }
    }
    Applier apply;
    Chain chain{*store, tree, apply};
    std::map<std::string, std::vector<double>> rates;
    for (int round = 0; round < kRounds; ++round) {
        std::vector<Block> blocks;
        for (int i = 0; i < kBlocks; ++i) {
            blocks.push_back(source.block());
        }
        rates["plain"].push_back(plain(*database, blocks));
        ledger::Tree trial = tree;
        const Timer::time_point start = Timer::now();
        for (const Block& block : blocks) {
            (void)apply(trial, block);
        }
        rates["memory"].push_back(kBlocks * kPerBlock / seconds_since(start));
        rates["turn"].push_back(chain.in_turn(blocks));
        rates["overlap"].push_back(chain.overlapped(std::move(blocks)));
        tell("round " + std::to_string(round + 1) + ": memory " + std::to_string(int(rates["memory"].back())) +
             ", in turn " + std::to_string(int(rates["turn"].back())) + ", overlapped " +
             std::to_string(int(rates["overlap"].back())) + ", RocksDB " + std::to_string(int(rates["plain"].back())));
    }
    const double against = median(rates["plain"]);
    const auto row = [&](const char* name, const char* key, std::optional<double> goal) {
        print({.name = name,
               .value = median(rates[key]),
               .unit = "updates/s",
               .against = "RocksDB, synced batches of the same bytes",
               .against_value = against,
               .goal = goal,
               .goal_of_ratio = true,
               .lower_is_better = false,
               .curve = {}});
    };
    row("state of 1 M keys, in memory", "memory", std::nullopt);
    row("state of 1 M keys, durable, in turn", "turn", 0.55);
    row("state of 1 M keys, durable, overlapped", "overlap", 0.8);
}

}  // namespace

int main() { return guarded("state_commit", run); }
