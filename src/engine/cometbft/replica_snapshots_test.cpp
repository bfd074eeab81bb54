// replica_snapshots_test.cpp: a replica makes snapshots of its chain and another one begins with them, while strangers
// offer and send what they like; crashes around the one commit; what may be forgotten.
#include <gtest/gtest.h>

#include <fstream>

#include "base/test_no_room.hpp"
#include "codec/wire.hpp"
#include "engine/cometbft/peer.hpp"
#include "engine/cometbft/server.hpp"
#include "engine/cometbft/testing/chain.hpp"

namespace sublet::engine {
namespace {

using testing::Chain;
using testing::Folder;
using testing::poor;
using testing::rich;
using testing::send_tx;
using testing::small_genesis;

constexpr std::size_t kSmallChunks = 600;  // bytes

ReplicaOptions with_snapshots(const std::filesystem::path& folder, std::uint64_t every) {
    ReplicaOptions out;
    out.check_invariants = true;
    out.snapshots = SnapshotOptions{.folder = folder, .every = every, .keep = 3, .target_bytes = kSmallChunks};
    out.genesis = small_genesis(rich());
    return out;
}

std::uint32_t number(Offer offer) { return static_cast<std::uint32_t>(offer); }
std::uint32_t number(Apply apply) { return static_cast<std::uint32_t>(apply); }

// Makes a chain whose state has some dozens of accounts, with a snapshot every two heights.
class Snapshots : public ::testing::Test {
protected:
    void SetUp() override {
        ASSERT_TRUE(giver_.open(with_snapshots(folder_.path() / "snapshots", 2)));
        ASSERT_TRUE(giver_.begin());
        for (std::uint64_t height = 1; height <= 4; ++height) {
            make_block(giver_, height);
        }
        giver_.snapshots_made();
        offered_ = giver_.replica->list_snapshots().snapshots.at(0);
    }
    static void make_block(Chain& chain, std::uint64_t height) {
        std::vector<Bytes> transactions;
        for (std::uint64_t i = 0; i < 12; ++i) {
            const testing::Key somebody{static_cast<char>('A' + height * 12 + i)};
            transactions.push_back(send_tx(rich(), somebody.address, 5, (height - 1) * 12 + i));
        }
        ASSERT_TRUE(chain.finalize(height, std::move(transactions)));
        ASSERT_TRUE(chain.replica->commit());
    }
    [[nodiscard]] Bytes chunk(std::uint32_t index) const {
        return giver_.replica->load_snapshot_chunk({.height = offered_.height, .format = 1, .chunk = index}).chunk;
    }
    // Of the height that is offered, as a light client would have it.
    [[nodiscard]] Bytes app_hash() const { return giver_.replica->info({}).last_block_app_hash; }
    [[nodiscard]] abci::RequestOfferSnapshot offer() const { return {.snapshot = offered_, .app_hash = app_hash()}; }
    Result<> open_taker() { return taker_.open(with_snapshots(folder_.path() / "taken", 2)); }
    std::uint32_t apply(std::uint32_t index) {
        return taker_.replica->apply_snapshot_chunk({.index = index, .chunk = chunk(index), .sender = "good"}).result;
    }
    void sync() {
        ASSERT_EQ(taker_.replica->offer_snapshot(offer()).result, number(Offer::kAccept));
        for (std::uint32_t i = 0; i < offered_.chunks; ++i) {
            ASSERT_EQ(apply(i), number(Apply::kAccept)) << i;
        }
    }

