// bank.hpp: balances, the pools that hold locked money, and supply. Conservation: Σ balances + held + fees + burnt =
// issued. Deterministic. Spec: docs/spec/money.md.
#pragma once

#include "modules/account/account.hpp"

namespace sublet::bank {

inline constexpr std::string_view kCredit = "ucredit";  // one millionth of a compute credit (1 credit = 1 US dollar)
inline constexpr std::string_view kLet = "ulet";        // one millionth of LET, the network's token

struct Balance {
    std::uint32_t version = 1;
    Amount amount;
    static constexpr auto fields() {
        return codec::list(codec::field(1, "version", &Balance::version), codec::field(2, "amount", &Balance::amount));
    }
};

// Of one denomination. `held` is what deployments, offers, leases, stakes … hold; each of them knows its share.
struct Supply {
    std::uint32_t version = 1;
    Amount issued;
    Amount burnt;
    Amount held;
    Amount fees;
    static constexpr auto fields() {
        using codec::field;
        return codec::list(field(1, "version", &Supply::version), field(2, "issued", &Supply::issued),
                           field(3, "burnt", &Supply::burnt), field(4, "held", &Supply::held),
                           field(5, "fees", &Supply::fees));
    }
};

bool known_denom(std::string_view denom);
Bytes balance_key(const Address& address, std::string_view denom);
Bytes supply_key(std::string_view denom);

Amount balance(const ledger::View& view, const Address& address, std::string_view denom = kCredit);
Supply supply(const ledger::View& view, std::string_view denom = kCredit);

// All of ucredit unless a denomination is named. The caller has checked the balance: too little is a broken invariant.
void transfer(ledger::Ledger& ledger, const Address& from, const Address& to, Amount amount, std::string_view denom);
void issue(ledger::Ledger& ledger, const Address& to, Amount amount, std::string_view denom);
void hold(ledger::Ledger& ledger, const Address& from, Amount amount, std::string_view denom = kCredit);   // → held
void release(ledger::Ledger& ledger, const Address& to, Amount amount, std::string_view denom = kCredit);  // held →
void burn_held(ledger::Ledger& ledger, Amount amount, std::string_view denom = kCredit);  // held → burnt
void pay_fee(ledger::Ledger& ledger, const Address& from, Amount amount);                 // balance → fees
void hold_fees(ledger::Ledger& ledger, Amount amount);                                    // fees → held

// Errors: kInsufficientFunds naming what is there and what is missing.
Result<> require(const ledger::View& view, const Address& owner, Amount amount, std::string_view denom = kCredit);

}  // namespace sublet::bank
