// lane.cpp: takes what waits, hands transactions over together, answers each at its place.
#include "engine/cometbft/lane.hpp"

#include <algorithm>

#include "base/assert.hpp"
#include "codec/encode.hpp"
#include "engine/cometbft/frames.hpp"
#include "net/log.hpp"

namespace sublet::abci {

Bytes framed(const Response& response) {
    Bytes out;
    append_frame(out, codec::encode(response));
    return out;
}

Lane::Lane(Application& application) : application_(application) {
    thread_ = std::thread{[this] { serve(); }};
}

Lane::~Lane() {
    {
        const std::scoped_lock lock{mutex_};
        stopping_ = true;
    }
    given_.notify_all();
    thread_.join();
}

void Lane::give(Asked asked) {
    {
        const std::scoped_lock lock{mutex_};
        if (halted_) {
            return;  // CometBFT heard of it and is ending
        }
        queue_.push_back(std::move(asked));
        ++waiting_;
    }
    given_.notify_one();
}

std::optional<std::string> Lane::halted() const {
    const std::scoped_lock lock{mutex_};
    return halted_;
}

void Lane::serve() {
    while (true) {
        std::deque<Asked> turn;
        {
            std::unique_lock lock{mutex_};
            given_.wait(lock, [this] { return stopping_ || !queue_.empty(); });
            if (stopping_) {
                return;
            }
            const auto end = std::ranges::find_if(queue_, [](const Asked& each) { return !each.request.check_tx; });
            const auto checks = static_cast<std::size_t>(end - queue_.begin());
            const std::size_t count = std::clamp<std::size_t>(checks, 1, kMaxCheckedAtOnce);
            for (std::size_t i = 0; i < count; ++i) {
                turn.push_back(std::move(queue_.front()));
                queue_.pop_front();
            }
            waiting_ -= count;
        }
        if (turn.front().request.check_tx) {
            check(turn);
        } else if (!do_one(turn.front())) {
            return;
        }
    }
}

void Lane::check(const std::deque<Asked>& turn) {
    std::vector<RequestCheckTx> requests;
    requests.reserve(turn.size());
    for (const Asked& each : turn) {
        requests.push_back(*each.request.check_tx);
    }
    std::vector<TxAnswer> answers = application_.check_txs(requests);
    SUBLET_ASSERT(answers.size() == turn.size());
    for (std::size_t i = 0; i < turn.size(); ++i) {
        Response response;
        response.check_tx = std::move(answers[i]);
        turn[i].from->answer(turn[i].place, framed(response));
    }
}

namespace {

template <class T>
Result<> put(std::optional<T>& into, Result<T> answer) {
    if (!answer) {
        return std::unexpected{answer.error()};
    }
    into = std::move(*answer);
    return {};
}

Result<Response> ask(Application& application, const Request& request) {
    Response out;
    if (request.init_chain) {
        TRY_OK(put(out.init_chain, application.init_chain(*request.init_chain)));
    } else if (request.prepare_proposal) {
        out.prepare_proposal = application.prepare_proposal(*request.prepare_proposal);
    } else if (request.process_proposal) {
        out.process_proposal = application.process_proposal(*request.process_proposal);
    } else if (request.finalize_block) {
        TRY_OK(put(out.finalize_block, application.finalize_block(*request.finalize_block)));
    } else if (request.commit) {
        TRY_OK(put(out.commit, application.commit()));
    } else if (request.offer_snapshot) {
        out.offer_snapshot = application.offer_snapshot(*request.offer_snapshot);
    } else if (request.apply_snapshot_chunk) {
        out.apply_snapshot_chunk = application.apply_snapshot_chunk(*request.apply_snapshot_chunk);
    } else {
        SUBLET_UNREACHABLE();
    }
    return out;
}

}  // namespace

bool Lane::do_one(const Asked& asked) {
    Result<Response> response = ask(application_, asked.request);
    if (response) {
        asked.from->answer(asked.place, framed(*response));
        return true;
    }
    net::log(net::LogLevel::kCritical, "abci", "the node stops: " + response.error().message);
    {
        const std::scoped_lock lock{mutex_};
        halted_ = response.error().message;
    }
    Response why;
    why.exception = ResponseException{response.error().message};
    asked.from->answer(asked.place, framed(why));
    return false;
}

}  // namespace sublet::abci
