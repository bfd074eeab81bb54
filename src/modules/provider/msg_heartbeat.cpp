// msg_heartbeat.cpp: a sign of life. The clock itself was credited before the message ran, as by any transaction of the
// operator. Deterministic. Spec: docs/spec/money.md (service clock).
#include "base/must.hpp"
#include "modules/provider/messages.hpp"

namespace sublet::provider {

Result<> check_static(const MsgHeartbeat& message) {
    TRY(operator_address, account::parse(message.operator_address, "operator_address"));
    (void)operator_address;
    if (message.changes.size() > kMaxMachines) {
        return fail(Code::kBadField, "changes: at most 16 machines are named");
    }
    for (std::size_t i = 0; i < message.changes.size(); ++i) {
        if (i > 0 && message.changes[i].machine <= message.changes[i - 1].machine) {
            return fail(Code::kBadField, "changes: machines must be in ascending order, each once");
        }
    }
    return {};
}

Result<> check_state(const MsgHeartbeat& message, const View& view, const Block& /*block*/) {
    const std::optional<Provider> provider = find_by_operator(view, account::parsed(message.operator_address));
    if (!provider) {
        return fail(Code::kNotOperator, message.operator_address + " is no provider's operator key");
    }
    if (!message.changes.empty() && message.changes.back().machine >= provider->machines.size()) {
        return fail(Code::kOutOfRange,
                    "changes: the provider has no machine " + std::to_string(message.changes.back().machine));
    }
    return {};
}

void apply(const MsgHeartbeat& message, Ledger& ledger, const Block& /*block*/) {
    if (message.changes.empty()) {
        return;
    }
    Provider provider = must(find_by_operator(ledger, account::parsed(message.operator_address)));
    for (const MachineChange& change : message.changes) {
        Machine& machine = provider.machines[change.machine];
        if (machine.up == change.up) {
            continue;
        }
        if (change.up) {
            machine.offset = Millis{provider.clock.value() - machine.stopped_at.value()};
        } else {
            machine.stopped_at = machine_clock(provider, change.machine);
        }
        machine.up = change.up;
        ledger.emit({change.up ? "sublet.provider.machine_up" : "sublet.provider.machine_down",
                     {{"owner", crypto::to_bech32(provider.owner)}, {"machine", std::to_string(change.machine)}}});
    }
    save(ledger, provider);
}

}  // namespace sublet::provider
