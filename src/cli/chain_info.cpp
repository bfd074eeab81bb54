// chain_info.cpp: `sublet chain-info`: the document with which a wallet adds this network.
#include "cli/verbs.hpp"
#include "net/quiet.hpp"

namespace sublet::cli {
namespace {

constexpr std::uint64_t kTimeoutMs = 10'000;

struct ChainInfoOptions {
    std::string format = "keplr";
    std::string out;
};

// The node writes it: with the address that it is reached at, as its ledger's parameters are.
Result<int> chain_info(Context& context, const ChainInfoOptions& options) {
    TRY(chain, context.chain());
    net::Request request;
    request.target = options.format == "keplr"   ? "/.well-known/chain-info.json"
                     : options.format == "chain" ? "/.well-known/chain.json"
                                                 : "/.well-known/assetlist.json";
    TRY(response, context.wait(context.transport->send(chain->node(), std::move(request), kTimeoutMs)));
    if (response.status != 200) {
        return fail(Code::kHttp, "the node answers " + std::to_string(response.status) +
                                     " where its chain info should be; is --node right, and as new as this program?");
    }
    if (options.out.empty()) {
        print_json(response.body);
        return kExitOk;
    }
    TRY_OK(context.files->write(options.out, response.body + "\n", 0644));
    if (context.globals.json) {
        print_json(fmt::format(R"({{"file":{}}})", json_quoted(options.out)));
    } else {
        fmt::print("written to {}\n", options.out);
    }
    return kExitOk;
}

}  // namespace

void add_chain_info(Session& session) {
    CLI::App* command = session.root->add_subcommand("chain-info", "What a wallet must know to add this network");
    auto options = std::make_shared<ChainInfoOptions>();
    command->add_option("--format", options->format, "keplr (ChainInfo), or the chain registry's chain or assets")
        ->check(CLI::IsMember({"keplr", "chain", "assets"}));
    command->add_option("--out", options->out, "File to write; else it is printed");
    command->footer("Example: sublet chain-info --out chain-info.json");
    on_chosen(command, session, options, chain_info);
}

}  // namespace sublet::cli
