// new_job.cpp: creates jobs.
#include "cli/new_job.hpp"

#include <unistd.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <iostream>

#include "agent/job_store.hpp"
#include "cli/exit.hpp"
#include "cli/finish_job.hpp"
#include "cli/format.hpp"
#include "cli/job_quote.hpp"
#include "cli/rent_follow.hpp"
#include "cli/task_array.hpp"
#include "jobs/archive.hpp"
#include "modules/job/messages.hpp"

namespace sublet::cli {
namespace {

constexpr std::uint64_t kProbeSeconds = 120;  // of the reference machine, for each prober

struct JobQuote {
    Amount pay;
    Amount cap;
    Amount messages;
    Amount bond;
    Amount budget;            // zero: all that it needs
    std::uint64_t price = 0;  // nano-ucredit for each RWU; zero: by pay
    Amount probe_pay;
    std::optional<audit::Terms> audit;
    std::size_t auditors = 0;  // that could be drawn
    [[nodiscard]] Amount locked(std::uint32_t tasks) const { return Amount{cap.value() * tasks}; }
};

Result<JobQuote> price_of(Context& context, client::Chain& chain, const jobs::Package& package, const JobTerms& terms) {
    JobQuote out;
    TRY(params, context.wait(chain.params()));
    out.messages = job::price_of_messages(package.tasks, params);
    out.bond = params.object_bond;
    if (!terms.budget.empty()) {
        TRY(budget, parse_credits(terms.budget));
        out.budget = budget;
    }
    if (!terms.engine.empty() && terms.pay.empty()) {
        TRY(rates, rates_for(context, chain, terms.engine));
        if (!rates.empty()) {
            TRY(price, price_of_work(context, chain, package, terms.price));
            out.price = price;
            out.probe_pay = Amount{std::max<std::uint64_t>(1, price * kProbeSeconds / 1'000'000'000)};
            return out;
        }
        if (!context.globals.json) {
            fmt::print(stderr, "no provider's rate for {} is known: paid by the cheapest offer and --estimate\n",
                       terms.engine);
        }
    }
    if (terms.pay.empty()) {
        TRY(rate, cheapest_rate(context, chain, package));
        const u128 nano = u128{rate.value()} * terms.estimate_s;
        out.pay = Amount{std::max<std::uint64_t>(1, static_cast<std::uint64_t>((nano + 999'999'999) / 1'000'000'000))};
    } else {
        TRY(pay, parse_credits(terms.pay));
        out.pay = pay;
    }
    out.cap = out.pay;
    if (!terms.pay_cap.empty()) {
        TRY(cap, parse_credits(terms.pay_cap));
        out.cap = cap;
    }
    return out;
}

Result<JobQuote> quote_of(Context& context, client::Chain& chain, const jobs::Package& package, const JobTerms& terms) {
    TRY(out, price_of(context, chain, package, terms));
    TRY(audit, audit_terms(context, chain, terms.audit, package, terms.engine));
    if (audit) {
        TRY(auditors, auditors_of(context, chain, audit->engine));
        out.auditors = auditors;
    }
    out.audit = audit;
    return out;
}

void print_quote(const JobQuote& quote, const jobs::Package& package) {
    if (quote.price != 0) {
        fmt::print(stderr,
                   "{} task{}, paid by their work: up to three providers find it, {} each\n"
                   "messages of workers {}; bond {}, comes back\n",
                   package.tasks, package.tasks == 1 ? "" : "s", credits(quote.probe_pay), credits(quote.messages),
                   credits(quote.bond));
        return;
    }
    fmt::print(stderr,
               "{} task{} at {} each: at most {} locked now, what is not earned comes back\n"
               "messages of workers {}; bond {}, comes back\n",
               package.tasks, package.tasks == 1 ? "" : "s", credits(quote.pay), credits(quote.locked(package.tasks)),
               credits(quote.messages), credits(quote.bond));
}

Result<SavedJob> create(Context& context, client::Chain& chain, SavedJob saved, const jobs::Package& package,
                        const JobQuote& quote, const JobTerms& terms) {
    TRY(signer, context.signer());
    job::MsgCreateJob message;
    message.owner = signer->text();
    message.kind = package.kind;
    message.content = Bytes{view_of(jobs::content_of(saved.package))};
    message.tasks = package.tasks;
    message.pay = quote.pay;
    message.pay_cap = quote.cap;
    if (quote.price != 0) {
        message.engine = terms.engine;
        message.price = quote.price;
        message.probe_pay = quote.probe_pay;
        message.probe_tasks = choose_probe_tasks(package.tasks, *context.random);
        message.cores = jobs::cores_of(package);
    } else if (!quote.budget.is_zero()) {
        message.budget = std::min(quote.budget, quote.locked(package.tasks));
    }
    message.audit = quote.audit;
    if (message.audit && saved.chain) {
        message.audit->tip = Bytes{view_of(tip_of(*saved.chain))};
    }
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

bool says_yes(const char* question) {
    fmt::print(stderr, "{} [y/N] ", question);
    std::string answer;
    std::getline(std::cin, answer);
    return answer == "y" || answer == "yes";
}

void add_work_terms(CLI::App* command, JobTerms& terms) {
    command->add_option(
        "--price", terms.price,
        "Credits for the work of one core of the reference machine in an hour; else by the cheapest offer");
}

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
    command->add_option("--budget", terms.budget,
                        "Most credits that the tasks may cost; then it waits for more; else what they need");
    command->add_option("--timeout", terms.timeout_s, "Seconds that a task may take")->capture_default_str();
    command->add_option("--window", terms.window_s, "Seconds to look at a result before it is accepted by itself")
        ->capture_default_str();
    command->add_option("--at-once", terms.at_once, "Most tasks that run at once")->capture_default_str();
    command->add_option("--out", terms.out, "Folder that results go to")->capture_default_str();
    command->add_flag("--report", terms.finish.report,
                      "Write report.json and report.html beside the results, the page again and again as they come");
    add_swarm_terms(command, terms.no_swarm, terms.upload_limit);
    command->add_flag("--yes,-y", terms.yes, "Do not ask");
    command->add_flag(
        "--detach", terms.detach,
        "Return once providers that offer storage keep the job, or none does; `sublet job watch` goes on");
    command->add_option("--keepers", terms.keepers, "How many shall keep it before --detach returns")
        ->check(CLI::Range(1, 16))
        ->capture_default_str();
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

std::string refused_json(const JobCount& count) {
    std::string out;
    for (const auto& [task, refused] : count.refused) {
        out += fmt::format(R"({}{{"task":{},"attempt":{},"why":{},"folder":{}}})", out.empty() ? "" : ",", task,
                           refused.attempt, json_quoted(refused.why), json_quoted(refused.folder));
    }
    return out;
}

int print_job_end(Context& context, const JobCount& count, const std::filesystem::path& out) {
    const job::Job& job = count.job;
    if (context.globals.json) {
        const auto file = [](const std::string& name) { return name.empty() ? "null" : json_quoted(name); };
        print_json(fmt::format(
            R"({{"job":{},"fetched":{},"out":{},"sent_bytes":{},"image":{},"picture":{},"video":{},"refused":[{}]}})",
            codec::to_json(job), count.fetched, json_quoted(out.string()), count.sent_bytes, file(count.image),
            file(count.picture), file(count.video), refused_json(count)));
    } else {
        fmt::print("job {} is {}: {} of {} tasks done, {} failed, {} paid, results in {}\n", job.id.value(),
                   to_name(job.state), job.accepted + job.in_review, job.tasks, job.failed, credits(job.paid),
                   out.string());
        if (!count.image.empty()) {
            fmt::print("image {}\n", count.image);
        }
        if (!count.picture.empty()) {
            fmt::print("picture {}\n", count.picture);
        }
        if (!count.video.empty()) {
            fmt::print("video {}\n", count.video);
        }
        for (const auto& [task, refused] : count.refused) {
            fmt::print("task {} is not what was asked for, and not approved: {}\n", task, refused.why);
            fmt::print("look at {}; then: sublet job reject {} {}, or approve\n", refused.folder, job.id.value(), task);
        }
        if (job.failed > 0) {
            fmt::print("retry  sublet job retry {}\n", job.id.value());
        }
    }
    return job.accepted + job.in_review == job.tasks && count.refused.empty() ? kExitOk : kExitFailed;
}

// The archive goes with whatever ends this before it was moved to the job's folder.
struct Scratch {
    const std::filesystem::path& file;
    ~Scratch() {
        std::error_code ignored;
        std::filesystem::remove(file, ignored);
    }
};

// What drawn providers found, the creator's yes, the money locked. Without a yes the job is cancelled.
Result<> find_work(Context& context, client::Chain& chain, JobFollower& follower, const JobTerms& terms,
                   Amount budget) {
    JobCount found;
    {
        const auto progress = context.progress("bringing the scene to providers that find its work");
        TRY(count, follower.run_until_quoted(*progress));
        found = std::move(count);
    }
    const job::Job& job = found.job;
    if (job.state != job::JobState::kQuoted) {
        return fail(Code::kConflict,
                    fmt::format("no provider could say how much work job {} is, and it is over{}; name a price "
                                "a task with --pay",
                                job.id.value(), found.trouble.empty() ? "" : " (" + found.trouble + ")"));
    }
    TRY(rates, rates_for(context, chain, terms.engine));
    const WorkQuote quote = work_quote(job, rates);
    if (!context.globals.json) {
        print_work_quote(job, quote);
    }
    // A script that said neither knows no sum that it would agree to.
    const bool asks = ::isatty(STDIN_FILENO) != 0;
    const bool agreed = terms.yes || (asks ? says_yes("take it?") : !budget.is_zero());
    Result<> confirmed = agreed ? confirm_job(context, job, budget, quote.timeout_ms)
                                : fail(Code::kCancelled,
                                       "not taken (--yes or --budget would): the probes are paid, the bond comes back");
    if (!confirmed && confirmed.error().code != Code::kTimeout && confirmed.error().code != Code::kIo) {
        TRY(signer, context.signer());
        std::vector<client::TxMessage> messages{client::pack(job::MsgCancelJob{signer->text(), job.id})};
        (void)context.wait(chain.submit(*signer, std::move(messages)));
    }
    return confirmed;
}

// Its creator may leave once others keep it; where nobody does, workers wait for him.
Result<int> leave(Context& context, SavedJob saved, const FollowOptions& follow, bool may_begin) {
    const std::uint64_t id = saved.id.value();
    JobCount count;
    if (may_begin) {
        const auto progress = context.progress("looking for providers that offer storage");
        TRY(follower, JobFollower::make(context, std::move(saved), follow));
        TRY(kept, follower->run_until_kept(*progress));
        count = std::move(kept);
    }
    if (context.globals.json) {
        print_json(fmt::format(R"({{"job":{},"keepers":{},"sent_bytes":{}}})", id, count.keepers, count.sent_bytes));
    } else if (count.keepers == 0) {
        fmt::print("job {} is created; bring it to workers and fetch results with: sublet job watch {}\n{}", id, id,
                   count.trouble.empty() ? "" : "nobody keeps it meanwhile: " + count.trouble + "\n");
    } else {
        fmt::print(
            "{} provider{} job {} and bring{} it to workers that come: you may leave\n"
            "a result waits where it was made until {} after it is shown, at least; then it is accepted by itself, and "
            "an hour after the last one all are removed\nfetch them: sublet job watch {}\n",
            count.keepers, count.keepers == 1 ? " keeps" : "s keep", id, count.keepers == 1 ? "s" : "",
            duration(count.job.window), id);
    }
    return kExitOk;
}

Result<int> run_new_job(Context& context, jobs::Package package, const std::filesystem::path& input,
                        const JobTerms& terms) {
    const Scratch scratch{input};
    TRY(swarm, swarm_terms(terms.no_swarm, terms.upload_limit));
    TRY(chain, context.chain());
    TRY(quote, quote_of(context, *chain, package, terms));
    if (!context.globals.json) {
        print_quote(quote, package);
        print_audit_terms(quote.audit, quote.auditors, quote.locked(package.tasks));
    }
    if (!terms.yes && ::isatty(STDIN_FILENO) != 0 && !says_yes("create the job?")) {
        return fail(Code::kCancelled, "nothing was created and nothing paid");
    }
    TRY(network, context.wait(chain->status()));
    SavedJob saved;
    saved.chain_id = network.chain_id;
    saved.out = std::filesystem::absolute(terms.out).lexically_normal();
    saved.still = terms.still;
    saved.frames = terms.frames;
    saved.finish = terms.finish;
    saved.chain = quote.audit ? std::optional{new_chain(context, package.tasks)} : std::nullopt;
    package.salt = context.random->bytes(32);
    TRY(json, jobs::to_json(package));
    saved.package = json;
    TRY(kept, save_job(context.home(), std::move(saved), input));
    TRY(created, create(context, *chain, std::move(kept), package, quote, terms));
    if (!context.globals.json) {
        fmt::print(stderr, "job {}\n", created.id.value());
    }
    const FollowOptions follow{
        .seed = true, .approve = !terms.no_approve, .until_idle = false, .swarm = swarm, .keepers = terms.keepers};
    if (terms.detach) {
        return leave(context, std::move(created), follow, quote.price == 0);
    }
    if (quote.price != 0) {
        SavedJob probed = created;
        TRY(follower, JobFollower::make(context, std::move(probed), follow));
        TRY_OK(find_work(context, *chain, *follower, terms, quote.budget));
    }
    return follow_to_the_end(context, std::move(created), follow, "bringing the job to workers");
}

}  // namespace sublet::cli
