// cosmos_accounts.cpp: /cosmos/auth and /cosmos/bank: accounts, balances, supply, denominations, as wallets ask.
#include "api/cosmos.hpp"
#include "app/ante.hpp"
#include "modules/bank/bank.hpp"
#include "net/quiet.hpp"

namespace sublet::api {

namespace {

constexpr std::string_view kAuth = "Cosmos: accounts";
constexpr std::string_view kBank = "Cosmos: balances";

// What a handler needs: the state at the height that was asked for, and the call.
struct Reading {
    const app::Committed& at;
    const Call& call;
    [[nodiscard]] const ledger::View& view() const { return at.view; }
    [[nodiscard]] Result<Address> address() const { return account::parse(call.text("address"), "address"); }
};

template <Result<Json> (*Answer)(const Reading&)>
Task<net::Response> read(ServicePtr service, Call call) {
    Result<std::shared_ptr<const app::Committed>> state = state_of(*service, call);
    if (!state) {
        co_return problem(state.error(), Dialect::kCosmos);
    }
    Result<Json> body = Answer({**state, call});
    co_return body ? cosmos_answer_at(**state, *std::move(body)) : cosmos_answer(body);
}

Json coin(Amount amount, std::string_view denom) {
    return {{"denom", denom}, {"amount", std::to_string(amount.value())}};
}

Result<account::Account> account_at(const Reading& reading) {
    TRY(address, reading.address());
    const std::optional<account::Account> found = account::find(reading.view(), address);
    if (!found) {
        return fail(Code::kNotFound,
                    "account " + reading.call.text("address") + " not found: nothing was ever sent to this address");
    }
    return *found;
}

Json base_account(const account::Account& account) {
    const bool known = account.public_key != FixedBytes<33>{};
    return {{"address", crypto::to_bech32(account.address)},
            {"pub_key", known ? proto_public_key(view_of(account.public_key)) : Json{}},
            {"account_number", std::to_string(account.number.value())},
            {"sequence", std::to_string(account.sequence)}};
}

Result<Json> get_account(const Reading& reading) {
    TRY(found, account_at(reading));
    Json account = {{"@type", "/cosmos.auth.v1beta1.BaseAccount"}};
    account.update(base_account(found));
    return Json{{"account", std::move(account)}};
}
Result<Json> get_account_info(const Reading& reading) {
    TRY(found, account_at(reading));
    return Json{{"info", base_account(found)}};
}

Result<Json> get_auth_params(const Reading&) {
    return Json{{"params",
                 {{"max_memo_characters", std::to_string(ledger::kMaxMemoBytes)},
                  {"tx_sig_limit", "1"},
                  {"tx_size_cost_per_byte", std::to_string(app::kGasPerByte)},
                  {"sig_verify_cost_ed25519", "0"},  // not taken; a secp256k1 signature is in the message's gas
                  {"sig_verify_cost_secp256k1", "0"}}}};
}

Result<Json> get_bech32(const Reading&) { return Json{{"bech32_prefix", crypto::kAddressPrefix}}; }

Result<Json> get_balances(const Reading& reading) {
    TRY(address, reading.address());
    TRY(page, cosmos_page(reading.call));
    Json balances = Json::array();
    for (const std::string_view denom : {bank::kCredit, bank::kLet}) {
        if (const Amount amount = bank::balance(reading.view(), address, denom); !amount.is_zero()) {
            balances.push_back(coin(amount, denom));
        }
    }
    Json pagination = cut_page(balances, page);
    return Json{{"balances", std::move(balances)}, {"pagination", std::move(pagination)}};
}

Result<Json> get_balance(const Reading& reading) {
    TRY(address, reading.address());
    const std::string denom = reading.call.text("denom");
    return Json{{"balance", coin(bank::balance(reading.view(), address, denom), denom)}};
}

// What is not burnt: balances, what leases hold, fees taken.
Amount in_being(const ledger::View& view, std::string_view denom) {
    const bank::Supply supply = bank::supply(view, denom);
    return Amount{supply.issued.value() - supply.burnt.value()};
}

Result<Json> get_supply(const Reading& reading) {
    TRY(page, cosmos_page(reading.call));
    Json supply = Json::array();
    for (const std::string_view denom : {bank::kCredit, bank::kLet}) {
        if (const Amount amount = in_being(reading.view(), denom); !amount.is_zero()) {
            supply.push_back(coin(amount, denom));
        }
    }
    Json pagination = cut_page(supply, page);
    return Json{{"supply", std::move(supply)}, {"pagination", std::move(pagination)}};
}

Result<Json> get_supply_of(const Reading& reading) {
    const std::string denom = reading.call.text("denom");
    return Json{{"amount", coin(in_being(reading.view(), denom), denom)}};
}

Result<Json> get_bank_params(const Reading&) {
    return Json{{"params", {{"send_enabled", Json::array()}, {"default_send_enabled", true}}}};
}

Json metadata(std::string_view base, std::string_view display, std::string_view name, std::string_view symbol,
              std::string_view description) {
    constexpr unsigned kDecimals = 6;
    return {{"description", description},
            {"denom_units",
             {{{"denom", base}, {"exponent", 0}, {"aliases", Json::array()}},
              {{"denom", display}, {"exponent", kDecimals}, {"aliases", Json::array()}}}},
            {"base", base},
            {"display", display},
            {"name", name},
            {"symbol", symbol},
            {"uri", ""},
            {"uri_hash", ""}};
}

Json all_metadata() {
    return {metadata(bank::kCredit, "credit", "Compute credit", "CREDIT",
                     "What prices, escrow and fees are in; one credit is one US dollar of computing."),
            metadata(bank::kLet, "let", "LET", "LET", "The network's token: stake and governance.")};
}

Result<Json> get_metadatas(const Reading& reading) {
    TRY(page, cosmos_page(reading.call));
    Json metadatas = all_metadata();
    Json pagination = cut_page(metadatas, page);
    return Json{{"metadatas", std::move(metadatas)}, {"pagination", std::move(pagination)}};
}

Result<Json> get_metadata(const Reading& reading) {
    const std::string denom = reading.call.text("denom");
    for (Json& each : all_metadata()) {
        if (each["base"] == denom) {
            return Json{{"metadata", std::move(each)}};
        }
    }
    return fail(Code::kNotFound, "there is no denomination " + denom.substr(0, 64));
}

// Schemas, in the order of the answers above.
Json base_account_properties(Schemas& schemas) {
    return {{"address", address_schema(schemas)},
            {"pub_key", or_null(public_key_schema(schemas))},
            {"account_number", uint64_schema(schemas)},
            {"sequence", uint64_schema(schemas)}};
}
Json account_schema(Schemas& schemas) {
    Json properties = {{"@type", {{"const", "/cosmos.auth.v1beta1.BaseAccount"}}}};
    properties.update(base_account_properties(schemas));
    return object_schema({{"account", object_schema(std::move(properties))}});
}
Json account_info_schema(Schemas& schemas) {
    return object_schema({{"info", object_schema(base_account_properties(schemas))}});
}
Json auth_params_schema(Schemas& schemas) {
    Json params = Json::object();
    for (const char* name : {"max_memo_characters", "tx_sig_limit", "tx_size_cost_per_byte", "sig_verify_cost_ed25519",
                             "sig_verify_cost_secp256k1"}) {
        params[name] = uint64_schema(schemas);
    }
    return object_schema({{"params", object_schema(std::move(params))}});
}
Json bech32_schema(Schemas&) { return object_schema({{"bech32_prefix", any_text()}}); }
Json balances_schema(Schemas& schemas) {
    return object_schema({{"balances", list_schema(coin_schema(schemas))}, {"pagination", page_schema(schemas)}});
}
Json balance_schema(Schemas& schemas) { return object_schema({{"balance", coin_schema(schemas)}}); }
Json supply_schema(Schemas& schemas) {
    return object_schema({{"supply", list_schema(coin_schema(schemas))}, {"pagination", page_schema(schemas)}});
}
Json supply_of_schema(Schemas& schemas) { return object_schema({{"amount", coin_schema(schemas)}}); }
Json bank_params_schema(Schemas&) {
    return object_schema(
        {{"params", object_schema({{"send_enabled", empty_list()}, {"default_send_enabled", truth_schema()}})}});
}
Json make_metadata(Schemas&) {
    const Json unit =
        object_schema({{"denom", any_text()}, {"exponent", uint32_schema()}, {"aliases", list_schema(any_text())}});
    Json properties = {{"denom_units", list_schema(unit)}};
    for (const char* name : {"description", "base", "display", "name", "symbol", "uri", "uri_hash"}) {
        properties[name] = any_text();
    }
    return object_schema(std::move(properties));
}
Json metadatas_schema(Schemas& schemas) {
    return object_schema({{"metadatas", list_schema(schemas.named("cosmos.Metadata", make_metadata))},
                          {"pagination", page_schema(schemas)}});
}
Json metadata_schema(Schemas& schemas) {
    return object_schema({{"metadata", schemas.named("cosmos.Metadata", make_metadata)}});
}

const Parameter kAddress = {.name = "address", .kind = Kind::kAddress, .summary = "The account."};
const Parameter kDenom = {
    .name = "denom", .summary = "ucredit or ulet.", .required = true, .most = 128, .example = "ucredit"};

}  // namespace

std::vector<Route> cosmos_account_routes() {
    const std::vector<Code> pruned = {Code::kNotFound, Code::kHeightPruned};
    const auto row = [&](std::string_view tag, std::string_view path, std::string_view summary, RouteHandler handler,
                         SchemaOf schema, std::vector<Parameter> parameters = {}) {
        return cosmos_get(tag, {path, summary, handler, schema, std::move(parameters), pruned});
    };
    const std::string_view bank = kBank;
    return {
        row(kAuth, "/cosmos/auth/v1beta1/accounts/{address}", "An account's number, sequence and key.",
            read<get_account>, account_schema, {kAddress}),
        row(kAuth, "/cosmos/auth/v1beta1/account_info/{address}", "The same without its type.", read<get_account_info>,
            account_info_schema, {kAddress}),
        row(kAuth, "/cosmos/auth/v1beta1/params", "Limits of a transaction.", read<get_auth_params>,
            auth_params_schema),
        row(kAuth, "/cosmos/auth/v1beta1/bech32", "The prefix of addresses.", read<get_bech32>, bech32_schema),
        row(bank, "/cosmos/bank/v1beta1/balances/{address}", "What an account has.", read<get_balances>,
            balances_schema, with_page({kAddress})),
        row(bank, "/cosmos/bank/v1beta1/balances/{address}/by_denom", "What an account has of one denomination.",
            read<get_balance>, balance_schema, {kAddress, kDenom}),
        row(bank, "/cosmos/bank/v1beta1/spendable_balances/{address}",
            "The same as its balances: nothing on an account is locked.", read<get_balances>, balances_schema,
            with_page({kAddress})),
        row(bank, "/cosmos/bank/v1beta1/spendable_balances/{address}/by_denom",
            "What an account can spend of one denomination.", read<get_balance>, balance_schema, {kAddress, kDenom}),
        row(bank, "/cosmos/bank/v1beta1/supply", "What there is of each denomination.", read<get_supply>, supply_schema,
            with_page({})),
        row(bank, "/cosmos/bank/v1beta1/supply/by_denom", "What there is of one denomination.", read<get_supply_of>,
            supply_of_schema, {kDenom}),
        row(bank, "/cosmos/bank/v1beta1/params", "Whether transfers are taken.", read<get_bank_params>,
            bank_params_schema),
        row(bank, "/cosmos/bank/v1beta1/denoms_metadata", "Names and decimals of the denominations.",
            read<get_metadatas>, metadatas_schema, with_page({})),
        row(bank, "/cosmos/bank/v1beta1/denoms_metadata/{denom}", "Name and decimals of one denomination.",
            read<get_metadata>, metadata_schema, {kDenom}),
    };
}

}  // namespace sublet::api
