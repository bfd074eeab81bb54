// params.hpp: the network's parameters, part of the hashed state, set by genesis. Lengths of time are of ledger time
// (T1). Deterministic. Spec: docs/spec/market.md, docs/spec/money.md.
#pragma once

#include "codec/fields.hpp"
#include "ledger/ledger.hpp"

namespace sublet::ledger {

struct Params {
    std::uint32_t version = 1;
    std::uint64_t heartbeat_cover_ms = 90'000;     // a longer silence is an outage and is not billed
    std::uint64_t heartbeat_interval_ms = 30'000;  // what agents aim at
    std::uint64_t hold_window_ms = 600'000;        // T9: accrual younger than this cannot be withdrawn
    std::uint64_t grace_ms = 600'000;              // T3: pause for want of money, in total per 24 h
    std::uint64_t min_funding_ms = 600'000;        // T3: a match and a resume need this much of the rate
    std::uint64_t min_bill_ms = 60'000;            // T3: the least that is billed from Ready on
    std::uint64_t start_timeout_min_ms = 300'000;
    std::uint64_t start_timeout_max_ms = 7'200'000;
    std::uint64_t no_manifest_after_ms = 60'000;    // T8
    std::uint64_t terms_delay_ms = 60'000;          // T5: worse terms of an offer wait this long
    std::uint64_t order_life_max_ms = 86'400'000;   // T7
    std::uint64_t archive_after_ms = 86'400'000;    // T4: closed objects leave the hashed state after this
    std::uint64_t default_deposit_ms = 86'400'000;  // what a rent deposits unless told otherwise
    Amount object_bond{10'000};                     // T4: locked per deployment and offer, ucredit
    std::uint64_t gas_price_nano = 1'000'000;       // nano-ucredit per unit of gas
    Amount faucet_amount{0};                        // ucredit per call; 0 closes the faucet
    std::uint64_t faucet_window_ms = 3'600'000;     // one call per address in this time
    Amount min_work_stake{1'000'000};               // T21: ucredit, of who may be drawn to audit
    std::uint64_t work_unlock_ms = 604'800'000;     // T21: until stake that leaves is back
    std::uint64_t audit_silence_ms = 600'000;       // T21–T23: for an auditor's word, and a creator's element
    std::uint64_t audit_again_permille = 50;        // T21: of results that passed, looked at by another auditor

    static constexpr auto fields() {
        using codec::field;
        return codec::list(
            field(1, "version", &Params::version), field(2, "heartbeat_cover_ms", &Params::heartbeat_cover_ms),
            field(3, "heartbeat_interval_ms", &Params::heartbeat_interval_ms),
            field(4, "hold_window_ms", &Params::hold_window_ms), field(5, "grace_ms", &Params::grace_ms),
            field(6, "min_funding_ms", &Params::min_funding_ms), field(7, "min_bill_ms", &Params::min_bill_ms),
            field(8, "start_timeout_min_ms", &Params::start_timeout_min_ms),
            field(9, "start_timeout_max_ms", &Params::start_timeout_max_ms),
            field(10, "no_manifest_after_ms", &Params::no_manifest_after_ms),
            field(11, "terms_delay_ms", &Params::terms_delay_ms),
            field(12, "order_life_max_ms", &Params::order_life_max_ms),
            field(13, "archive_after_ms", &Params::archive_after_ms),
            field(14, "default_deposit_ms", &Params::default_deposit_ms),
            field(15, "object_bond", &Params::object_bond), field(16, "gas_price_nano", &Params::gas_price_nano),
            field(17, "faucet_amount", &Params::faucet_amount),
            field(18, "faucet_window_ms", &Params::faucet_window_ms),
            field(19, "min_work_stake", &Params::min_work_stake), field(20, "work_unlock_ms", &Params::work_unlock_ms),
            field(21, "audit_silence_ms", &Params::audit_silence_ms),
            field(22, "audit_again_permille", &Params::audit_again_permille));
    }
    bool operator==(const Params&) const = default;
};

Bytes params_key();
// Relations that the rules rest on; windows may be as short as a local network likes. Errors: kBadField.
Result<> check(const Params& params);

// What a handler knows of the block it runs in. `now` is ledger time L.
struct Block {
    Height height;
    BlockTime time;
    LedgerTime now;
    Params params;
    std::string chain_id;
    Hash app_hash{};  // of the state before it: what nobody knew when the last block was made
};

}  // namespace sublet::ledger
