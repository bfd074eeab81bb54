// bank.cpp: moves coins between balances and pools; each move keeps Σ balances + held + fees + burnt = issued.
// Deterministic. Spec: docs/spec/money.md.
#include "modules/bank/bank.hpp"

namespace sublet::bank {
namespace {

void set_balance(ledger::Ledger& ledger, const Address& owner, std::string_view denom, Amount amount) {
    if (amount.is_zero()) {
        ledger.erase(balance_key(owner, denom));
        return;
    }
    Balance balance;
    balance.amount = amount;
    ledger::save(ledger, balance_key(owner, denom), balance);
}

Amount plus(Amount a, Amount b) {
    const std::optional<Amount> sum = checked_add(a, b);
    SUBLET_ASSERT(sum.has_value());
    return *sum;
}

Amount minus(Amount a, Amount b) {
    const std::optional<Amount> rest = checked_sub(a, b);
    SUBLET_ASSERT(rest.has_value());
    return *rest;
}

void credit(ledger::Ledger& ledger, const Address& to, Amount amount, std::string_view denom) {
    account::touch(ledger, to);
    set_balance(ledger, to, denom, plus(balance(ledger, to, denom), amount));
}

void debit(ledger::Ledger& ledger, const Address& from, Amount amount, std::string_view denom) {
    set_balance(ledger, from, denom, minus(balance(ledger, from, denom), amount));
}

void save_supply(ledger::Ledger& ledger, const Supply& supply, std::string_view denom) {
    ledger::save(ledger, supply_key(denom), supply);
}

}  // namespace

bool known_denom(std::string_view denom) { return denom == kCredit || denom == kLet; }

Bytes balance_key(const Address& address, std::string_view denom) {
    Bytes key("\x02\x01", 2);
    key += address.view();
    key += denom;
    return key;
}

Bytes supply_key(std::string_view denom) {
    Bytes key("\x02\x02", 2);
    key += denom;
    return key;
}

Amount balance(const ledger::View& view, const Address& address, std::string_view denom) {
    return ledger::load<Balance>(view, balance_key(address, denom)).value_or(Balance{}).amount;
}

Supply supply(const ledger::View& view, std::string_view denom) {
    return ledger::load<Supply>(view, supply_key(denom)).value_or(Supply{});
}

void transfer(ledger::Ledger& ledger, const Address& from, const Address& to, Amount amount, std::string_view denom) {
    debit(ledger, from, amount, denom);
    credit(ledger, to, amount, denom);
    ledger.emit({"transfer",
                 {{"recipient", crypto::to_bech32(to)},
                  {"sender", crypto::to_bech32(from)},
                  {"amount", std::to_string(amount.value()) + std::string{denom}}}});
}

void issue(ledger::Ledger& ledger, const Address& to, Amount amount, std::string_view denom) {
    Supply all = supply(ledger, denom);
    all.issued = plus(all.issued, amount);
    save_supply(ledger, all, denom);
    credit(ledger, to, amount, denom);
}

void hold(ledger::Ledger& ledger, const Address& from, Amount amount, std::string_view denom) {
    Supply all = supply(ledger, denom);
    all.held = plus(all.held, amount);
    debit(ledger, from, amount, denom);
    save_supply(ledger, all, denom);
}

void release(ledger::Ledger& ledger, const Address& to, Amount amount, std::string_view denom) {
    if (amount.is_zero()) {
        return;
    }
    Supply all = supply(ledger, denom);
    all.held = minus(all.held, amount);
    save_supply(ledger, all, denom);
    credit(ledger, to, amount, denom);
}

void burn_held(ledger::Ledger& ledger, Amount amount, std::string_view denom) {
    Supply all = supply(ledger, denom);
    all.held = minus(all.held, amount);
    all.burnt = plus(all.burnt, amount);
    save_supply(ledger, all, denom);
}

void pay_fee(ledger::Ledger& ledger, const Address& from, Amount amount) {
    if (amount.is_zero()) {
        return;
    }
    Supply all = supply(ledger);
    all.fees = plus(all.fees, amount);
    debit(ledger, from, amount, kCredit);
    save_supply(ledger, all, kCredit);
}

void hold_fees(ledger::Ledger& ledger, Amount amount) {
    Supply all = supply(ledger);
    all.fees = minus(all.fees, amount);
    all.held = plus(all.held, amount);
    save_supply(ledger, all, kCredit);
}

Result<> require(const ledger::View& view, const Address& owner, Amount amount, std::string_view denom) {
    const Amount there = balance(view, owner, denom);
    if (there < amount) {
        return fail(Code::kInsufficientFunds, crypto::to_bech32(owner) + " has " + std::to_string(there.value()) +
                                                  std::string{denom} + ", " + std::to_string(amount.value()) +
                                                  " are needed: " + std::to_string(amount.value() - there.value()) +
                                                  " are missing");
    }
    return {};
}

}  // namespace sublet::bank
