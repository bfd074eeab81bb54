// cosmos_replies.hpp: what wallets get from the queries of cosmos.auth and cosmos.bank.
// Deterministic. Spec: docs/spec/transactions.md (queries).
#pragma once

#include <optional>

#include "ledger/transaction.hpp"
#include "modules/bank/messages.hpp"

namespace sublet::app {

struct BaseAccount {
    std::string address;
    std::optional<ledger::Any> public_key;
    std::uint64_t account_number = 0;
    std::uint64_t sequence = 0;
    static constexpr auto fields() {
        using codec::field;
        return codec::list(field(1, "address", &BaseAccount::address), field(2, "pub_key", &BaseAccount::public_key),
                           field(3, "account_number", &BaseAccount::account_number),
                           field(4, "sequence", &BaseAccount::sequence));
    }
};

struct AccountReply {
    std::optional<ledger::Any> account;
    static constexpr auto fields() { return codec::list(codec::field(1, "account", &AccountReply::account)); }
};

struct BalanceReply {
    std::optional<bank::Coin> balance;
    static constexpr auto fields() { return codec::list(codec::field(1, "balance", &BalanceReply::balance)); }
};

struct PageReply {
    Bytes next_key;
    std::uint64_t total = 0;
    static constexpr auto fields() {
        return codec::list(codec::raw_field(1, "next_key", &PageReply::next_key),
                           codec::field(2, "total", &PageReply::total));
    }
};

struct AllBalancesReply {
    std::vector<bank::Coin> balances;
    std::optional<PageReply> pagination;
    static constexpr auto fields() {
        return codec::list(codec::field(1, "balances", &AllBalancesReply::balances),
                           codec::field(2, "pagination", &AllBalancesReply::pagination));
    }
};

}  // namespace sublet::app
