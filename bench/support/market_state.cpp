// market_state.cpp: makes the ledger by the messages' own apply functions, block-wise matching included.
#include "market_state.hpp"

#include <random>

#include "app/ledger_clock.hpp"
#include "crypto/sha256.hpp"
#include "modules/market/market.hpp"
#include "modules/market/messages.hpp"
#include "modules/provider/messages.hpp"

namespace sublet::bench {

namespace {

using scenario::World;

constexpr std::uint64_t kTimeMs = 1'767'225'600'000;
constexpr std::size_t kOrdersPerMatch = 100;
constexpr std::size_t kProvidersPerBlock = 16;
constexpr std::uint64_t kWealth = 1'000'000'000'000;

provider::Attribute crowd_attribute() { return {"hall", "crowd"}; }

// As large as a machine may be, and dear: only who asks for the hall comes in.
ledger::Any crowd_offer(std::uint32_t machine) {
    market::MsgPostOffer message;
    message.operator_address = World::address(agent_name(0));
    message.machine = machine;
    message.capacity = {market::kMaxCpuMilli, market::kMaxMemoryBytes, market::kMaxStorageBytes, {}};
    message.price = {500'000'000, 250'000'000, 0, 0};
    message.attributes.push_back(crowd_attribute());
    return wrap(message);
}

market::MsgCreateDeployment order_of(std::size_t tenant, std::uint64_t number, market::ResourceUnit unit) {
    market::MsgCreateDeployment message;
    message.owner = World::address(tenant_name(tenant));
    message.commitment = Bytes{view_of(crypto::sha256(std::to_string(number)))};
    unit.count = 1;
    unit.max_rate = Rate{1'000'000'000};
    market::GroupSpec group;
    group.name = "web";
    group.units = {std::move(unit)};
    message.groups = {std::move(group)};
    return message;
}

// 7,680 of them fill a machine of the hall.
ledger::Any crowd_order(std::size_t tenant, std::uint64_t number) {
    market::ResourceUnit unit;
    unit.cpu_milli = 50;
    unit.memory_bytes = 64ULL << 20U;
    market::MsgCreateDeployment message = order_of(tenant, number, std::move(unit));
    message.groups.front().attributes.push_back(crowd_attribute());
    return wrap(message);
}

class Maker {
public:
    explicit Maker(const Sizes& sizes) : sizes_(sizes) {
        genesis_.chain_id = scenario::kChainId;
        genesis_.time = BlockTime{kTimeMs};
        genesis_.params.gas_price_nano = 0;
        genesis_.params.hold_window_ms = 60'000;
        const auto give = [&](const std::string& name) {
            genesis_.balances.push_back({World::address(name), "ucredit", Amount{kWealth}});
        };
        for (std::size_t i = 0; i < sizes.tenants; ++i) {
            give(tenant_name(i));
        }
        for (std::size_t i = 0; i < sizes.providers; ++i) {
            give(provider_name(i));
            give(agent_name(i));
        }
        Result<std::unique_ptr<app::App>> app = app::App::from_genesis(genesis_);
        if (!app) {
            throw scenario::Failure(app.error().message);
        }
        (void)(*app)->commit();
        const std::shared_ptr<const app::Committed> start = (*app)->committed();
        ledger_ = ledger::Ledger{start->view.state(), ledger::Derived{start->view.index(), {}}};
    }

    State make() {
        register_providers();
        heartbeats();
        for (std::size_t i = 0; i < sizes_.providers; ++i) {
            for (std::size_t k = 0; k < sizes_.offers_each; ++k) {
                apply(offer(i, static_cast<std::uint32_t>(k)));
            }
            if (i % kProvidersPerBlock == 0) {
                flush();
            }
        }
        flush();
        rent(sizes_.leases, order_message);
        rent(sizes_.crowd, crowd_order);
        if (rented_ > 0) {
            for (int i = 0; i < 4; ++i) {
                now_ = after(now_, Millis{30'000});
                heartbeats();
            }
        }
        ledger::save(ledger_, Bytes("\x00\x02", 2), app::LedgerClock{.now = now_, .time = BlockTime{kTimeMs}});
        genesis_.balances.clear();
        return {genesis_, ledger_.state(), BlockTime{kTimeMs}};
    }

private:
    [[nodiscard]] ledger::Block block() const {
        return {Height{1}, BlockTime{kTimeMs}, now_, genesis_.params, genesis_.chain_id};
    }
    // The end of a block.
    void flush() {
        market::match(ledger_, block());
        (void)ledger_.take_touched();
        (void)ledger_.take_events();
        (void)ledger_.take_archived();
    }
    void apply(const ledger::Any& wire) {
        const Result<app::AnyMessage> message = app::Messages::decode(wire);
        if (!message) {
            throw scenario::Failure(message.error().message);
        }
        if (const Result<> ok = app::check_state_of(*message, ledger_, block()); !ok) {
            throw scenario::Failure(ok.error().message);
        }
        app::apply_of(*message, ledger_, block());
    }
    [[nodiscard]] ledger::Any offer(std::size_t provider, std::uint32_t machine) const {
        if (sizes_.crowd > 0 && provider == 0) {
            return crowd_offer(machine);
        }
        return sizes_.varied
                   ? varied_offer_message(provider, machine)
                   : offer_message(provider, machine, 100'000'000 + (provider * 7 + machine * 131) % 100'000 * 1'000);
    }
    void register_providers() {
        for (std::size_t i = 0; i < sizes_.providers; ++i) {
            provider::MsgRegister message;
            message.owner = World::address(provider_name(i));
            message.operator_address = World::address(agent_name(i));
            message.gateway_uri = "https://" + provider_name(i) + ".example:8443";
            message.tls_pin = Bytes{view_of(crypto::sha256(provider_name(i)))};
            for (std::size_t k = 0; k < std::max<std::size_t>(1, sizes_.offers_each); ++k) {
                message.machines.push_back("machine" + std::to_string(k));
            }
            apply(wrap(message));
        }
        flush();
    }
    void heartbeats() {
        for (std::size_t i = 0; i < sizes_.providers; ++i) {
            std::optional<provider::Provider> found =
                provider::find_by_operator(ledger_, World::raw_address(agent_name(i)));
            provider::credit_clock(ledger_, *found, block());
            apply(wrap(provider::MsgHeartbeat{World::address(agent_name(i)), {}}));
            market::run_clock(ledger_, found->owner, block(), market::kMaxDue);
        }
        flush();
    }
    void rent(std::size_t count, ledger::Any (*order)(std::size_t tenant, std::uint64_t number)) {
        for (std::size_t made = 0; made < count;) {
            for (std::size_t i = 0; i < kOrdersPerMatch && made < count; ++i, ++made) {
                apply(order(made % sizes_.tenants, made));
            }
            market::match(ledger_, block());
            for (std::optional<market::Lease> lease; (lease = market::find_lease(ledger_, LeaseId{rented_ + 1}));) {
                const std::optional<provider::Provider> provider = provider::find(ledger_, lease->provider);
                apply(wrap(market::MsgLeaseReady{crypto::to_bech32(provider->operator_address), lease->id}));
                ++rented_;
            }
            flush();
        }
        wanted_ += count;
        if (rented_ != wanted_) {
            throw scenario::Failure("only " + std::to_string(rented_) + " of the leases were matched");
        }
    }

    std::uint64_t rented_ = 0;
    std::uint64_t wanted_ = 0;
    Sizes sizes_;
    app::Genesis genesis_;
    ledger::Ledger ledger_;
    LedgerTime now_{1'000};
};

}  // namespace

ledger::Any offer_message(std::size_t provider, std::uint32_t machine, std::uint64_t price) {
    market::MsgPostOffer message;
    message.operator_address = World::address(agent_name(provider));
    message.machine = machine;
    message.capacity = {32'000, 128ULL << 30U, 1ULL << 40U, {}};
    message.price = {price, price / 2, 0, 0};
    return wrap(message);
}

ledger::Any varied_offer_message(std::size_t provider, std::uint32_t machine) {
    std::mt19937_64 dice{provider * market::kMaxOffersPerProvider + machine};
    market::MsgPostOffer message;
    message.operator_address = World::address(agent_name(provider));
    message.machine = machine;
    const bool large = dice() % 5'000 == 0;
    const std::uint64_t cores = large ? 64 : 2ULL << dice() % 5;
    message.capacity = {cores * 1'000, (cores << (large ? 33U : 31U + dice() % 2)), 1ULL << (38U + dice() % 3), {}};
    message.price = {50'000'000 + dice() % 100'000'000, 10'000'000 + dice() % 50'000'000, 1'000 + dice() % 10'000, 0};
    message.notice = Millis{dice() % 2 == 0 ? 0U : 30'000U};
    if (dice() % 2 == 0) {
        message.attributes.push_back({"region", dice() % 2 == 0 ? "eu" : "us"});
    }
    return wrap(message);
}

ledger::Any order_message(std::size_t tenant, std::uint64_t number) {
    market::ResourceUnit unit;
    unit.cpu_milli = 1'000;
    unit.memory_bytes = 1ULL << 30U;
    return wrap(order_of(tenant, number, std::move(unit)));
}

Sizes half_offers_half_leases(std::size_t objects) {
    return {.tenants = objects / 50,
            .providers = objects / 2 / market::kMaxOffersPerProvider,
            .offers_each = market::kMaxOffersPerProvider,
            .leases = objects / 2};
}

std::vector<std::pair<Bytes, Bytes>> State::rows() const {
    std::vector<std::pair<Bytes, Bytes>> out;
    out.reserve(tree.size());
    tree.visit("", "", [&](BytesView key, BytesView value) {
        out.emplace_back(key, value);
        return true;
    });
    return out;
}

app::Genesis tenants_genesis(std::size_t count) {
    app::Genesis out;
    out.chain_id = scenario::kChainId;
    out.time = BlockTime{kTimeMs};
    out.params.gas_price_nano = 0;
    for (std::size_t i = 0; i < count; ++i) {
        out.balances.push_back({World::address(tenant_name(i)), "ucredit", Amount{1'000'000'000}});
    }
    return out;
}

State make_state(const Sizes& sizes) { return Maker{sizes}.make(); }

Bytes Wallets::sign(const std::string& name, ledger::Any message) {
    auto found = known_.find(name);
    if (found == known_.end()) {
        const std::optional<account::Account> account = account::find(view_, World::raw_address(name));
        if (!account) {
            throw scenario::Failure(name + " has no account");
        }
        found = known_.emplace(name, Known{account->number.value(), account->sequence}).first;
    }
    const crypto::SecretKey secret = World::key(name);
    ledger::TxBody body;
    body.messages.push_back(std::move(message));
    ledger::SignerInfo info;
    info.public_key = ledger::Any{std::string{ledger::kPubKeyTypeUrl},
                                  codec::encode(ledger::PubKey{Bytes{view_of(*crypto::public_key(secret))}})};
    info.mode_info = ledger::ModeInfo{ledger::SingleMode{ledger::SignMode::kDirect}};
    info.sequence = found->second.sequence++;
    ledger::AuthInfo auth;
    auth.signer_infos.push_back(std::move(info));
    auth.fee = ledger::Fee{.amount = {}, .gas_limit = 500'000, .payer = {}};
    ledger::TxRaw raw{codec::encode(body), codec::encode(auth), {}};
    const std::string plain;
    scenario::sign_again(raw, {plain, secret, chain_id_, found->second.number});
    return codec::encode(raw);
}

}  // namespace sublet::bench
