// verbs.cpp: one function per verb.
#include "verbs.hpp"

#include <algorithm>

#include "crypto/sha256.hpp"
#include "modules/bank/messages.hpp"
#include "modules/market/messages.hpp"
#include "modules/provider/messages.hpp"
#include "verb.hpp"

namespace sublet::scenario {
namespace {

Bytes digest(std::string_view text) { return Bytes{view_of(crypto::sha256(text))}; }

// A word of 64 hex digits stands for itself, hex:… for any bytes, any other for its digest.
Bytes commitment(std::string_view text) {
    const bool raw = text.starts_with("hex:");
    return raw ? *from_hex(text.substr(4)) : digest(text);
}

std::vector<provider::Attribute> attributes(std::string_view text) {
    std::vector<provider::Attribute> out;
    for (const std::string& each : split(text, ',')) {
        const std::vector<std::string> pair = split(each, ':');
        out.push_back({pair.at(0), pair.size() > 1 ? pair[1] : ""});
    }
    return out;
}

ledger::Any send(Call& call) {
    const std::string denom = call.args.take("denom", "ucredit");
    bank::MsgSend message{call.me(), World::address(call.args.need("to")), {}};
    message.amount.push_back(bank::coin_of(Amount{amount(call.args.need("amount"))}, denom));
    return wrap(message);
}

ledger::Any faucet(Call& call) { return wrap(bank::MsgFaucet{call.me()}); }

ledger::Any register_provider(Call& call) {
    provider::MsgRegister message;
    const std::string agent = call.args.take("operator", call.name + "-agent");
    message.owner = call.me();
    message.operator_address = World::address(agent);
    message.gateway_uri = call.args.take("gateway", "https://" + call.name + ".example:8443");
    message.tls_pin = digest(call.args.take("pin", call.name));
    message.attributes = attributes(call.args.take("attributes", ""));
    message.machines = split(call.args.take("machines", "machine0"), ',');
    call.operators[call.name] = agent;
    return wrap(message);
}

ledger::Any update_provider(Call& call) {
    provider::MsgUpdate message;
    const std::string agent = call.args.take("operator", call.operators[call.name]);
    message.owner = call.me();
    message.operator_address = World::address(agent);
    message.gateway_uri = call.args.take("gateway", "https://" + call.name + ".example:8443");
    message.tls_pin = digest(call.args.take("pin", call.name));
    message.attributes = attributes(call.args.take("attributes", ""));
    call.operators[call.name] = agent;
    return wrap(message);
}

ledger::Any heartbeat(Call& call) {
    provider::MsgHeartbeat message{call.me(), {}};
    for (const std::string_view way : {"down", "up"}) {
        for (const std::string& each : split(call.args.take(std::string{way}, ""), ',')) {
            message.changes.push_back({static_cast<std::uint32_t>(number(each)), way == "up"});
        }
    }
    std::ranges::sort(message.changes, {}, &provider::MachineChange::machine);
    return wrap(message);
}

market::Capacity capacity(Call& call, const market::Capacity& now) {
    market::Capacity out = now;
    if (call.args.has("cpu")) {
        out.cpu_milli = milli(call.args.need("cpu"));
    }
    if (call.args.has("memory")) {
        out.memory_bytes = bytes(call.args.need("memory"));
    }
    if (call.args.has("storage")) {
        out.storage_bytes = bytes(call.args.need("storage"));
    }
    if (call.args.has("gpus")) {
        const std::uint64_t units = number(call.args.need("gpus"));
        market::GpuModel model{"nvidia", call.args.take("gpu_model", "a100"), 0, ""};
        out.gpus = {market::GpuStock{std::move(model), units}};
    }
    return out;
}

market::PriceVector price(Call& call, const market::PriceVector& now) {
    market::PriceVector out = now;
    const auto set = [&](std::uint64_t& field, const std::string& key) {
        if (call.args.has(key)) {
            field = rate(call.args.need(key));
        }
    };
    set(out.cpu_core, "cpu_price");
    set(out.memory_gib, "memory_price");
    set(out.storage_gib, "storage_price");
    set(out.gpu, "gpu_price");
    return out;
}

ledger::Any post_offer(Call& call) {
    market::MsgPostOffer message;
    message.operator_address = call.me();
    message.machine = static_cast<std::uint32_t>(number(call.args.take("machine", "0")));
    market::Capacity whole;
    whole.cpu_milli = 4'000;
    whole.memory_bytes = 8ULL << 30U;
    whole.storage_bytes = 100ULL << 30U;
    message.capacity = capacity(call, whole);
    message.price = price(call, {});
    message.notice = duration(call.args.take("notice", "0s"));
    message.attributes = attributes(call.args.take("attributes", ""));
    message.available_until = LedgerTime{duration(call.args.take("until", "0s")).value()};
    return wrap(message);
}

// What is not named stays as it is.
ledger::Any update_offer(Call& call) {
    market::MsgUpdateOffer message;
    message.operator_address = call.me();
    message.offer = id<OfferId>(call, "offer");
    const market::Offer now = market::find_offer(call.world.view(), message.offer).value_or(market::Offer{});
    const std::string state = call.args.take("state", "active");
    for (std::uint8_t each = 1; each <= 4; ++each) {
        if (market::to_name(market::OfferState{each}) == state) {
            message.state = market::OfferState{each};
        }
    }
    message.capacity = capacity(call, now.capacity);
    message.price = price(call, now.price);
    message.notice = call.args.has("notice") ? duration(call.args.need("notice")) : now.notice;
    message.attributes = call.args.has("attributes") ? attributes(call.args.need("attributes")) : now.attributes;
    message.available_until = now.available_until;
    return wrap(message);
}

ledger::Any close_offer(Call& call) { return wrap(market::MsgCloseOffer{call.me(), id<OfferId>(call, "offer")}); }

market::GroupSpec group_spec(Call& call) {
    market::GroupSpec spec;
    spec.attributes = attributes(call.args.take("attributes", ""));
    spec.min_notice = duration(call.args.take("min_notice", "0s"));
    spec.signed_by_any_of = split(call.args.take("signed_by_any_of", ""), ',');
    market::ResourceUnit unit;
    unit.cpu_milli = milli(call.args.take("cpu", "1"));
    unit.memory_bytes = bytes(call.args.take("memory", "1Gi"));
    unit.volumes.push_back({"", bytes(call.args.take("storage", "1Gi")), false, ""});
    unit.gpu_units = number(call.args.take("gpus", "0"));
    if (unit.gpu_units > 0) {
        unit.gpu_any_of.push_back({"nvidia", call.args.take("gpu_model", ""), 0, ""});
    }
    unit.count = number(call.args.take("count", "1"));
    unit.max_rate = Rate{rate(call.args.take("max_rate", "1000u/s"))};
    spec.units.push_back(std::move(unit));
    return spec;
}

ledger::Any rent(Call& call) {
    market::MsgCreateDeployment message;
    message.owner = call.me();
    const market::GroupSpec spec = group_spec(call);
    const std::uint64_t groups = number(call.args.take("groups", "1"));
    for (std::uint64_t i = 1; i <= groups; ++i) {
        message.groups.push_back(spec);
        message.groups.back().name = "g" + std::to_string(i);
    }
    message.commitment = commitment(call.args.take("manifest", "manifest of " + call.name));
    message.deposit = Amount{amount(call.args.take("deposit", "0"))};
    message.deposit_time = duration(call.args.take("deposit_time", "0s"));
    message.start_timeout = duration(call.args.take("start_timeout", "0s"));
    message.order_life = duration(call.args.take("order_life", "0s"));
    for (const std::string& each : split(call.args.take("depositors", ""), ',')) {
        message.depositors.push_back(World::address(each));
    }
    return wrap(message);
}

ledger::Any new_manifest(Call& call) {
    return wrap(market::MsgUpdateDeployment{call.me(), id<DeploymentId>(call, "deployment"),
                                            commitment(call.args.need("manifest"))});
}

ledger::Any close_deployment(Call& call) {
    return wrap(market::MsgCloseDeployment{call.me(), id<DeploymentId>(call, "deployment")});
}

ledger::Any top_up(Call& call) {
    return wrap(
        market::MsgTopUp{call.me(), id<DeploymentId>(call, "deployment"), Amount{amount(call.args.need("amount"))}});
}

ledger::Any ready(Call& call) { return wrap(market::MsgLeaseReady{call.me(), id<LeaseId>(call, "lease")}); }
ledger::Any close_lease(Call& call) { return wrap(market::MsgCloseLease{call.me(), id<LeaseId>(call, "lease")}); }

ledger::Any end_lease(Call& call) {
    const std::string wanted = call.args.need("reason");
    market::MsgEndLease message{call.me(), id<LeaseId>(call, "lease"), market::CloseReason::kNone};
    for (std::uint8_t each = 0; each < 255; ++each) {
        if (market::to_name(market::CloseReason{each}) == wanted) {
            message.reason = market::CloseReason{each};
        }
    }
    return wrap(message);
}

ledger::Any withdraw(Call& call) {
    market::MsgWithdraw message{call.me(), {}};
    for (const std::string& each : split(call.args.need("leases"), ',')) {
        message.leases.push_back(LeaseId{number(each)});
    }
    return wrap(message);
}

constexpr Verb kMarketVerbs[] = {
    {"send", false, send},
    {"faucet", false, faucet},
    {"register", false, register_provider},
    {"update", false, update_provider},
    {"heartbeat", true, heartbeat},
    {"offer", true, post_offer},
    {"update-offer", true, update_offer},
    {"close-offer", true, close_offer},
    {"rent", false, rent},
    {"new-manifest", false, new_manifest},
    {"close-deployment", false, close_deployment},
    {"top-up", false, top_up},
    {"ready", true, ready},
    {"close-lease", false, close_lease},
    {"end", true, end_lease},
    {"withdraw", true, withdraw},
};

std::array<std::span<const Verb>, 4> all_verbs() { return {kMarketVerbs, job_verbs(), audit_verbs(), stake_verbs()}; }

}  // namespace

Order make(const std::string& name, const std::string& verb, Args& args, const World& world, Operators& operators) {
    const Verb* found = nullptr;
    for (const std::span<const Verb> table : all_verbs()) {
        const auto at = std::ranges::find(table, verb, &Verb::name);
        found = at == table.end() ? found : &*at;
    }
    if (found == nullptr) {
        throw Failure("there is no verb '" + verb + "'; known are" + verb_names());
    }
    const bool as_owner = args.take("as", "") == "owner";
    const auto agent = operators.find(name);
    Call call{name, found->agents && !as_owner && agent != operators.end() ? agent->second : name, args, world,
              operators};
    ledger::Any message = found->make(call);
    return {call.signer, std::move(message)};
}

std::string verb_names() {
    std::string out;
    for (const std::span<const Verb> table : all_verbs()) {
        for (const Verb& verb : table) {
            out += " " + std::string{verb.name};
        }
    }
    return out;
}

}  // namespace sublet::scenario
