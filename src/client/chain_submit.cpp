// chain_submit.cpp: signs, broadcasts and awaits transactions.
// Spec: docs/spec/transactions.md (fees, sequences).
#include <algorithm>

#include "client/chain.hpp"
#include "client/loose_json.hpp"
#include "crypto/sha256.hpp"
#include "net/quiet.hpp"

namespace sublet::client {
namespace {

// Above anything that 16 messages in 64 KiB can use; costs nothing where no fee is asked.
constexpr std::uint64_t kFreeGasLimit = 4'000'000;
constexpr std::uint64_t kFirstPollMs = 4;
constexpr std::uint64_t kLongestPollMs = 200;
constexpr std::uint64_t kSettleTimeoutMs = 10'000;
constexpr std::uint64_t kOneBlockMs = 100;  // lets another process's transaction of this account reach a block

struct GasInfo {
    std::uint64_t gas_wanted = 0;
    std::uint64_t gas_used = 0;
    static constexpr auto fields() {
        return codec::list(codec::field(1, "gas_wanted", &GasInfo::gas_wanted),
                           codec::field(2, "gas_used", &GasInfo::gas_used));
    }
};
struct SimulateResponse {
    std::optional<GasInfo> gas_info;
    Bytes result;
    static constexpr auto fields() {
        return codec::list(codec::field(1, "gas_info", &SimulateResponse::gas_info),
                           codec::raw_field(2, "result", &SimulateResponse::result));
    }
};
struct SimulateRequest {
    Bytes tx_bytes;
    static constexpr auto fields() { return codec::list(codec::raw_field(2, "tx_bytes", &SimulateRequest::tx_bytes)); }
};

std::unexpected<Error> refused(Code code, const std::string& log) {
    return fail(code, std::string{code_name(code)} + ": " + log);
}

std::vector<ledger::Event> events_of(const nlohmann::json& list) {
    std::vector<ledger::Event> out;
    if (!list.is_array()) {
        return out;
    }
    for (const nlohmann::json& each : list) {
        ledger::Event event;
        event.type = loose::text(each, "type");
        for (const nlohmann::json& pair : loose::at(each, "attributes")) {
            event.attributes.push_back({loose::text(pair, "key"), loose::text(pair, "value")});
        }
        out.push_back(std::move(event));
    }
    return out;
}

// Gives the turn back however the coroutine ends.
struct Turn {
    std::function<void()> end;
    ~Turn() { end(); }
};

bool all_free(const std::vector<TxMessage>& messages) {
    return std::all_of(messages.begin(), messages.end(),
                       [](const TxMessage& each) { return each.fee_class != ledger::FeeClass::kPaid; });
}

}  // namespace

std::string TxOutcome::attribute(std::string_view type, std::string_view key) const {
    for (const ledger::Event& event : events) {
        if (event.type != type) {
            continue;
        }
        for (const ledger::EventAttribute& each : event.attributes) {
            if (each.key == key) {
                return each.value;
            }
        }
    }
    return {};
}

Task<Result<TxOutcome>> Chain::submit(Signer& signer, std::vector<TxMessage> messages) {
    return submit(signer, std::move(messages), SubmitOptions{});
}

Task<Result<TxOutcome>> Chain::submit(Signer& signer, std::vector<TxMessage> messages, SubmitOptions options) {
    CO_TRY_OK(co_await know_network());
    const std::uint64_t timeout_ms = options.timeout_ms;
    CO_TRY(hash, co_await send_next(signer, std::move(messages), std::move(options)));
    Result<TxOutcome> outcome = co_await await_commit(hash, timeout_ms);
    if (!outcome) {
        signer.next_sequence_.reset();  // nobody knows whether it counts
    }
    signer.settled();
    if (outcome && outcome->code != Code::kOk) {
        co_return refused(outcome->code, outcome->log);
    }
    co_return outcome;
}

// One broadcast at a time per account, so that sequences arrive in order; waiting for the block happens outside.
Task<Result<Hash>> Chain::send_next(Signer& signer, std::vector<TxMessage> messages, SubmitOptions options) {
    co_await signer.lock();
    const Turn turn{[&signer] { signer.unlock(); }};
    Result<Hash> sent = fail(Code::kInternal, "not sent");
    for (int attempt = 0; attempt < 2; ++attempt) {
        if (!signer.next_sequence_) {
            CO_TRY_OK(co_await read_account(signer));
        }
        sent = co_await send_priced(signer, messages, options);
        if (sent) {
            signer.next_sequence_ = *signer.next_sequence_ + 1;
            ++signer.in_flight_;
            co_return sent;
        }
        const Code code = sent.error().code;
        if (code != Code::kWrongSequence && code != Code::kBadSignature) {
            if (code == Code::kIo || code == Code::kTimeout) {
                signer.next_sequence_.reset();
            }
            co_return sent;
        }
        // What this process has under way changes the answer: let it reach its blocks, then read the sequence again.
        co_await signer.wait_settled(kSettleTimeoutMs);
        co_await clock_.sleep(kOneBlockMs);
        signer.next_sequence_.reset();
        if (code == Code::kBadSignature) {
            chain_id_.clear();  // another network answers at this address now
            CO_TRY_OK(co_await know_network());
        }
    }
    co_return sent;
}

Task<Result<>> Chain::read_account(Signer& signer) {
    const Result<account::Account> found = co_await account(signer.address());
    if (!found && found.error().code != Code::kNotFound) {
        co_return std::unexpected{found.error()};
    }
    signer.account_number_ = found ? found->number.value() : 0;
    signer.next_sequence_ = found ? found->sequence : 0;
    co_return Result<>{};
}

Task<Result<Hash>> Chain::send_priced(Signer& signer, std::vector<TxMessage> messages, SubmitOptions options) {
    TxDraft draft;
    for (const TxMessage& each : messages) {
        draft.messages.push_back(each.any);
    }
    draft.memo = options.memo;
    draft.chain_id = chain_id_;
    draft.account_number = signer.account_number_;
    draft.sequence = *signer.next_sequence_;
    using Pay = SubmitOptions::Pay;
    if (options.pay == Pay::kFree || (options.pay == Pay::kAuto && all_free(messages))) {
        draft.gas_limit = kFreeGasLimit;
        Bytes transaction = sign_transaction(draft, signer.secret());
        Result<Hash> sent = co_await broadcast(std::move(transaction));
        const bool over_quota = !sent && sent.error().code == Code::kFeeTooLow && options.pay == Pay::kAuto;
        if (!over_quota) {
            co_return sent;
        }
    }
    const std::uint64_t gas = gas_needed(messages, draft, signer.public_key());
    Result<Hash> sent = co_await send_paid(signer, draft, gas);
    if (!sent && sent.error().code == Code::kGasTooLow) {
        // The node counts otherwise than this program: ask it.
        Bytes trial = unsigned_transaction(draft, signer.public_key());
        CO_TRY(used, co_await simulated_gas(std::move(trial)));
        const std::uint64_t asked = used + used / 10 + 1'000;
        sent = co_await send_paid(signer, draft, asked);
    }
    if (!sent && sent.error().code == Code::kFeeTooLow) {  // the price may have been voted up since it was read
        const std::uint64_t before = params_.gas_price_nano;
        CO_TRY(now, co_await status());
        params_ = now.params;
        if (params_.gas_price_nano > before) {
            sent = co_await send_paid(signer, draft, gas);
        }
    }
    co_return sent;
}

Task<Result<Hash>> Chain::send_paid(Signer& signer, TxDraft draft, std::uint64_t gas) {
    draft.gas_limit = gas;
    draft.fee = fee_ceil(gas, params_.gas_price_nano);
    Bytes transaction = sign_transaction(draft, signer.secret());
    return broadcast(std::move(transaction));
}

Task<Result<std::uint64_t>> Chain::simulated_gas(Bytes transaction) {
    SimulateRequest request;
    request.tx_bytes = std::move(transaction);
    std::string path = "/cosmos.tx.v1beta1.Service/Simulate";
    Bytes data = codec::encode(request);
    CO_TRY(bytes, co_await abci_query(std::move(path), std::move(data)));
    CO_TRY(reply, codec::decode<SimulateResponse>(bytes));
    co_return reply.gas_info ? reply.gas_info->gas_used : 0;
}

Task<Result<Hash>> Chain::broadcast(Bytes transaction) {
    const Hash hash = transaction_hash(transaction);
    nlohmann::json parameters;
    parameters["tx"] = to_base64(transaction);
    std::string method = "broadcast_tx_sync";
    Result<nlohmann::json> result = co_await rpc(std::move(method), std::move(parameters));
    if (!result) {
        const bool known = result.error().message.find("already") != std::string::npos;
        co_return known ? Result<Hash>{hash} : Result<Hash>{std::unexpected{std::move(result).error()}};
    }
    const auto code = static_cast<Code>(loose::number(*result, "code"));
    if (code != Code::kOk) {
        co_return refused(code, loose::text(*result, "log"));
    }
    co_return hash;
}

Task<Result<TxOutcome>> Chain::await_commit(Hash hash, std::uint64_t timeout_ms) {
    const std::uint64_t deadline_ms = clock_.monotonic_ms() + timeout_ms;
    std::uint64_t pause_ms = kFirstPollMs;
    while (true) {
        Result<TxOutcome> outcome = co_await transaction(hash);
        if (outcome || outcome.error().code != Code::kNotFound) {
            co_return outcome;
        }
        if (clock_.monotonic_ms() >= deadline_ms) {
            co_return fail(Code::kTimeout, "transaction " + to_hex_upper(view_of(hash)) + " is in no block after " +
                                               std::to_string(timeout_ms / 1000) +
                                               " s; it may still come: look it up by its hash before sending it again");
        }
        co_await clock_.sleep(pause_ms);
        pause_ms = std::min(pause_ms * 2, kLongestPollMs);
    }
}

Task<Result<TxOutcome>> Chain::transaction(Hash hash) {
    nlohmann::json parameters;
    parameters["hash"] = to_base64(view_of(hash));
    parameters["prove"] = false;
    std::string method = "tx";
    CO_TRY(result, co_await rpc(std::move(method), std::move(parameters)));
    const nlohmann::json& executed = loose::at(result, "tx_result");
    TxOutcome out;
    out.hash = hash;
    out.height = Height{loose::number(result, "height")};
    out.code = static_cast<Code>(loose::number(executed, "code"));
    out.log = loose::text(executed, "log");
    out.gas_wanted = loose::number(executed, "gas_wanted");
    out.gas_used = loose::number(executed, "gas_used");
    out.events = events_of(loose::at(executed, "events"));
    CO_TRY(bytes, from_base64(loose::text(result, "tx")));
    out.bytes = std::move(bytes);
    co_return out;
}

}  // namespace sublet::client
