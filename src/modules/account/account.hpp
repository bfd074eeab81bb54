// account.hpp: accounts: number, sequence and public key of each address that ever received or signed.
// Deterministic. Spec: docs/spec/transactions.md.
#pragma once

#include "ledger/params.hpp"
#include "ledger/wire_types.hpp"

namespace sublet::account {

struct Account {
    std::uint32_t version = 1;
    Address address;
    FixedBytes<33> public_key{};  // zero until the first signature
    AccountNumber number;         // dense, from 1
    std::uint64_t sequence = 0;   // of the next transaction

    static constexpr auto fields() {
        using codec::field;
        return codec::list(field(1, "version", &Account::version), field(2, "address", &Account::address),
                           field(3, "public_key", &Account::public_key), field(4, "number", &Account::number),
                           field(5, "sequence", &Account::sequence));
    }
};

Bytes account_key(const Address& address);
std::optional<Account> find(const ledger::View& view, const Address& address);
// The account, made with the next number where there is none.
Account touch(ledger::Ledger& ledger, const Address& address);
void save(ledger::Ledger& ledger, const Account& account);

// Parses a signer or recipient of a message. Errors: kBadAddress with the field's name.
Result<Address> parse(std::string_view text, std::string_view field_name);
// For fields that check_static has already parsed.
Address parsed(std::string_view text);

}  // namespace sublet::account
