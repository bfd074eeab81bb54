// lease.cpp: `sublet lease`: list, look at, follow, fund and end what was rented.
#include <algorithm>

#include "cli/format.hpp"
#include "cli/lease_view.hpp"
#include "cli/rent_follow.hpp"
#include "cli/verbs.hpp"
#include "modules/market/messages.hpp"
#include "net/quiet.hpp"

namespace sublet::cli {
namespace {

constexpr std::uint64_t kTickMs = 1'000;

struct ListOptions {
    std::string who;
    bool all = false;
};
struct LeaseOptions {
    std::uint64_t id = 0;
    bool watch = false;
    std::uint64_t for_s = 0;
    bool follow = false;
    std::string service;
    std::uint32_t tail = 0;
    bool tail_given = false;
    std::string amount;
    bool lease_only = false;
    bool no_wait = false;
    bool deployment = false;
    std::uint64_t timeout_s = 120;
};

struct Record {
    market::Lease lease;
    provider::Provider provider;
    query::StatusReply network;
};

net::Task<Result<Record>> read_record(client::Chain& chain, LeaseId id) {
    CO_TRY(network, co_await chain.status());
    CO_TRY(lease, co_await chain.lease(id));
    CO_TRY(provider, co_await chain.provider(lease.provider));
    Record out{std::move(lease), std::move(provider), std::move(network)};
    co_return out;
}

Result<int> list(Context& context, const ListOptions& options) {
    Address tenant;
    if (options.who.empty()) {
        TRY(info, context.key_info());
        tenant = info.address;
    } else {
        TRY(address, context.address_of(options.who));
        tenant = address;
    }
    TRY(chain, context.chain());
    const auto progress = context.progress("reading leases");
    TRY(leases, context.wait(chain->leases_of_tenant(tenant)));
    if (!options.all) {
        std::erase_if(leases, [](const market::Lease& each) { return each.state == market::LeaseState::kClosed; });
    }
    if (context.globals.json) {
        print_json(fmt::format(R"({{"leases":{}}})", json_list(leases)));
        return kExitOk;
    }
    std::vector<std::vector<std::string>> rows;
    for (const market::Lease& each : leases) {
        rows.push_back({std::to_string(each.id.value()), std::to_string(each.deployment.value()),
                        std::string{to_name(each.state)}, short_address(crypto::to_bech32(each.provider)),
                        rate_number_ceil(each.account.rate, kSecondsPerHour), credits_number(each.account.deposited)});
    }
    if (rows.empty()) {
        fmt::print("no {}leases; rent something with `sublet rent FILE`\n", options.all ? "" : "open ");
    } else {
        fmt::print("{}", table({"LEASE", "DEPLOYMENT", "STATE", "PROVIDER", "CREDITS/H", "DEPOSITED"}, rows));
    }
    return kExitOk;
}

void print_bill(const Record& record, const Bill& bill) {
    fmt::print("billed    {} for {}{}\n", precise_credits(bill.pico), duration(bill.served),
               bill.extrapolated ? " (extrapolated since the last heartbeat)" : "");
    if (record.lease.account.running) {
        fmt::print("left      {}, lasts {}\n", credits(bill.left), duration(bill.lasts));
    }
}

// Once a second, a line with the bill, until the lease ends or the time is over.
Result<int> watch(Context& context, client::Chain& chain, const LeaseOptions& options) {
    const std::uint64_t until_ms = context.clock->monotonic_ms() + options.for_s * 1000;
    while (true) {
        TRY(record, context.wait(read_record(chain, LeaseId{options.id})));
        const Bill bill = bill_of(record.lease, record.provider, record.network, context.clock->unix_ms());
        fmt::print("{}  {}  {}  {}\n", utc_time(context.clock->unix_ms()), shown(record.lease, record.provider),
                   precise_credits(bill.pico), duration(bill.served));
        std::fflush(stdout);
        const bool over = options.for_s > 0 && context.clock->monotonic_ms() + kTickMs > until_ms;
        if (over || record.lease.state == market::LeaseState::kClosed) {
            return kExitOk;
        }
        context.wait(context.clock->sleep(kTickMs));
    }
}

// What the provider says; nothing when the key is not the tenant's or it does not answer.
std::optional<client::LeaseView> ask_provider(Context& context, const Record& record) {
    const Result<client::UnlockedKey> key = context.unlock();
    if (!key || key->info.address != record.lease.tenant) {
        return std::nullopt;
    }
    auto gateway = gateway_client(context, record.provider, record.network.chain_id, key->secret);
    if (!gateway) {
        return std::nullopt;
    }
    Result<client::LeaseView> view = context.wait((*gateway)->status(record.lease.id));
    if (!view) {
        fmt::print(stderr, "note: {}\n", view.error().message);
        return std::nullopt;
    }
    return std::move(*view);
}

Result<int> status(Context& context, const LeaseOptions& options) {
    TRY(chain, context.chain());
    if (options.watch) {
        return watch(context, *chain, options);
    }
    TRY(record, context.wait(read_record(*chain, LeaseId{options.id})));
    const market::Lease& lease = record.lease;
    const bool open = lease.state != market::LeaseState::kClosed;
    const std::optional<client::LeaseView> view = open ? ask_provider(context, record) : std::nullopt;
    const Bill bill = bill_of(lease, record.provider, record.network, context.clock->unix_ms());
    if (context.globals.json) {
        print_json(fmt::format(
            R"({{"lease":{},"shown_state":"{}","billed_ms":"{}","billed_ucredit":"{}","left_ucredit":"{}","extrapolated":{},"status":{}}})",
            codec::to_json(lease), market::shown_state(lease, record.provider), bill.served.value(),
            bill.earned.value(), bill.left.value(), bill.extrapolated, view ? view->json : "null"));
        return kExitOk;
    }
    if (!open) {
        print_closing(lease);
        return kExitOk;
    }
    fmt::print("lease     {} of deployment {}, {}\n", lease.id.value(), lease.deployment.value(),
               shown(lease, record.provider));
    fmt::print("provider  {} at {}\n", crypto::to_bech32(lease.provider), record.provider.gateway_uri);
    fmt::print("price     {}\n", price_line(lease.account.rate));
    print_bill(record, bill);
    if (view) {
        fmt::print("services\n");
        print_services(*view);
    }
    return kExitOk;
}

Result<std::unique_ptr<client::ProviderClient>> gateway_of(Context& context, LeaseId id) {
    TRY(chain, context.chain());
    TRY(record, context.wait(read_record(*chain, id)));
    TRY(key, context.unlock());
    if (key.info.address != record.lease.tenant) {
        return fail(Code::kUnauthorized,
                    fmt::format("lease {} is {}'s, and key {} is not theirs: choose another with --key", id.value(),
                                crypto::to_bech32(record.lease.tenant), key.info.name));
    }
    return gateway_client(context, record.provider, record.network.chain_id, key.secret);
}

net::Task<Result<>> print_log(bool json, client::LogView view) {
    if (json) {
        print_json(fmt::format(R"({{"service":{},"replica":{},"time":{},"line":{}}})", json_quoted(view.service),
                               view.replica, json_quoted(view.time), json_quoted(view.line)));
    } else {
        fmt::print("{} {}\n", paint(fmt::terminal_color::cyan, fmt::format("{}/{}", view.service, view.replica)),
                   view.line);
    }
    std::fflush(stdout);
    co_return Result<>{};
}

Result<int> logs(Context& context, const LeaseOptions& options) {
    TRY(gateway, gateway_of(context, LeaseId{options.id}));
    client::LogQuery query;
    query.service = options.service;
    query.follow = options.follow;
    if (options.tail_given) {
        query.tail = options.tail;
    }
    const bool json = context.globals.json;
    client::LogSink sink = [json](client::LogView view) { return print_log(json, std::move(view)); };
    TRY_OK(context.wait(gateway->logs(LeaseId{options.id}, std::move(query), std::move(sink))));
    return kExitOk;
}

net::Task<Result<>> print_event(bool json, client::GatewayEvent event) {
    if (json) {
        print_json(fmt::format(R"({{"time":{},"kind":{},"text":{}}})", json_quoted(event.time), json_quoted(event.kind),
                               json_quoted(event.text)));
    } else {
        fmt::print("{}  {}  {}\n", event.time, event.kind, event.text);
    }
    std::fflush(stdout);
    co_return Result<>{};
}

Result<int> events(Context& context, const LeaseOptions& options) {
    TRY(gateway, gateway_of(context, LeaseId{options.id}));
    const bool json = context.globals.json;
    client::EventSink sink = [json](client::GatewayEvent event) { return print_event(json, std::move(event)); };
    TRY_OK(context.wait(gateway->events(LeaseId{options.id}, options.follow, std::move(sink))));
    return kExitOk;
}

Result<int> resend(Context& context, const LeaseOptions& options) {
    const LeaseId id{options.id};
    TRY(chain, context.chain());
    TRY(record, context.wait(read_record(*chain, id)));
    TRY(deployment, context.wait(chain->deployment(record.lease.deployment)));
    TRY(saved,
        load_saved(*context.files, context.home(), record.network.chain_id, deployment.id, deployment.commitment));
    TRY(gateway, gateway_of(context, id));
    TRY_OK(context.wait(gateway->put_manifest(id, saved.nonce, saved.manifest)));
    if (!context.globals.json) {
        fmt::print("the provider has the manifest of {} again\n", saved.file);
    }
    return kExitOk;
}

Result<client::TxOutcome> submit_one(Context& context, client::Signer& signer, client::TxMessage message) {
    TRY(chain, context.chain());
    const auto progress = context.progress("waiting for the block");
    std::vector<client::TxMessage> messages{std::move(message)};
    return context.wait(chain->submit(signer, std::move(messages)));
}

Result<int> top_up(Context& context, const LeaseOptions& options) {
    TRY(amount, parse_credits(options.amount));
    TRY(chain, context.chain());
    TRY(lease, context.wait(chain->lease(LeaseId{options.id})));
    TRY(signer, context.signer());
    market::MsgTopUp message;
    message.depositor = signer->text();
    message.deployment = lease.deployment;
    message.amount = amount;
    TRY(outcome, submit_one(context, *signer, client::pack(message)));
    TRY(record, context.wait(read_record(*chain, LeaseId{options.id})));
    if (context.globals.json) {
        print_json(fmt::format(R"({{"tx":"{}","lease":{}}})", to_hex_upper(view_of(outcome.hash)),
                               codec::to_json(record.lease)));
        return kExitOk;
    }
    const Bill bill = bill_of(record.lease, record.provider, record.network, context.clock->unix_ms());
    fmt::print("deposited {} for deployment {}; lease {} is {} and lasts {}\n", credits(amount),
               lease.deployment.value(), options.id, shown(record.lease, record.provider), duration(bill.lasts));
    return kExitOk;
}

Result<bool> others_open(Context& context, const market::Lease& lease) {
    TRY(chain, context.chain());
    TRY(leases, context.wait(chain->leases_of_tenant(lease.tenant)));
    return std::ranges::any_of(leases, [&](const market::Lease& each) {
        return each.deployment == lease.deployment && each.id != lease.id && each.state != market::LeaseState::kClosed;
    });
}

// The whole deployment when this is its last open lease: then the bond comes back too.
Result<client::TxMessage> closing_message(Context& context, const market::Lease& lease, const std::string& tenant,
                                          bool lease_only) {
    TRY(others, others_open(context, lease));
    if (others || lease_only) {
        market::MsgCloseLease message;
        message.tenant = tenant;
        message.lease = lease.id;
        return client::pack(message);
    }
    market::MsgCloseDeployment message;
    message.owner = tenant;
    message.deployment = lease.deployment;
    return client::pack(message);
}

net::Task<Result<market::Lease>> await_closed(client::Chain& chain, net::Clock& clock, LeaseId id,
                                              std::uint64_t deadline_ms) {
    std::uint64_t pause_ms = 20;
    while (true) {
        CO_TRY(lease, co_await chain.lease(id));
        if (lease.state == market::LeaseState::kClosed) {
            co_return lease;
        }
        if (clock.monotonic_ms() >= deadline_ms) {
            co_return fail(Code::kTimeout, fmt::format("lease {} is closing, but its provider has not settled it yet; "
                                                       "`sublet lease status {}` shows when it has",
                                                       id.value(), id.value()));
        }
        co_await clock.sleep(pause_ms);
        pause_ms = std::min<std::uint64_t>(pause_ms * 2, 500);
    }
}

// Its open orders end with it (they may never have had a lease): what they hold comes back.
Result<> close_deployment(Context& context, DeploymentId id) {
    TRY(signer, context.signer());
    market::MsgCloseDeployment message;
    message.owner = signer->text();
    message.deployment = id;
    TRY_OK(submit_one(context, *signer, client::pack(message)));
    fmt::print(stderr, "deployment {} is closed; what its orders held is back\n", id.value());
    return {};
}

// A closed lease whose order is open again would hold its tenant's money until the order expires.
Result<> close_what_waits(Context& context, const market::Lease& lease) {
    TRY(chain, context.chain());
    const Result<market::Deployment> deployment = context.wait(chain->deployment(lease.deployment));
    TRY(others, others_open(context, lease));
    const bool waits = deployment && deployment->state == market::DeploymentState::kActive && !others;
    return waits ? close_deployment(context, deployment->id) : Result<>{};
}

Result<int> close(Context& context, const LeaseOptions& options) {
    TRY(chain, context.chain());
    if (options.deployment) {
        TRY_OK(close_deployment(context, DeploymentId{options.id}));
        return kExitOk;
    }
    TRY(lease, context.wait(chain->lease(LeaseId{options.id})));
    if (lease.state != market::LeaseState::kClosing && lease.state != market::LeaseState::kClosed) {
        TRY(signer, context.signer());
        TRY(message, closing_message(context, lease, signer->text(), options.lease_only));
        TRY_OK(submit_one(context, *signer, std::move(message)));
    } else if (lease.state == market::LeaseState::kClosed && !options.lease_only) {
        TRY_OK(close_what_waits(context, lease));
    }
    if (options.no_wait) {
        return kExitOk;
    }
    const auto progress = context.progress("waiting for the provider to settle");
    const std::uint64_t deadline_ms = context.clock->monotonic_ms() + options.timeout_s * 1000;
    TRY(closed, context.wait(await_closed(*chain, *context.clock, lease.id, deadline_ms)));
    if (context.globals.json) {
        print_json(codec::to_json(closed));
    } else {
        print_closing(closed);
    }
    return kExitOk;
}

CLI::App* add_one(CLI::App* lease, const char* name, const char* what, const std::shared_ptr<LeaseOptions>& options) {
    CLI::App* command = lease->add_subcommand(name, what);
    command->add_option("lease", options->id, "The lease's number")->required();
    return command;
}

}  // namespace

void add_lease(Session& session) {
    CLI::App* lease = session.root->add_subcommand("lease", "What was rented: list, look at, follow, fund, end");
    lease->require_subcommand(1);

    auto listed = std::make_shared<ListOptions>();
    CLI::App* command = lease->add_subcommand("ls", "List leases");
    command->add_option("who", listed->who, "A tenant: a key's name or an address; else --key");
    command->add_flag("--all,-a", listed->all, "Closed ones too");
    on_chosen(command, session, listed, list);

    auto options = std::make_shared<LeaseOptions>();
    command = add_one(lease, "status", "State, bill, services and addresses", options);
    command->add_flag("--watch,-w", options->watch, "A line with the bill every second");
    command->add_option("--for", options->for_s, "Seconds to watch; else until the lease ends");
    on_chosen(command, session, options, status);

    command = add_one(lease, "logs", "What the services write", options);
    command->add_flag("-f,--follow", options->follow, "Go on with new lines");
    command->add_option("--service", options->service, "Only this service");
    command->add_option("--tail", options->tail, "Only the last N lines of each replica")
        ->each([options](const std::string&) { options->tail_given = true; });
    on_chosen(command, session, options, logs);

    command = add_one(lease, "events", "What the provider did for it", options);
    command->add_flag("-f,--follow", options->follow, "Go on with new events");
    on_chosen(command, session, options, events);

    command = add_one(lease, "manifest", "Send the manifest to the provider again", options);
    on_chosen(command, session, options, resend);

    command = add_one(lease, "top-up", "Deposit more for the lease's deployment", options);
    command->add_option("amount", options->amount, "Credits")->required();
    on_chosen(command, session, options, top_up);

    command = add_one(lease, "close", "End it; what is not used comes back", options);
    command->add_flag("--lease-only", options->lease_only,
                      "Keep the deployment (and its bond) even if nothing else runs");
    command->add_flag("--deployment", options->deployment, "The number is a deployment's: end it with its open orders");
    command->add_flag("--no-wait", options->no_wait, "Do not wait for the final bill");
    command->add_option("--timeout", options->timeout_s, "Seconds to wait for the final bill")->capture_default_str();
    on_chosen(command, session, options, close);
}

}  // namespace sublet::cli
