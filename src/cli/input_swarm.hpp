// input_swarm.hpp: a creator's part in the swarm of a job's input: encrypts it once, tells workers where to have it and
// gives it to them, so that each byte leaves this machine about once whatever the number of workers.
// Spec: docs/spec/swarm.md.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <optional>

#include <CLI/CLI.hpp>
#include <nlohmann/json_fwd.hpp>

#include "agent/growth.hpp"
#include "agent/swarm_input.hpp"
#include "cli/context.hpp"
#include "cli/same_content.hpp"
#include "cli/saved_job.hpp"
#include "client/provider_client.hpp"
#include "swarm/peer.hpp"

namespace sublet::cli {

inline constexpr std::uint64_t kSwarmFromBytes = 4ULL << 20U;  // smaller inputs go through gateways

struct SwarmTerms {
    bool off = false;
    std::uint64_t upload_bytes_s = 0;  // 0: no limit
};

// --no-swarm and --upload-limit. Errors: kUsage.
void add_swarm_terms(CLI::App* command, bool& off, std::string& upload_limit);
Result<SwarmTerms> swarm_terms(bool off, const std::string& upload_limit);

// One loop's thread. `context` outlives it.
class InputSwarm {
public:
    InputSwarm(Context& context, SavedJob saved, ContentName content, SwarmTerms terms);

    // Whether this input goes by swarm to a worker that says this of the job.
    [[nodiscard]] bool suits(const nlohmann::json& state) const;
    // Until the worker has the whole input and has unpacked it. Errors: why it will not; the gateway is left then.
    net::Task<Result<>> bring(Address worker, client::ProviderClient& client, std::string host);
    // Whoever waits in bring() comes back.
    void stop() { stopped_ = true; }
    [[nodiscard]] std::uint64_t uploaded() const;
    // What a delegation calls this content: agent::identity_of; zero where it was not prepared for a swarm.
    [[nodiscard]] Hash identity() const;
    // The job is over: what was encrypted goes.
    void forget();

private:
    struct Member {
        unsigned place = 0;  // in the order in which they came
        std::string ip;
        std::uint16_t port = 0;  // 0: not known yet
    };
    struct Seen {
        agent::Growth growth;
        std::vector<swarm::PeerAddress> told;
        bool known = false;  // the worker has the torrent
    };

    net::Task<Result<>> prepare();
    // What an earlier job of the same owner had is taken as it is, or made again under the same key.
    net::Task<Result<>> encrypt();
    net::Task<Result<swarm::Torrent>> encrypt_with(swarm::Key key);
    Result<> load();
    Result<> keep();
    Result<> open();
    net::Task<Result<nlohmann::json>> ask(const Member& member, client::ProviderClient& client, Seen& seen);
    Result<bool> judge(const nlohmann::json& state, Member& member, Seen& seen);
    [[nodiscard]] std::vector<swarm::PeerAddress> before(const Member& member) const;
    [[nodiscard]] std::filesystem::path folder() const { return saved_.folder / "swarm"; }
    [[nodiscard]] std::uint64_t now_ms() const { return context_.clock->monotonic_ms(); }

    Context& context_;
    SavedJob saved_;
    ContentName content_;
    std::uint64_t bytes_;
    SwarmTerms terms_;
    agent::SwarmInput input_;  // torrent and key, once it is prepared
    std::unique_ptr<swarm::Peer> peer_;
    std::map<Address, Member> members_;
    std::optional<Result<>> prepared_;
    bool preparing_ = false;
    bool stopped_ = false;
};

}  // namespace sublet::cli
