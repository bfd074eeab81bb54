// abci_test.cpp: the server over real sockets: streams that are cut anywhere, thousands of requests before the first
// answer is read, reads beside a block that is executed, an application that gives up, and bytes that are nothing.
#include <gtest/gtest.h>

#include <filesystem>
#include <map>
#include <random>

#include <unistd.h>

#include "codec/encode.hpp"
#include "engine/cometbft/loose.hpp"
#include "engine/cometbft/peer.hpp"
#include "engine/cometbft/server.hpp"

namespace sublet::abci {
namespace {

// Transactions are "key=value"; the hash of the state is how many there are. A block can be held up.
class Pairs final : public Application {
public:
    ResponseInfo info(const RequestInfo& request) override {
        const std::scoped_lock lock{mutex_};
        return {.data = "pairs for " + request.version,
                .version = "1",
                .app_version = 1,
                .last_block_height = height_,
                .last_block_app_hash = std::to_string(committed_.size())};
    }
    ResponseQuery query(const RequestQuery& request) override {
        const std::scoped_lock lock{mutex_};
        const auto found = committed_.find(request.data);
        ResponseQuery out;
        out.code = found == committed_.end() ? 1 : 0;
        out.value = found == committed_.end() ? "" : found->second;
        return out;
    }
    ResponseListSnapshots list_snapshots() override { return {}; }
    ResponseLoadSnapshotChunk load_snapshot_chunk(const RequestLoadSnapshotChunk& /*request*/) override { return {}; }
    std::vector<TxAnswer> check_txs(const std::vector<RequestCheckTx>& requests) override {
        most_checked = std::max(most_checked, requests.size());
        std::vector<TxAnswer> out(requests.size());
        for (std::size_t i = 0; i < requests.size(); ++i) {
            out[i].code = requests[i].tx.contains('=') ? 0 : 1;
            out[i].data = requests[i].tx.substr(0, 64);
        }
        return out;
    }
    Result<ResponseInitChain> init_chain(const RequestInitChain& /*request*/) override { return ResponseInitChain{}; }
    ResponsePrepareProposal prepare_proposal(const RequestPrepareProposal& request) override { return {request.txs}; }
    ResponseProcessProposal process_proposal(const ProposedBlock& /*block*/) override { return {1}; }
    Result<ResponseFinalizeBlock> finalize_block(const ProposedBlock& block) override {
        std::unique_lock lock{mutex_};
        waits_ = held_;
        changed_.notify_all();
        changed_.wait(lock, [this] { return !held_; });
        next_ = committed_;
        ResponseFinalizeBlock out;
        for (const Bytes& each : block.txs) {
            const std::size_t equals = each.find('=');
            out.tx_results.emplace_back().code = equals == Bytes::npos ? 1 : 0;
            if (equals != Bytes::npos) {
                next_[each.substr(0, equals)] = each.substr(equals + 1);
            }
        }
        out.app_hash = std::to_string(next_.size());
        return out;
    }
    Result<ResponseCommit> commit() override {
        const std::scoped_lock lock{mutex_};
        if (disk_full) {
            return fail(Code::kIo, "the disk is full");
        }
        committed_ = next_;
        ++height_;
        return ResponseCommit{};
    }
    ResponseOfferSnapshot offer_snapshot(const RequestOfferSnapshot& /*request*/) override { return {2}; }
    ResponseApplySnapshotChunk apply_snapshot_chunk(const RequestApplySnapshotChunk& /*request*/) override {
        return {.result = 2, .refetch_chunks = {}, .reject_senders = {}};
    }
    void hold(bool held) {
        const std::scoped_lock lock{mutex_};
        held_ = held;
        changed_.notify_all();
    }

    void wait_for_block() {
        std::unique_lock lock{mutex_};
        changed_.wait(lock, [this] { return waits_; });
    }

    std::atomic<bool> disk_full = false;
    std::size_t most_checked = 0;  // read once nothing runs

private:
    std::mutex mutex_;
    std::condition_variable changed_;
    bool held_ = false, waits_ = false;
    std::uint64_t height_ = 0;
    std::map<Bytes, Bytes> committed_, next_;
};

Request check(Bytes transaction) {
    Request out;
    out.check_tx = RequestCheckTx{.tx = std::move(transaction), .type = 0};
    return out;
}
Request block_of(std::vector<Bytes> transactions) {
    Request out;
    out.finalize_block.emplace().txs = std::move(transactions);
    return out;
}
Request flush() {
    Request out;
    out.flush.emplace();
    return out;
}
Request commit() {
    Request out;
    out.commit.emplace();
    return out;
}
Request info() {
    Request out;
    out.info = RequestInfo{.version = "0.38.25", .block_version = 11, .p2p_version = 8, .abci_version = "2.0.0"};
    return out;
}
Request ask_for(Bytes key) {
    Request out;
    out.query.emplace().data = std::move(key);
    return out;
}

class AbciTest : public testing::TestWithParam<bool> {
protected:
    AbciTest()
        : file_(std::filesystem::temp_directory_path() / ("sublet-abci-" + std::to_string(::getpid()) + ".sock")),
          server_(*Server::start(GetParam() ? "tcp://127.0.0.1:0" : "unix://" + file_.string(), pairs_)) {}
    std::unique_ptr<Peer> dial() { return *Peer::dial(server_->address()); }

