// rest_wallets.cpp: /.well-known/…: what a wallet must know to show this network: prefixes, coins, gas prices,
// addresses. Shapes: Keplr's ChainInfo, and chain.json and assetlist.json of the Cosmos chain registry.
#include <algorithm>

#include "api/routes.hpp"
#include "crypto/address.hpp"
#include "ledger/params.hpp"
#include "net/quiet.hpp"

namespace sublet::api {

namespace {

constexpr int kCoinType = 118;  // SLIP-44 of ATOM: what wallets use for Cosmos networks without a number of their own
constexpr std::size_t kMaxHostBytes = 255;

struct Coin {
    const char* symbol;
    const char* base;
    const char* display;
    const char* name;
    const char* what;
};
constexpr Coin kCredit = {"CREDIT", "ucredit", "credit", "Compute credit", "Pays for computing power: 1 US dollar."};
constexpr Coin kLet = {"LET", "ulet", "let", "LET", "The network's token."};

bool is_host(std::string_view text) {
    return !text.empty() && text.size() <= kMaxHostBytes && std::ranges::all_of(text, [](char c) {
        return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
               std::string_view{".-:[]_"}.find(c) != std::string_view::npos;
    });
}

std::string header_of(const net::Request& request, std::string_view name) {
    const auto found = request.headers.find(name);
    return found == request.headers.end() ? std::string{} : found->second;
}

// Where the asker reached this node: by the Host it asked for, over TLS if a proxy in front says so.
std::string url_of(const Service& service, const net::Request& request) {
    const std::string host = header_of(request, "host");
    const std::string scheme = header_of(request, "x-forwarded-proto") == "https" ? "https://" : "http://";
    if (is_host(host)) {
        return scheme + host;
    }
    return "http://" + service.listen_address.substr(std::string_view{"tcp://"}.size());
}

// ucredit per unit of gas: what the ledger wants, a tenth more, a half more.
struct GasPrices {
    double low, average, high;
};
GasPrices gas_prices(const Service& service) {
    const auto params = ledger::load<ledger::Params>(service.engine->committed()->view, ledger::params_key());
    const std::uint64_t nano = params.value_or(ledger::Params{}).gas_price_nano;
    const auto times = [&](std::uint64_t tenths) {
        const std::uint64_t rounded_up = nano / 10 * tenths + (nano % 10 * tenths + 9) / 10;
        return static_cast<double>(rounded_up) / 1e9;
    };
    return {.low = times(10), .average = times(11), .high = times(15)};
}

Json bech32_config() {
    const std::string prefix{crypto::kAddressPrefix};
    return {{"bech32PrefixAccAddr", prefix},
            {"bech32PrefixAccPub", prefix + "pub"},
            {"bech32PrefixValAddr", prefix + "valoper"},
            {"bech32PrefixValPub", prefix + "valoperpub"},
            {"bech32PrefixConsAddr", prefix + "valcons"},
            {"bech32PrefixConsPub", prefix + "valconspub"}};
}

Json currency(const Coin& coin) {
    return {{"coinDenom", coin.symbol}, {"coinMinimalDenom", coin.base}, {"coinDecimals", 6}};
}

std::string pretty_name(const std::string& chain_id) {
    return chain_id.starts_with("sublet") ? chain_id : "sublet " + chain_id;
}

Json chain_info(const Service& service, const net::Request& request) {
    const std::string url = url_of(service, request);
    const std::string& chain_id = service.engine->genesis().chain_id;
    const GasPrices prices = gas_prices(service);
    Json fee = currency(kCredit);
    fee["gasPriceStep"] = {{"low", prices.low}, {"average", prices.average}, {"high", prices.high}};
    return {{"chainId", chain_id},
            {"chainName", pretty_name(chain_id)},
            {"rpc", url},
            {"rest", url},
            {"bip44", {{"coinType", kCoinType}}},
            {"bech32Config", bech32_config()},
            {"currencies", {currency(kCredit), currency(kLet)}},
            {"feeCurrencies", {std::move(fee)}},
            {"stakeCurrency", currency(kLet)},
            {"features", Json::array()}};
}

// The registry's names are of small letters and digits.
std::string registry_name(const std::string& chain_id) {
    std::string out;
    for (const char c : chain_id) {
        if ((c >= 'a' && c <= 'z') || (c >= '0' && c <= '9')) {
            out += c;
        } else if (c >= 'A' && c <= 'Z') {
            out += static_cast<char>(c - 'A' + 'a');
        }
    }
    return out.empty() ? std::string{crypto::kAddressPrefix} : out;
}

Json registry_chain(const Service& service, const net::Request& request) {
    const std::string url = url_of(service, request);
    const std::string& chain_id = service.engine->genesis().chain_id;
    const GasPrices prices = gas_prices(service);
    const bool for_trying = service.engine->genesis().params.faucet_amount != Amount{};
    Json token = {{"denom", kCredit.base},
                  {"fixed_min_gas_price", prices.low},
                  {"low_gas_price", prices.low},
                  {"average_gas_price", prices.average},
                  {"high_gas_price", prices.high}};
    return {{"$schema", "../chain.schema.json"},
            {"chain_name", registry_name(chain_id)},
            {"chain_type", "cosmos"},
            {"chain_id", chain_id},
            {"pretty_name", pretty_name(chain_id)},
            {"status", "live"},
            {"network_type", for_trying ? "testnet" : "mainnet"},
            {"bech32_prefix", crypto::kAddressPrefix},
            {"bech32_config", bech32_config()},
            {"daemon_name", "sublet"},
            {"key_algos", {"secp256k1"}},
            {"slip44", kCoinType},
            {"fees", {{"fee_tokens", {std::move(token)}}}},
            {"staking", {{"staking_tokens", {{{"denom", kLet.base}}}}}},
            {"apis", {{"rpc", {{{"address", url}}}}, {"rest", {{{"address", url}}}}}}};
}

Json asset(const Coin& coin) {
    Json base = {{"denom", coin.base}, {"exponent", 0}};
    Json display = {{"denom", coin.display}, {"exponent", 6}};
    return {{"description", coin.what}, {"denom_units", {std::move(base), std::move(display)}},
            {"type_asset", "sdk.coin"}, {"base", coin.base},
            {"name", coin.name},        {"display", coin.display},
            {"symbol", coin.symbol}};
}

Json asset_list(const Service& service, const net::Request&) {
    return {{"$schema", "../assetlist.schema.json"},
            {"chain_name", registry_name(service.engine->genesis().chain_id)},
            {"assets", {asset(kCredit), asset(kLet)}}};
}

// The addresses in it are those that the asker used, so nothing between may keep it for others.
template <Json (*make)(const Service&, const net::Request&)>
Task<net::Response> get_document(ServicePtr service, Call call) {
    net::Response out = json_response(200, make(*service, call.request));
    out.headers["cache-control"] = "no-store";
    co_return out;
}

Json object_with(const std::vector<const char*>& names) {
    Json required = Json::array();
    for (const char* name : names) {
        required.push_back(name);
    }
    return {{"type", "object"}, {"required", std::move(required)}};
}
Json chain_info_schema(Schemas&) {
    return object_with({"chainId", "chainName", "rpc", "rest", "bip44", "bech32Config", "currencies", "feeCurrencies",
                        "stakeCurrency", "features"});
}
Json registry_chain_schema(Schemas&) {
    return object_with({"chain_name", "chain_type", "chain_id", "bech32_prefix", "slip44", "fees", "apis"});
}
Json asset_list_schema(Schemas&) { return object_with({"chain_name", "assets"}); }

Route row(std::string_view path, std::string_view summary, RouteHandler handler, Answer answer) {
    return {.method = "GET",
            .path = path,
            .tag = "Wallets",
            .summary = summary,
            .handler = handler,
            .answers = {std::move(answer)},
            .open_query = true};
}

}  // namespace

std::vector<Route> wallet_routes() {
    return {row("/.well-known/chain-info.json", "This network as wallets add it (Keplr's ChainInfo).",
                get_document<chain_info>, {.summary = "The document.", .schema = chain_info_schema}),
            row("/.well-known/chain.json", "This network as the Cosmos chain registry describes one.",
                get_document<registry_chain>, {.summary = "The document.", .schema = registry_chain_schema}),
            row("/.well-known/assetlist.json", "Its coins as the Cosmos chain registry lists them.",
                get_document<asset_list>, {.summary = "The document.", .schema = asset_list_schema})};
}

}  // namespace sublet::api
