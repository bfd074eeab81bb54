// validator.cpp: `sublet validator`: stand for the engine's set, bind LET to those who do, and take what it earns.
// Spec: docs/spec/stake.md.
#include <fstream>
#include <nlohmann/json.hpp>

#include "cli/format.hpp"
#include "cli/send_message.hpp"
#include "cli/validator_view.hpp"
#include "cli/verbs.hpp"
#include "client/loose_json.hpp"
#include "modules/stake/messages.hpp"

namespace sublet::cli {
namespace {

struct ValidatorOptions {
    std::string who;  // an operator, by key or address
    std::string let;
    std::string name;
    std::string commission;
    std::string key;
    std::string key_file;
};

// "5" or "5%": percent with one decimal, in thousandths.
Result<std::uint32_t> commission_of(std::string text) {
    if (text.ends_with('%')) {
        text.pop_back();
    }
    constexpr std::uint64_t kMillionthsOfPermille = 100'000;
    const Result<Amount> percent = parse_credits(text);
    if (!percent || percent->value() % kMillionthsOfPermille != 0 || percent->value() / kMillionthsOfPermille > 1'000) {
        return fail(Code::kUsage, "--commission is 0 to 100 percent with at most one decimal: '" + text + "' is not");
    }
    return static_cast<std::uint32_t>(percent->value() / kMillionthsOfPermille);
}

// As base64, or out of CometBFT's priv_validator_key.json (whose secret stays where it is).
Result<Bytes> consensus_key_of(Context& context, const ValidatorOptions& options) {
    if (options.key_file.empty() == options.key.empty()) {
        return fail(Code::kUsage, "name the validator's key: --key-file priv_validator_key.json, or --consensus-key");
    }
    std::string text = options.key;
    if (!options.key_file.empty()) {
        TRY(content, context.files->read(options.key_file));
        TRY(json, client::loose::parse(content, options.key_file));
        text = client::loose::text(client::loose::at(json, "pub_key"), "value");
    }
    Result<Bytes> key = from_base64(text);
    if (!key || key->size() != sizeof(Hash)) {
        return fail(Code::kUsage, "an ed25519 key is 32 bytes in base64: '" + text + "' is not");
    }
    return key;
}

Result<int> create_validator(Context& context, const ValidatorOptions& options) {
    TRY(key, consensus_key_of(context, options));
    TRY(commission, commission_of(options.commission));
    TRY(amount, parse_let(options.let));
    stake::MsgCreateValidator message{.operator_address = "",
                                      .consensus_key = key,
                                      .name = options.name,
                                      .commission_permille = commission,
                                      .amount = amount};
    TRY(sent, send_message(context, std::move(message), &stake::MsgCreateValidator::operator_address));
    (void)sent;
    fmt::print("{} stands for the set with {}; `sublet validator show` says whether it is in\n", options.name,
               let_text(amount));
    return kExitOk;
}

Result<int> edit_validator(Context& context, const ValidatorOptions& options) {
    TRY(chain, context.chain());
    TRY(info, context.key_info());
    TRY(all, context.wait(client::stakes(*chain)));
    TRY(now, validator_of(all, info.address));
    stake::MsgEditValidator message{.operator_address = "",
                                    .name = options.name.empty() ? now.name : options.name,
                                    .commission_permille = now.commission_permille};
    if (!options.commission.empty()) {
        TRY(commission, commission_of(options.commission));
        message.commission_permille = commission;
    }
    const std::string name = message.name;
    const std::uint32_t commission = message.commission_permille;
    TRY(sent, send_message(context, std::move(message), &stake::MsgEditValidator::operator_address));
    (void)sent;
    fmt::print("{}, commission {}\n", name, permille_text(commission));
    return kExitOk;
}

Result<int> delegate_let(Context& context, const ValidatorOptions& options) {
    TRY(amount, parse_let(options.let));
    TRY(to, context.address_of(options.who));
    stake::MsgDelegate message{.delegator = "", .validator = crypto::to_bech32(to), .amount = amount};
    TRY(sent, send_message(context, std::move(message), &stake::MsgDelegate::delegator));
    (void)sent;
    fmt::print("{} bonded to {}\n", let_text(amount), crypto::to_bech32(to));
    return kExitOk;
}

Result<int> unbond_let(Context& context, const ValidatorOptions& options) {
    TRY(amount, parse_let(options.let));
    TRY(from, context.address_of(options.who));
    stake::MsgUnbond message{.delegator = "", .validator = crypto::to_bech32(from), .amount = amount};
    TRY(sent, send_message(context, std::move(message), &stake::MsgUnbond::delegator));
    (void)sent;
    TRY(chain, context.chain());
    TRY(all, context.wait(client::stakes(*chain)));
    fmt::print("{} leave: yours again in {}, and can be lost until then for what was done before\n", let_text(amount),
               duration(Millis{all.params.unbonding_ms}));
    return kExitOk;
}

Result<int> unjail_validator(Context& context, const NoOptions& /*none*/) {
    TRY(sent, send_message(context, stake::MsgUnjail{}, &stake::MsgUnjail::operator_address));
    (void)sent;
    fmt::print("out of jail\n");
    return kExitOk;
}

// What a delegator has with each validator; with a validator's name: pays what it earned there.
Result<int> show_or_take_rewards(Context& context, const ValidatorOptions& options) {
    if (!options.who.empty()) {
        TRY(from, context.address_of(options.who));
        stake::MsgWithdrawRewards message{.delegator = "", .validator = crypto::to_bech32(from)};
        TRY(sent, send_message(context, std::move(message), &stake::MsgWithdrawRewards::delegator));
        const std::string paid = sent.attribute("sublet.stake.rewards_withdrawn", "amount");
        fmt::print("{} paid\n", credits(Amount{std::stoull(paid.empty() ? "0" : paid)}));
        return kExitOk;
    }
    TRY(info, context.key_info());
    TRY(chain, context.chain());
    TRY(all, context.wait(client::stakes(*chain)));
    TRY(mine, context.wait(client::delegations(*chain, info.address)));
    TRY(leaving, context.wait(client::unbondings(*chain, info.address)));
    print_rewards(context, all, {info.address, mine, leaving});
    return kExitOk;
}

Result<int> list_validators(Context& context, const NoOptions& /*none*/) {
    TRY(chain, context.chain());
    TRY(all, context.wait(client::stakes(*chain)));
    print_validators(context, all);
    return kExitOk;
}

Result<int> show_validator(Context& context, const ValidatorOptions& options) {
    Address who;
    if (options.who.empty()) {
        TRY(info, context.key_info());
        who = info.address;
    } else {
        TRY(address, context.address_of(options.who));
        who = address;
    }
    TRY(chain, context.chain());
    TRY(all, context.wait(client::stakes(*chain)));
    TRY(validator, validator_of(all, who));
    print_validator(context, all, validator);
    return kExitOk;
}

void add_moves(CLI::App* validator, Session& session) {
    auto options = std::make_shared<ValidatorOptions>();
    const auto verb = [&](const char* name, const char* what, auto run) {
        CLI::App* out = validator->add_subcommand(name, what);
        out->add_option("validator", options->who, "Key or address of its operator")->required();
        out->add_option("let", options->let, "How many LET: 1.25, or 1250000ulet")->required();
        on_chosen(out, session, options, run);
    };
    verb("delegate", "Bind LET to a validator: it earns a share of its fees, and is lost in part when it votes twice",
         delegate_let);
    verb("unbond", "Take LET out; it is back after the unbonding delay", unbond_let);
}

}  // namespace

void add_validator(Session& session) {
    CLI::App* validator = session.root->add_subcommand("validator", "Who decides blocks, and the LET bonded to them");
    validator->require_subcommand(1);
    auto options = std::make_shared<ValidatorOptions>();
    CLI::App* made = validator->add_subcommand("create", "Stand for the set with a key and LET of your own");
    made->add_option("let", options->let, "How many LET: 1.25, or 1250000ulet")->required();
    made->add_option("--name", options->name, "For people")->required();
    made->add_option("--commission", options->commission, "Of what delegators earn, in percent")
        ->default_val("5")
        ->capture_default_str();
    made->add_option("--key-file", options->key_file, "CometBFT's priv_validator_key.json of the node");
    made->add_option("--consensus-key", options->key, "Its ed25519 public key, base64");
    made->footer(
        "Example: sublet validator create 1000 --name ann --key-file node/cometbft/config/priv_validator_key.json");
    on_chosen(made, session, options, create_validator);
    auto edited = std::make_shared<ValidatorOptions>();
    CLI::App* changed = validator->add_subcommand("edit", "Another name or commission; it rises by 5% a day at most");
    changed->add_option("--name", edited->name, "For people");
    changed->add_option("--commission", edited->commission, "In percent");
    on_chosen(changed, session, edited, edit_validator);
    add_moves(validator, session);
    auto none = std::make_shared<NoOptions>();
    on_chosen(validator->add_subcommand("unjail", "Come back after an absence"), session, none, unjail_validator);
    auto earned = std::make_shared<ValidatorOptions>();
    CLI::App* paid = validator->add_subcommand("rewards", "What you have bonded and earned; with a validator: take it");
    paid->add_option("validator", earned->who, "Key or address of its operator");
    on_chosen(paid, session, earned, show_or_take_rewards);
    on_chosen(validator->add_subcommand("list", "All validators"), session, none, list_validators);
    auto shown = std::make_shared<ValidatorOptions>();
    CLI::App* one = validator->add_subcommand("show", "One validator");
    one->add_option("validator", shown->who, "Key or address of its operator; else your own");
    on_chosen(one, session, shown, show_validator);
}

}  // namespace sublet::cli
