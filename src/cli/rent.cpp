// rent.cpp: `sublet rent FILE`: from a deployment file to something that answers, in one command.
#include <algorithm>

#include "cli/format.hpp"
#include "cli/lease_view.hpp"
#include "cli/rent_follow.hpp"
#include "cli/rent_plan.hpp"
#include "cli/verbs.hpp"
#include "modules/market/messages_order.hpp"

namespace sublet::cli {
namespace {

struct RentOptions {
    std::string file;
    std::string max_price;
    std::string deposit;
    bool dry_run = false;
    bool empty_folders = false;
    bool detach = false;
    bool wait_for_offer = false;
    std::uint64_t timeout_s = 900;
};

void print_no_match(const RentPlan& plan) {
    for (const GroupPlan& group : plan.groups) {
        if (!group.quotes.empty()) {
            continue;
        }
        fmt::print(stderr, "group {}: {}\n", group.spec.name,
                   group.rejections.empty() ? "there are no offers" : "no offer matches");
        for (const Rejection& each : group.rejections) {
            for (const market::Mismatch& reason : each.reasons) {
                fmt::print(stderr, "  offer {}: {}{}{}\n", each.offer.value(), reason.why,
                           reason.fix.empty() ? "" : "; would match: ", reason.fix);
            }
        }
    }
    fmt::print(stderr, "nothing was rented and nothing paid; --wait leaves the order open until an offer comes\n");
}

// Creates the deployment; manifest and nonce are on disk before anything is on the ledger.
Result<Rental> create(Context& context, const RentPlan& plan, const RentOptions& options) {
    TRY(key, context.unlock());
    TRY(signer, client::Signer::make(context.loop, key.secret));
    SavedDeployment saved;
    saved.chain_id = plan.network.chain_id;
    saved.file = plan.file;
    saved.manifest = plan.deployment.canonical_json;
    TRY(nonce, fixed_from<32>(context.random->bytes(32)));
    saved.nonce = nonce;
    TRY_OK(save_pending(*context.files, context.home(), saved));

    market::MsgCreateDeployment message;
    message.owner = signer->text();
    for (const GroupPlan& group : plan.groups) {
        message.groups.push_back(group.spec);
    }
    message.commitment = Bytes{view_of(commitment_of(saved))};
    if (!options.deposit.empty()) {
        TRY(deposit, parse_credits(options.deposit));
        message.deposit = deposit;
    }
    TRY(chain, context.chain());
    std::vector<client::TxMessage> messages{client::pack(message)};
    const auto progress = context.progress("waiting for the block");
    Result<client::TxOutcome> outcome = context.wait(chain->submit(*signer, std::move(messages)));
    if (!outcome) {
        const bool may_still_come = outcome.error().code == Code::kTimeout || outcome.error().code == Code::kIo;
        if (!may_still_come) {
            (void)forget_pending(*context.files, context.home(), saved);  // only tidiness
        }
        return std::unexpected{std::move(outcome).error()};
    }
    const std::string id_text = outcome->attribute("sublet.market.deployment_created", "deployment");
    const std::optional<std::uint64_t> id = parse_id(id_text);
    if (!id) {
        return fail(Code::kParse, "the node did not say which deployment was created; `sublet lease ls` shows it");
    }
    TRY_OK(save_as(*context.files, context.home(), saved, DeploymentId{*id}));
    return Rental{DeploymentId{*id}, saved, key.secret, {}};
}

void print_result(Context& context, const Rental& rental) {
    if (context.globals.json) {
        print_json(rental_json(rental));
        return;
    }
    Rate rate;
    for (const RentedLease& each : rental.leases) {
        fmt::print("lease {} is {} at {}\n", each.lease.id.value(), shown(each.lease, each.provider),
                   short_address(crypto::to_bech32(each.provider.owner)));
        if (each.view) {
            print_services(*each.view);
        }
        rate = saturating_add(rate, each.lease.account.rate);
    }
    const std::uint64_t lease = rental.leases.empty() ? 0 : rental.leases.front().lease.id.value();
    fmt::print("price  {}\n", price_line(rate));
    for (const RentedLease& each : rental.leases) {
        fmt::print("paid   {} for up to {} of lease {}\n", credits(each.lease.account.deposited),
                   duration(escrow::affordable_floor(each.lease.account)), each.lease.id.value());
    }
    fmt::print("logs   sublet lease logs {} -f\nend    sublet lease close {}\n", lease, lease);
}

Result<int> rent(Context& context, const RentOptions& options) {
    std::optional<Rate> most;
    if (!options.max_price.empty()) {
        TRY(rate, parse_hourly_floor(options.max_price));
        most = rate;
    }
    TRY(plan, make_plan(context, options.file, most, {.empty_folders = options.empty_folders}));
    if (options.dry_run) {
        if (context.globals.json) {
            print_json(plan_json(plan));
        } else {
            print_plan(plan, true);
        }
        return plan.all_match() ? kExitOk : kExitNoMatch;
    }
    if (!plan.all_match() && !options.wait_for_offer) {
        if (context.globals.json) {
            print_json(plan_json(plan));
        } else {
            print_no_match(plan);
        }
        return kExitNoMatch;
    }
    if (!context.globals.json && plan.all_match()) {
        fmt::print(stderr, "cheapest match: {}\n", price_line(plan.cheapest()));
    }
    TRY(rental, create(context, plan, options));
    const std::uint64_t deadline_ms = context.clock->monotonic_ms() + options.timeout_s * 1000;
    if (!context.globals.json) {
        fmt::print(stderr, "deployment {}\n", rental.deployment.value());
    }
    TRY_OK(wait_for_leases(context, rental, deadline_ms));
    TRY_OK(send_manifests(context, rental, deadline_ms));
    if (!options.detach) {
        TRY_OK(wait_until_running(context, rental, deadline_ms));
    }
    print_result(context, rental);
    return kExitOk;
}

}  // namespace

void add_rent(Session& session) {
    CLI::App* command =
        session.root->add_subcommand("rent", "Rent what a deployment file describes, and wait until it runs");
    auto options = std::make_shared<RentOptions>();
    command->add_option("file", options->file, "A deployment file (SDL 2.0 or 2.1) or a docker compose file")
        ->required();
    command->add_flag("--dry-run", options->dry_run,
                      "Show groups, price and matching offers, and why others do not match");
    command->add_flag("--empty-folders", options->empty_folders,
                      "Folders of this machine that a compose file mounts become volumes that start empty");
    command->add_flag("--detach", options->detach, "Return as soon as the manifest is sent");
    command->add_flag("--wait", options->wait_for_offer, "Leave the order open when no offer matches yet");
    command->add_option("--max-price", options->max_price, "Most credits per hour for everything together");
    command->add_option("--deposit", options->deposit, "Credits to deposit for each group; else 24 hours' worth");
    command->add_option("--timeout", options->timeout_s, "Seconds to wait until it runs")->capture_default_str();
    command->footer("Example: sublet rent examples/web.yaml --max-price 0.05");
    on_chosen(command, session, options, rent);
}

}  // namespace sublet::cli
