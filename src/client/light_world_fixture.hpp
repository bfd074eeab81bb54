// light_world_fixture.hpp: a network of paper whose nodes answer a light client as a test bends them.
#pragma once

#include <gtest/gtest.h>

#include <functional>
#include <map>

#include "client/light_client.hpp"
#include "client/light_fixture.hpp"
#include "ledger/ics23.hpp"
#include "net/run.hpp"

namespace sublet::client::light {

using nlohmann::json;

inline constexpr std::uint64_t kStart_s = 1'800'000'000;

class SteppingClock final : public net::Clock {
public:
    std::uint64_t now_ms = (kStart_s + 1'000) * 1'000;
    std::uint64_t unix_ms() override { return now_ms; }
    std::uint64_t monotonic_ms() override { return now_ms; }
    Task<> sleep(std::uint64_t length_ms) override {
        now_ms += length_ms;
        co_return;
    }
};

class MemoryFiles final : public net::Files {
public:
    std::map<std::string, Bytes> content;
    Result<Bytes> read(const std::filesystem::path& path) override { return content.at(path.string()); }
    Result<> write(const std::filesystem::path& path, BytesView text, unsigned) override {
        content[path.string()] = Bytes{text};
        return {};
    }
    bool exists(const std::filesystem::path& path) override { return content.contains(path.string()); }
    Result<> make_folder(const std::filesystem::path&, unsigned) override { return {}; }
    Result<> remove(const std::filesystem::path& path) override {
        content.erase(path.string());
        return {};
    }
};

// Every node of it shows the same blocks, as far as `bend` lets them: it sees (host, method, answer).
class PaperNetwork final : public net::Transport {
public:
    ledger::Tree tree;
    std::uint64_t newest = 990;  // state; the block after it is there
    std::uint64_t blocks_served = 0;
    std::function<PaperSet(std::uint64_t)> set_at = [](std::uint64_t) { return paper_set(1, 4); };
    std::function<void(const std::string&, const std::string&, json&)> bend = [](auto&&...) {};

    [[nodiscard]] Block block(std::uint64_t height) const {
        const Bytes root{view_of(tree.root_hash())};
        return paper_block({.height = height, .time_s = kStart_s + height, .app_hash = root}, set_at(height),
                           set_at(height + 1));
    }
    Task<Result<net::Response>> send(net::Endpoint node, net::Request request, std::uint64_t) override {
        const json call = json::parse(request.body);
        const std::string method = call["method"];
        json answer = {{"result", result_of(method, call["params"])}};
        bend(node.host, method, answer);
        net::Response response;
        response.body = answer.dump();
        co_return response;
    }
    Task<Result<net::Response>> stream(net::Endpoint, net::Request, std::uint64_t, net::ChunkSink) override {
        co_return fail(Code::kUnsupported, "no streams on paper");
    }
    Task<Result<std::shared_ptr<net::WebSocket>>> open_socket(net::Endpoint, net::Request, std::uint64_t) override {
        co_return fail(Code::kUnsupported, "no sockets on paper");
    }

private:
    json result_of(const std::string& method, const json& parameters) {
        if (method == "abci_query") {
            const Bytes key = *from_hex(parameters["data"].get<std::string>());
            const Bytes proof = ledger::encode_ics23(tree.prove(key), key);
            return {{"response",
                     {{"code", 0},
                      {"height", std::to_string(newest)},
                      {"value", to_base64(tree.get(key).value_or(""))},
                      {"proofOps",
                       {{"ops",
                         json::array(
                             {{{"type", "ics23:simple"}, {"key", to_base64(key)}, {"data", to_base64(proof)}}})}}}}}};
        }
        const std::uint64_t height = std::stoull(parameters["height"].get<std::string>());
        ++blocks_served;
        return method == "commit" ? commit_json(block(height)) : validators_json(block(height));
    }
};

struct LightWorld {
    net::Loop loop;
    SteppingClock clock;
    MemoryFiles files;
    PaperNetwork network;
    TrustStore store{files, "/light"};

    LightWorld() {
        network.tree.put("key-a", "value a");
        network.tree.put("key-c", "value c");
    }
    Result<Proved> read(LightOptions options = {}, const char* key = "key-a") {
        LightClient client{network, clock, store, net::Endpoint{"node", 1, "", false, {}}, std::move(options)};
        std::vector<Bytes> keys{key};
        Task<Result<Proved>> reading = client.read(std::move(keys));
        return net::run(loop, std::move(reading));
    }
    void trust(std::uint64_t height) { ASSERT_TRUE(store.save(trusted_of(network.block(height), clock.unix_ms()))); }
    std::string told(LightOptions options = {}, const char* key = "key-a") {
        const Result<Proved> proved = read(std::move(options), key);
        return proved ? "believed " + proved->values.front().value_or("nothing")
                      : std::string{code_name(proved.error().code)} + ": " + proved.error().message;
    }
};

// Whether a text has a part, and else the whole text for the reader.
inline void expect_part(const std::string& text, const std::string& part) {
    EXPECT_NE(text.find(part), std::string::npos) << text;
}

}  // namespace sublet::client::light
