// consensus.cpp: transactions to commit, through a node's JSON-RPC: ours with signed transfers, CometBFT's kvstore with
// transactions of the same size. bench/consensus.sh runs the networks.
//
// usage: consensus genesis FILE | consensus rate transfers|plain SECONDS ADDRESS… | consensus latency transfers|plain
// COUNT ADDRESS
#include <arpa/inet.h>
#include <netinet/tcp.h>
#include <sys/socket.h>
#include <unistd.h>

#include <atomic>
#include <nlohmann/json.hpp>
#include <random>

#include "modules/bank/messages.hpp"
#include "support/node.hpp"

using namespace sublet;
using namespace sublet::bench;
using nlohmann::json;
using scenario::World;

namespace {

constexpr std::size_t kAccounts = 8'000;
constexpr std::size_t kBatch = 100;          // requests of one call
constexpr std::size_t kMostWaiting = 7'000;  // sent and not in a block: a mempool takes 10,000
constexpr std::size_t kConnectionsEach = 4;  // to each address
constexpr std::uint16_t kPort = 26657;
constexpr double kMostRate[] = {20'000,
                                40'000};  // made ready for each second, signed and plain: signing is not measured

class Wire {
public:
    explicit Wire(const std::string& address) : socket_(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
        sockaddr_in to{};
        to.sin_family = AF_INET;
        to.sin_port = htons(kPort);
        ::inet_pton(AF_INET, address.c_str(), &to.sin_addr);
        const int on = 1;
        ::setsockopt(socket_, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
        if (::connect(socket_, reinterpret_cast<const sockaddr*>(&to), sizeof to) != 0) {
            throw scenario::Failure("cannot connect to " + address);
        }
    }
    ~Wire() { ::close(socket_); }
    Wire(const Wire&) = delete;
    Wire& operator=(const Wire&) = delete;

    // The body of the answer.
    std::string call(const std::string& body) {
        const std::string request = "POST / HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: " +
                                    std::to_string(body.size()) + "\r\n\r\n" + body;
        for (std::size_t sent = 0; sent < request.size();) {
            const ssize_t count = ::send(socket_, request.data() + sent, request.size() - sent, MSG_NOSIGNAL);
            if (count <= 0) {
                throw scenario::Failure("cannot send");
            }
            sent += static_cast<std::size_t>(count);
        }
        std::string got;
        while (true) {
            std::array<char, 65'536> piece{};
            const ssize_t count = ::recv(socket_, piece.data(), piece.size(), 0);
            if (count <= 0) {
                throw scenario::Failure("the server closed the connection after: " + got.substr(0, 300));
            }
            got.append(piece.data(), static_cast<std::size_t>(count));
            if (std::optional<std::string> answer = body_in(got)) {
                return *std::move(answer);
            }
        }
    }
    json ask(const std::string& method, const json& parameters) {
        return json::parse(
            call(json{{"jsonrpc", "2.0"}, {"id", 1}, {"method", method}, {"params", parameters}}.dump()))["result"];
    }

private:
    // Nothing: more is to come.
    static std::optional<std::string> body_in(const std::string& got) {
        const std::size_t end = got.find("\r\n\r\n");
        if (end == std::string::npos) {
            return std::nullopt;
        }
        std::string head = got.substr(0, end);
        std::ranges::transform(head, head.begin(), [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
        const std::size_t at = head.find("content-length:");
        if (at == std::string::npos) {
            return chunks_in(got, end + 4);
        }
        const std::size_t length = std::stoul(head.substr(at + 15));
        return got.size() < end + 4 + length ? std::nullopt : std::optional{got.substr(end + 4, length)};
    }
    static std::optional<std::string> chunks_in(const std::string& got, std::size_t at) {
        std::string out;
        while (true) {
            const std::size_t line = got.find("\r\n", at);
            if (line == std::string::npos) {
                return std::nullopt;
            }
            const std::size_t length = std::stoul(got.substr(at, line - at), nullptr, 16);
            if (got.size() < line + 2 + length + 2) {
                return std::nullopt;
            }
            if (length == 0) {
                return out;
            }
            out += got.substr(line + 2, length);
            at = line + 2 + length + 2;
        }
    }
    int socket_;
};

// Transactions of one connection; accounts of different connections differ.
class Source {
public:
    Source(bool plain, std::size_t number, std::size_t of)
        : plain_(plain), number_(number), of_(of), dice_(number + 1) {
        if (!plain_) {
            app_ = need(app::App::from_genesis(tenants_genesis(kAccounts)));
            (void)app_->commit();
            wallets_.emplace(app_->committed()->view, std::string{scenario::kChainId});
        }
    }
    std::string next() {
        const std::size_t turn = turn_++;
        if (plain_) {
            std::string out = "k" + std::to_string(number_) + "-" + std::to_string(turn) + "=";
            while (out.size() < kPlainBytes) {
                out.push_back(static_cast<char>('a' + dice_() % 26));
            }
            return out;
        }
        const std::size_t from = (turn % (kAccounts / of_)) * of_ + number_;
        bank::MsgSend message{
            World::address(tenant_name(from)), World::address(tenant_name((from + 7) % kAccounts)), {}};
        message.amount.push_back(bank::coin_of(Amount{1 + turn}, "ucredit"));
        return wallets_->sign(tenant_name(from), wrap(message));
    }
    static constexpr std::size_t kPlainBytes = 280;  // what a signed transfer has

private:
    bool plain_;
    std::size_t number_;
    std::size_t of_;
    std::mt19937_64 dice_;
    std::size_t turn_ = 0;
    std::unique_ptr<app::App> app_;
    std::optional<Wallets> wallets_;
};

std::string batch_of(Source& source) {
    json out = json::array();
    for (std::size_t i = 0; i < kBatch; ++i) {
        out.push_back({{"jsonrpc", "2.0"},
                       {"id", i},
                       {"method", "broadcast_tx_async"},
                       {"params", {{"tx", to_base64(source.next())}}}});
    }
    return out.dump();
}

// What stands in blocks: heights are counted once.
class Blocks {
public:
    explicit Blocks(const std::string& address) : wire_(address) {
        last_ = std::stoull(wire_.ask("status", json::object())["sync_info"]["latest_block_height"].get<std::string>());
    }
    std::size_t look() {
        const json answer = wire_.ask(
            "blockchain", {{"minHeight", std::to_string(last_ + 1)}, {"maxHeight", std::to_string(last_ + 20)}});
        if (answer.is_object()) {
            for (const json& each : answer["block_metas"]) {
                count_ += std::stoull(each["num_txs"].get<std::string>());
                last_ = std::max<std::uint64_t>(last_, std::stoull(each["header"]["height"].get<std::string>()));
                ++blocks_;
            }
        }
        return count_;
    }
    [[nodiscard]] std::size_t blocks() const { return blocks_; }

private:
    Wire wire_;
    std::uint64_t last_ = 0;
    std::size_t count_ = 0;
    std::size_t blocks_ = 0;
};

void rate(bool plain, double seconds, const std::vector<std::string>& addresses) {
    const std::size_t connections = kConnectionsEach * addresses.size();
    const std::size_t calls = static_cast<std::size_t>(kMostRate[plain] * seconds) / kBatch / connections;
    std::vector<std::vector<std::string>> ready(connections);
    for (std::size_t c = 0; c < connections; ++c) {  // one after the other: the keys' cache is for one thread
        Source source{plain, c, connections};
        for (std::size_t i = 0; i < calls; ++i) {
            ready[c].push_back(batch_of(source));
        }
    }
    std::fputs("sending\n", stderr);  // the script looks at the nodes' clocks from here on
    std::vector<std::thread> threads;
    Blocks blocks{addresses.front()};
    std::atomic<std::size_t> sent = 0;
    std::atomic<std::size_t> refused = 0;
    std::atomic<std::size_t> included = 0;
    std::atomic<bool> over = false;
    for (std::size_t c = 0; c < connections; ++c) {
        threads.emplace_back([&, c] {
            Wire wire{addresses[c % addresses.size()]};
            for (const std::string& each : ready[c]) {
                while (!over && sent - included > kMostWaiting) {
                    std::this_thread::sleep_for(std::chrono::milliseconds{2});
                }
                if (over) {
                    return;
                }
                sent += kBatch;
                for (const json& answer : json::parse(wire.call(each))) {
                    if (!answer.contains("result")) {
                        ++refused;
                    }
                }
            }
        });
    }
    const Timer::time_point start = Timer::now();
    while (seconds_since(start) < seconds) {
        std::this_thread::sleep_for(std::chrono::milliseconds{20});
        included = blocks.look();
    }
    const double took = seconds_since(start);
    over = true;
    for (std::thread& each : threads) {
        each.join();
    }
    std::printf(R"({"rate": %.0f, "included": %zu, "sent": %zu, "refused": %zu, "blocks": %zu, "seconds": %.2f})"
                "\n",
                static_cast<double>(included) / took, included.load(), sent.load(), refused.load(), blocks.blocks(),
                took);
}

void latency(bool plain, std::size_t count, const std::string& address) {
    Source source{plain, 0, 1};
    Wire wire{address};
    std::vector<double> all;
    for (std::size_t i = 0; i < count; ++i) {
        const Timer::time_point start = Timer::now();
        const json answer = wire.ask("broadcast_tx_commit", {{"tx", to_base64(source.next())}});
        if (!answer.is_object() || answer["tx_result"].value("code", 1) != 0) {
            throw scenario::Failure("not committed: " + answer.dump());
        }
        all.push_back(1'000 * seconds_since(start));
    }
    std::printf(R"({"p50_ms": %.0f, "p99_ms": %.0f})"
                "\n",
                quantile(all, 0.5), quantile(all, 0.99));
}

}  // namespace

int main(int argc, char** argv) {
    return guarded("consensus", [&] {
        const std::vector<std::string> words(argv + 1, argv + argc);
        const bool plain = words.size() > 1 && words.at(1) == "plain";
        if (words.at(0) == "genesis") {
            need(engine::write_genesis(words.at(1), tenants_genesis(kAccounts)));
        } else if (words.at(0) == "rate") {
            rate(plain, std::stod(words.at(2)), {words.begin() + 3, words.end()});
        } else {
            latency(plain, std::stoul(words.at(2)), words.at(3));
        }
    });
}
