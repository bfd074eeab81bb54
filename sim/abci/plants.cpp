// plants.cpp: an application that does one thing wrong, and a relay that does another.
#include "plants.hpp"

#include <algorithm>
#include <fstream>
#include <list>
#include <mutex>
#include <thread>

#include <sys/socket.h>
#include <unistd.h>

#include "codec/encode.hpp"
#include "engine/cometbft/lane.hpp"
#include "engine/cometbft/loose.hpp"
#include "engine/cometbft/sockets.hpp"

namespace sublet::sim {
namespace {

class Bent final : public abci::Application {
public:
    Bent(std::string plant, abci::Application& good, const std::filesystem::path& folder)
        : plant_(std::move(plant)), good_(good), mark_(folder / "begun") {}

    abci::ResponseInfo info(const abci::RequestInfo& request) override {
        abci::ResponseInfo out = good_.info(request);
        out.last_block_height = plant_ == "early-info" && executed_ != 0 ? executed_.load() : out.last_block_height;
        return out;
    }
    abci::ResponseQuery query(const abci::RequestQuery& request) override { return good_.query(request); }
    abci::ResponseListSnapshots list_snapshots() override { return good_.list_snapshots(); }
    abci::ResponseLoadSnapshotChunk load_snapshot_chunk(const abci::RequestLoadSnapshotChunk& request) override {
        return good_.load_snapshot_chunk(request);
    }
    std::vector<abci::TxAnswer> check_txs(const std::vector<abci::RequestCheckTx>& requests) override {
        std::vector<abci::TxAnswer> out = good_.check_txs(requests);
        if (plant_ == "swapped-checks") {
            std::ranges::reverse(out);
        }
        return out;
    }
    Result<abci::ResponseInitChain> init_chain(const abci::RequestInitChain& request) override {
        if (plant_ == "keeps-init") {
            if (std::filesystem::exists(mark_)) {
                return fail(Code::kConflict, "the chain has begun already");
            }
            std::ofstream{mark_} << "begun\n";
        }
        return good_.init_chain(request);
    }
    abci::ResponsePrepareProposal prepare_proposal(const abci::RequestPrepareProposal& request) override {
        replays_ = false;
        return good_.prepare_proposal(request);
    }
    abci::ResponseProcessProposal process_proposal(const abci::ProposedBlock& block) override {
        replays_ = false;
        return plant_ == "no-status" ? abci::ResponseProcessProposal{} : good_.process_proposal(block);
    }
    Result<abci::ResponseFinalizeBlock> finalize_block(const abci::ProposedBlock& block) override {
        if (owed_) {
            owed_ = false;
            TRY_OK(good_.commit());
        }
        last_ = block;
        for (abci::VoteInfo& each : last_.last_commit.votes) {
            each.block_id_flag = plant_ == "forgives" ? abci::BlockIdFlag::kCommit : each.block_id_flag;
        }
        TRY(out, good_.finalize_block(last_));
        executed_ = block.height;
        if (plant_ == "lost-update" && !out.validator_updates.empty()) {
            out.validator_updates.pop_back();
        }
        if (plant_ == "lost-gas" && !out.tx_results.empty()) {
            out.tx_results.back().gas_used -= std::min<std::uint64_t>(out.tx_results.back().gas_used, 1);
        }
        return std::move(out);
    }
    Result<abci::ResponseCommit> commit() override {
        if (plant_ == "early-commit") {
            owed_ = true;
            return abci::ResponseCommit{};
        }
        TRY(out, good_.commit());
        executed_ = 0;
        if (plant_ == "twice-on-replay" && std::exchange(replays_, false) && last_.height > 1) {
            ++last_.height;
            ++last_.time.seconds;
            TRY_OK(good_.finalize_block(last_));
            TRY_OK(good_.commit());
        }
        return out;
    }
    abci::ResponseOfferSnapshot offer_snapshot(const abci::RequestOfferSnapshot& request) override {
        return good_.offer_snapshot(request);
    }
    abci::ResponseApplySnapshotChunk apply_snapshot_chunk(const abci::RequestApplySnapshotChunk& request) override {
        return good_.apply_snapshot_chunk(request);
    }

private:
    std::string plant_;
    abci::Application& good_;
    std::filesystem::path mark_;
    std::atomic<std::uint64_t> executed_ = 0;  // the height that is executed and not committed
    abci::ProposedBlock last_;
    bool owed_ = false;    // a commit
    bool replays_ = true;  // nothing was proposed in this run
};

// One connection: forwards both ways but keeps each Flush and its answer for itself.
class Relay {
public:
    Relay(int outer, int inner) : outer_(outer), inner_(inner) {
        asking_ = std::thread{[this] { forward(outer_, [this](BytesView each) { ask(each); }); }};
        answering_ = std::thread{[this] { forward(inner_, [this](BytesView each) { write(outer_, each); }); }};
    }
    ~Relay() {
        ::shutdown(outer_, SHUT_RDWR);
        ::shutdown(inner_, SHUT_RDWR);
        asking_.join();
        answering_.join();
        ::close(outer_);
        ::close(inner_);
    }
    Relay(const Relay&) = delete;
    Relay& operator=(const Relay&) = delete;

private:
    template <class Give>
    void forward(int from, const Give& give) {
        abci::FrameReader frames;
        Bytes piece(64U << 10U, '\0');
        for (ssize_t got = 0; (got = ::recv(from, piece.data(), piece.size(), 0)) > 0;) {
            frames.feed(BytesView{piece}.substr(0, static_cast<std::size_t>(got)));
            for (auto each = frames.next(); each && *each; each = frames.next()) {
                give(**each);
            }
        }
        ::shutdown(outer_, SHUT_RDWR);
        ::shutdown(inner_, SHUT_RDWR);
    }
    void ask(BytesView message) {
        const Result<abci::Request> request = abci::decode_loosely<abci::Request>(message);
        if (request && request->flush) {
            abci::Response flushed;
            flushed.flush.emplace();
            write(outer_, codec::encode(flushed));
        } else {
            write(inner_, message);
        }
    }
    void write(int to, BytesView message) {
        Bytes framed;
        abci::append_frame(framed, message);
        const std::scoped_lock lock{writing_};
        static_cast<void>(abci::send_all(to, framed));
    }

    int outer_, inner_;
    std::mutex writing_;
    std::thread asking_, answering_;
};

}  // namespace

std::unique_ptr<abci::Application> plant_into(const std::string& plant, abci::Application& good,
                                              const std::filesystem::path& folder) {
    return plant.empty() || plant == kEarlyFlush ? nullptr : std::make_unique<Bent>(plant, good, folder);
}

int answer_flushes_early(const std::string& outer, const std::string& inner) {
    std::string address = outer;
    const Result<int> listening = abci::listen_at(address);
    std::list<Relay> relays;
    while (listening) {
        const int from = ::accept4(*listening, nullptr, nullptr, SOCK_CLOEXEC);
        const Result<int> to = abci::dial(inner);
        if (from < 0 || !to) {
            break;
        }
        relays.emplace_back(from, *to);
    }
    return 1;
}

}  // namespace sublet::sim
