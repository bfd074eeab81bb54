// node.hpp: a whole ledger node as one object: store, engine and the API that serves them. What `node` and `up` need.
//
//   TRY(node, api::Node::start(loop, std::move(options)));   // recovers the data folder, then listens
//   print(node->url());                                      // "http://127.0.0.1:26657"
//   … run the loop …
//   node->stop();                                            // or let it go out of scope
#pragma once

#include <filesystem>
#include <memory>
#include <optional>
#include <string>

#include "app/app.hpp"
#include "engine/engine.hpp"
#include "net/host.hpp"
#include "net/listener.hpp"

namespace sublet::api {

struct NodeOptions {
    std::filesystem::path data;           // made with mode 0700 where it is missing; one process at a time
    std::optional<app::Genesis> genesis;  // needed for a new folder; where a chain is already there it must be the same
    std::filesystem::path genesis_state;  // of a genesis that begins with the state of another network: the file of it
    std::string address = "127.0.0.1";    // loopback unless a person says otherwise
    std::uint16_t port = 0;               // 0: any free one
    std::uint64_t block_interval_ms = 50;  // a block at most this often, and only when there is work
    bool check_invariants = false;         // recompute every sum after each block; a broken one stops the node
};

class Node {
public:
    // Errors: kStoreDamaged, kConflict (another process has the folder, another genesis), kIo (disk, address in use),
    // kBadField (the genesis does not hold together), kUsage (a new folder and no genesis).
    static Result<std::unique_ptr<Node>> start(net::Loop& loop, NodeOptions options);

    // The API alone, in front of an engine that somebody else made; `clock` outlives the engine. Errors: kIo.
    struct Served {
        std::unique_ptr<net::Clock> clock;
        std::unique_ptr<engine::Engine> engine;
        net::Listener& listener;
    };
    static Result<std::unique_ptr<Node>> serve(net::Loop& loop, Served served, const NodeOptions& options);

    Node(const Node&) = delete;
    Node& operator=(const Node&) = delete;
    ~Node();  // stops

    [[nodiscard]] std::string url() const;         // "http://127.0.0.1:26657": JSON-RPC, REST, /metrics, /health
    [[nodiscard]] std::string socket_url() const;  // "ws://127.0.0.1:26657/websocket"
    [[nodiscard]] std::uint16_t port() const;
    [[nodiscard]] const std::string& chain_id() const;
    [[nodiscard]] engine::Engine& engine();
    // Why the engine stopped by itself (disk full, broken invariant), or nothing while it runs.
    [[nodiscard]] std::optional<std::string> halted() const;

    // Stops listening, closes every connection, ends the engine after its current block and closes the store. Call it
    // on the loop's thread; may be called twice. The loop should run on for a moment so that handlers end.
    void stop();

private:
    struct Parts;
    explicit Node(std::unique_ptr<Parts> parts);
    std::unique_ptr<Parts> parts_;
};

}  // namespace sublet::api
