// wallet.cpp: `sublet wallet`: keys, balances, transfers.
#include <fstream>
#include <iostream>
#include <iterator>

#include "cli/format.hpp"
#include "cli/verbs.hpp"
#include "cli/verified.hpp"
#include "modules/bank/messages.hpp"

namespace sublet::cli {
namespace {

struct NewOptions {
    std::string name;
    int words = 24;
};
struct ImportOptions {
    std::string name;
    std::string file = "-";
    bool secret = false;
    client::KeyPath path;
};
struct BalanceOptions {
    std::string who;
    VerifyOptions verify;
};
struct SendOptions {
    std::string to;
    std::string amount;
    std::string denom = std::string{bank::kCredit};
    std::string memo;
};
std::string key_json(const client::KeyInfo& info) {
    return fmt::format(R"({{"name":"{}","address":"{}"}})", info.name, crypto::to_bech32(info.address));
}

Result<int> make(Context& context, const NewOptions& options) {
    TRY(passphrase, context.new_passphrase());
    const auto length = options.words == 12 ? client::MnemonicLength::k12 : client::MnemonicLength::k24;
    TRY(created, context.keyring().create(options.name, passphrase, length));
    const std::string address = crypto::to_bech32(created.info.address);
    if (context.globals.json) {
        print_json(fmt::format(R"({{"name":"{}","address":"{}","mnemonic":"{}"}})", options.name, address,
                               created.mnemonic.text()));
        return kExitOk;
    }
    fmt::print("key      {}\naddress  {}\n\n{}\n\n", options.name, address, created.mnemonic.text());
    fmt::print(
        "These words are the key. Write them down now and keep them secret: they are shown once, and whoever has "
        "them has the money.\n");
    return kExitOk;
}

Result<Bytes> read_words(const std::string& file) {
    if (file == "-") {
        return Bytes{std::istreambuf_iterator<char>{std::cin}, std::istreambuf_iterator<char>{}};
    }
    std::ifstream stream{file, std::ios::binary};
    if (!stream) {
        return fail(Code::kUsage, fmt::format("cannot read {}", file));
    }
    return Bytes{std::istreambuf_iterator<char>{stream}, std::istreambuf_iterator<char>{}};
}

Result<int> import(Context& context, const ImportOptions& options) {
    if (options.file == "-") {
        fmt::print(stderr, "Type the {}, then Ctrl-D:\n", options.secret ? "secret key in hex" : "words");
    }
    TRY(text, read_words(options.file));
    client::Wiped words{std::move(text)};
    Result<client::KeyInfo> info = fail(Code::kInternal, "");
    if (options.secret) {
        std::string_view hex = words.view();
        while (!hex.empty() && (hex.back() == '\n' || hex.back() == ' ' || hex.back() == '\r')) {
            hex.remove_suffix(1);
        }
        TRY(bytes, from_hex(hex));
        TRY(secret, crypto::SecretKey::from_bytes(bytes));
        TRY(passphrase, context.new_passphrase());
        info = context.keyring().import_secret(options.name, passphrase, secret);
    } else {
        TRY(mnemonic, client::Mnemonic::parse(words.view()));
        TRY(passphrase, context.new_passphrase());
        info = context.keyring().import_mnemonic(options.name, passphrase, mnemonic, options.path);
    }
    if (!info) {
        return std::unexpected{std::move(info).error()};
    }
    if (context.globals.json) {
        print_json(key_json(*info));
    } else {
        fmt::print("key      {}\naddress  {}\n", info->name, crypto::to_bech32(info->address));
    }
    return kExitOk;
}

Result<int> list(Context& context, const NoOptions&) {
    TRY(keys, context.keys());
    if (context.globals.json) {
        std::string out = "[";
        for (const client::KeyInfo& each : keys) {
            out += (out.size() == 1 ? "" : ",") + key_json(each);
        }
        print_json(fmt::format(R"({{"keys":{}]}})", out));
        return kExitOk;
    }
    std::vector<std::vector<std::string>> rows;
    for (const client::KeyInfo& each : keys) {
        rows.push_back({each.name, crypto::to_bech32(each.address)});
    }
    if (rows.empty()) {
        fmt::print("no keys yet; make one with `sublet wallet new NAME`\n");
    } else {
        fmt::print("{}", table({"NAME", "ADDRESS"}, rows));
    }
    return kExitOk;
}

Result<Address> who_of(Context& context, const std::string& who) {
    if (!who.empty()) {
        return context.address_of(who);
    }
    TRY(info, context.key_info());
    return info.address;
}

Result<int> balance(Context& context, const BalanceOptions& options) {
    TRY(address, who_of(context, options.who));
    return show_balance(context, address, options.verify);
}

int report(Context& context, const client::TxOutcome& outcome, const std::string& line) {
    if (context.globals.json) {
        print_json(fmt::format(R"({{"tx":"{}","height":"{}","gas_used":"{}"}})", to_hex_upper(view_of(outcome.hash)),
                               outcome.height.value(), outcome.gas_used));
    } else {
        fmt::print("{} (block {}, transaction {})\n", line, outcome.height.value(),
                   to_hex_upper(view_of(outcome.hash)));
    }
    return kExitOk;
}

Result<client::TxOutcome> submit_one(Context& context, client::Signer& signer, client::TxMessage message,
                                     std::string memo) {
    TRY(chain, context.chain());
    const auto progress = context.progress("waiting for the block");
    client::SubmitOptions options;
    options.memo = std::move(memo);
    std::vector<client::TxMessage> messages{std::move(message)};
    return context.wait(chain->submit(signer, std::move(messages), std::move(options)));
}

Result<int> send(Context& context, const SendOptions& options) {
    TRY(to, context.address_of(options.to));
    TRY(amount, parse_credits(options.amount));
    TRY(signer, context.signer());
    bank::MsgSend message;
    message.from_address = signer->text();
    message.to_address = crypto::to_bech32(to);
    message.amount.push_back(bank::coin_of(amount, options.denom));
    TRY(outcome, submit_one(context, *signer, client::pack(message), options.memo));
    const char* unit = options.denom == bank::kCredit ? "credits" : "LET";
    return report(context, outcome, fmt::format("sent {} {} to {}", credits_number(amount), unit, message.to_address));
}

Result<int> faucet(Context& context, const NoOptions&) {
    TRY(signer, context.signer());
    bank::MsgFaucet message;
    message.recipient = signer->text();
    TRY(outcome, submit_one(context, *signer, client::pack(message), {}));
    TRY(chain, context.chain());
    TRY(credit, context.wait(chain->balance(signer->address())));
    return report(context, outcome, fmt::format("the faucet gave; {} has {}", signer->text(), credits(credit)));
}

}  // namespace

void add_wallet(Session& session) {
    CLI::App* wallet = session.root->add_subcommand("wallet", "Keys, balances and transfers");
    wallet->require_subcommand(1);

    auto made = std::make_shared<NewOptions>();
    CLI::App* command = wallet->add_subcommand("new", "Make a key; its words are shown once");
    command->add_option("name", made->name, "The key's name: a-z 0-9 _ -")->required();
    command->add_option("--words", made->words, "12 or 24")->check(CLI::IsMember({12, 24}));
    on_chosen(command, session, made, make);

    auto imported = std::make_shared<ImportOptions>();
    command = wallet->add_subcommand("import", "Take over a key from the words of any Cosmos wallet");
    command->add_option("name", imported->name, "The key's name: a-z 0-9 _ -")->required();
    command->add_option("--file", imported->file, "Where the words are (- reads standard input)");
    command->add_flag("--secret", imported->secret, "It is a secret key of 64 hexadecimal digits, not words");
    command->add_option("--account", imported->path.account, "The path's account, m/44'/118'/ACCOUNT'/0/INDEX");
    command->add_option("--index", imported->path.index, "The path's index");
    on_chosen(command, session, imported, import);

    command = wallet->add_subcommand("ls", "List keys");
    on_chosen(command, session, std::make_shared<NoOptions>(), list);

    auto asked = std::make_shared<BalanceOptions>();
    command = wallet->add_subcommand("balance", "What an account has");
    command->add_option("who", asked->who, "A key's name or an address; else --key");
    add_verify(command, asked->verify);
    on_chosen(command, session, asked, balance);

    auto sent = std::make_shared<SendOptions>();
    command = wallet->add_subcommand("send", "Send credits");
    command->add_option("to", sent->to, "A key's name or an address")->required();
    command->add_option("amount", sent->amount, "Credits: 1.25, or 1250000ucredit")->required();
    command->add_option("--denom", sent->denom, "ucredit or ulet")->check(CLI::IsMember({"ucredit", "ulet"}));
    command->add_option("--memo", sent->memo, "A note, public for ever");
    on_chosen(command, session, sent, send);

    command = wallet->add_subcommand("faucet", "Get credits on a network for trying");
    on_chosen(command, session, std::make_shared<NoOptions>(), faucet);
}

}  // namespace sublet::cli
