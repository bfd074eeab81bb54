// line.cpp: gathers, cuts, and holds answers to what was asked.
#include "line.hpp"

#include <algorithm>
#include <chrono>
#include <thread>

#include "codec/encode.hpp"

namespace sublet::sim {
namespace {

constexpr std::uint64_t kLongestRest_us = 200;  // between two pieces, for the reader to wake

abci::Request flush() {
    abci::Request out;
    out.flush.emplace();
    return out;
}

}  // namespace

Line::Line(const std::string& address, Dice dice) : dice_(dice) {
    Result<std::unique_ptr<abci::Peer>> dialled = abci::Peer::dial(address);
    if (!dialled) {
        throw Died(dialled.error().message);
    }
    peer_ = *std::move(dialled);
}

void Line::send(const abci::Request& request) {
    due_.push_back(kind_of(request));
    starts_.push_back(gathered_.size());
    abci::append_frame(gathered_, codec::encode(request));
    if (gathered_.size() > kGatheredBytes) {
        write(gathered_);
        gathered_.clear();
        starts_.clear();
    }
}

// Cuts before a length, within it, behind it, and anywhere.
void Line::push() {
    send(flush());
    std::vector<std::size_t> cuts;
    const std::uint64_t wanted = dice_.chance(400) ? dice_.between(1, kMostCuts) : 0;
    for (std::uint64_t i = 0; i < wanted; ++i) {
        const std::size_t start = starts_.empty() ? 0 : starts_[dice_.next() % starts_.size()];
        cuts.push_back(dice_.chance(500) ? start + dice_.between(0, 3) : dice_.next() % (gathered_.size() + 1));
    }
    std::ranges::sort(cuts);
    std::size_t from = 0;
    for (const std::size_t each : cuts) {
        const std::size_t cut = std::min(each, gathered_.size());
        write(BytesView{gathered_}.substr(from, cut - from));
        from = cut;
        std::this_thread::sleep_for(std::chrono::microseconds{dice_.between(0, kLongestRest_us)});
    }
    write(BytesView{gathered_}.substr(from));
    gathered_.clear();
    starts_.clear();
}

void Line::write(BytesView bytes) {
    if (const Result<> sent = peer_->send(bytes); !sent) {
        throw Died(sent.error().message);
    }
}

abci::Response Line::receive() {
    Result<abci::Response> answer = peer_->receive();
    if (!answer && answer.error().code == Code::kIo) {
        throw Died(answer.error().message);
    }
    if (!answer) {
        throw Broken(answer.error().message + "; that of " + due_.front() + " is due");
    }
    if (answer->exception) {
        throw Halted(answer->exception->error);
    }
    if (kind_of(*answer) != due_.front()) {
        throw Broken("the answer of " + kind_of(*answer) + " came where that of " + due_.front() + " was due");
    }
    due_.pop_front();
    return *std::move(answer);
}

std::vector<abci::Response> Line::receive_all() {
    std::vector<abci::Response> out;
    while (!due_.empty()) {
        abci::Response each = receive();
        if (!each.flush) {
            out.push_back(std::move(each));
        }
    }
    return out;
}

abci::Response Line::ask(const abci::Request& request) {
    send(request);
    push();
    return receive_all().back();
}

void Line::break_off(const abci::Request& request) {
    Bytes framed;
    abci::append_frame(framed, codec::encode(request));
    write(BytesView{framed}.substr(0, 1 + dice_.next() % (framed.size() - 1)));
    peer_.reset();
}

}  // namespace sublet::sim
