// trouble.cpp: what goes wrong in the safety phase. Each trouble has a number and dice of its own, so that leaving one
// out moves none of the others.
#include "actors.hpp"
#include "world.hpp"

namespace sublet::sim {

void World::schedule_trouble() {
    time_.after(fate_.between(2'000, 60'000), [this] {
        if (closing_) {
            return;
        }
        const std::uint64_t number = troubles_++;
        if (!campaign_.only || campaign_.only->contains(number)) {
            trouble(fate_.fork("trouble"));
        }
        schedule_trouble();
    });
}

void World::trouble(Dice fate) {
    const std::uint64_t later_ms = fate.between(1'000, 150'000);
    const std::uint64_t kind = fate.between(0, 8);
    const std::string number = "trouble " + std::to_string(troubles_ - 1) + ": ";
    story_.emplace_back(time_.now_ms(), number);
    if (kind == 0) {
        trouble_at_node(fate, later_ms);
    } else if (kind < 7) {
        trouble_at_provider(fate, kind, later_ms);
    } else if (kind == 7) {
        trouble_with_clock(fate, later_ms);
    } else {
        mark("the weather changed");
        network_.weather = {.latency_ms_min = 1,
                            .latency_ms_max = fate.between(5, 2'000),
                            .lost_request_permille = fate.between(0, 100),
                            .lost_answer_permille = fate.between(0, 100),
                            .broken_socket_permille = fate.between(0, 50)};
        consensus_->set_gossip(fate.between(0, 300), fate.between(0, 300));
        story_.back().second += "messages are up to " + std::to_string(network_.weather.latency_ms_max) +
                                " ms late, some are lost or come twice";
    }
}

void World::trouble_at_node(Dice& fate, std::uint64_t later_ms) {
    const std::size_t node = fate.between(0, campaign_.replicas - 1);
    story_.back().second += "node-" + std::to_string(node);
    if (!consensus_->is_up(node)) {
        story_.back().second += " would be killed, but is down";
        return;
    }
    if (fate.chance(400)) {
        story_.back().second += " is to be killed within the next block";
        consensus_->crash_within_block(node);
        return;
    }
    story_.back().second += " is killed, back after " + std::to_string(later_ms / 1000) + " s";
    mark("a node was killed");
    const std::size_t lost = kill_node(node);
    if (lost > 0) {
        mark("a node lost commits that were not synced");
        story_.back().second += "; its disk lost " + std::to_string(lost) + " commits that were not synced";
    }
    time_.after(later_ms, [this, node] { start_node(node); });
}

// One clock of several, wrong by minutes or hours in either direction.
void World::trouble_with_clock(Dice& fate, std::uint64_t later_ms) {
    const auto by_ms = static_cast<std::int64_t>(fate.between(0, 2 * 3'600'000)) - 3'600'000;
    const std::size_t node = fate.between(0, campaign_.replicas - 1);
    story_.back().second += "for " + std::to_string(later_ms / 1000) + " s the clock of node-" + std::to_string(node) +
                            " is wrong by " + std::to_string(by_ms / 1000) + " s";
    mark(by_ms < 0 ? "a clock went back" : "a clock went ahead");
    consensus_->set_clock(node, by_ms);
    time_.after(later_ms, [this, node] { consensus_->set_clock(node, 0); });
}

// What else the end of an agent took with it.
std::string World::trouble_at_disk(Dice& fate, Provider& provider) {
    const std::uint64_t kind = fate.between(0, 3);
    if (kind == 0) {
        const std::uint64_t lost = provider.lose_power(fate);
        mark("a machine lost power");
        if (lost > 0) {
            mark("an agent's disk lost what was written last");
        }
        return " by a power cut; its database lost " + std::to_string(lost) + " bytes";
    }
    if (kind == 1) {
        mark("a machine was lost and set up anew");
        provider.lose_everything();
        return " with its machine, which is set up anew";
    }
    return "";
}

void World::trouble_at_provider(Dice& fate, std::uint64_t kind, std::uint64_t later_ms) {
    Provider& provider = *providers_[fate.between(0, providers_.size() - 1)];
    const std::string name = provider.name();
    std::string what;
    switch (kind) {
        case 1:
            what = "the agent is killed";
            if (provider.is_up()) {
                mark("an agent was killed");
                provider.kill();
                what += trouble_at_disk(fate, provider);
                time_.after(later_ms, [&provider] { provider.start(); });
            }
            break;
        case 2:
            what = "cut off";
            mark("a provider was cut off");
            network_.cut(name);
            time_.after(later_ms, [this, name] { network_.mend(name); });
            break;
        case 3:
            what = "a container dies";
            provider.lose_a_container(fate);
            break;
        case 4:
            what = "the container engine goes away";
            mark("a container engine went away");
            provider.engine().plan.engine_down = true;
            time_.after(later_ms, [&provider] { provider.engine().plan.engine_down = false; });
            break;
        case 5:
            what = "the clock is wrong by " + std::to_string(later_ms / 1000) + " s";
            mark("an agent's clock was wrong");
            provider.set_clock(fate.chance(500) ? static_cast<std::int64_t>(later_ms)
                                                : -static_cast<std::int64_t>(later_ms));
            time_.after(later_ms, [&provider] { provider.set_clock(0); });
            break;
        default:
            what = "an image cannot be pulled";
            mark("an image could not be pulled");
            provider.engine().plan.pull_errors["db:1"] = Error{Code::kImage, "no such image (simulated)"};
            provider.engine().images.clear();
            time_.after(later_ms, [&provider] { provider.engine().plan.pull_errors.erase("db:1"); });
            break;
    }
    story_.back().second += name + ": " + what + ", for " + std::to_string(later_ms / 1000) + " s";
}

}  // namespace sublet::sim
