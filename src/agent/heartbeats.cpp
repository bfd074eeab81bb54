// heartbeats.cpp: the provider's regular transactions: heartbeats and withdrawals.
#include <algorithm>

#include "agent/crash.hpp"
#include "agent/presence.hpp"

#include <fmt/format.h>
#include "net/log.hpp"

namespace sublet::agent {

namespace {

constexpr std::uint64_t kMinBeatGap_ms = 2'000;        // however often one is asked for: the free quota is small (T1)
constexpr std::size_t kMaxWithdrawLeases = 64;         // of one message
constexpr std::uint64_t kMinWithdraw_ucredit = 1'000;  // below this the fee would eat much of it

}  // namespace

Task<Result<>> Presence::heartbeat(bool machine_up) {
    provider::MsgHeartbeat message;
    message.operator_address = operator_text();
    const std::vector<provider::Machine>& machines = core_.seen.provider.machines;
    if (core_.machine < machines.size() && machines[core_.machine].up != machine_up) {
        message.changes.push_back({core_.machine, machine_up});
    }
    Message out = std::move(message);
    crash_point(CrashPoint::kBeforeHeartbeat);
    Task<Result<>> sending = send(std::move(out));
    const Result<> sent = co_await std::move(sending);
    crash_point(CrashPoint::kAfterHeartbeat);
    if (sent) {
        core_.last_beat_ms = core_.parts.clock.monotonic_ms();
        core_.failed_beats = 0;
    } else {
        core_.failed_beats += 1;
    }
    co_return sent;
}

Task<> Presence::keep_beating() {
    while (!core_.stopping) {
        const std::uint64_t interval_ms = std::max<std::uint64_t>(core_.seen.status.params.heartbeat_interval_ms, 100);
        // While what ran before the restart is not up again, a machine that is down stays down: nothing is billed.
        const bool was_up =
            core_.machine < core_.seen.provider.machines.size() && core_.seen.provider.machines[core_.machine].up;
        const bool up = core_.engine_up && (was_up || core_.machine_ready);
        core_.beat_wanted = false;
        Task<Result<>> beating = heartbeat(up);
        const Result<> sent = co_await std::move(beating);
        std::uint64_t wait_ms = interval_ms;
        if (sent) {
            core_.wake_up(true);  // it may have settled closing leases
        } else {
            wait_ms = std::min(back_off_ms(core_.failed_beats), interval_ms);
            net::log(net::LogLevel::kWarning, "agent",
                     fmt::format("heartbeat {} failed: {}", core_.failed_beats, sent.error().message));
        }
        if (core_.stopping) {
            co_return;
        }
        bool asked = core_.beat_wanted;
        if (!asked) {
            asked = co_await core_.beat.wait_for(wait_ms);
        }
        const std::uint64_t gap_ms = asked ? std::min(kMinBeatGap_ms, wait_ms) : 0;
        const std::uint64_t since_ms = core_.parts.clock.monotonic_ms() - core_.last_beat_ms;
        if (!core_.stopping && since_ms < gap_ms) {
            co_await core_.parts.clock.sleep(gap_ms - since_ms);
        }
    }
}

Task<> Presence::keep_withdrawing() {
    std::uint64_t due_ms = core_.parts.clock.monotonic_ms() + core_.options.withdraw_every_ms;
    while (!core_.stopping) {
        co_await core_.beat.wait_for(1'000);  // looks at `stopping` often enough to end soon
        if (core_.stopping || core_.parts.clock.monotonic_ms() < due_ms) {
            continue;
        }
        due_ms = core_.parts.clock.monotonic_ms() + core_.options.withdraw_every_ms;
        const Result<> done = co_await withdraw();
        if (!done && done.error().code != Code::kNothingToWithdraw) {
            net::log(net::LogLevel::kWarning, "agent",
                     fmt::format("earnings were not withdrawn: {}", done.error().message));
        }
    }
}

// As the ledger reckons what is past the hold window, on the clock as last settled; the ledger decides what is paid.
Task<Result<>> Presence::withdraw() {
    if (!core_.seen.fresh || core_.machine >= core_.seen.provider.machines.size()) {
        co_return Result<>{};
    }
    const provider::Provider& record = core_.seen.provider;
    const provider::Machine& machine = record.machines[core_.machine];
    const ServiceClock clock =
        machine.up ? saturating_sub(record.clock, ServiceClock{machine.offset.value()}) : machine.stopped_at;
    const Millis hold{core_.seen.status.params.hold_window_ms};
    market::MsgWithdraw message;
    message.operator_address = operator_text();
    std::uint64_t sum = 0;
    for (const market::Lease& lease : core_.seen.leases) {
        const bool open = lease.state == market::LeaseState::kRunning || lease.state == market::LeaseState::kPaused;
        if (!open || message.leases.size() >= kMaxWithdrawLeases) {
            continue;
        }
        escrow::Account aged = lease.account;
        aged.served = saturating_sub(escrow::billed(lease.account, clock), hold);
        aged.running = false;
        const std::uint64_t earned = escrow::earned_floor(aged, clock).value();
        if (earned > lease.account.paid.value()) {
            sum += earned - lease.account.paid.value();
            message.leases.push_back(lease.id);
        }
    }
    if (sum < kMinWithdraw_ucredit) {
        co_return Result<>{};
    }
    std::ranges::sort(message.leases);
    Message out = std::move(message);
    crash_point(CrashPoint::kBeforeWithdraw);
    Task<Result<>> sending = send(std::move(out));
    const Result<> sent = co_await std::move(sending);
    crash_point(CrashPoint::kAfterWithdraw);
    co_return sent;
}

}  // namespace sublet::agent
