// msg_faucet.cpp: credits for trying, on networks whose genesis opens the faucet.
// Deterministic. Spec: docs/spec/money.md.
#include "modules/bank/faucet_use.hpp"
#include "modules/bank/messages.hpp"

namespace sublet::bank {
namespace {

Bytes faucet_key(const Address& address) {
    Bytes key("\x02\x03", 2);
    key += address.view();
    return key;
}

}  // namespace

Result<> check_static(const MsgFaucet& message) {
    TRY(recipient, account::parse(message.recipient, "recipient"));
    (void)recipient;
    return {};
}

Result<> check_state(const MsgFaucet& message, const View& view, const Block& block) {
    if (block.params.faucet_amount.is_zero()) {
        return fail(Code::kFaucetClosed, "this network has no faucet");
    }
    const Address recipient = account::parsed(message.recipient);
    const std::optional<FaucetUse> use = ledger::load<FaucetUse>(view, faucet_key(recipient));
    if (use && since(use->last, block.now).value() < block.params.faucet_window_ms) {
        return fail(Code::kFaucetLimit, "the faucet gives once per " +
                                            std::to_string(block.params.faucet_window_ms / 1000) + " s and address");
    }
    const Amount issued = supply(view).issued;
    if (!checked_add(issued, block.params.faucet_amount)) {
        return fail(Code::kOverflow, "no more can be issued");
    }
    return {};
}

void apply(const MsgFaucet& message, Ledger& ledger, const Block& block) {
    const Address recipient = account::parsed(message.recipient);
    FaucetUse use;
    use.last = block.now;
    ledger::save(ledger, faucet_key(recipient), use);
    issue(ledger, recipient, block.params.faucet_amount, kCredit);
    ledger.emit({"sublet.bank.faucet_used",
                 {{"recipient", message.recipient}, {"amount", std::to_string(block.params.faucet_amount.value())}}});
}

}  // namespace sublet::bank
