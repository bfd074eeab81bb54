// attacker_providers.cpp: providers without an agent, who do by hand what pays: a mover of prices, a clogger, a
// no-show, a liar. Their keys are real ones, so everything they say is theirs to say.
#include "attackers.hpp"
#include "client/chain.hpp"
#include "modules/market/messages.hpp"
#include "modules/provider/messages.hpp"
#include "net/quiet.hpp"
#include "net/run.hpp"

namespace sublet::sim {

using market::LeaseState;
using net::Task;

namespace {

constexpr std::uint64_t kProvidersNode = 2;
constexpr std::uint64_t kBeatMs = 30'000;
constexpr market::PriceVector kUsualPrice{
    .cpu_core = 10'000'000, .memory_gib = 2'000'000, .storage_gib = 10'000, .gpu = 0};

class HostileProvider : public Attacker {
public:
    HostileProvider(World& world, const std::string& name)
        : world_(world),
          name_(name),
          process_(world.spawn_process(name, name)),
          dice_(world.dice().fork(name)),
          chain_(std::make_unique<client::Chain>(*process_.transport, process_.clock, world.node_for(kProvidersNode))),
          owner_(*client::Signer::make(process_.loop, world.key(name + "-owner"))),
          operator_(*client::Signer::make(process_.loop, world.key(name + "-operator"))) {}
    void begin() override { net::spawn(process_.loop, live()); }

protected:
    [[nodiscard]] virtual std::size_t machines() const { return 1; }
    [[nodiscard]] virtual market::MsgPostOffer offer_of(std::size_t machine) = 0;
    // Every ten seconds or so, with its open leases.
    virtual Task<> act(std::vector<market::Lease> leases) = 0;
    [[nodiscard]] virtual bool looks_at_leases() const { return true; }

    // Sometimes the cheapest of all, so that honest tenants come too, mostly not.
    [[nodiscard]] market::PriceVector price() {
        market::PriceVector out = kUsualPrice;
        out.cpu_core = dice_.chance(350) ? 9'000'000 : 10'250'000;
        return out;
    }
    market::MsgPostOffer offer(std::size_t machine, std::uint64_t cpu_milli, std::uint64_t memory_mib) {
        market::MsgPostOffer out;
        out.operator_address = operator_->text();
        out.machine = static_cast<std::uint32_t>(machine);
        out.capacity = {
            .cpu_milli = cpu_milli, .memory_bytes = memory_mib << 20U, .storage_bytes = 20ULL << 30U, .gpus = {}};
        out.price = price();
        out.notice = Millis{30'000};
        return out;
    }
    template <class M>
    Task<bool> say(M message) {
        std::vector<client::TxMessage> messages{client::pack(message)};
        Task<Result<client::TxOutcome>> submitting = chain_->submit(*operator_, std::move(messages));
        const Result<client::TxOutcome> done = co_await std::move(submitting);
        co_return done.has_value();
    }
    // Ready for whatever was assigned; nothing is started.
    Task<> say_ready(const std::vector<market::Lease>& leases) {
        for (const market::Lease& each : leases) {
            const bool due =
                each.state == LeaseState::kAssigned || (each.state == LeaseState::kPaused && !each.start_by.is_zero());
            if (due) {
                Task<bool> saying = say(market::MsgLeaseReady{operator_->text(), each.id});
                if (co_await std::move(saying)) {
                    world_.mark("a provider said Ready and started nothing");
                }
            }
        }
    }

    World& world_;
    std::string name_;
    Process& process_;
    Dice dice_;
    std::unique_ptr<client::Chain> chain_;
    std::unique_ptr<client::Signer> owner_, operator_;
    std::vector<OfferId> offers_;  // by machine; zero: not posted

private:
    Task<> live() {
        co_await process_.clock.sleep(dice_.between(1'000, 20'000));
        co_await sign_up();
        std::uint64_t beat_at_ms = 0;
        while (true) {
            if (world_.time().now_ms() >= beat_at_ms) {
                Task<bool> beating = say(heartbeat());
                (void)co_await std::move(beating);
                beat_at_ms = world_.time().now_ms() + kBeatMs;
            }
            if (!world_.closing()) {
                co_await post_offers();
                std::vector<market::Lease> leases;
                if (looks_at_leases()) {
                    Result<std::vector<market::Lease>> all = co_await chain_->leases_of_provider(owner_->address());
                    leases = all ? std::move(*all) : std::vector<market::Lease>{};
                }
                Task<> acting = act(std::move(leases));
                co_await std::move(acting);
            }
            co_await process_.clock.sleep(dice_.between(5'000, 15'000));
        }
    }
    [[nodiscard]] provider::MsgHeartbeat heartbeat() const { return {operator_->text(), {}}; }
    Task<> sign_up() {
        provider::MsgRegister message;
        message.owner = owner_->text();
        message.operator_address = operator_->text();
        message.gateway_uri = "https://" + name_ + ":443";
        message.tls_pin = process_.random.bytes(32);
        for (std::size_t i = 0; i < machines(); ++i) {
            message.machines.push_back("m" + std::to_string(i));
        }
        offers_.resize(machines());
        while (!world_.closing()) {
            std::vector<client::TxMessage> messages{client::pack(message)};
            Task<Result<client::TxOutcome>> submitting = chain_->submit(*owner_, std::move(messages));
            const Result<client::TxOutcome> done = co_await std::move(submitting);
            if (done || done.error().code == Code::kProviderExists) {
                co_return;
            }
            co_await process_.clock.sleep(5'000);
        }
    }
    // What is not posted yet; an answer that was lost is found on the ledger.
    Task<> post_offers() {
        if (std::ranges::none_of(offers_, [](OfferId each) { return each.is_zero(); })) {
            co_return;
        }
        Result<std::vector<market::Offer>> there = co_await chain_->offers_of_provider(owner_->address());
        if (!there) {
            co_return;
        }
        for (const market::Offer& each : *there) {
            offers_[each.machine] = each.id;
        }
        for (std::size_t i = 0; i < offers_.size(); ++i) {
            if (offers_[i].is_zero()) {
                std::vector<client::TxMessage> messages{client::pack(offer_of(i))};
                Task<Result<client::TxOutcome>> submitting = chain_->submit(*operator_, std::move(messages));
                const Result<client::TxOutcome> done = co_await std::move(submitting);
                if (done) {
                    offers_[i] = OfferId{std::stoull(done->attribute("sublet.market.offer_posted", "offer"))};
                }
            }
        }
    }
};

// T5: dearer, cheaper, smaller, larger, shorter, again and again, so that some change stands in front of every order.
class PriceMover final : public HostileProvider {
public:
    using HostileProvider::HostileProvider;

private:
    market::MsgPostOffer offer_of(std::size_t machine) override { return offer(machine, 4'000, 8'192); }
    Task<> act(std::vector<market::Lease> leases) override {
        co_await say_ready(leases);
        if (offers_.front().is_zero()) {
            co_return;
        }
        static constexpr std::array<std::uint64_t, 4> kNotices{0, 30'000, 120'000, 600'000};
        market::MsgUpdateOffer update;
        update.operator_address = operator_->text();
        update.offer = offers_.front();
        update.capacity = {.cpu_milli = dice_.between(1, 16) * 500,
                           .memory_bytes = dice_.between(1, 16) << 29U,
                           .storage_bytes = dice_.between(1, 20) << 30U,
                           .gpus = {}};
        update.price = kUsualPrice;
        update.price.cpu_core = dice_.between(6'000'000, 20'000'000);
        update.price.memory_gib = dice_.between(1'000'000, 4'000'000);
        update.notice = Millis{kNotices[dice_.between(0, kNotices.size() - 1)]};
        // Now and then it says the same again, which must not put anything off.
        if (last_ && dice_.chance(300)) {
            update = *last_;
        }
        Task<bool> saying = say(update);
        world_.mark(co_await std::move(saying) ? "an offer's terms changed" : "a change of terms was refused");
        last_ = update;
    }
    std::optional<market::MsgUpdateOffer> last_;
};

// T7: tiny offers and dear ones, the most that one owner may have, and always one of them written anew.
class Clogger final : public HostileProvider {
public:
    using HostileProvider::HostileProvider;

private:
    [[nodiscard]] std::size_t machines() const override { return provider::kMaxMachines; }
    [[nodiscard]] bool looks_at_leases() const override { return false; }
    market::MsgPostOffer offer_of(std::size_t machine) override {
        const bool tiny = machine % 2 == 0;
        market::MsgPostOffer out = tiny ? offer(machine, 10, 1) : offer(machine, 250ULL << (machine % 8), 16'384);
        out.price.cpu_core = tiny ? 1 : market::kMaxUnitPrice;
        return out;
    }
    Task<> act(std::vector<market::Lease> /*leases*/) override {
        const std::size_t machine = dice_.between(0, offers_.size() - 1);
        if (offers_[machine].is_zero() || dice_.chance(500)) {
            co_return;
        }
        const market::MsgPostOffer same = offer_of(machine);
        market::MsgUpdateOffer update{same.operator_address, offers_[machine], market::OfferState::kActive,
                                      same.capacity,         same.price,       same.notice,
                                      same.attributes,       LedgerTime{}};
        Task<bool> saying = say(update);
        if (co_await std::move(saying)) {
            world_.mark("useless offers were written anew");
        }
    }
};

// T8: room for about one lease, and nothing is done about it but heartbeats.
class NoShow final : public HostileProvider {
public:
    using HostileProvider::HostileProvider;

private:
    [[nodiscard]] bool looks_at_leases() const override { return false; }
    market::MsgPostOffer offer_of(std::size_t machine) override { return offer(machine, 2'100, 2'304); }
    Task<> act(std::vector<market::Lease> /*leases*/) override { co_return; }
};

// T9: Ready at once, nothing runs, and the money is asked for every few seconds.
class Liar final : public HostileProvider {
public:
    using HostileProvider::HostileProvider;

private:
    market::MsgPostOffer offer_of(std::size_t machine) override { return offer(machine, 2'100, 2'304); }
    Task<> act(std::vector<market::Lease> leases) override {
        co_await say_ready(leases);
        market::MsgWithdraw withdraw{operator_->text(), {}};
        for (const market::Lease& each : leases) {
            if (each.state != LeaseState::kClosed && each.state != LeaseState::kAssigned) {
                withdraw.leases.push_back(each.id);
            }
        }
        if (withdraw.leases.empty() || dice_.chance(700)) {
            co_return;
        }
        Task<bool> asking = say(std::move(withdraw));
        world_.mark(co_await std::move(asking) ? "a liar drew what was old enough" : "a liar drew nothing");
    }
};

}  // namespace

std::unique_ptr<Attacker> make_price_mover(World& world, const std::string& name) {
    return std::make_unique<PriceMover>(world, name);
}
std::unique_ptr<Attacker> make_clogger(World& world, const std::string& name) {
    return std::make_unique<Clogger>(world, name);
}
std::unique_ptr<Attacker> make_no_show(World& world, const std::string& name) {
    return std::make_unique<NoShow>(world, name);
}
std::unique_ptr<Attacker> make_liar(World& world, const std::string& name) {
    return std::make_unique<Liar>(world, name);
}

}  // namespace sublet::sim
