// market.cpp: `sublet offer` and `sublet provider`: what there is to rent, and from whom.
#include <algorithm>
#include <map>
#include <nlohmann/json.hpp>

#include "cli/format.hpp"
#include "cli/lease_view.hpp"
#include "cli/verbs.hpp"
#include "net/dial.hpp"

namespace sublet::cli {
namespace {

struct OfferOptions {
    std::string provider;
    bool all = false;
};
struct ProviderOptions {
    std::string who;
};
std::string gpus_text(const market::Capacity& capacity) {
    std::string out;
    for (const market::GpuStock& each : capacity.gpus) {
        out += fmt::format("{}{} × {} {}", out.empty() ? "" : ", ", each.units, each.model.vendor, each.model.model);
    }
    return out.empty() ? "-" : out;
}

std::string of(const std::string& free, const std::string& all) { return free == all ? all : free + " of " + all; }

// For one core with two GiB of memory and ten of disk: a size that many files ask for.
Rate sample_rate(const market::PriceVector& price) {
    market::ResourceUnit unit;
    unit.cpu_milli = 1'000;
    unit.memory_bytes = 2ULL << 30U;
    market::Volume volume;
    volume.bytes = 10ULL << 30U;
    unit.volumes.push_back(volume);
    unit.count = 1;
    return market::rate_ceil({unit}, price);
}

Result<int> list_offers(Context& context, const OfferOptions& options) {
    TRY(chain, context.chain());
    const auto progress = context.progress("reading offers");
    std::vector<market::Offer> offers;
    if (options.provider.empty()) {
        TRY(all, context.wait(chain->offers()));
        offers = std::move(all);
    } else {
        TRY(owner, context.address_of(options.provider));
        TRY(some, context.wait(chain->offers_of_provider(owner)));
        offers = std::move(some);
    }
    if (!options.all) {
        std::erase_if(offers, [](const market::Offer& each) { return each.state == market::OfferState::kClosed; });
    }
    if (context.globals.json) {
        print_json(fmt::format(R"({{"offers":{}}})", json_list(offers)));
        return kExitOk;
    }
    std::vector<std::vector<std::string>> rows;
    for (const market::Offer& each : offers) {
        rows.push_back(
            {std::to_string(each.id.value()), short_address(crypto::to_bech32(each.provider)),
             std::string{to_name(each.state)}, of(cores_text(each.free.cpu_milli), cores_text(each.capacity.cpu_milli)),
             of(bytes_text(each.free.memory_bytes), bytes_text(each.capacity.memory_bytes)),
             of(bytes_text(each.free.storage_bytes), bytes_text(each.capacity.storage_bytes)), gpus_text(each.free),
             duration(each.notice), rate_number_ceil(sample_rate(each.price), kSecondsPerHour)});
    }
    if (rows.empty()) {
        fmt::print("no offers; lend this machine with `sublet lend`\n");
        return kExitOk;
    }
    fmt::print("{}", table({"OFFER", "PROVIDER", "STATE", "CORES", "MEMORY", "STORAGE", "GPUS", "NOTICE", "CREDITS/H*"},
                           rows));
    fmt::print("* for one core, 2 GiB of memory and 10 GiB of storage\n");
    return kExitOk;
}

Result<int> list_providers(Context& context, const NoOptions&) {
    TRY(chain, context.chain());
    const auto progress = context.progress("reading providers");
    TRY(providers, context.wait(chain->providers()));
    if (context.globals.json) {
        print_json(fmt::format(R"({{"providers":{}}})", json_list(providers)));
        return kExitOk;
    }
    std::vector<std::vector<std::string>> rows;
    for (const provider::Provider& each : providers) {
        rows.push_back({crypto::to_bech32(each.owner), each.beating ? "active" : "silent", each.gateway_uri,
                        std::to_string(each.active_leases), std::to_string(each.counters.no_shows),
                        credits_number(each.counters.earned)});
    }
    if (rows.empty()) {
        fmt::print("no providers yet\n");
    } else {
        fmt::print("{}", table({"PROVIDER", "STATE", "GATEWAY", "LEASES", "NO-SHOWS", "EARNED"}, rows));
    }
    return kExitOk;
}

// Needs no key of a tenant: the gateway's public page over the pinned connection.
Result<nlohmann::json> public_status(Context& context, const provider::Provider& provider) {
    TRY(gateway, client::Gateway::of(provider, "-"));
    TRY(nobody, crypto::SecretKey::from_bytes(Bytes(32, '\1')));
    client::ProviderClient client{*context.transport, *context.clock, *context.random, nobody, gateway};
    return context.wait(client.machine_status());
}

Result<int> provider_status(Context& context, const ProviderOptions& options) {
    TRY(owner, context.address_of(options.who));
    TRY(chain, context.chain());
    const auto progress = context.progress("asking the provider");
    TRY(provider, context.wait(chain->provider(owner)));
    const Result<nlohmann::json> answer = public_status(context, provider);
    if (context.globals.json) {
        print_json(fmt::format(R"({{"provider":{},"gateway":{}}})", codec::to_json(provider),
                               answer ? answer->dump() : "null"));
        return kExitOk;
    }
    const provider::Counters& counters = provider.counters;
    fmt::print("provider  {}\nstate     {}\ngateway   {}\n", crypto::to_bech32(provider.owner),
               state_text(provider.beating ? "active" : "silent"), provider.gateway_uri);
    for (const provider::Machine& each : provider.machines) {
        fmt::print("machine   {} {}\n", each.name, state_text(each.up ? "active" : "down"));
    }
    for (const provider::Attribute& each : provider.attributes) {
        fmt::print("attribute {} = {}\n", each.key, each.value);
    }
    fmt::print("leases    {} now, {} ever\n", provider.active_leases, counters.leases);
    fmt::print("faults    {} no-shows, {} ended by itself, {} outages of {} in all\n", counters.no_shows,
               counters.ended_by_provider, counters.outages, duration(counters.outage_time));
    fmt::print("earned    {}\n", credits(counters.earned));
    if (answer) {
        fmt::print("answers   {}\n", answer->dump());
    } else {
        fmt::print("answers   no: {}\n", answer.error().message);
    }
    return kExitOk;
}

}  // namespace

void add_market(Session& session) {
    CLI::App* offer = session.root->add_subcommand("offer", "What there is to rent");
    offer->require_subcommand(1);
    auto asked = std::make_shared<OfferOptions>();
    CLI::App* command = offer->add_subcommand("ls", "List offers");
    command->add_option("--provider", asked->provider, "Only of this provider");
    command->add_flag("--all,-a", asked->all, "Closed ones too");
    on_chosen(command, session, asked, list_offers);

    CLI::App* provider = session.root->add_subcommand("provider", "Who lends");
    provider->require_subcommand(1);
    command = provider->add_subcommand("ls", "List providers");
    on_chosen(command, session, std::make_shared<NoOptions>(), list_providers);
    auto named = std::make_shared<ProviderOptions>();
    command = provider->add_subcommand("status", "Record, counters, and whether it answers");
    command->add_option("provider", named->who, "Its address, or the name of a key")->required();
    on_chosen(command, session, named, provider_status);
}

}  // namespace sublet::cli
