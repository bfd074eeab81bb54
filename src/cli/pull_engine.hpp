// pull_engine.hpp: a second service of the container engine, which pulls images and reaches nothing but what this
// provider may be made to call: registries redirect, and strangers name them. Spec: docs/spec/cage.md (registries).
#pragma once

#include <memory>
#include <string>

#include "cli/config.hpp"
#include "cli/context.hpp"
#include "net/forward.hpp"
#include "runtime/closed_network.hpp"
#include "runtime/engine_process.hpp"
#include "runtime/types.hpp"

namespace sublet::cli {

class PullEngine {
public:
    // `main` is what the engine with the images says of itself. Errors: kUnsupported (why this machine has none: pulls
    // are the main service's then), and what a service that does not start errs with.
    static Result<std::unique_ptr<PullEngine>> start(Context& context, const LendSettings& settings,
                                                     const runtime::EngineInfo& main);
    [[nodiscard]] const std::string& socket() const { return engine_->endpoint().unix_path; }
    [[nodiscard]] runtime::EngineProcess& engine() { return *engine_; }

private:
    explicit PullEngine(runtime::ClosedNetwork network) : network_(std::move(network)) {}

    runtime::ClosedNetwork network_;
    std::unique_ptr<net::Forwarder> forwarder_;
    std::unique_ptr<runtime::EngineProcess> engine_;  // goes first
};

}  // namespace sublet::cli
