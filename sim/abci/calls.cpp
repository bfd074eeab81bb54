// calls.cpp: CometBFT's calls beside decided blocks: checks, proposals, reads.
#include <algorithm>

#include "comet.hpp"
#include "crypto/sha256.hpp"
#include "ledger/tree_range.hpp"

namespace sublet::sim {
namespace {

constexpr std::uint64_t kLaterNanos = 999'999;  // below a millisecond, which nobody here counts

}  // namespace

abci::ProposedBlock AbciComet::next_block(std::vector<Bytes> transactions, BlockTime time) {
    abci::ProposedBlock out;
    out.txs = std::move(transactions);
    out.height = stored().value() + 1;
    out.time = timestamp_of(time, dice_.between(0, kLaterNanos));
    SimRandom random{Dice{dice_.next()}};
    out.hash = random.bytes(sizeof(Hash));
    out.next_validators_hash = Bytes(sizeof(Hash), 'n');
    out.proposer_address = Bytes(sizeof(Address), 'p');
    return out;
}

void AbciComet::send_checks(const std::vector<Bytes>& transactions, bool again) {
    for (const Bytes& each : transactions) {
        abci::Request request;
        request.check_tx = abci::RequestCheckTx{.tx = each, .type = again ? abci::kCheckAgain : 0};
        mempool_->send(request);
        checking_.emplace_back(each, again);
    }
    mempool_->push();
}

std::vector<abci::TxAnswer> AbciComet::read_checks() {
    std::vector<abci::TxAnswer> out;
    for (abci::Response& each : mempool_->receive_all()) {
        out.push_back(*std::move(each.check_tx));
        const auto [transaction, again] = std::move(checking_.front());
        checking_.pop_front();
        const bool accepted = out.back().code == 0;
        const Hash name = crypto::sha256(transaction);
        again ? grammar_.check_again(name, accepted) : grammar_.check_new(name, accepted);
        if (again && !accepted) {
            std::erase(pool_, transaction);
        } else if (!again && accepted && std::ranges::find(pool_, transaction) == pool_.end()) {
            pool_.push_back(transaction);
        }
    }
    judge();
    return out;
}

std::vector<Bytes> AbciComet::prepare(const std::vector<Bytes>& transactions, std::uint64_t max_bytes) {
    abci::Request request;
    request.prepare_proposal.emplace();
    request.prepare_proposal->txs = transactions;
    request.prepare_proposal->max_tx_bytes = max_bytes;
    request.prepare_proposal->height = stored().value() + 1;
    grammar_.prepare_proposal();
    std::vector<Bytes> out = consensus_->ask(request).prepare_proposal->txs;
    judge();
    std::uint64_t bytes = 0;
    for (const Bytes& each : out) {
        Bytes framed;
        abci::append_frame(framed, each);
        bytes += framed.size() + 1;
    }
    if (bytes > max_bytes) {
        throw Broken("a proposal of " + std::to_string(bytes) + " bytes where " + std::to_string(max_bytes) + " fit");
    }
    if (out.size() > transactions.size() || !std::ranges::equal(out, std::span{transactions}.first(out.size()))) {
        throw Broken("a proposal that is not the beginning of the mempool");
    }
    return out;
}

std::uint32_t AbciComet::process(const std::vector<Bytes>& transactions, bool own) {
    abci::Request request;
    request.process_proposal = next_block(transactions, BlockTime{1});
    const std::uint32_t status = consensus_->ask(request).process_proposal->status;
    grammar_.process_proposal(status, own);
    judge();
    return status;
}

void AbciComet::look() {
    abci::Request ask;
    ask.info.emplace();
    const abci::ResponseInfo info = *query_->ask(ask).info;
    const Height height{info.last_block_height};
    if (height < least_ || height > most_) {
        throw Broken("Info tells of height " + std::to_string(height.value()) + "; committed is " +
                     std::to_string(least_.value()));
    }
    if (info.last_block_app_hash != (height.is_zero() ? Bytes{} : Bytes{view_of(hash_at(height))})) {
        throw Broken("Info tells another app hash than the independent App's");
    }
    if (dice_.chance(200)) {
        look_at_snapshots();
    }
    const abci::ResponseQuery found = query("never written");
    if (found.code == 0 && (found.height < least_.value() || found.height > most_.value())) {
        throw Broken("a query is answered from height " + std::to_string(found.height));
    }
}

// Their chunks, one after the other, are the state of their height; or a newer one has taken their place meanwhile.
void AbciComet::look_at_snapshots() {
    abci::Request list;
    list.list_snapshots.emplace();
    const abci::Response listed = snapshot_->ask(list);
    for (const abci::Snapshot& each : listed.list_snapshots->snapshots) {
        const std::string which = "the snapshot of height " + std::to_string(each.height);
        const Height height{each.height};
        if (height > stored() || each.hash != Bytes{view_of(hash_at(height))}) {
            throw Broken(which + " has another app hash than the independent App's");
        }
        ledger::RangeTaker taker{hash_at(height), kSnapshotChunk};
        for (std::uint32_t chunk = 0; chunk < each.chunks; ++chunk) {
            abci::Request load;
            load.load_snapshot_chunk =
                abci::RequestLoadSnapshotChunk{.height = each.height, .format = each.format, .chunk = chunk};
            const Bytes bytes = snapshot_->ask(load).load_snapshot_chunk->chunk;
            if (bytes.empty()) {
                return;
            }
            if (const Result<> taken = taker.take(bytes); !taken) {
                throw Broken(which + ", chunk " + std::to_string(chunk) + ": " + taken.error().message);
            }
        }
        if (!taker.complete()) {
            throw Broken(which + " is no whole state");
        }
        ++marks["a snapshot is read beside everything else"];
    }
}

abci::ResponseQuery AbciComet::query(BytesView key) {
    abci::Request ask;
    ask.query = abci::RequestQuery{.data = Bytes{key}, .path = "/store/state/key", .height = 0, .prove = true};
    return *query_->ask(ask).query;
}

void AbciComet::break_off() {
    abci::Request request;
    request.check_tx = abci::RequestCheckTx{.tx = Bytes(dice_.between(1, 100'000), 'h'), .type = 0};
    Line{process_.address(), Dice{dice_.next()}}.break_off(request);
}

}  // namespace sublet::sim
