// provider.hpp: providers: keys, addresses, attributes, counters, and the service clocks of their machines.
// Deterministic. Spec: docs/spec/market.md (providers), docs/spec/money.md (service clock).
#pragma once

#include "modules/bank/bank.hpp"

namespace sublet::provider {

inline constexpr std::size_t kMaxMachines = 16;
inline constexpr std::size_t kMaxAttributes = 32;
inline constexpr std::size_t kMaxAttributeBytes = 128;
inline constexpr std::size_t kMaxUriBytes = 256;

struct Attribute {
    std::string key;
    std::string value;
    static constexpr auto fields() {
        return codec::list(codec::field(1, "key", &Attribute::key), codec::field(2, "value", &Attribute::value));
    }
    auto operator<=>(const Attribute&) const = default;
};
// Sorted by key, keys unique, sizes within bounds. Errors: kBadField.
Result<> check_attributes(const std::vector<Attribute>& attributes);

// A machine's clock is the provider's clock less an offset while the machine is up, and stands still while it is down.
struct Machine {
    std::string name;
    bool up = true;
    Millis offset;
    ServiceClock stopped_at;  // meaningful while down
    static constexpr auto fields() {
        using codec::field;
        return codec::list(field(1, "name", &Machine::name), field(2, "up", &Machine::up),
                           field(3, "offset", &Machine::offset), field(4, "stopped_at", &Machine::stopped_at));
    }
};

// Public, and so is every formula over them.
struct Counters {
    std::uint64_t leases = 0;
    std::uint64_t no_shows = 0;
    std::uint64_t ended_by_provider = 0;
    std::uint64_t image_failed = 0;
    std::uint64_t no_manifest = 0;
    std::uint64_t outages = 0;
    Millis outage_time;
    Amount earned;
    std::uint64_t tasks_accepted = 0;
    std::uint64_t tasks_failed = 0;
    std::uint64_t tasks_timed_out = 0;
    static constexpr auto fields() {
        using codec::field;
        return codec::list(field(1, "leases", &Counters::leases), field(2, "no_shows", &Counters::no_shows),
                           field(3, "ended_by_provider", &Counters::ended_by_provider),
                           field(4, "image_failed", &Counters::image_failed),
                           field(5, "no_manifest", &Counters::no_manifest), field(6, "outages", &Counters::outages),
                           field(7, "outage_time", &Counters::outage_time), field(8, "earned", &Counters::earned),
                           field(9, "tasks_accepted", &Counters::tasks_accepted),
                           field(10, "tasks_failed", &Counters::tasks_failed),
                           field(11, "tasks_timed_out", &Counters::tasks_timed_out));
    }
};

struct Provider {
    std::uint32_t version = 1;
    Address owner;             // cold key: registers, is paid
    Address operator_address;  // hot key: the agent's
    std::string gateway_uri;   // https://host:port
    Hash tls_pin{};            // SHA-256 of the gateway's SubjectPublicKeyInfo
    Hash next_tls_pin{};       // zero unless a change is announced
    std::vector<Attribute> attributes;
    std::vector<Machine> machines;
    ServiceClock clock;
    LedgerTime last_heartbeat;
    bool beating = false;  // a heartbeat within the cover
    std::uint64_t active_leases = 0;
    LedgerTime quota_start;  // free messages: window and use
    std::uint64_t quota_used = 0;
    Counters counters;
    LedgerTime registered_at;

    static constexpr auto fields() {
        using codec::field;
        return codec::list(
            field(1, "version", &Provider::version), field(2, "owner", &Provider::owner),
            field(3, "operator_address", &Provider::operator_address), field(4, "gateway_uri", &Provider::gateway_uri),
            field(5, "tls_pin", &Provider::tls_pin), field(6, "next_tls_pin", &Provider::next_tls_pin),
            field(7, "attributes", &Provider::attributes), field(8, "machines", &Provider::machines),
            field(9, "clock", &Provider::clock), field(10, "last_heartbeat", &Provider::last_heartbeat),
            field(11, "beating", &Provider::beating), field(12, "active_leases", &Provider::active_leases),
            field(13, "quota_start", &Provider::quota_start), field(14, "quota_used", &Provider::quota_used),
            field(15, "counters", &Provider::counters), field(16, "registered_at", &Provider::registered_at));
    }
};

Bytes provider_key(const Address& owner);
Bytes provider_prefix();
std::optional<Provider> find(const ledger::View& view, const Address& owner);
// The provider whose operator this is. One operator serves one provider.
std::optional<Provider> find_by_operator(const ledger::View& view, const Address& operator_address);
void save(ledger::Ledger& ledger, const Provider& provider);
ledger::IndexEntries index_entries(const Provider& provider, const ledger::Params& params);

ServiceClock machine_clock(const Provider& provider, std::uint32_t machine);
// The operator's transaction arrived: credits the time since the last one when it is within the cover, else counts an
// outage. Returns true when the clock moved.
bool credit_clock(ledger::Ledger& ledger, Provider& provider, const ledger::Block& block);
// The heartbeat timer ran out: the provider is silent.
void on_silence(ledger::Ledger& ledger, const Address& owner, const ledger::Block& block);

// Free messages per 60 s of L: 12 and 4 for each active lease (T1). Counts one and tells whether it was within.
bool within_quota(const Provider& provider, const ledger::Block& block);
void count_free_message(Provider& provider, const ledger::Block& block);

}  // namespace sublet::provider
