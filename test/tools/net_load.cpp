// net_load.cpp: transfers to the nodes of a network, at a steady pace, through whatever happens to the nodes.
//
//   net-load balances ACCOUNTS                        the accounts' balances, as JSON for a genesis file
//   net-load run ACCOUNTS SECONDS PER_SECOND URL…     sends, then says what became of it: one JSON object
//   net-load count ACCOUNTS URL                       how many transfers of theirs are in blocks
//
// Each account sends its next transfer when the one before is in a block, to another node each time; where that node
// does not answer, the account looks up at the next one what the ledger knows.
#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <nlohmann/json.hpp>
#include <random>

#include "engine/testing/signed_tx.hpp"
#include "net/host.hpp"
#include "net/http.hpp"
#include "net/run.hpp"

namespace {

using namespace sublet;
using Json = nlohmann::json;
using Clock = std::chrono::steady_clock;
using engine::testing::Draft;
using engine::testing::signed_tx;

constexpr std::uint64_t kPatience_ms = 12'000;  // a node waits ten seconds for a block
constexpr std::uint64_t kPause_ms = 300;        // after a failure
constexpr const char* kEach = "1000000000";

struct Wallet {
    explicit Wallet(std::size_t number)
        : secret(*crypto::SecretKey::from_bytes(view_of(crypto::sha256("net-load " + std::to_string(number))))),
          public_key(*crypto::public_key(secret)),
          address(crypto::to_bech32(crypto::address_of(public_key))) {}
    crypto::SecretKey secret;
    crypto::PublicKey public_key;
    std::string address;
    std::optional<std::uint64_t> account_number;
    std::uint64_t sequence = 0;
};

Bytes transfer(const Wallet& from, const std::string& to, const std::string& chain_id) {
    const bank::MsgSend message{.from_address = from.address, .to_address = to, .amount = {{"ucredit", "1"}}};
    engine::testing::Key key{'x'};
    key.secret = from.secret;
    key.public_key = from.public_key;
    key.address = from.address;
    return signed_tx(key, message, Draft{chain_id, from.account_number.value_or(0), from.sequence, 100'000, "1000"});
}

struct Tally {
    std::uint64_t included = 0;  // transfers that a node said were in a block
    std::uint64_t refused = 0;
    std::uint64_t unanswered = 0;
    std::vector<double> latencies_ms;
};

class Load {
public:
    Load(net::Loop& loop, std::vector<std::string> urls)
        : transport_(net::system_transport(loop)), clock_(net::system_clock()), urls_(std::move(urls)) {}

    net::Task<Result<Json>> call(std::string url, std::string method, Json params) {
        const Result<net::Endpoint> endpoint = net::parse_endpoint(url);
        net::Request request;
        request.method = "POST";
        request.headers["content-type"] = "application/json";
        request.body = Json{{"jsonrpc", "2.0"}, {"id", 1}, {"method", method}, {"params", params}}.dump();
        net::Task<Result<net::Response>> sending = transport_->send(*endpoint, std::move(request), kPatience_ms);
        const Result<net::Response> answer = co_await std::move(sending);
        if (!answer) {
            co_return std::unexpected{answer.error()};
        }
        const Json parsed = Json::parse(answer->body, nullptr, false);
        if (!parsed.is_object() || !parsed.contains("result")) {
            co_return fail(Code::kEngine, answer->body.substr(0, 300));
        }
        co_return parsed["result"];
    }

    net::Task<Result<>> look_up(std::string url, Wallet& wallet) {
        const Result<net::Endpoint> endpoint = net::parse_endpoint(url);
        net::Request request;
        request.target = "/cosmos/auth/v1beta1/accounts/" + wallet.address;
        net::Task<Result<net::Response>> sending = transport_->send(*endpoint, std::move(request), kPatience_ms);
        const Result<net::Response> answer = co_await std::move(sending);
        if (!answer) {
            co_return std::unexpected{answer.error()};
        }
        const Json parsed = Json::parse(answer->body, nullptr, false);
        if (!parsed.is_object() || !parsed.contains("account")) {
            co_return fail(Code::kEngine, answer->body.substr(0, 300));
        }
        wallet.account_number = std::stoull(parsed["account"]["account_number"].get<std::string>());
        // A node may be a block behind: a sequence that was used never comes back.
        wallet.sequence =
            std::max<std::uint64_t>(wallet.sequence, std::stoull(parsed["account"]["sequence"].get<std::string>()));
        co_return Result<>{};
    }

    net::Task<> send_all(std::size_t first, std::size_t accounts, Clock::time_point until, double pause_ms) {
        Wallet wallet{first};
        std::size_t turn = first;
        const std::string to = Wallet{(first + 1) % accounts}.address;
        while (Clock::now() < until) {
            const std::string& url = urls_[turn++ % urls_.size()];
            if (!wallet.account_number) {
                net::Task<Result<>> looking = look_up(url, wallet);
                const Result<> known = co_await std::move(looking);
                if (!known) {
                    co_await clock_->sleep(kPause_ms);
                }
                continue;
            }
            const Clock::time_point begun = Clock::now();
            Json params = {{"tx", to_base64(transfer(wallet, to, chain_id_))}};
            net::Task<Result<Json>> sending = call(url, "broadcast_tx_commit", std::move(params));
            const Result<Json> answer = co_await std::move(sending);
            const double took_ms = std::chrono::duration<double, std::milli>(Clock::now() - begun).count();
            if (answer && answer->value("/check_tx/code"_json_pointer, 1) == 0 &&
                answer->value("/tx_result/code"_json_pointer, 1) == 0) {
                ++tally_.included;
                tally_.latencies_ms.push_back(took_ms);
                ++wallet.sequence;
                co_await clock_->sleep(static_cast<std::uint64_t>(std::max(1.0, pause_ms - took_ms)));
                continue;
            }
            ++(answer ? tally_.refused : tally_.unanswered);
            wallet.account_number.reset();  // it may be in a block all the same
            co_await clock_->sleep(kPause_ms);
        }
        --running_;
    }

    net::Task<int> run(net::Loop& loop, std::size_t accounts, std::uint64_t seconds, double per_second) {
        for (std::size_t turn = 0; chain_id_.empty(); ++turn) {  // one of them may be down
            net::Task<Result<Json>> asking = call(urls_[turn % urls_.size()], "status", Json::object());
            const Result<Json> status = co_await std::move(asking);
            if (status) {
                chain_id_ = (*status)["node_info"]["network"].get<std::string>();
            } else if (turn > 3 * urls_.size()) {
                fmt::print(stderr, "net-load: {}\n", status.error().message);
                co_return 1;
            } else {
                co_await clock_->sleep(kPause_ms);
            }
        }
        const Clock::time_point until = Clock::now() + std::chrono::seconds{seconds};
        const double pause_ms = 1'000.0 * static_cast<double>(accounts) / per_second;
        for (running_ = 0; running_ < accounts;) {
            net::spawn(loop, send_all(running_++, accounts, until, pause_ms));
        }
        while (running_ > 0) {
            co_await clock_->sleep(kPause_ms);
        }
        std::ranges::sort(tally_.latencies_ms);
        const auto at = [&](double share) {
            const std::vector<double>& all = tally_.latencies_ms;
            return all.empty() ? 0.0 : all[static_cast<std::size_t>(share * static_cast<double>(all.size() - 1))];
        };
        fmt::print(
            R"({{"included":{},"refused":{},"unanswered":{},"p50_ms":{:.0f},"p99_ms":{:.0f},"longest_ms":{:.0f}}})"
            "\n",
            tally_.included, tally_.refused, tally_.unanswered, at(0.5), at(0.99), at(1));
        co_return 0;
    }

    net::Task<int> count(std::size_t accounts) {
        std::uint64_t sum = 0;
        for (std::size_t i = 0; i < accounts; ++i) {
            Wallet wallet{i};
            net::Task<Result<>> looking = look_up(urls_.front(), wallet);
            const Result<> known = co_await std::move(looking);
            if (!known) {
                fmt::print(stderr, "net-load: {}\n", known.error().message);
                co_return 1;
            }
            sum += wallet.sequence;
        }
        fmt::print("{}\n", sum);
        co_return 0;
    }

private:
    std::unique_ptr<net::Transport> transport_;
    std::unique_ptr<net::Clock> clock_;
    std::vector<std::string> urls_;
    std::string chain_id_;
    std::size_t running_ = 0;
    Tally tally_;
};

int balances(std::size_t accounts) {
    Json out = Json::array();
    for (std::size_t i = 0; i < accounts; ++i) {
        out.push_back({{"address", Wallet{i}.address}, {"denom", "ucredit"}, {"amount", kEach}});
    }
    fmt::print("{}\n", out.dump());
    return 0;
}

int act(const std::vector<std::string>& words) {
    const auto number = [&](std::size_t i) { return std::stoull(words.at(i)); };
    if (words.at(0) == "balances") {
        return balances(number(1));
    }
    const bool runs = words.at(0) == "run";
    net::Loop loop;
    Load load{loop, {words.begin() + (runs ? 4 : 2), words.end()}};
    return runs ? net::run(loop, load.run(loop, number(1), number(2), std::stod(words.at(3))))
                : net::run(loop, load.count(number(1)));
}

}  // namespace

int main(int argc, char** argv) {
    try {
        return act({argv + 1, argv + argc});
    } catch (const std::exception& problem) {
        fmt::print(stderr, "net-load: {}; usage: see test/tools/net_load.cpp\n", problem.what());
        return 64;
    }
}
