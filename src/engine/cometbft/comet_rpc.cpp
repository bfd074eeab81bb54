// comet_rpc.cpp: single questions, and transactions in batches.
#include "engine/cometbft/comet_rpc.hpp"

#include <algorithm>
#include <nlohmann/json.hpp>

#include "net/run.hpp"

namespace sublet::engine {
namespace {

using Json = nlohmann::json;

net::Request post(std::string body) {
    net::Request out;
    out.method = "POST";
    out.headers["content-type"] = "application/json";
    out.body = std::move(body);
    return out;
}

// "Internal error: tx already exists in cache"; what is said in detail stands under "data".
Error error_of(const Json& answer) {
    const Json& error = answer["error"];
    std::string words;
    for (const char* part : {"message", "data"}) {
        if (error.is_object() && error.contains(part) && error[part].is_string() && !error[part].empty()) {
            words += (words.empty() ? "" : ": ") + error[part].get<std::string>();
        }
    }
    return {Code::kBadField, words.empty() ? "CometBFT refuses, and does not say why" : words};
}

}  // namespace

struct CometRpc::Core {
    struct Outgoing {
        Bytes transaction;
        Refused refused;
    };

    Core(net::Loop& its_loop, std::filesystem::path its_socket) : loop(its_loop), socket(std::move(its_socket)) {}

    net::Endpoint endpoint() const {
        net::Endpoint out;
        out.unix_path = socket.string();
        return out;
    }
    std::vector<Outgoing> take_batch() {
        std::vector<Outgoing> out;
        std::size_t bytes = 0;
        while (!queue.empty() && out.size() < kMaxBatchTransactions &&
               (out.empty() || bytes + queue.front().transaction.size() <= kMaxBatchBytes)) {
            bytes += queue.front().transaction.size();
            out.push_back(std::move(queue.front()));
            queue.pop_front();
        }
        queued_bytes -= bytes;
        return out;
    }

    net::Loop& loop;
    std::filesystem::path socket;
    std::unique_ptr<net::Transport> transport = net::system_transport(loop);
    std::deque<Outgoing> queue;
    std::size_t queued_bytes = 0;
    unsigned under_way = 0;
    bool closed = false;

    static net::Task<> send_all(std::shared_ptr<Core> core);
    static net::Task<> send_batch(std::shared_ptr<Core> core, std::vector<Outgoing> batch);
};

namespace {

net::Task<Result<Json>> exchange(net::Transport& transport, net::Endpoint endpoint, std::string body) {
    net::Request request = post(std::move(body));
    net::Task<Result<net::Response>> sending =
        transport.send(std::move(endpoint), std::move(request), kConsensusPatience_ms);
    const Result<net::Response> response = co_await std::move(sending);
    if (!response) {
        const Code code = response.error().code == Code::kTimeout ? Code::kTimeout : Code::kEngine;
        co_return fail(code, "CometBFT does not answer: " + response.error().message);
    }
    Json answer = Json::parse(response->body, nullptr, false);
    if (answer.is_discarded()) {
        co_return fail(Code::kEngine, "CometBFT's answer is no JSON (status " + std::to_string(response->status) + ")");
    }
    co_return answer;
}

}  // namespace

net::Task<> CometRpc::Core::send_batch(std::shared_ptr<Core> core, std::vector<Outgoing> batch) {
    std::string body = "[";
    for (std::size_t i = 0; i < batch.size(); ++i) {
        body += (i == 0 ? R"({"jsonrpc":"2.0","id":)" : R"(,{"jsonrpc":"2.0","id":)") + std::to_string(i) +
                R"(,"method":"broadcast_tx_async","params":{"tx":")" + to_base64(batch[i].transaction) + R"("}})";
    }
    body += "]";
    net::Task<Result<Json>> asking = exchange(*core->transport, core->endpoint(), std::move(body));
    const Result<Json> answer = co_await std::move(asking);
    if (!answer) {
        for (Outgoing& each : batch) {
            each.refused(answer.error());
        }
        co_return;
    }
    // One object where the batch has one entry, or where the call as a whole is refused.
    for (const Json& each : answer->is_array() ? *answer : Json::array({*answer})) {
        if (!each.is_object() || !each.contains("error")) {
            continue;
        }
        const auto id = each.find("id");
        const bool of_one = id != each.end() && id->is_number_unsigned() && id->get<std::size_t>() < batch.size();
        const std::size_t first = of_one ? id->get<std::size_t>() : 0;
        const std::size_t end = of_one ? first + 1 : batch.size();
        for (std::size_t i = first; i < end; ++i) {
            if (const Refused refused = std::exchange(batch[i].refused, nullptr)) {
                refused(error_of(each));
            }
        }
    }
}

net::Task<> CometRpc::Core::send_all(std::shared_ptr<Core> core) {
    ++core->under_way;
    while (!core->queue.empty() && !core->closed) {
        net::Task<> sending = send_batch(core, core->take_batch());
        co_await std::move(sending);
    }
    --core->under_way;
}

CometRpc::CometRpc(net::Loop& loop, std::filesystem::path socket)
    : core_(std::make_shared<Core>(loop, std::move(socket))) {}

CometRpc::~CometRpc() { close(); }

void CometRpc::close() {
    core_->closed = true;
    for (Core::Outgoing& each : core_->queue) {
        each.refused({Code::kCancelled, "the node is stopping"});
    }
    core_->queue.clear();
}

void CometRpc::broadcast(Bytes transaction, Refused refused) {
    if (core_->closed) {
        refused({Code::kCancelled, "the node is stopping"});
        return;
    }
    if (core_->queue.size() >= kMaxOutgoing || core_->queued_bytes + transaction.size() > kMaxOutgoingBytes) {
        refused({Code::kRefused, "the node has too much to do; try again in a moment"});
        return;
    }
    core_->queued_bytes += transaction.size();
    core_->queue.push_back({std::move(transaction), std::move(refused)});
    if (core_->under_way < kMaxBatchesAtOnce) {
        net::spawn(core_->loop, Core::send_all(core_));
    }
}

net::Task<Result<std::string>> CometRpc::ask(std::string method, std::string parameters) const {
    const std::shared_ptr<Core> core = core_;
    std::string body = R"({"jsonrpc":"2.0","id":1,"method":")" + method + R"(","params":)" +
                       (parameters.empty() ? "{}" : parameters) + "}";
    net::Task<Result<Json>> asking = exchange(*core->transport, core->endpoint(), std::move(body));
    Result<Json> answer = co_await std::move(asking);
    if (!answer) {
        co_return std::unexpected{answer.error()};
    }
    if (!answer->is_object() || !answer->contains("result")) {
        co_return std::unexpected{answer->is_object() ? error_of(*answer)
                                                      : Error{Code::kEngine, "CometBFT's answer has no result"}};
    }
    co_return (*answer)["result"].dump();
}

}  // namespace sublet::engine
