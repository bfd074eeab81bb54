// light_client.cpp: asks a node for a record, its proof and the block that proves it, and believes only signatures.
// Spec: docs/spec/light-client.md; T26; CometBFT's light/client.go for the way from a trusted block to a far one.
#include "client/light_client.hpp"

#include "base/assert.hpp"
#include "client/loose_json.hpp"
#include "codec/decode.hpp"
#include "ledger/ics23.hpp"
#include "modules/stake/params.hpp"
#include "net/dial.hpp"
#include "net/quiet.hpp"

namespace sublet::client::light {

static_assert(kTrustPeriod_s * 1'000 * 3 <= stake::Params{}.unbonding_ms * 2);

namespace {

constexpr std::uint64_t kRetry_ms = 250;
constexpr std::size_t kValidatorsPerPage = 100;  // CometBFT gives no more
constexpr std::size_t kMaxValidatorPages = kMaxValidators / kValidatorsPerPage;
constexpr std::string_view kProofType = "ics23:simple";
constexpr std::string_view kNotYet = "must be less than or equal";  // of a height to come, as CometBFT words it

// Any member of an answer that is missing, or another than what was asked for, is no proof.
std::unexpected<Error> lies(const Chain& node, const std::string& what) {
    return not_proved("the node at " + net::endpoint_name(node.node()) + " " + what);
}

// In milliseconds, by the record of the parameters of stakes; the usual one where there is none.
Result<std::uint64_t> unbonding_of(const std::optional<Bytes>& record) {
    if (!record) {
        return stake::Params{}.unbonding_ms;
    }
    TRY(params, codec::decode<stake::Params>(*record));
    return params.unbonding_ms;
}

std::string block_text(std::uint64_t height, const Hash& hash) {
    return std::to_string(height) + ":" + to_hex_upper(view_of(hash));
}

}  // namespace

LightClient::LightClient(net::Transport& transport, net::Clock& clock, TrustStore& store, net::Endpoint node,
                         LightOptions options)
    : clock_(clock), store_(store), node_(transport, clock, std::move(node)), options_(std::move(options)) {
    for (const net::Endpoint& each : options_.witnesses) {
        witnesses_.emplace_back(transport, clock, each);
    }
}

Task<Result<Proved>> LightClient::read(std::vector<Bytes> keys) {
    SUBLET_ASSERT(!keys.empty() && keys.size() <= kMaxKeys);
    const std::uint64_t until = clock_.monotonic_ms() + kPatience_ms;
    while (true) {
        std::vector<Bytes> asked = keys;
        asked.push_back(stake::params_key());  // proved with the rest: how long the block may be trusted
        CO_TRY(states, co_await ask_states(std::move(asked)));
        CO_TRY_OK(co_await need_signatures(states.front().height));
        CO_TRY(block, co_await fetch(node_, states.front().height + 1));
        Proved out;
        out.evidence.state_height = states.front().height;
        CO_TRY_OK(co_await begin(block, out.evidence));
        if (block.header.height < trusted_->height) {
            // What was seen once must not be taken back, though another node may be a little ahead of this one.
            if (clock_.monotonic_ms() > until) {
                co_return lies(node_, "is at block " + std::to_string(block.header.height) + ", but block " +
                                          block_text(trusted_->height, trusted_->hash) +
                                          " was verified before: what it shows is old. Ask another node with --node");
            }
            co_await clock_.sleep(kRetry_ms);
            continue;
        }
        CO_TRY_OK(co_await advance(block, out.evidence));
        CO_TRY_OK(check_age(block.header, clock_.unix_ms()));
        CO_TRY_OK(co_await ask_witnesses(block, out.evidence));
        CO_TRY(root, fixed_from<Hash{}.size()>(block.header.app_hash));
        for (const State& each : states) {
            CO_TRY(value, check_state(each, root));
            out.values.push_back(value.empty() ? std::optional<Bytes>{} : std::optional{std::move(value)});
        }
        CO_TRY(rules, unbonding_of(out.values.back()));
        out.values.pop_back();
        trusted_->period_s = trust_period_s(rules);
        CO_TRY_OK(store_.save(*trusted_));
        co_return out;
    }
}

// The value as it is proved; empty where it is proved that there is none (no value is empty).
Result<Bytes> LightClient::check_state(const State& state, const Hash& root) const {
    const Result<std::optional<Bytes>> proved = ledger::check_ics23(state.proof, state.key, root);
    if (!proved) {
        return lies(node_, "does not prove its answer against block " + block_text(trusted_->height, trusted_->hash) +
                               ": " + proved.error().message);
    }
    if (proved->value_or(Bytes{}) != state.value) {
        return lies(node_, "answers another value than it proves");
    }
    return state.value;
}

// All of one state: the newest when the first is asked for.
Task<Result<std::vector<LightClient::State>>> LightClient::ask_states(std::vector<Bytes> keys) {
    std::vector<State> out;
    for (Bytes& each : keys) {
        const std::uint64_t height = out.empty() ? 0 : out.front().height;
        CO_TRY(state, co_await ask_state(std::move(each), height));
        if (height != 0 && state.height != height) {
            co_return lies(node_, "answers of another height than it was asked for");
        }
        out.push_back(std::move(state));
    }
    co_return out;
}

Task<Result<LightClient::State>> LightClient::ask_state(Bytes key, std::uint64_t height) {
    nlohmann::json parameters;
    parameters["path"] = std::string{query::kRawKey};
    parameters["data"] = to_hex(key);
    parameters["height"] = std::to_string(height);
    parameters["prove"] = true;
    std::string method = "abci_query";
    CO_TRY(result, co_await node_.rpc(std::move(method), std::move(parameters)));
    const nlohmann::json& response = loose::at(result, "response");
    const auto code = static_cast<Code>(loose::number(response, "code"));
    if (code != Code::kOk) {
        co_return fail(code, loose::text(response, "log") + " (the record " + to_hex(key) + ")");
    }
    const nlohmann::json& operations = loose::at(loose::at(response, "proofOps"), "ops");
    if (!operations.is_array() || operations.size() != 1 || loose::text(operations[0], "type") != kProofType) {
        co_return lies(node_, "gives no proof, or one of another kind than ics23:simple");
    }
    State out;
    out.height = loose::number(response, "height");
    const Result<Bytes> value = from_base64(loose::text(response, "value"));
    const Result<Bytes> proof = from_base64(loose::text(operations[0], "data"));
    const Result<Bytes> proved_key = from_base64(loose::text(operations[0], "key"));
    if (!value || !proof || !proved_key || *proved_key != key || out.height == 0) {
        co_return lies(node_, "answers a query for one record with something else");
    }
    out.key = std::move(key);
    out.value = *value;
    out.proof = *proof;
    co_return out;
}

// Where nobody signs, the next block may not come before there is work for one: no use in waiting for it.
Task<Result<>> LightClient::need_signatures(std::uint64_t height) {
    if (trusted_) {
        co_return Result<>{};
    }
    CO_TRY(block, co_await fetch_header(node_, height));
    if (block.commit.signatures.empty()) {
        co_return lies(node_,
                       "has a ledger that nobody signs: one machine's (engine solo), not a network's. Nothing of it "
                       "can be verified; leave --verify out if the node is your own");
    }
    co_return Result<>{};
}

// The block at this height; waits for one that is not there yet.
Task<Result<Block>> LightClient::fetch(Chain& node, std::uint64_t height) {
    const std::uint64_t until = clock_.monotonic_ms() + kPatience_ms;
    while (true) {
        Task<Result<Block>> fetching = fetch_once(node, height);
        Result<Block> block = co_await std::move(fetching);
        const bool to_come = !block && block.error().message.find(kNotYet) != std::string::npos;
        if (!to_come) {
            co_return block;
        }
        if (clock_.monotonic_ms() > until) {
            co_return fail(Code::kTimeout,
                           "the node at " + net::endpoint_name(node.node()) + " has no block " +
                               std::to_string(height) + " after " + std::to_string(kPatience_ms / 1'000) +
                               " s, and without it nothing proves the state before; is the network moving?");
        }
        co_await clock_.sleep(kRetry_ms);
    }
}

Task<Result<Block>> LightClient::fetch_header(Chain& node, std::uint64_t height) {
    nlohmann::json parameters;
    parameters["height"] = std::to_string(height);
    std::string method = "commit";
    CO_TRY(answer, co_await node.rpc(std::move(method), std::move(parameters)));
    CO_TRY(block, parse_commit(answer));
    if (block.header.height != height) {
        co_return lies(
            node, "answers with block " + std::to_string(block.header.height) + " for block " + std::to_string(height));
    }
    co_return block;
}

Task<Result<Block>> LightClient::fetch_once(Chain& node, std::uint64_t height) {
    CO_TRY(block, co_await fetch_header(node, height));
    nlohmann::json parameters;
    parameters["height"] = std::to_string(height);
    parameters["per_page"] = std::to_string(kValidatorsPerPage);
    for (std::size_t page = 1; page <= kMaxValidatorPages; ++page) {
        parameters["page"] = std::to_string(page);
        std::string validators = "validators";
        nlohmann::json page_asked = parameters;
        CO_TRY(list, co_await node.rpc(std::move(validators), std::move(page_asked)));
        CO_TRY(some, parse_validators(list));
        block.validators.insert(block.validators.end(), some.validators.begin(), some.validators.end());
        if (block.validators.size() >= some.total || some.validators.empty()) {
            break;
        }
    }
    co_return block;
}

// Sets what is trusted, once: the user's block, the store's, or the newest one where the user says so.
Task<Result<>> LightClient::begin(const Block& newest, Evidence& evidence) {
    if (!trusted_) {
        const std::string chain_id = newest.header.chain_id;
        CO_TRY(stored, store_.load(chain_id));
        trusted_ = stored;
        if (options_.point) {
            std::string chain = chain_id;
            CO_TRY_OK(co_await begin_at(*options_.point, std::move(chain)));
        } else if (!trusted_) {
            CO_TRY_OK(check_block(newest, chain_id));
            if (!options_.trust_first) {
                co_return fail(
                    Code::kUsage,
                    "nothing is trusted of " + chain_id +
                        " yet, so no signature says anything. Ask somebody whom you trust for a recent block "
                        "and its hash (`sublet query block` at their node) and give --trust HEIGHT:HASH once; "
                        "or, if this node is your own, --trust-first takes its word this one time");
            }
            trusted_ = trusted_of(newest, clock_.unix_ms());
            evidence.trusted_first = true;
        }
    }
    evidence.from_height = trusted_->height;
    co_return Result<>{};
}

// From the user's block; what was verified since stays, if this node has it.
Task<Result<>> LightClient::begin_at(TrustPoint point, std::string chain_id) {
    CO_TRY(block, co_await fetch(node_, point.height));
    const Hash hash = header_hash(block.header);
    if (hash != point.hash) {
        co_return lies(node_, "shows block " + block_text(point.height, hash) +
                                  ", not the one of --trust: it is of another network, or the hash was mistyped");
    }
    CO_TRY_OK(check_block(block, chain_id));
    const Trusted named = trusted_of(block, clock_.unix_ms());
    CO_TRY_OK(check_period(named, clock_.unix_ms()));
    if (trusted_ && trusted_->height >= named.height) {
        CO_TRY(known, co_await fetch(node_, trusted_->height));
        if (header_hash(known.header) != trusted_->hash) {
            co_return fail(Code::kConflict,
                           "block " + block_text(trusted_->height, trusted_->hash) + " of " + chain_id +
                               " was verified before, and the node that has the block of --trust shows another at that "
                               "height: one of the two is an attack. To go by --trust, remove " +
                               store_.path_of(chain_id).string());
        }
        co_return Result<>{};
    }
    trusted_ = named;
    co_return Result<>{};
}

// From the trusted block to this one: at once where enough trusted validators signed it, else by blocks between.
Task<Result<>> LightClient::advance(Block target, Evidence& evidence) {
    const std::uint64_t now = clock_.unix_ms();
    CO_TRY(power, check_block(target, trusted_->chain_id));
    evidence.power = power;
    evidence.header = target.header;
    evidence.block_hash = header_hash(target.header);
    if (target.header.height == trusted_->height) {
        CO_TRY_OK(check_period(*trusted_, now));
        co_return check_same(*trusted_, target);
    }
    std::vector<Block> ahead;  // lower ones last; a half of the way each, so at most 64
    ahead.push_back(std::move(target));
    while (!ahead.empty()) {
        CO_TRY(step, check_step(*trusted_, ahead.back(), now));
        if (step == Step::kProved) {
            const std::uint64_t period_s = trusted_->period_s;
            trusted_ = trusted_of(ahead.back(), now);
            trusted_->period_s = period_s;
            ahead.pop_back();
            continue;
        }
        if (++evidence.blocks_between > kMaxBlocksBetween) {
            co_return not_proved("the validators of " + trusted_->chain_id + " have changed more often since block " +
                                 std::to_string(trusted_->height) + " than is looked at (" +
                                 std::to_string(kMaxBlocksBetween) +
                                 " blocks): name a newer block with --trust HEIGHT:HASH");
        }
        const std::uint64_t height = trusted_->height + (ahead.back().header.height - trusted_->height) / 2;
        CO_TRY(between, co_await fetch(node_, height));
        ahead.push_back(std::move(between));
    }
    co_return Result<>{};
}

Task<Result<>> LightClient::ask_witnesses(const Block& block, Evidence& evidence) {
    const Hash hash = header_hash(block.header);
    for (Chain& each : witnesses_) {
        CO_TRY(shown, co_await fetch(each, block.header.height));
        if (shown.header.chain_id != block.header.chain_id) {
            co_return lies(each, "is of " + shown.header.chain_id + ": it is no witness for " + block.header.chain_id);
        }
        if (const Hash other = header_hash(shown.header); other != hash) {
            const Trusted ours = trusted_of(block, clock_.unix_ms());
            const Result<> same = check_same(ours, shown);
            co_return lies(each, "contradicts: " + same.error().message);
        }
        ++evidence.witnesses;
    }
    co_return Result<>{};
}

}  // namespace sublet::client::light