    Folder folder_;
    Chain giver_;
    Chain taker_;
    abci::Snapshot offered_;
};

TEST_F(Snapshots, AreNewestFirstTheSameEverywhereAndStayAfterARestart) {
    const auto list = giver_.replica->list_snapshots().snapshots;
    ASSERT_EQ(list.size(), 2U);
    EXPECT_EQ(list[0].height, 4U);
    EXPECT_EQ(list[1].height, 2U);
    EXPECT_EQ(list[0].hash, app_hash());
    EXPECT_GT(list[0].chunks, 3U);
    EXPECT_TRUE(list[0].metadata.empty());
    const Bytes first = chunk(0);
    ASSERT_TRUE(giver_.open(with_snapshots(folder_.path() / "snapshots", 2)));
    EXPECT_EQ(giver_.replica->list_snapshots().snapshots.size(), 2U);
    EXPECT_EQ(chunk(0), first);
    EXPECT_TRUE(chunk(offered_.chunks).empty());
    EXPECT_TRUE(giver_.replica->load_snapshot_chunk({.height = 3, .format = 1, .chunk = 0}).chunk.empty());
    EXPECT_TRUE(giver_.replica->load_snapshot_chunk({.height = 4, .format = 2, .chunk = 0}).chunk.empty());
}

TEST_F(Snapshots, OnlyTheNewestAreKeptAndWhatIsHalfMadeOrChangedIsNotGiven) {
    for (std::uint64_t height = 5; height <= 10; ++height) {
        make_block(giver_, height);
        giver_.snapshots_made();
    }
    const std::filesystem::path folder = folder_.path() / "snapshots";
    const auto list = giver_.replica->list_snapshots().snapshots;
    ASSERT_EQ(list.size(), 3U);
    EXPECT_EQ(list.back().height, 6U);
    EXPECT_FALSE(std::filesystem::exists(folder / "4"));
    std::filesystem::copy(folder / "8", folder / "12.new");  // a crash while it was made
    std::filesystem::remove(folder / "6" / "snapshot");
    std::ofstream{folder / "8" / "chunk-0", std::ios::app} << "x";
    ASSERT_TRUE(giver_.open(with_snapshots(folder, 2)));
    EXPECT_EQ(giver_.replica->list_snapshots().snapshots.size(), 2U);
    EXPECT_FALSE(std::filesystem::exists(folder / "12.new"));
    EXPECT_TRUE(giver_.replica->load_snapshot_chunk({.height = 8, .format = 1, .chunk = 0}).chunk.empty());
    EXPECT_FALSE(giver_.replica->load_snapshot_chunk({.height = 8, .format = 1, .chunk = 1}).chunk.empty());
}

TEST_F(Snapshots, GiveANewReplicaTheStateAndItGoesOnAlike) {
    ASSERT_TRUE(open_taker());
    EXPECT_EQ(taker_.replica->info({}).last_block_height, 0U);
    sync();
    for (int restarts = 0; restarts < 2; ++restarts) {
        EXPECT_EQ(taker_.replica->info({}).last_block_height, 4U);
        EXPECT_EQ(taker_.replica->info({}).last_block_app_hash, app_hash());
        EXPECT_EQ(taker_.store->header(Height{4}).error().code, Code::kHeightPruned);
        ASSERT_TRUE(open_taker());
    }
    // L moves from the time of the last block, which only the state told.
    for (std::uint64_t height = 5; height <= 7; ++height) {
        const std::vector<Bytes> one = {send_tx(rich(), poor().address, 5, 48 + height - 5)};
        const auto here = giver_.finalize(height, one);
        const auto there = taker_.finalize(height, one);
        ASSERT_TRUE(here && there);
        EXPECT_EQ(here->app_hash, there->app_hash) << height;
        EXPECT_EQ(there->tx_results.at(0).code, 0U) << there->tx_results.at(0).log;
        ASSERT_TRUE(giver_.replica->commit());
        ASSERT_TRUE(taker_.replica->commit());
    }
    taker_.snapshots_made();
    ASSERT_TRUE(open_taker());
    EXPECT_EQ(taker_.replica->info({}).last_block_height, 7U);
    EXPECT_TRUE(taker_.store->header(Height{5}));
    giver_.snapshots_made();
    EXPECT_EQ(taker_.replica->list_snapshots().snapshots.at(0).height, 6U);
    for (std::uint32_t i = 0; i < giver_.replica->list_snapshots().snapshots.at(0).chunks; ++i) {
        EXPECT_EQ(taker_.replica->load_snapshot_chunk({.height = 6, .format = 1, .chunk = i}).chunk,
                  giver_.replica->load_snapshot_chunk({.height = 6, .format = 1, .chunk = i}).chunk);
    }
    EXPECT_EQ(taker_.replica->offer_snapshot(offer()).result, number(Offer::kAbort));  // its chain goes on
}

TEST_F(Snapshots, OffersAreJudged) {
    struct Row {
        const char* name;
        std::function<void(abci::RequestOfferSnapshot&)> bend;
        Offer answer;
    };
    const std::vector<Row> rows = {
        {"as it is", [](auto&) {}, Offer::kAccept},
        {"once more", [](auto&) {}, Offer::kAccept},
        {"no app hash", [](auto& o) { o.app_hash.clear(); }, Offer::kAbort},
        {"nothing", [](auto& o) { o.snapshot.reset(); }, Offer::kReject},
        {"height 0", [](auto& o) { o.snapshot->height = 0; }, Offer::kReject},
        {"another format", [](auto& o) { o.snapshot->format = 2; }, Offer::kRejectFormat},
        {"another state", [](auto& o) { o.snapshot->hash.back() ^= 1; }, Offer::kRejectSender},
        {"metadata", [](auto& o) { o.snapshot->metadata = "4 MB of it"; }, Offer::kRejectSender},
        {"no chunks", [](auto& o) { o.snapshot->chunks = 0; }, Offer::kRejectSender},
        {"4 billion chunks", [](auto& o) { o.snapshot->chunks = ~0U; }, Offer::kRejectSender},
    };
    ASSERT_TRUE(open_taker());
    EXPECT_EQ(apply(0), number(Apply::kAbort));  // nothing was accepted
    for (const Row& row : rows) {
        abci::RequestOfferSnapshot request = offer();
        row.bend(request);
        EXPECT_EQ(taker_.replica->offer_snapshot(request).result, number(row.answer)) << row.name;
    }
    ReplicaOptions unknown = with_snapshots(folder_.path() / "taken", 2);
    unknown.genesis.reset();
    ASSERT_TRUE(taker_.open(unknown));
    EXPECT_EQ(taker_.replica->offer_snapshot(offer()).result, number(Offer::kAbort));
}

TEST_F(Snapshots, HostileChunksAreAskedForAgainOfOthers) {
    ASSERT_TRUE(open_taker());
    ASSERT_EQ(taker_.replica->offer_snapshot(offer()).result, number(Offer::kAccept));
    const auto refused = [this](std::uint32_t index, Bytes bytes) {
        const auto out = taker_.replica->apply_snapshot_chunk({index, std::move(bytes), "bad"});
        EXPECT_EQ(out.result, number(Apply::kRetry));
        EXPECT_EQ(out.refetch_chunks, std::vector<std::uint32_t>{index});
        EXPECT_EQ(out.reject_senders, std::vector<std::string>{"bad"});
    };
    refused(0, "");
    refused(0, chunk(1));
    refused(0, Bytes(20U << 20U, 'x'));
    Bytes changed = chunk(0);
    changed.back() ^= 1;
    refused(0, changed);
    EXPECT_EQ(apply(0), number(Apply::kAccept));
    refused(1, chunk(0));
    refused(1, chunk(2));
    EXPECT_EQ(apply(1), number(Apply::kAccept));
    EXPECT_EQ(apply(1), number(Apply::kRetrySnapshot));  // not in their order: it begins anew
    EXPECT_EQ(apply(2), number(Apply::kAbort));
    sync();
    EXPECT_EQ(taker_.replica->info({}).last_block_app_hash, app_hash());
}

TEST_F(Snapshots, AWrongNumberOfChunksRejectsTheSnapshotAndItsSender) {
    ASSERT_TRUE(open_taker());
    for (const std::uint32_t said : {1U, offered_.chunks - 1, offered_.chunks + 1}) {
        abci::RequestOfferSnapshot lie = offer();
        lie.snapshot->chunks = said;
        ASSERT_EQ(taker_.replica->offer_snapshot(lie).result, number(Offer::kAccept));
        const std::uint32_t last = std::min(said, offered_.chunks) - 1;
        for (std::uint32_t i = 0; i < last; ++i) {
            ASSERT_EQ(apply(i), number(Apply::kAccept));
        }
        const auto out = taker_.replica->apply_snapshot_chunk({last, chunk(last), "liar"});
        EXPECT_EQ(out.result, number(Apply::kRejectSnapshot)) << said;
        EXPECT_EQ(out.reject_senders, std::vector<std::string>{"liar"});
        EXPECT_EQ(taker_.replica->info({}).last_block_height, 0U);
    }
    sync();
}

TEST_F(Snapshots, WhatEndsInTheMiddleLeavesAFolderThatCanSyncAgain) {
    ASSERT_TRUE(open_taker());
    ASSERT_EQ(taker_.replica->offer_snapshot(offer()).result, number(Offer::kAccept));
    EXPECT_EQ(apply(0), number(Apply::kAccept));
    ASSERT_TRUE(open_taker());  // killed between two chunks
    EXPECT_EQ(taker_.replica->info({}).last_block_height, 0U);
    ASSERT_EQ(taker_.replica->offer_snapshot(offer()).result, number(Offer::kAccept));
    for (std::uint32_t i = 0; i + 1 < offered_.chunks; ++i) {
        ASSERT_EQ(apply(i), number(Apply::kAccept));
    }
    const Bytes last = chunk(offered_.chunks - 1);
    {
        const NoRoom full;
        const auto out = taker_.replica->apply_snapshot_chunk({offered_.chunks - 1, last, "good"});
        EXPECT_EQ(out.result, number(Apply::kAbort));
        EXPECT_EQ(taker_.replica->info({}).last_block_height, 0U);
    }
    ASSERT_TRUE(open_taker());
    EXPECT_EQ(taker_.replica->info({}).last_block_height, 0U);
    sync();
    ASSERT_TRUE(open_taker());
    EXPECT_EQ(taker_.replica->info({}).last_block_height, 4U);
    sync();  // CometBFT did not note it, and asks once more
    EXPECT_EQ(taker_.replica->info({}).last_block_app_hash, app_hash());
    ASSERT_TRUE(taker_.finalize(5, {}));
    ASSERT_TRUE(taker_.replica->commit());
}

abci::Request offered_over(const abci::RequestOfferSnapshot& offer) {
    abci::Request out;
    out.offer_snapshot = offer;
    return out;
}

TEST_F(Snapshots, SyncOverTheSocketPastAHostilePeer) {
    ASSERT_TRUE(open_taker());
    const auto giving = *abci::Server::start("unix://" + (folder_.path() / "giver.sock").string(), *giver_.replica);
    const auto taking = *abci::Server::start("unix://" + (folder_.path() / "taker.sock").string(), *taker_.replica);
    const auto giver = *abci::Peer::dial(giving->address());
    const auto taker = *abci::Peer::dial(taking->address());
    abci::Request list;
    list.list_snapshots.emplace();
    const auto listed = giver->ask(list);
    ASSERT_TRUE(listed && listed->list_snapshots && !listed->list_snapshots->snapshots.empty());
    const abci::Snapshot snapshot = listed->list_snapshots->snapshots[0];
    abci::RequestOfferSnapshot lie{.snapshot = snapshot, .app_hash = app_hash()};
    lie.snapshot->hash = Bytes(32, 'h');
    EXPECT_EQ(taker->ask(offered_over(lie))->offer_snapshot->result, number(Offer::kRejectSender));
    const abci::RequestOfferSnapshot true_one{.snapshot = snapshot, .app_hash = app_hash()};
    ASSERT_EQ(taker->ask(offered_over(true_one))->offer_snapshot->result, number(Offer::kAccept));
    for (std::uint32_t i = 0; i < snapshot.chunks; ++i) {
        abci::Request load;
        load.load_snapshot_chunk = abci::RequestLoadSnapshotChunk{.height = snapshot.height, .format = 1, .chunk = i};
        const Bytes good = giver->ask(load)->load_snapshot_chunk->chunk;
        abci::Request apply_one;
        apply_one.apply_snapshot_chunk.emplace();
        apply_one.apply_snapshot_chunk->index = i;
        Bytes bad = good;
        bad[bad.size() / 2] ^= 1;
        for (const Bytes& bytes : {bad, Bytes(15U << 20U, '\1'), good}) {  // the hostile peer's come first
            apply_one.apply_snapshot_chunk->chunk = bytes;
            const auto answer = taker->ask(apply_one)->apply_snapshot_chunk;
            EXPECT_EQ(answer->result, number(bytes == good ? Apply::kAccept : Apply::kRetry));
            EXPECT_EQ(answer->refetch_chunks.size(), bytes == good ? 0U : 1U);
        }
    }
    abci::Request info;
    info.info.emplace();
    EXPECT_EQ(taker->ask(info)->info->last_block_height, snapshot.height);
    EXPECT_EQ(taker->ask(info)->info->last_block_app_hash, app_hash());
}

// Killed at a named point of the one commit, in a process of its own.
TEST(SnapshotCrashes, DISABLED_SyncInto) {
    const char* const given = std::getenv("SUBLET_TEST_SNAPSHOTS");
    const char* const taken = std::getenv("SUBLET_TEST_LEDGER");
    ASSERT_TRUE(given != nullptr && taken != nullptr);
    const auto store = *store::Store::open(taken);
    const auto replica = *Replica::open(*store, with_snapshots(std::string{taken} + ".none", 0), {});
    const auto folder = *SnapshotFolder::open({.folder = given, .every = 0, .target_bytes = kSmallChunks});
    const abci::Snapshot snapshot = folder->list().at(0);
    ASSERT_EQ(replica->offer_snapshot({.snapshot = snapshot, .app_hash = snapshot.hash}).result,
              number(Offer::kAccept));
    for (std::uint32_t i = 0; i < snapshot.chunks; ++i) {
        (void)replica->apply_snapshot_chunk({i, *folder->chunk(Height{snapshot.height}, 1, i), "good"});
    }
}

TEST_F(Snapshots, AKillAtEachPointOfTheCommitLeavesAllOrNothing) {
    const std::string self = std::filesystem::read_symlink("/proc/self/exe").string();
    for (const auto& [point, height] : std::vector<std::pair<std::string, std::uint64_t>>{
             {"before_begin", 0}, {"half_begun", 0}, {"after_begin", 4}}) {
        const Folder place;
        const std::string command = "SUBLET_CRASH_AT=" + point +
                                    " SUBLET_TEST_SNAPSHOTS=" + (folder_.path() / "snapshots").string() +
                                    " SUBLET_TEST_LEDGER=" + (place.path() / "ledger").string() + " " + self +
                                    " --gtest_also_run_disabled_tests --gtest_filter='*DISABLED_SyncInto' >/dev/null";
        EXPECT_NE(std::system(command.c_str()), 0) << point;  // killed
        taker_.replica.reset();
        taker_.store = *store::Store::open(place.path() / "ledger");
        taker_.replica = *Replica::open(*taker_.store, with_snapshots(place.path() / "taken", 2), {});
        EXPECT_EQ(taker_.replica->info({}).last_block_height, height) << point;
        sync();
        EXPECT_EQ(taker_.replica->info({}).last_block_app_hash, app_hash()) << point;
        taker_.replica.reset();
        taker_.store.reset();
    }
}

TEST_F(Snapshots, WhatMayBeForgotten) {
    const auto retained = [this](RetainRules rules, std::uint64_t now_s, const SnapshotFolder* snapshots = nullptr) {
        return retain_height(rules, *giver_.store, Height{4}, BlockTime{now_s * 1'000}, snapshots).value();
    };
    constexpr std::uint64_t kStart = 1'800'000'000;  // height h is h seconds later
    EXPECT_EQ(retained({}, kStart + 4), 0U);         // everything is kept
    EXPECT_EQ(retained({.keep_blocks = 1, .evidence_blocks = 0, .evidence_ms = 0}, kStart + 4), 3U);
    EXPECT_EQ(retained({.keep_blocks = 2, .evidence_blocks = 0, .evidence_ms = 0}, kStart + 4), 2U);
    EXPECT_EQ(retained({.keep_blocks = 1, .evidence_blocks = 2, .evidence_ms = 0}, kStart + 4), 2U);
    EXPECT_EQ(retained({.keep_blocks = 9, .evidence_blocks = 0, .evidence_ms = 0}, kStart + 4), 0U);
    EXPECT_EQ(retained({.keep_blocks = 1, .evidence_blocks = 0, .evidence_ms = 60'000}, kStart + 4), 0U);
    // Height 1 alone is older than a minute: 2 and what follows stay.
    EXPECT_EQ(retained({.keep_blocks = 1, .evidence_blocks = 0, .evidence_ms = 60'000}, kStart + 62), 2U);
    const auto made = *SnapshotFolder::open(
        {.folder = folder_.path() / "snapshots", .every = 2, .keep = 3, .target_bytes = kSmallChunks});
    EXPECT_EQ(retained({.keep_blocks = 1, .evidence_blocks = 0, .evidence_ms = 0}, kStart + 4, made.get()), 2U);
    const auto none = *SnapshotFolder::open({.folder = folder_.path() / "none", .every = 2});
    EXPECT_EQ(retained({.keep_blocks = 1, .evidence_blocks = 0, .evidence_ms = 0}, kStart + 4, none.get()), 0U);
}

TEST(Retained, KeepsForAsLongAsEvidenceCounts) {
    const auto params = [](std::uint64_t blocks, std::uint64_t seconds) {
        Bytes duration;
        codec::write_tag(duration, 1, codec::WireType::kVarint);
        codec::write_varint(duration, seconds);
        Bytes evidence;
        codec::write_tag(evidence, 1, codec::WireType::kVarint);
        codec::write_varint(evidence, blocks);
        codec::write_tag(evidence, 2, codec::WireType::kLength);
        codec::write_length(evidence, duration);
        Bytes out;
        codec::write_tag(out, 2, codec::WireType::kLength);
        codec::write_length(out, evidence);
        return out;
    };
    const RetainRules rules{.keep_blocks = 5, .evidence_blocks = 100, .evidence_ms = 60'000};
    EXPECT_TRUE(covers(rules, params(100, 60)));
    EXPECT_TRUE(covers(rules, ""));
    EXPECT_EQ(covers(rules, params(101, 60)).error().code, Code::kUsage);
    EXPECT_EQ(covers(rules, params(100, 61)).error().code, Code::kUsage);
    EXPECT_TRUE(covers({}, params(~0ULL, ~0ULL)));  // everything is kept
    EXPECT_FALSE(covers(rules, "\x12"));
}

}  // namespace
}  // namespace sublet::engine
