// money_model.hpp: an independent, naive prediction of every balance, from docs/spec/money.md alone: lists of service
// intervals and deposits that are added up anew each time, nothing incremental; every product of rate and time, every
// share is a fraction of whole numbers of any size, rounded in one place. Nothing of the ledger's arithmetic is used.
#pragma once

#include <boost/multiprecision/cpp_int.hpp>
#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <vector>

namespace sublet::properties {

using Wide = __int128;  // sums of whole ucredit
using Fraction = boost::multiprecision::cpp_rational;
using Time = std::int64_t;  // ledger time and its lengths, ms

inline constexpr Time kCover = 90'000;
inline constexpr Time kHold = 600'000;
inline constexpr Time kGrace = 600'000;
inline constexpr Time kMinFunding = 600'000;
inline constexpr Time kMinute = 60'000;
inline constexpr Time kDay = 86'400'000;
inline constexpr Time kStartTimeout = 300'000;
inline constexpr Wide kBond = 10'000;

Fraction fraction(Wide whole);
Wide floor_of(const Fraction& value);  // of what is not negative
Wide ceil_of(const Fraction& value);

enum class State { kAssigned, kRunning, kPaused, kClosing, kClosed };

struct Deposit {
    std::string who;
    Wide amount = 0;
};

struct Interval {
    Time from = 0;
    Time to = 0;
};

struct ModelLease {
    std::uint64_t deployment = 0;
    std::size_t group = 0;
    std::string provider;
    Wide rate = 0;  // nano-ucredit per second
    State state = State::kAssigned;
    std::vector<Deposit> deposits;
    std::vector<Interval> served;  // what heartbeats have covered
    Time running_since = 0;
    std::optional<Time> ready_at;
    Time start_by = 0;
    bool funded = false;
    Time stopped_at = 0;
    std::optional<Time> last_pause;
    Time grace_used = 0;
    Time grace_ends = 0;
    Time closed_at = 0;
    Time tail_until = 0;
    Wide paid = 0;
    Wide burnt = 0;
    Wide refunded = 0;
    Wide due = 0;
    bool by_provider = false;
    bool penalty = false;

    [[nodiscard]] Wide funds() const;
    [[nodiscard]] Time time() const;  // Σ served
    [[nodiscard]] bool exhausted() const;
    [[nodiscard]] Time affordable() const;  // what the funds can buy
    void truncate();                        // to that
    [[nodiscard]] Fraction exact(Time length) const { return price_of(rate, length); }
    [[nodiscard]] Wide earned(Time length) const { return floor_of(exact(length)); }
    [[nodiscard]] Wide cost(Time length) const { return ceil_of(exact(length)); }
    static Fraction price_of(Wide rate, Time length);  // ucredit
    [[nodiscard]] Wide held() const { return funds() - paid - burnt - refunded; }
};

struct ModelOrder {
    bool open = true;
    bool matched = false;
    Wide locked = 0;
    Time expires_at = 0;
    std::size_t excluded = 0;
    std::uint64_t lease = 0;
};

struct ModelDeployment {
    std::string owner;
    Wide max_rate = 0;  // of each group
    Wide deposit = 0;   // all groups; 0: an hour at the matched rate
    Time deposit_time = 0;
    std::vector<ModelOrder> orders;
    bool closed = false;
};

struct ModelProvider {
    std::optional<Time> last_heartbeat;
    bool up = true;
    bool beat_in_block = false;
};

class Model {
public:
    std::map<std::string, Wide> balances;
    std::map<std::string, ModelProvider> providers;
    std::map<std::uint64_t, ModelDeployment> deployments;
    std::map<std::uint64_t, ModelLease> leases;
    Time now = 0;
    Wide burnt = 0;

    // A block: time and timers first, then the accepted transactions one by one, then end_block, then assign.
    // `before(at)` is called before each timer that is due at `at`, for what is due earlier and not the model's.
    void begin_block(Time passed, const std::function<void(Time)>& before = {});
    void end_block();

    void heartbeat(const std::string& provider);  // any transaction of its operator
    void machine(const std::string& provider, bool up) { providers[provider].up = up; }
    void create(std::uint64_t id, ModelDeployment deployment, std::size_t groups);
    void assign(std::uint64_t id, ModelLease lease);
    void ready(std::uint64_t lease);
    void top_up(const std::string& who, std::uint64_t deployment, Wide amount);
    void withdraw(const std::vector<std::uint64_t>& ids);
    void close_deployment(std::uint64_t id);
    void end(std::uint64_t id, bool by_provider, bool penalty);
    // What is left of the deposits after what was taken, by position.
    static std::vector<Wide> remaining(const ModelLease& lease);

private:
    [[nodiscard]] bool beating(const ModelProvider& provider) const;
    [[nodiscard]] Wide lock_of(const ModelDeployment& deployment, std::size_t group) const;
    bool run_one_timer(const std::function<void(Time)>& before);
    void pause(std::uint64_t id);
    void finish(std::uint64_t id);
    void settle_order(ModelLease& lease);
    void close_if_done(std::uint64_t id);
};

}  // namespace sublet::properties
