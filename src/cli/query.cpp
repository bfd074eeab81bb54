// query.cpp: `sublet query`: single records of the ledger, as the node says them or proved (--verify).
#include "cli/format.hpp"
#include "cli/verbs.hpp"
#include "cli/verified.hpp"
#include "client/loose_json.hpp"
#include "net/quiet.hpp"

namespace sublet::cli {
namespace {

namespace light = client::light;

struct RecordOptions {
    std::string what;
    std::uint64_t id = 0;
    VerifyOptions verify;
};
struct BlockOptions {
    std::uint64_t height = 0;
};

// A record of type T, or the exit code for none.
template <codec::Struct T>
Result<int> show_record(Context& context, const VerifyOptions& options, Bytes key, const std::string& what) {
    TRY(records, Records::open(context, options));
    TRY(found, records->record<T>(std::move(key)));
    if (context.globals.json) {
        print_json(fmt::format(R"({{"record":{},"verified":{}}})", found ? codec::to_json(*found) : "null",
                               records->evidence_json()));
    } else {
        fmt::print("{}\n", found ? codec::to_json(*found) : "the ledger has no " + what);
        records->print_evidence();
    }
    return found ? kExitOk : kExitNotFound;
}

Result<int> query_balance(Context& context, const RecordOptions& options) {
    TRY(address, context.address_of(options.what));
    return show_balance(context, address, options.verify);
}

Result<int> query_account(Context& context, const RecordOptions& options) {
    TRY(address, context.address_of(options.what));
    return show_record<account::Account>(context, options.verify, account::account_key(address),
                                         "account " + options.what);
}

Result<int> query_provider(Context& context, const RecordOptions& options) {
    TRY(address, context.address_of(options.what));
    return show_record<provider::Provider>(context, options.verify, provider::provider_key(address),
                                           "provider " + options.what);
}

Result<int> query_lease(Context& context, const RecordOptions& options) {
    return show_record<market::Lease>(context, options.verify, market::lease_key(LeaseId{options.id}),
                                      fmt::format("lease {}", options.id));
}

Result<int> query_deployment(Context& context, const RecordOptions& options) {
    return show_record<market::Deployment>(context, options.verify, market::deployment_key(DeploymentId{options.id}),
                                           fmt::format("deployment {}", options.id));
}

Result<int> query_offer(Context& context, const RecordOptions& options) {
    return show_record<market::Offer>(context, options.verify, market::offer_key(OfferId{options.id}),
                                      fmt::format("offer {}", options.id));
}

Result<int> query_key(Context& context, const RecordOptions& options) {
    TRY(key, from_hex(options.what));
    TRY(records, Records::open(context, options.verify));
    TRY(found, records->read(std::move(key)));
    if (context.globals.json) {
        print_json(fmt::format(R"({{"value":{},"verified":{}}})", found ? "\"" + to_hex(*found) + "\"" : "null",
                               records->evidence_json()));
    } else {
        fmt::print("{}\n", found ? to_hex(*found) : "the ledger has no such record");
        records->print_evidence();
    }
    return found ? kExitOk : kExitNotFound;
}

// What --trust takes: for others to be given, by somebody whose node this is.
Result<int> query_block(Context& context, const BlockOptions& options) {
    TRY(chain, context.chain());
    nlohmann::json parameters = nlohmann::json::object();
    if (options.height != 0) {
        parameters["height"] = std::to_string(options.height);
    }
    std::string method = "commit";
    TRY(answer, context.wait(chain->rpc(std::move(method), std::move(parameters))));
    TRY(block, light::parse_commit(answer));
    if (block.commit.signatures.empty()) {
        return fail(Code::kUnsupported,
                    "nobody signs blocks here: this is one machine's ledger (engine solo), not a network's");
    }
    const std::string hash = to_hex_upper(view_of(light::header_hash(block.header)));
    if (context.globals.json) {
        print_json(fmt::format(R"({{"chain_id":{},"height":"{}","hash":"{}","time":"{}"}})",
                               json_quoted(block.header.chain_id), block.header.height, hash,
                               light::time_text(block.header.time)));
    } else {
        fmt::print("{}:{}\n", block.header.height, hash);
    }
    return kExitOk;
}

struct Verb {
    const char* name;
    const char* help;
    Result<int> (*run)(Context&, const RecordOptions&);
};

void add_record(CLI::App* query, Session& session, const Verb& verb, bool by_id, const char* argument,
                const char* argument_help) {
    auto options = std::make_shared<RecordOptions>();
    CLI::App* command = query->add_subcommand(verb.name, verb.help);
    if (by_id) {
        command->add_option(argument, options->id, argument_help)->required();
    } else {
        command->add_option(argument, options->what, argument_help)->required();
    }
    add_verify(command, options->verify);
    command->footer(fmt::format("Example: sublet query {} … --verify --witness http://other-node:26657", verb.name));
    on_chosen(command, session, options, verb.run);
}

}  // namespace

void add_query(Session& session) {
    CLI::App* query =
        session.root->add_subcommand("query", "Single records of the ledger, proved where you say --verify");
    query->require_subcommand(1);
    constexpr const char* kWho = "A key's name or an address";
    add_record(query, session, {"balance", "What an account has", query_balance}, false, "who", kWho);
    add_record(query, session, {"account", "An account's number and sequence", query_account}, false, "who", kWho);
    add_record(query, session, {"provider", "A provider's record", query_provider}, false, "owner", kWho);
    add_record(query, session, {"lease", "A lease's record", query_lease}, true, "id", "Its number");
    add_record(query, session, {"deployment", "A deployment's record", query_deployment}, true, "id", "Its number");
    add_record(query, session, {"offer", "An offer's record", query_offer}, true, "id", "Its number");
    add_record(query, session, {"key", "The bytes under a raw key of the state", query_key}, false, "key",
               "In hexadecimal digits (docs/spec/transactions.md)");
    auto block = std::make_shared<BlockOptions>();
    CLI::App* command =
        query->add_subcommand("block", "HEIGHT:HASH of the node's newest block, as others' --trust takes it");
    command->add_option("height", block->height, "Of another block than the newest");
    on_chosen(command, session, block, query_block);
}

}  // namespace sublet::cli
