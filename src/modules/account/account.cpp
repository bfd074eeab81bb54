// account.cpp: accounts and their dense numbers.
// Deterministic. Spec: docs/spec/transactions.md.
#include "modules/account/account.hpp"

#include "ledger/ledger.hpp"
#include "modules/account/last_number.hpp"

namespace sublet::account {
namespace {

Bytes count_key() { return Bytes("\x01\x02", 2); }

}  // namespace

Bytes account_key(const Address& address) {
    Bytes key("\x01\x01", 2);
    key += address.view();
    return key;
}

std::optional<Account> find(const ledger::View& view, const Address& address) {
    return ledger::load<Account>(view, account_key(address));
}

Account touch(ledger::Ledger& ledger, const Address& address) {
    if (std::optional<Account> found = find(ledger, address)) {
        return *found;
    }
    LastNumber count = ledger::load<LastNumber>(ledger, count_key()).value_or(LastNumber{});
    ++count.last;
    ledger::save(ledger, count_key(), count);
    Account account;
    account.address = address;
    account.number = AccountNumber{count.last};
    save(ledger, account);
    return account;
}

void save(ledger::Ledger& ledger, const Account& account) {
    ledger::save(ledger, account_key(account.address), account);
}

Result<Address> parse(std::string_view text, std::string_view field_name) {
    Result<Address> address = crypto::parse_address(text);
    if (!address) {
        return fail(Code::kBadAddress, std::string{field_name} + ": " + address.error().message);
    }
    return address;
}

Address parsed(std::string_view text) {
    const Result<Address> address = crypto::parse_address(text);
    SUBLET_ASSERT(address.has_value());
    return *address;
}

}  // namespace sublet::account
