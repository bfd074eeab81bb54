// new_job.cpp: creates jobs.
#include "cli/new_job.hpp"

#include <unistd.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <iostream>

#include "agent/job_store.hpp"
#include "cli/exit.hpp"
#include "cli/format.hpp"
#include "cli/rent_follow.hpp"
#include "cli/task_array.hpp"
#include "jobs/archive.hpp"
#include "modules/job/messages.hpp"

namespace sublet::cli {
namespace {

constexpr std::uint64_t kRoomPercent = 125;  // over the cheapest offer: workers weigh their own speed

struct Quote {
    Amount pay;
    Amount cap;
    Amount messages;
    Amount bond;
    [[nodiscard]] Amount locked(std::uint32_t tasks) const { return Amount{cap.value() * tasks}; }
};

// What the cheapest offer that has room would take for this much machine and time.
Result<Amount> cheapest_pay(Context& context, client::Chain& chain, const jobs::Package& package,
                            std::uint64_t seconds) {
    TRY(offers, context.wait(chain.offers()));
    market::ResourceUnit unit;
    unit.cpu_milli = package.cpu_milli;
    unit.memory_bytes = package.memory_bytes;
    unit.count = 1;
    std::optional<Rate> least;
    for (const market::Offer& each : offers) {
        if (each.state == market::OfferState::kActive && each.capacity.cpu_milli >= package.cpu_milli &&
            each.capacity.memory_bytes >= package.memory_bytes) {
            const Rate rate = market::rate_ceil({unit}, each.price);
            least = least ? std::min(*least, rate) : rate;
        }
    }
    if (!least) {
        return fail(Code::kUsage, "no offer is large enough to tell a price; say what a task pays with --pay");
    }
    const u128 nano = u128{least->value()} * seconds * kRoomPercent / 100;
    return Amount{std::max<std::uint64_t>(1, static_cast<std::uint64_t>((nano + 999'999'999) / 1'000'000'000))};
}

Result<Quote> quote_of(Context& context, client::Chain& chain, const jobs::Package& package, const JobTerms& terms) {
    Quote out;
    if (terms.pay.empty()) {
        TRY(pay, cheapest_pay(context, chain, package, terms.estimate_s));
        out.pay = pay;
    } else {
        TRY(pay, parse_credits(terms.pay));
        out.pay = pay;
    }
    out.cap = out.pay;
    if (!terms.pay_cap.empty()) {
        TRY(cap, parse_credits(terms.pay_cap));
        out.cap = cap;
    }
    TRY(params, context.wait(chain.params()));
    out.messages = job::price_of_messages(package.tasks, params);
    out.bond = params.object_bond;
    return out;
}

void print_quote(const Quote& quote, const jobs::Package& package) {
    fmt::print(stderr,
               "{} task{} at {} each: at most {} locked now, what is not earned comes back\n"
               "messages of workers {}; bond {}, comes back\n",
               package.tasks, package.tasks == 1 ? "" : "s", credits(quote.pay), credits(quote.locked(package.tasks)),
               credits(quote.messages), credits(quote.bond));
}

bool says_yes() {
    fmt::print(stderr, "create the job? [y/N] ");
    std::string answer;
    std::getline(std::cin, answer);
    return answer == "y" || answer == "yes";
}

Result<SavedJob> create(Context& context, client::Chain& chain, SavedJob saved, const jobs::Package& package,
                        const Quote& quote, const JobTerms& terms) {
    TRY(signer, context.signer());
    job::MsgCreateJob message;
    message.owner = signer->text();
    message.kind = package.kind;
    message.content = Bytes{view_of(jobs::content_of(saved.package))};
    message.tasks = package.tasks;
    message.pay = quote.pay;
    message.pay_cap = quote.cap;
    message.start_timeout = Millis{terms.start_timeout_s * 1'000};
    message.task_timeout = Millis{terms.timeout_s * 1'000};
    message.window = Millis{terms.window_s * 1'000};
    message.at_once = terms.at_once;
    std::vector<client::TxMessage> messages{client::pack(message)};
    const auto progress = context.progress("waiting for the block");
    Result<client::TxOutcome> outcome = context.wait(chain.submit(*signer, std::move(messages)));
    if (!outcome) {
        if (outcome.error().code != Code::kTimeout && outcome.error().code != Code::kIo) {
            (void)forget_job(saved);  // nobody needs it
        }
        return std::unexpected{std::move(outcome).error()};
    }
    const std::optional<std::uint64_t> id = parse_id(outcome->attribute("sublet.job.job_created", "job"));
    if (!id) {
        return fail(Code::kParse, "the node did not say which job was created; `sublet job ls` shows it");
    }
    return name_job(context.home(), std::move(saved), JobId{*id});
}

}  // namespace

void add_terms(CLI::App* command, JobTerms& terms) {
    command->add_option("--cores", terms.cores, "Cores of a task; Cycles gives the same bits everywhere with one")
        ->capture_default_str();
    command->add_option("--memory", terms.memory, "Memory of a task")->capture_default_str();
    command->add_option("--output-max", terms.output_max, "Most that a task may leave (in /task/out)")
        ->capture_default_str();
    command->add_option("--pay", terms.pay, "Credits that a task pays; else by the cheapest offer and --estimate");
    command->add_option("--pay-cap", terms.pay_cap, "Most credits a task may come to pay after time-outs; else --pay");
    command->add_option("--estimate", terms.estimate_s, "Seconds that a task takes, for the price")
        ->capture_default_str();
    command->add_option("--timeout", terms.timeout_s, "Seconds that a task may take")->capture_default_str();
    command->add_option("--window", terms.window_s, "Seconds to look at a result before it is accepted by itself")
        ->capture_default_str();
    command->add_option("--at-once", terms.at_once, "Most tasks that run at once")->capture_default_str();
    command->add_option("--out", terms.out, "Folder that results go to")->capture_default_str();
    command->add_flag("--report", terms.report, "Write report.json and report.html beside the results");
    add_swarm_terms(command, terms.no_swarm, terms.upload_limit);
    command->add_flag("--yes,-y", terms.yes, "Do not ask");
    command->add_flag("--detach", terms.detach, "Return once the job is created; `sublet job watch` goes on");
    command->add_flag("--no-approve", terms.no_approve,
                      "Approve nothing by itself: look, then `sublet job approve` or `reject`");
}

Result<> fill_package(jobs::Package& package, const JobTerms& terms, const char* option, const std::string& array) {
    TRY(values, parse_array(option, array));
    package.first = values.first;
    package.step = values.step;
    package.tasks = values.tasks;
    package.cpu_milli = static_cast<std::uint32_t>(terms.cores * 1'000);
    TRY(memory, parse_size("--memory", terms.memory));
    package.memory_bytes = memory;
    TRY(output, parse_size("--output-max", terms.output_max));
    package.output_max_bytes = output;
    return {};
}

Result<std::filesystem::path> pack_input(Context& context, jobs::Package& package,
                                         const std::filesystem::path& folder) {
    const auto progress = context.progress("packing " + folder.string());
    TRY_OK(ensure_folder(*context.files, context.home() / "jobs"));
    const std::filesystem::path archive =
        context.home() / "jobs" / ("input-" + to_hex(context.random->bytes(8)) + ".tar");
    TRY(packed, jobs::pack(folder, archive, {.max_bytes = agent::kMaxJobInputBytes}));
    package.input = jobs::Input{packed.bytes, packed.sha256};
    return archive;
}

int print_job_end(Context& context, const JobCount& count, const std::filesystem::path& out) {
    const job::Job& job = count.job;
    if (context.globals.json) {
        print_json(fmt::format(R"({{"job":{},"fetched":{},"out":{},"sent_bytes":{},"image":{}}})", codec::to_json(job),
                               count.fetched, json_quoted(out.string()), count.sent_bytes,
                               count.image.empty() ? "null" : json_quoted(count.image)));
    } else {
        fmt::print("job {} is {}: {} of {} tasks done, {} failed, {} paid, results in {}\n", job.id.value(),
                   to_name(job.state), job.accepted + job.in_review, job.tasks, job.failed, credits(job.paid),
                   out.string());
        if (!count.image.empty()) {
            fmt::print("image {}\n", count.image);
        }
        if (job.failed > 0) {
            fmt::print("retry  sublet job retry {}\n", job.id.value());
        }
    }
    return job.accepted + job.in_review == job.tasks ? kExitOk : kExitFailed;
}

// The archive goes with whatever ends this before it was moved to the job's folder.
struct Scratch {
    const std::filesystem::path& file;
    ~Scratch() {
        std::error_code ignored;
        std::filesystem::remove(file, ignored);
    }
};

Result<int> run_new_job(Context& context, jobs::Package package, const std::filesystem::path& input,
                        const JobTerms& terms) {
    const Scratch scratch{input};
    TRY(swarm, swarm_terms(terms.no_swarm, terms.upload_limit));
    TRY(chain, context.chain());
    TRY(quote, quote_of(context, *chain, package, terms));
    if (!context.globals.json) {
        print_quote(quote, package);
    }
    if (!terms.yes && ::isatty(STDIN_FILENO) != 0 && !says_yes()) {
        return fail(Code::kCancelled, "nothing was created and nothing paid");
    }
    TRY(network, context.wait(chain->status()));
    SavedJob saved;
    saved.chain_id = network.chain_id;
    saved.out = std::filesystem::absolute(terms.out).lexically_normal();
    saved.still = terms.still;
    package.salt = context.random->bytes(32);
    TRY(json, jobs::to_json(package));
    saved.package = json;
    TRY(kept, save_job(context.home(), std::move(saved), input));
    TRY(created, create(context, *chain, std::move(kept), package, quote, terms));
    if (!context.globals.json) {
        fmt::print(stderr, "job {}\n", created.id.value());
    }
    const FollowOptions follow{.seed = true, .approve = !terms.no_approve, .until_idle = false, .swarm = swarm};
    if (terms.detach) {
        fmt::print("job {} is created; bring it to workers and fetch results with: sublet job watch {}\n",
                   created.id.value(), created.id.value());
        return kExitOk;
    }
    const std::filesystem::path out = created.out;
    TRY(follower, JobFollower::make(context, std::move(created), follow));
    const auto progress = context.progress("bringing the job to workers");
    TRY(count, follower->run(*progress));
    if (terms.report) {
        TRY_OK(context.files->write(out / "report.json", report_json(count.job, package, count.seen), 0644));
        TRY_OK(context.files->write(out / "report.html", report_html(count.job, package, count.seen), 0644));
    }
    return print_job_end(context, count, out);
}

}  // namespace sublet::cli