    std::filesystem::path file_;
    Pairs pairs_;
    std::unique_ptr<Server> server_;
};
INSTANTIATE_TEST_SUITE_P(OverUnixAndTcp, AbciTest, testing::Bool(),
                         [](const auto& each) { return each.param ? "Tcp" : "Unix"; });

TEST_P(AbciTest, FourConnectionsMakeABlock) {
    const auto query = dial();
    const auto snapshots = dial();
    const auto mempool = dial();
    const auto consensus = dial();
    EXPECT_EQ(query->ask(info())->info->data, "pairs for 0.38.25");
    EXPECT_TRUE(snapshots
                    ->ask([] {
                        Request out;
                        out.list_snapshots.emplace();
                        return out;
                    }())
                    ->list_snapshots->snapshots.empty());
    EXPECT_EQ(mempool->ask(check("a=1"))->check_tx->code, 0U);
    EXPECT_EQ(mempool->ask(check("nothing"))->check_tx->code, 1U);
    const Result<Response> made = consensus->ask(block_of({"a=1", "b=2", "wrong"}));
    ASSERT_TRUE(made && made->finalize_block);
    EXPECT_EQ(made->finalize_block->app_hash, "2");
    EXPECT_EQ(made->finalize_block->tx_results.at(2).code, 1U);
    EXPECT_EQ(query->ask(ask_for("a"))->query->code, 1U);  // not before it is committed
    EXPECT_TRUE(consensus->ask(commit())->commit);
    EXPECT_EQ(query->ask(ask_for("b"))->query->value, "2");
    EXPECT_EQ(query->ask(info())->info->last_block_height, 1U);
}

TEST_P(AbciTest, AStreamMayBeCutAnywhere) {
    const auto peer = dial();
    Bytes all;
    for (const Bytes& each : {Bytes{"a=1"}, Bytes(300, 'x') + "=2", Bytes{"no"}}) {
        append_frame(all, codec::encode(check(each)));
    }
    append_frame(all, codec::encode(flush()));
    for (const char each : all) {
        ASSERT_TRUE(peer->send(BytesView{&each, 1}));
    }
    EXPECT_EQ(peer->receive()->check_tx->data, "a=1");
    EXPECT_EQ(peer->receive()->check_tx->data, Bytes(64, 'x'));
    EXPECT_EQ(peer->receive()->check_tx->code, 1U);
    EXPECT_TRUE(peer->receive()->flush);
}

// Whoever reads only while it can write would wait here for ever, as tendermint's client did.
TEST_P(AbciTest, ThousandsAreAskedBeforeAnAnswerIsRead) {
    const auto peer = dial();
    constexpr int kMany = 50'000;
    for (int i = 0; i < kMany; ++i) {
        ASSERT_TRUE(peer->send(check(std::to_string(i) + "=" + Bytes(200, 'v'))));
    }
    ASSERT_TRUE(peer->send(flush()));
    for (int i = 0; i < kMany; ++i) {
        const Result<Response> each = peer->receive();
        ASSERT_TRUE(each && each->check_tx) << i;
        ASSERT_TRUE(each->check_tx->data.starts_with(std::to_string(i) + "=")) << i;
    }
    EXPECT_TRUE(peer->receive()->flush);
    EXPECT_GT(pairs_.most_checked, 1U);
    EXPECT_LE(pairs_.most_checked, kMaxCheckedAtOnce);
}

TEST_P(AbciTest, ReadsDoNotWaitForABlock) {
    const auto query = dial();
    const auto consensus = dial();
    pairs_.hold(true);
    ASSERT_TRUE(consensus->send(block_of({"a=1"})));
    ASSERT_TRUE(consensus->send(flush()));
    EXPECT_EQ(query->ask(ask_for("a"))->query->code, 1U);
    EXPECT_EQ(query->ask(info())->info->last_block_height, 0U);
    pairs_.hold(false);
    EXPECT_TRUE(consensus->receive()->finalize_block);
    EXPECT_TRUE(consensus->receive()->flush);
}

TEST_P(AbciTest, QueriesAreRefusedFirst) {
    const auto query = dial();
    const auto mempool = dial();
    const auto consensus = dial();
    pairs_.hold(true);
    ASSERT_TRUE(consensus->send(block_of({"a=1"})));
    pairs_.wait_for_block();
    for (std::size_t i = 0; i < kBusyLane + 10; ++i) {
        ASSERT_TRUE(mempool->send(check("k=v")));
    }
    Result<Response> refused = query->ask(ask_for("a"));
    for (int i = 0; i < 200 && refused->query->code != static_cast<std::uint32_t>(Code::kRefused); ++i) {
        ::usleep(10'000);
        refused = query->ask(ask_for("a"));
    }
    EXPECT_EQ(refused->query->code, static_cast<std::uint32_t>(Code::kRefused));
    EXPECT_GE(server_->refused_queries(), 1U);
    pairs_.hold(false);
    for (std::size_t i = 0; i < kBusyLane + 10; ++i) {
        ASSERT_EQ(mempool->receive()->check_tx->code, 0U);  // never refused
    }
}

TEST_P(AbciTest, AnErrorEndsTheNodeAndSaysWhy) {
    const auto consensus = dial();
    const auto mempool = dial();
    pairs_.disk_full = true;
    ASSERT_TRUE(consensus->ask(block_of({"a=1"}))->finalize_block);
    ASSERT_TRUE(consensus->send(commit()));
    const Result<Response> answer = consensus->receive();
    ASSERT_TRUE(answer && answer->exception);
    EXPECT_EQ(answer->exception->error, "the disk is full");
    EXPECT_EQ(server_->halted(), "the disk is full");
}

TEST_P(AbciTest, ABlockMayBeLarge) {
    const auto consensus = dial();
    std::vector<Bytes> transactions;
    for (int i = 0; i < 105; ++i) {
        transactions.push_back(std::to_string(i) + "=" + Bytes(1U << 20U, 'v'));
    }
    const Result<Response> made = consensus->ask(block_of(std::move(transactions)));
    ASSERT_TRUE(made && made->finalize_block) << made.error().message;
    EXPECT_EQ(made->finalize_block->tx_results.size(), 105U);
}

// No crash, and whoever speaks properly is served all the same. The fuzzer of test/fuzz has the long run.
TEST_P(AbciTest, BytesThatAreNothing) {
    std::mt19937_64 dice{7};
    for (int round = 0; round < 200; ++round) {
        const auto hostile = dial();
        Bytes bytes = codec::encode(block_of({"a=1", Bytes(100, 'b')}));
        for (int i = 0; i < 3; ++i) {
            bytes[dice() % bytes.size()] = static_cast<char>(dice());
        }
        Bytes framed_bytes;
        append_frame(framed_bytes, bytes);
        if (round % 3 == 0) {
            framed_bytes = Bytes(11, '\xff');
        }
        static_cast<void>(hostile->send(framed_bytes));
    }
    Result<Response> served = dial()->ask(info());
    for (int i = 0; i < 500 && !served; ++i) {  // while more connections than the server keeps are being closed
        ::usleep(10'000);
        served = dial()->ask(info());
    }
    EXPECT_TRUE(served && served->info);
}

TEST(Loose, TakesWhatCanonicalDecodingRefuses) {
    Bytes bytes;
    codec::write_tag(bytes, 3, codec::WireType::kVarint);  // nobody knows it
    codec::write_varint(bytes, 7);
    codec::write_tag(bytes, 2, codec::WireType::kVarint);  // behind its successor, and zero
    codec::write_varint(bytes, 0);
    codec::write_tag(bytes, 1, codec::WireType::kLength);
    codec::write_length(bytes, "first");
    codec::write_tag(bytes, 9, codec::WireType::kFixed64);
    bytes += Bytes(8, 'x');
    codec::write_tag(bytes, 1, codec::WireType::kLength);
    codec::write_length(bytes, "last");
    const Result<RequestCheckTx> read = decode_loosely<RequestCheckTx>(bytes);
    ASSERT_TRUE(read);
    EXPECT_EQ(read->tx, "last");
    bytes.pop_back();
    EXPECT_FALSE(decode_loosely<RequestCheckTx>(bytes));
}

TEST(Loose, ReadsNumbersPackedAndNot) {
    Bytes bytes;
    codec::write_tag(bytes, 2, codec::WireType::kVarint);
    codec::write_varint(bytes, 5);
    codec::write_tag(bytes, 2, codec::WireType::kLength);
    codec::write_length(bytes, Bytes{"\x06\x07"});
    EXPECT_EQ(decode_loosely<ResponseApplySnapshotChunk>(bytes)->refetch_chunks, (std::vector<std::uint32_t>{5, 6, 7}));
}

TEST(Addresses, OfThisMachineAlone) {
    Pairs pairs;
    for (const char* each : {"tcp://0.0.0.0:1", "tcp://127.0.0.1", "tcp://localhost:1", "unix://", "127.0.0.1:1",
                             "tcp://127.0.0.1:70000", "tcp://192.0.2.1:1"}) {
        const auto started = Server::start(each, pairs);
        ASSERT_FALSE(started) << each;
        EXPECT_EQ(started.error().code, Code::kUsage) << each;
    }
}

}  // namespace
}  // namespace sublet::abci
