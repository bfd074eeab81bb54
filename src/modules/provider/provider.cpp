// provider.cpp: providers' records, what they index, and the service clock.
// Deterministic. Spec: docs/spec/market.md (providers), docs/spec/money.md (service clock).
#include "modules/provider/provider.hpp"

#include <algorithm>

#include "modules/keys.hpp"

namespace sublet::provider {
namespace {

constexpr std::uint64_t kQuotaWindowMs = 60'000;
constexpr std::uint64_t kQuotaBase = 12;
constexpr std::uint64_t kQuotaPerLease = 4;

Bytes operator_key(const Address& address) { return keys::with(keys::table(4, 1), address); }

}  // namespace

Result<> check_attributes(const std::vector<Attribute>& attributes) {
    if (attributes.size() > kMaxAttributes) {
        return fail(Code::kBadField, "at most 32 attributes are allowed");
    }
    for (std::size_t i = 0; i < attributes.size(); ++i) {
        const Attribute& each = attributes[i];
        if (each.key.empty() || each.key.size() > kMaxAttributeBytes || each.value.size() > kMaxAttributeBytes) {
            return fail(Code::kBadField, "attribute '" + each.key.substr(0, kMaxAttributeBytes) +
                                             "': key and value have 1 to 128 bytes");
        }
        if (i > 0 && each.key <= attributes[i - 1].key) {
            return fail(Code::kBadField, "attributes must be sorted by key, each key once: '" + each.key + "'");
        }
    }
    return {};
}

Bytes provider_prefix() { return keys::table(4, 1); }
Bytes provider_key(const Address& owner) { return keys::with(provider_prefix(), owner); }

std::optional<Provider> find(const ledger::View& view, const Address& owner) {
    return ledger::load<Provider>(view, provider_key(owner));
}

std::optional<Provider> find_by_operator(const ledger::View& view, const Address& operator_address) {
    const std::optional<BytesView> owner = view.get_index(operator_key(operator_address));
    if (!owner) {
        return std::nullopt;
    }
    return find(view, Address{*fixed_from<20>(*owner)});
}

ledger::IndexEntries index_entries(const Provider& provider, const ledger::Params& params) {
    ledger::IndexEntries entries;
    entries.emplace(operator_key(provider.operator_address), Bytes{provider.owner.view()});
    if (provider.beating) {
        const LedgerTime due =
            after(provider.last_heartbeat, saturating_add(Millis{params.heartbeat_cover_ms}, Millis{1}));
        entries.emplace(keys::timer(due, keys::Timer::kProviderSilence, provider.owner), "1");
    }
    return entries;
}

void save(ledger::Ledger& ledger, const Provider& provider) {
    const ledger::Params& params = ledger.params();
    const std::optional<Provider> before = find(ledger, provider.owner);
    ledger::save(ledger, provider_key(provider.owner), provider);
    ledger::replace_index(ledger, before ? index_entries(*before, params) : ledger::IndexEntries{},
                          index_entries(provider, params));
}

ServiceClock machine_clock(const Provider& provider, std::uint32_t machine) {
    SUBLET_ASSERT(machine < provider.machines.size());
    const Machine& there = provider.machines[machine];
    return there.up ? saturating_sub(provider.clock, ServiceClock{there.offset.value()}) : there.stopped_at;
}

bool credit_clock(ledger::Ledger& ledger, Provider& provider, const ledger::Block& block) {
    const Millis silence = since(provider.last_heartbeat, block.now);
    const bool covered = provider.beating && silence.value() <= block.params.heartbeat_cover_ms;
    const bool first = provider.last_heartbeat == LedgerTime{} && provider.clock == ServiceClock{};
    if (covered) {
        provider.clock = saturating_add(provider.clock, ServiceClock{silence.value()});
    } else if (!first) {
        provider.counters.outage_time = saturating_add(provider.counters.outage_time, silence);
        ledger.emit({"sublet.provider.provider_back",
                     {{"owner", crypto::to_bech32(provider.owner)}, {"silence_ms", std::to_string(silence.value())}}});
    }
    provider.last_heartbeat = block.now;
    provider.beating = true;
    save(ledger, provider);
    return covered && !silence.is_zero();
}

void on_silence(ledger::Ledger& ledger, const Address& owner, const ledger::Block& block) {
    std::optional<Provider> provider = find(ledger, owner);
    SUBLET_ASSERT(provider && since(provider->last_heartbeat, block.now).value() > block.params.heartbeat_cover_ms);
    provider->beating = false;
    ++provider->counters.outages;
    save(ledger, *provider);
    ledger.emit({"sublet.provider.provider_silent", {{"owner", crypto::to_bech32(owner)}}});
}

bool within_quota(const Provider& provider, const ledger::Block& block) {
    const bool fresh = since(provider.quota_start, block.now).value() >= kQuotaWindowMs;
    return fresh || provider.quota_used < kQuotaBase + kQuotaPerLease * provider.active_leases;
}

void count_free_message(Provider& provider, const ledger::Block& block) {
    if (since(provider.quota_start, block.now).value() >= kQuotaWindowMs) {
        provider.quota_start = block.now;
        provider.quota_used = 0;
    }
    ++provider.quota_used;
}

}  // namespace sublet::provider
