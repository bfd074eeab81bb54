// statements.cpp: each lease as the events tell it, and what must be true of it.
#include "statements.hpp"

#include <algorithm>
#include <charconv>
#include <map>

#include "crypto/address.hpp"
#include "modules/bank/bank.hpp"
#include "money_model.hpp"

namespace sublet::sim {
namespace {

using properties::Fraction;
using properties::fraction;
using properties::Wide;

constexpr std::uint64_t kMostPerBlock = 30'000, kHold = 600'000, kGrace = 600'000, kMinute = 60'000;

// A moment, by the ledger's time and by the world's own; `quick` counts the blocks until then whose time passed
// faster than the world's.
struct Moment {
    std::uint64_t ledger_ms = 0, world_ms = 0, quick = 0;
};

struct Told {
    std::string tenant, provider, reason, caused_by;
    Wide rate = 0, paid = 0, burnt = 0;
    Wide drawn = 0;  // before it closed
    std::optional<Moment> ran_first, stopped, paused;
    std::uint64_t waited_ms = 0;  // paused and not funded, by ledger time
    bool closed = false;
};

std::string text_at(const store::StoredEvent& event, std::string_view key) {
    const auto found = std::ranges::find(event.attributes, key, &store::StoredAttribute::key);
    return found == event.attributes.end() ? "" : found->value;
}

std::uint64_t number_at(const store::StoredEvent& event, std::string_view key) {
    const std::string text = text_at(event, key);
    std::uint64_t out = 0;
    std::from_chars(text.data(), text.data() + text.size(), out);
    return out;
}

class Tale {
public:
    void read(const Consensus& consensus) {
        std::uint64_t before_ms = consensus.genesis().time.value();
        std::uint64_t decided_before_ms = 0;
        for (const engine::BlockPtr& block : consensus.blocks()) {
            const std::uint64_t time_ms = block->block.header.time.value();
            const std::uint64_t passed_ms = std::min(time_ms - before_ms, kMostPerBlock);
            now_.world_ms = consensus.decided_at_ms()[block->block.header.height.value() - 1];
            now_.quick += passed_ms > now_.world_ms - decided_before_ms ? 1 : 0;
            now_.ledger_ms += passed_ms;
            before_ms = time_ms;
            decided_before_ms = now_.world_ms;
            // Timers ran before the transactions and matches after them, but nothing here depends on their order.
            for (const store::StoredTx& tx : block->transactions) {
                std::ranges::for_each(tx.events, [this](const auto& each) { hear(each); });
            }
            std::ranges::for_each(block->events, [this](const auto& each) { hear(each); });
        }
    }
    std::map<std::uint64_t, Told> leases;
    std::map<std::string, Wide> drawn_by;  // by a provider's owner, of all its leases

private:
    void hear(const store::StoredEvent& event) {
        constexpr std::string_view kPrefix = "sublet.market.lease_";
        if (!event.type.starts_with(kPrefix)) {
            return;
        }
        const std::string_view what = std::string_view{event.type}.substr(kPrefix.size());
        Told& lease = leases[number_at(event, "lease")];
        if (what == "assigned") {
            lease.tenant = text_at(event, "tenant");
            lease.provider = text_at(event, "provider");
            lease.rate = Wide{number_at(event, "rate")};
        } else if (what == "running") {
            lease.ran_first = lease.ran_first.value_or(now_);
        } else if (what == "paused") {
            lease.paused = now_;
        } else if (what == "funded") {
            end_pause(lease);
        } else if (what == "closing") {
            lease.stopped = now_;
        } else if (what == "closed") {
            end_pause(lease);
            lease.closed = true;
            lease.stopped = lease.stopped.value_or(now_);
            lease.reason = text_at(event, "reason");
            lease.caused_by = text_at(event, "caused_by");
            lease.paid = Wide{number_at(event, "paid")};
            lease.burnt = Wide{number_at(event, "burnt")};
        } else if (what == "paid") {
            const Wide amount{number_at(event, "amount")};
            drawn_by[lease.provider] += amount;
            lease.drawn += lease.closed ? 0 : amount;
        }
    }
    void end_pause(Told& lease) const {
        if (lease.paused) {
            lease.waited_ms += now_.ledger_ms - lease.paused->ledger_ms;
            lease.paused.reset();
        }
    }
    Moment now_;
};

Fraction cost(Wide rate, std::uint64_t length_ms) {
    return properties::ModelLease::price_of(rate, static_cast<properties::Time>(length_ms));
}

// What is not true of one lease, or "".
std::string untrue_of(const Told& lease) {
    const bool tenants_fault = lease.reason == "no_manifest" || lease.reason == "image_failed";
    if (!lease.ran_first) {
        if (lease.paid != 0) {
            return "was paid for and never ran";
        }
        if (lease.burnt > properties::ceil_of(cost(lease.rate, kMinute)) || (lease.burnt != 0 && !tenants_fault)) {
            return "was punished by more than a minute, or for nothing (T8)";
        }
        return "";
    }
    const std::uint64_t world_ms = lease.stopped->world_ms - lease.ran_first->world_ms;
    const std::uint64_t quick = lease.stopped->quick - lease.ran_first->quick;
    if (fraction(lease.paid) > cost(lease.rate, world_ms + quick * kMostPerBlock + kMinute)) {
        return "was paid for longer than it was there (T1)";
    }
    if (lease.caused_by != "provider" && lease.paid < properties::floor_of(cost(lease.rate, kMinute))) {
        return "was left before a minute was paid (T3)";
    }
    const std::uint64_t ledger_ms = lease.stopped->ledger_ms - lease.ran_first->ledger_ms;
    if (fraction(lease.drawn) > cost(lease.rate, ledger_ms - std::min(ledger_ms, kHold))) {
        return "was paid for time that its tenant may still contest (T9)";
    }
    if (lease.waited_ms > kGrace + kMostPerBlock) {
        return "was held without money for longer than the grace (T3)";
    }
    return "";
}

Wide balance_of(const ledger::View& view, const std::string& address) {
    return Wide{bank::balance(view, *crypto::parse_address(address)).value()};
}

Wide begun_with(const app::Genesis& genesis, const std::string& address) {
    const auto found = std::ranges::find(genesis.balances, address, &app::GenesisBalance::address);
    return found == genesis.balances.end() ? Wide{0} : Wide{found->amount.value()};
}

// What a tenant or a provider who attacks has gained in all.
std::string untrue_of(const Suspects& suspects, const Consensus& consensus, const Tale& tale) {
    const ledger::View& after = consensus.latest()->view;
    const app::Genesis& genesis = consensus.genesis();
    for (const std::string& tenant : suspects.tenants) {
        if (balance_of(after, tenant) > begun_with(genesis, tenant)) {
            return tenant + ", a tenant, has more than at the beginning";
        }
    }
    for (const auto& [owner, its_operator] : suspects.providers) {
        const Wide gain = balance_of(after, owner) + balance_of(after, its_operator) - begun_with(genesis, owner) -
                          begun_with(genesis, its_operator);
        const auto drawn = tale.drawn_by.find(owner);
        if (gain > (drawn == tale.drawn_by.end() ? Wide{0} : drawn->second)) {
            return owner + ", a provider, gained more than its leases paid";
        }
    }
    return "";
}

void mark(const Told& lease, std::map<std::string, std::uint64_t>& marks) {
    const auto count = [&](const char* what, bool happened) {
        if (happened) {
            ++marks[what];
        }
    };
    count(
        "a lease was left within its first minute",
        lease.ran_first && lease.reason == "tenant" && lease.stopped->ledger_ms - lease.ran_first->ledger_ms < kMinute);
    count("a lease ended for want of a manifest", lease.reason == "no_manifest");
    count("a lease ended for want of an image", lease.reason == "image_failed");
    count("a lease ended without a show", lease.reason == "no_show");
}

}  // namespace

Judgement judge_campaign(const Consensus& consensus, const Suspects& suspects) {
    Judgement out;
    Tale tale;
    tale.read(consensus);
    for (const auto& [id, lease] : tale.leases) {
        if (!lease.closed) {
            continue;
        }
        mark(lease, out.marks);
        if (const std::string untrue = untrue_of(lease); !untrue.empty() && !out.untrue) {
            out.untrue = "lease " + std::to_string(id) + " " + untrue;
        }
    }
    if (const std::string untrue = untrue_of(suspects, consensus, tale); !untrue.empty() && !out.untrue) {
        out.untrue = untrue;
    }
    return out;
}

}  // namespace sublet::sim
