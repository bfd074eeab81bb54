// node_export.cpp: `sublet node export`: the state of a stopped node as the beginning of a new network.
#include <future>

#include "cli/format.hpp"
#include "cli/verbs.hpp"
#include "engine/begin_state.hpp"
#include "engine/genesis.hpp"
#include "engine/state_file.hpp"

namespace sublet::cli {
namespace {

namespace fs = std::filesystem;

constexpr std::uint64_t kLookMs = 50;  // at how far it is

struct ExportArguments {
    std::string data;
    std::string to;
    std::string chain_id;
};

struct Exported {
    app::Genesis genesis;
    std::string from;  // the old network's name
    std::uint64_t leaves = 0;
    std::uint64_t bytes = 0;
};

// "sublet-local-1" goes on as "sublet-local-2", and a name without a number as "…-2".
std::string next_name(const std::string& chain_id) {
    const std::size_t end = chain_id.find_last_not_of("0123456789") + 1;
    const std::string digits = chain_id.substr(end);
    constexpr std::size_t kMaxDigits = 9;
    return digits.empty() || digits.size() > kMaxDigits
               ? chain_id + "-2"
               : chain_id.substr(0, end) + std::to_string(std::stoul(digits) + 1);
}

// Runs beside the loop; `written` is how many records are.
Result<Exported> export_state(const fs::path& folder, const ExportArguments& arguments,
                              std::atomic<std::uint64_t>& written) {
    std::error_code problem;
    if (!fs::exists(folder / "CURRENT", problem)) {
        return fail(Code::kUsage, "there is no ledger in " + folder.string() + ": name the node's folder with --data");
    }
    TRY(store, store::Store::open(folder));
    TRY(stored, store->load());
    if (!stored) {
        return fail(Code::kUsage, "no chain has begun in " + folder.string());
    }
    if (stored->state.root_hash() != stored->app_hash) {
        return fail(Code::kStoreDamaged, "the state in " + folder.string() +
                                             " is not the one that was committed: restore a copy of the folder");
    }
    const std::string name = arguments.chain_id.empty() ? next_name(stored->chain_id) : arguments.chain_id;
    TRY(genesis, engine::exported_genesis(*stored, name));
    const fs::path state_file = engine::state_file_beside(arguments.to);
    if (state_file == fs::path{arguments.to}) {
        return fail(Code::kUsage, "--to names the genesis file: give it another ending than .state");
    }
    TRY_OK(engine::write_state_file(state_file, stored->state, [&](std::uint64_t leaves) { written = leaves; }));
    TRY_OK(engine::write_genesis(arguments.to, genesis));
    return Exported{.genesis = std::move(genesis),
                    .from = stored->chain_id,
                    .leaves = stored->state.size(),
                    .bytes = fs::file_size(state_file, problem)};
}

Result<int> node_export(Context& context, const ExportArguments& arguments) {
    const fs::path data = arguments.data.empty() ? context.home() / "node" : fs::path{arguments.data};
    std::atomic<std::uint64_t> written = 0;
    std::future<Result<Exported>> work =
        std::async(std::launch::async, [&] { return export_state(data / "ledger", arguments, written); });
    {
        const auto progress = context.progress("reading the ledger");
        while (work.wait_for(std::chrono::seconds{0}) != std::future_status::ready) {
            context.wait(context.clock->sleep(kLookMs));
            if (const std::uint64_t leaves = written; leaves > 0) {
                progress->say(fmt::format("writing the state: {} records", leaves));
            }
        }
    }
    TRY(made, work.get());
    const std::string state_file = engine::state_file_beside(arguments.to).string();
    if (context.globals.json) {
        print_json(fmt::format(
            R"({{"genesis":{},"state":{},"chain_id":{},"from":{},"state_height":"{}","state_root":"{}","records":"{}","bytes":"{}"}})",
            json_quoted(arguments.to), json_quoted(state_file), json_quoted(made.genesis.chain_id),
            json_quoted(made.from), made.genesis.state_height.value(), to_hex(made.genesis.state_root), made.leaves,
            made.bytes));
        return kExitOk;
    }
    fmt::print(
        "{} at height {} goes on as {}\n  {}: the new network's genesis\n  {}: {} records, {}; keep it beside\n"
        "start it with: sublet node --data FOLDER --genesis {}\n",
        made.from, made.genesis.state_height.value(), made.genesis.chain_id, arguments.to, state_file, made.leaves,
        bytes_text(made.bytes), arguments.to);
    return kExitOk;
}

}  // namespace

void add_node_export(CLI::App* node, Session& session) {
    CLI::App* command = node->add_subcommand(
        "export",
        "Write what a stopped node holds as the genesis of a new network: accounts, leases and escrow go on there\n"
        "Example: sublet node export --data node --to genesis.json");
    auto arguments = std::make_shared<ExportArguments>();
    command->add_option("--data", arguments->data, "Folder of the ledger; else <home>/node");
    command->add_option("--to", arguments->to, "Genesis file to write; the state goes beside it, ending in .state")
        ->required();
    command->add_option("--chain-id", arguments->chain_id, "Name of the new network; else the old one, counted on");
    on_chosen(command, session, arguments, node_export);
}

}  // namespace sublet::cli
