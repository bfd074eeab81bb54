// verified.cpp: --verify: asks the light client in place of the node's word, and says what was proved by whom.
#include "cli/verified.hpp"

#include "cli/exit.hpp"
#include "cli/format.hpp"
#include "modules/bank/bank.hpp"

namespace sublet::cli {
namespace {

namespace light = client::light;

Result<light::LightOptions> light_options(const VerifyOptions& options) {
    light::LightOptions out;
    out.trust_first = options.trust_first;
    if (!options.trust.empty()) {
        TRY(point, light::parse_trust_point(options.trust));
        out.point = point;
    }
    if (options.witnesses.size() > light::kMaxWitnesses) {
        return fail(Code::kUsage, fmt::format("--witness is given at most {} times", light::kMaxWitnesses));
    }
    for (const std::string& each : options.witnesses) {
        TRY(endpoint, net::parse_endpoint(each));
        out.witnesses.push_back(std::move(endpoint));
    }
    return out;
}

}  // namespace

void add_verify(CLI::App* command, VerifyOptions& options) {
    CLI::Option* verify = command->add_flag(
        "--verify", options.verify, "Believe no node: demand a proof, and a block that trusted validators signed");
    command->add_option("--trust", options.trust, "HEIGHT:HASH of a block that you know from somebody you trust")
        ->needs(verify);
    command
        ->add_flag("--trust-first", options.trust_first,
                   "Where nothing is trusted yet, trust the newest block of this node")
        ->needs(verify);
    command->add_option("--witness", options.witnesses, "URL of another node that must show the same block; repeatable")
        ->needs(verify);
}

Result<std::unique_ptr<Records>> Records::open(Context& context, const VerifyOptions& options) {
    TRY(chain, context.chain());
    std::unique_ptr<Records> out{new Records(context, *chain)};
    if (options.verify) {
        TRY(light, light_options(options));
        out->store_ = std::make_unique<light::TrustStore>(*context.files, context.home() / "light");
        out->light_ = std::make_unique<light::LightClient>(*context.transport, *context.clock, *out->store_,
                                                           chain->node(), std::move(light));
    }
    return out;
}

Result<std::optional<Bytes>> Records::read(Bytes key) {
    std::vector<Bytes> keys;
    keys.push_back(std::move(key));
    TRY(values, read_all(std::move(keys)));
    return std::move(values.front());
}

Result<std::vector<std::optional<Bytes>>> Records::read_all(std::vector<Bytes> keys) {
    if (light_) {
        const auto progress = context_.progress("waiting for the block that proves the newest state");
        TRY(proved, context_.wait(light_->read(std::move(keys))));
        evidence_ = std::move(proved.evidence);
        return std::move(proved.values);
    }
    std::vector<std::optional<Bytes>> out;
    for (Bytes& each : keys) {
        std::string path{query::kRawKey};
        const Result<Bytes> value = context_.wait(chain_.abci_query(std::move(path), std::move(each)));
        if (!value && value.error().code != Code::kNotFound) {
            return std::unexpected{value.error()};
        }
        out.push_back(!value || value->empty() ? std::optional<Bytes>{} : std::optional{*value});
    }
    return out;
}

void Records::print_evidence() const {
    if (!evidence_) {
        return;
    }
    const light::Evidence& it = *evidence_;
    fmt::print("verified: state {} of {}, by block {} ({}) of {},\n  signed by {} of {} of the validators' power, ",
               it.state_height, it.header.chain_id, it.header.height,
               to_hex_upper(view_of(it.block_hash)).substr(0, 16), light::time_text(it.header.time),
               it.power.signed_for, it.power.total);
    if (it.trusted_first) {
        fmt::print("trusted on this node's word from now on");
    } else {
        fmt::print("trusted since block {}", it.from_height);
    }
    fmt::print("{}\n", it.witnesses == 0 ? "" : fmt::format("; {} witnesses agree", it.witnesses));
}

std::string Records::evidence_json() const {
    if (!evidence_) {
        return "null";
    }
    const light::Evidence& it = *evidence_;
    return fmt::format(
        R"({{"chain_id":{},"state_height":"{}","block_height":"{}","block_hash":"{}","block_time":"{}",)"
        R"("signed_power":"{}","total_power":"{}","trusted_height":"{}","trusted_first":{},"blocks_between":{},)"
        R"("witnesses":{}}})",
        json_quoted(it.header.chain_id), it.state_height, it.header.height, to_hex_upper(view_of(it.block_hash)),
        light::time_text(it.header.time), it.power.signed_for, it.power.total, it.from_height, it.trusted_first,
        it.blocks_between, it.witnesses);
}

Result<int> show_balance(Context& context, const Address& address, const VerifyOptions& options) {
    TRY(records, Records::open(context, options));
    std::vector<Bytes> keys{bank::balance_key(address, bank::kCredit), bank::balance_key(address, bank::kLet)};
    TRY(both, records->read_all(std::move(keys)));
    TRY(credit, decoded<bank::Balance>(both[0]));
    TRY(let, decoded<bank::Balance>(both[1]));
    const Amount credits_there = credit ? credit->amount : Amount{};
    const Amount let_there = let ? let->amount : Amount{};
    if (context.globals.json) {
        const std::string verified = options.verify ? ",\"verified\":" + records->evidence_json() : "";
        print_json(fmt::format(R"({{"address":"{}","ucredit":"{}","ulet":"{}"{}}})", crypto::to_bech32(address),
                               credits_there.value(), let_there.value(), verified));
        return kExitOk;
    }
    fmt::print("{}\n", credits(credits_there));
    if (!let_there.is_zero()) {
        fmt::print("{} LET\n", credits_number(let_there));
    }
    records->print_evidence();
    return kExitOk;
}

}  // namespace sublet::cli
