// pull_engine.cpp: a service in a network of its own, and the proxy that is all there is in it.
#include "cli/pull_engine.hpp"

#include <cstdlib>

#include <unistd.h>

#include "agent/job_swarm.hpp"
#include "cli/lend_process.hpp"
#include "runtime/docker.hpp"

namespace sublet::cli {
namespace {

// Why pulls go as they always did; empty: they need not.
std::string why_not(const LendSettings& settings, const runtime::EngineInfo& main) {
    const char* proxy = std::getenv("HTTPS_PROXY") != nullptr ? std::getenv("HTTPS_PROXY") : std::getenv("https_proxy");
    if (agent::own_reach(settings.public_host) == swarm::Reach::kLoopback) {
        return "this provider is found on its own machine alone";
    }
    if (main.name != "podman" || main.rootless || ::geteuid() != 0) {
        return "that takes root and podman, run by root";
    }
    if (!settings.registries_conf.empty()) {
        return "lend.toml names registries and mirrors of its own (registries_conf)";
    }
    return proxy != nullptr && *proxy != '\0' ? "this machine has a proxy of its own (HTTPS_PROXY)" : "";
}

net::AddressJudge judge_for(const std::string& public_host) {
    return [own = agent::own_reach(public_host)](const std::string& ip) {
        return swarm::may_dial(own, {ip, 443}) ? Result<>{}
                                               : fail(Code::kRefused, "an address that this provider calls for nobody");
    };
}

}  // namespace

Result<std::unique_ptr<PullEngine>> PullEngine::start(Context& context, const LendSettings& settings,
                                                      const runtime::EngineInfo& main) {
    if (const std::string why = why_not(settings, main); !why.empty()) {
        return fail(Code::kUnsupported, why);
    }
    TRY(network, runtime::ClosedNetwork::make());
    const std::string proxy = "http://127.0.0.1:" + std::to_string(network.port());
    std::unique_ptr<PullEngine> out{new PullEngine{std::move(network)}};
    TRY(forwarder,
        net::Forwarder::serve(context.loop, out->network_.take_listening(), judge_for(settings.public_host)));
    out->forwarder_ = std::move(forwarder);
    runtime::EngineOptions options = engine_options(settings);
    options.own = true;
    options.name = "pull";
    options.network = out->network_.handle();
    for (const char* name : {"HTTP_PROXY", "HTTPS_PROXY", "http_proxy", "https_proxy"}) {
        options.env.push_back(std::string{name} + "=" + proxy);
    }
    options.env.insert(options.env.end(), {"NO_PROXY=", "no_proxy="});
    TRY(engine, context.wait(runtime::EngineProcess::find(*context.transport, *context.clock, std::move(options))));
    out->engine_ = std::move(engine);
    const std::unique_ptr<runtime::Firewall> none = runtime::no_firewall();
    const auto asked = runtime::docker_runtime(*context.transport, *context.clock, *none,
                                               {out->engine_->endpoint(), "pull", settings.require_isolation});
    TRY(info, context.wait(asked->info()));
    if (info.data_root != main.data_root) {
        return fail(Code::kUnsupported, "the engine keeps its images elsewhere than podman does here");
    }
    return out;
}

}  // namespace sublet::cli
