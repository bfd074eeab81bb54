// core.cpp: what the parts of the agent share.
#include "agent/core.hpp"
#include "net/log.hpp"

#include <algorithm>
#include <charconv>
#include <ctime>

#include <fmt/format.h>

namespace sublet::agent {

const market::Lease* Snapshot::find(LeaseId id) const {
    const auto found = std::ranges::find(leases, id, &market::Lease::id);
    return found == leases.end() ? nullptr : &*found;
}

const market::Offer* Snapshot::offer_of(std::uint32_t machine) const {
    const auto found = std::ranges::find_if(offers, [&](const market::Offer& offer) {
        return offer.machine == machine && offer.state != market::OfferState::kClosed;
    });
    return found == offers.end() ? nullptr : &*found;
}

Core::Core(AgentParts agent_parts, AgentOptions agent_options)
    : parts(std::move(agent_parts)),
      options(std::move(agent_options)),
      wake(parts.loop),
      news(parts.loop),
      beat(parts.loop),
      tasks(parts.loop) {}

void Core::wake_up(bool ledger) {
    ledger_dirty = ledger_dirty || ledger;
    wake_wanted = true;
    wake.notify_all();
}

void Core::ask_heartbeat() {
    beat_wanted = true;
    beat.notify_all();
}

void Core::note(LeaseId lease, const std::string& kind, const std::string& text) {
    const std::string id = std::to_string(lease.value());
    net::log(net::LogLevel::kInfo, "agent", "lease " + id + ": " + kind + ": " + text,
             {{"lease", id}, {"event", kind}});
    const Result<> written = state->add_event(lease, {0, parts.clock.unix_ms(), kind, text});
    if (!written) {
        net::log(net::LogLevel::kError, "agent", written.error().message);
    }
    news.notify_all();
}

bool Core::unwanted(LeaseId lease) const {
    if (stopping) {
        return true;
    }
    const market::Lease* found = seen.find(lease);
    return found != nullptr &&
           (found->state == market::LeaseState::kClosing || found->state == market::LeaseState::kClosed);
}

LeaseFacts Core::facts_of(const market::Lease& lease) const {
    return {lease.id, lease.deployment, lease.tenant, options.owner, options.public_host, options.ports_address};
}

Result<> Core::adopt_manifest(const StoredManifest& manifest, const market::Lease& lease,
                              const market::Deployment& deployment) {
    // Also of what comes from our own disk: a flipped bit there would replace what was rented by something else.
    if (commitment_of(manifest.nonce, manifest.json) != deployment.commitment) {
        return fail(Code::kStoreDamaged, "the stored manifest of lease " + lease_key_of(lease.id) +
                                             " is not what its tenant sent; what runs goes on, and `sublet lease "
                                             "manifest " +
                                             lease_key_of(lease.id) + "` by the tenant sends it again");
    }
    TRY(parsed, sdl::manifest_from_json(manifest.json));
    TRY(group, group_of(parsed, deployment, lease.group));
    workloads[lease.id] = make_workload(group, facts_of(lease));
    return {};
}

Result<market::OfferState> Core::wished_offer_state() {
    TRY(text, state->setting("offer_state"));
    if (text == "paused") {
        return market::OfferState::kPaused;
    }
    return text == "draining" ? market::OfferState::kDraining : market::OfferState::kActive;
}

bool Core::taken_back() const {
    const auto wish = state->setting("offer_state");
    const auto due = state->setting("drain_due_unix_ms");
    if (!wish || *wish != "draining" || !due || !*due) {
        return false;
    }
    std::uint64_t due_ms = 0;
    const std::string& digits = **due;
    const auto [end, problem] = std::from_chars(digits.data(), digits.data() + digits.size(), due_ms);
    return problem == std::errc{} && end == digits.data() + digits.size() && parts.clock.unix_ms() >= due_ms;
}

std::string rfc3339(std::uint64_t unix_ms) {
    const auto seconds = static_cast<std::time_t>(unix_ms / 1'000);
    std::tm parts{};
    gmtime_r(&seconds, &parts);
    return fmt::format("{:04}-{:02}-{:02}T{:02}:{:02}:{:02}.{:03}Z", parts.tm_year + 1900, parts.tm_mon + 1,
                       parts.tm_mday, parts.tm_hour, parts.tm_min, parts.tm_sec, unix_ms % 1'000);
}

}  // namespace sublet::agent
