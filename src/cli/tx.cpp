// tx.cpp: `sublet tx show`: what became of a transaction.
#include "app/app.hpp"
#include "cli/format.hpp"
#include "cli/verbs.hpp"

namespace sublet::cli {
namespace {

struct TxOptions {
    std::string hash;
};

std::string events_json(const client::TxOutcome& outcome) {
    std::string out;
    for (const ledger::Event& event : outcome.events) {
        std::string attributes;
        for (const ledger::EventAttribute& each : event.attributes) {
            attributes +=
                fmt::format("{}{}:{}", attributes.empty() ? "" : ",", json_quoted(each.key), json_quoted(each.value));
        }
        out += fmt::format(R"({}{{"type":{},"attributes":{{{}}}}})", out.empty() ? "" : ",", json_quoted(event.type),
                           attributes);
    }
    return out;
}

Result<int> show(Context& context, const TxOptions& options) {
    TRY(bytes, from_hex(options.hash));
    const Result<Hash> hash = fixed_from<32>(bytes);
    if (!hash) {
        return fail(Code::kUsage, "a transaction's hash has 64 hexadecimal digits");
    }
    TRY(chain, context.chain());
    Result<client::TxOutcome> found = context.wait(chain->transaction(*hash));
    if (!found && found.error().code == Code::kNotFound) {
        return fail(Code::kNotFound, "no block has this transaction (yet); is --node right, and was it accepted?");
    }
    if (!found) {
        return std::unexpected{std::move(found).error()};
    }
    const Result<ledger::Transaction> parsed = ledger::decode_transaction(found->bytes);
    const std::string body = parsed ? app::transaction_json(*parsed) : "null";
    if (context.globals.json) {
        print_json(fmt::format(
            R"({{"hash":"{}","height":"{}","code":{},"codename":"{}","log":{},"gas_wanted":"{}","gas_used":"{}","events":[{}],"tx":{}}})",
            to_hex_upper(view_of(found->hash)), found->height.value(), static_cast<std::uint32_t>(found->code),
            code_name(found->code), json_quoted(found->log), found->gas_wanted, found->gas_used, events_json(*found),
            body));
        return kExitOk;
    }
    fmt::print("hash    {}\nblock   {}\nresult  {}{}{}\ngas     {} of {}\n", to_hex_upper(view_of(found->hash)),
               found->height.value(), code_name(found->code), found->log.empty() ? "" : ": ", found->log,
               found->gas_used, found->gas_wanted);
    for (const ledger::Event& event : found->events) {
        fmt::print("event   {}", event.type);
        for (const ledger::EventAttribute& each : event.attributes) {
            fmt::print(" {}={}", each.key, each.value);
        }
        fmt::print("\n");
    }
    fmt::print("{}\n", body);
    return kExitOk;
}

}  // namespace

void add_tx(Session& session) {
    CLI::App* tx = session.root->add_subcommand("tx", "Transactions");
    tx->require_subcommand(1);
    auto options = std::make_shared<TxOptions>();
    CLI::App* command = tx->add_subcommand("show", "What became of a transaction");
    command->add_option("hash", options->hash, "64 hexadecimal digits")->required();
    on_chosen(command, session, options, show);
}

}  // namespace sublet::cli
