// lend_process.hpp: the provider agent with everything it needs: engine, firewall, keys, ledger. What `up` and `lend`
// share.
#pragma once

#include <memory>
#include <optional>
#include <string>

#include "agent/agent.hpp"
#include "cli/config.hpp"
#include "cli/context.hpp"
#include "runtime/engine_process.hpp"

namespace sublet::cli {

struct LendKeys {
    crypto::SecretKey operator_secret;
    std::optional<crypto::SecretKey> owner_secret;  // absent: the provider must be registered already
    Address owner;
};

class LendProcess {
public:
    // Finds or starts the engine, detects the machine, registers and offers it. `context` and `chain` outlive it.
    static Result<std::unique_ptr<LendProcess>> start(Context& context, client::Chain& chain, LendSettings settings,
                                                      LendKeys keys);
    LendProcess(const LendProcess&) = delete;
    LendProcess& operator=(const LendProcess&) = delete;
    ~LendProcess();

    [[nodiscard]] std::string gateway() const;
    // Ends the agent and waits for it; a provider that was started here goes with it.
    void stop(agent::StopMode mode);

private:
    struct Parts;
    static Result<runtime::EngineInfo> start_runtimes(Parts& parts, const LendSettings& settings,
                                                      const std::string& instance);
    explicit LendProcess(std::unique_ptr<Parts> parts);
    std::unique_ptr<Parts> parts_;
};

// Where an engine of our own would live, and which to use.
runtime::EngineOptions engine_options(const LendSettings& settings);

}  // namespace sublet::cli
