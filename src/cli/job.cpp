// job.cpp: `sublet job`: list, look at, follow, pause, end and mend jobs.
#include <unistd.h>

#include <algorithm>

#include "cli/exit.hpp"
#include "cli/finish_job.hpp"
#include "cli/format.hpp"
#include "cli/job_forget.hpp"
#include "cli/job_quote.hpp"
#include "cli/verbs.hpp"
#include "modules/job/messages.hpp"

namespace sublet::cli {
namespace {

struct JobVerbOptions {
    std::uint64_t id = 0;
    std::vector<std::uint32_t> tasks;
    std::string who;
    std::string out;
    std::string credits;
    bool all = false;
    bool yes = false;
    bool no_approve = false;
    bool report = false;
    std::string video;
    std::string fps;
    bool no_swarm = false;
    std::string upload_limit;
};

struct Found {
    job::Job job;
    std::vector<job::Task> tasks;  // those that were claimed
    query::StatusReply network;
};

net::Task<Result<Found>> read_job(client::Chain& chain, JobId id) {
    CO_TRY(network, co_await chain.status());
    CO_TRY(job, co_await chain.job(id));
    Found out{std::move(job), {}, std::move(network)};
    std::uint32_t from = 0;
    while (from < out.job.fresh) {
        CO_TRY(tasks, co_await chain.tasks_of(id, from));
        if (tasks.empty()) {
            break;
        }
        from = tasks.back().index + 1;
        std::ranges::move(tasks, std::back_inserter(out.tasks));
    }
    co_return out;
}

std::string progress_of(const job::Job& job) {
    std::string out = fmt::format("{}/{}", job.accepted + job.in_review, job.tasks);
    out += job.state == job::JobState::kOpen && job::is_short(job) ? ", budget used up" : "";
    out += job.active > 0 ? fmt::format(", {} running", job.active) : "";
    out += job.in_audit > 0 ? fmt::format(", {} in audit", job.in_audit) : "";
    out += job.failed > 0 ? fmt::format(", {} failed", job.failed) : "";
    return out;
}

Result<int> list_jobs(Context& context, const JobVerbOptions& options) {
    Address owner;
    if (options.who.empty()) {
        TRY(info, context.key_info());
        owner = info.address;
    } else {
        TRY(address, context.address_of(options.who));
        owner = address;
    }
    TRY(chain, context.chain());
    const auto progress = context.progress("reading jobs");
    TRY(found, context.wait(chain->jobs_of(owner)));
    if (!options.all) {
        std::erase_if(found, [](const job::Job& each) { return !each.closed_at.is_zero(); });
    }
    if (context.globals.json) {
        print_json(fmt::format(R"({{"jobs":{}}})", json_list(found)));
        return kExitOk;
    }
    std::vector<std::vector<std::string>> rows;
    for (const job::Job& each : found) {
        rows.push_back({std::to_string(each.id.value()), each.kind, std::string{to_name(each.state)}, progress_of(each),
                        credits_number(each.pay), credits_number(each.paid), credits_number(job::held(each))});
    }
    if (rows.empty()) {
        fmt::print("no {}jobs; start one with `sublet batch`\n", options.all ? "" : "open ");
    } else {
        fmt::print("{}", table({"JOB", "KIND", "STATE", "TASKS", "PAY", "PAID", "HELD"}, rows));
    }
    return kExitOk;
}

Result<int> show_job(Context& context, const JobVerbOptions& options) {
    TRY(chain, context.chain());
    TRY(found, context.wait(read_job(*chain, JobId{options.id})));
    if (context.globals.json) {
        print_json(fmt::format(R"({{"job":{},"tasks":{}}})", codec::to_json(found.job), json_list(found.tasks)));
        return kExitOk;
    }
    const job::Job& job = found.job;
    fmt::print("job {}  {}  {}\ntasks     {}, {} untouched\npay       {} a task, {} paid, {} held, {} came back\n",
               job.id.value(), job.kind, state_text(to_name(job.state)), progress_of(job), job.tasks - job.fresh,
               credits(job.pay), credits(job.paid), credits(job::held(job)), credits(job.refunded));
    std::vector<std::vector<std::string>> rows;
    for (const job::Task& each : found.tasks) {
        if (each.state != job::TaskState::kAccepted || options.all) {
            rows.push_back({std::to_string(each.index), std::string{to_name(each.state)}, std::to_string(each.attempt),
                            short_address(crypto::to_bech32(each.worker)), credits_number(each.pay)});
        }
    }
    if (!rows.empty()) {
        fmt::print("{}", table({"TASK", "STATE", "ATTEMPT", "WORKER", "PAY"}, rows));
    }
    return kExitOk;
}

// What is kept of it on this machine.
Result<SavedJob> saved_job(Context& context, const JobVerbOptions& options) {
    TRY(chain, context.chain());
    TRY(network, context.wait(chain->status()));
    TRY(job, context.wait(chain->job(JobId{options.id})));
    TRY(saved, load_job(context.home(), network.chain_id, job.id, job.content));
    if (!options.out.empty()) {
        saved.out = std::filesystem::absolute(options.out).lexically_normal();
    }
    return saved;
}

Result<int> follow_job(Context& context, const JobVerbOptions& options, FollowOptions how) {
    TRY(saved, saved_job(context, options));
    how.approve = !options.no_approve;
    how.report = options.report;
    TRY(swarm, swarm_terms(options.no_swarm, options.upload_limit));
    how.swarm = swarm;
    return follow_to_the_end(context, std::move(saved), how, "looking at the job");
}

Result<int> make_job_video(Context& context, const JobVerbOptions& options) {
    TRY(saved, saved_job(context, options));
    return video_of_job(context, saved, options.video, options.fps);
}

Result<int> watch_job(Context& context, const JobVerbOptions& options) { return follow_job(context, options, {}); }
Result<int> download_job(Context& context, const JobVerbOptions& options) {
    return follow_job(context, options, {.seed = false, .approve = true, .until_idle = true});
}

template <class Message>
Result<int> send(Context& context, const Message& message, const std::string& said) {
    TRY(chain, context.chain());
    TRY(signer, context.signer());
    Message signed_one = message;
    signed_one.owner = signer->text();
    std::vector<client::TxMessage> messages{client::pack(signed_one)};
    const auto progress = context.progress("waiting for the block");
    TRY(outcome, context.wait(chain->submit(*signer, std::move(messages))));
    if (context.globals.json) {
        print_json(fmt::format(R"({{"height":{}}})", outcome.height.value()));
    } else {
        fmt::print("{}\n", said);
    }
    return kExitOk;
}

Result<int> pause_job(Context& context, const JobVerbOptions& options) {
    return send(context, job::MsgPauseJob{"", JobId{options.id}, true},
                "no task is given out until `sublet job resume`");
}
Result<int> resume_job(Context& context, const JobVerbOptions& options) {
    return send(context, job::MsgPauseJob{"", JobId{options.id}, false}, "tasks are given out again");
}
Result<int> cancel_job(Context& context, const JobVerbOptions& options) {
    return send(context, job::MsgCancelJob{"", JobId{options.id}},
                "cancelled: what runs is paid half, what is done is paid whole, the rest of the money comes back");
}

Result<int> forget_everywhere(Context& context, const JobVerbOptions& options) {
    return forget_job_everywhere(context, JobId{options.id}, options.yes);
}

Result<int> confirm_quote(Context& context, const JobVerbOptions& options) {
    TRY(chain, context.chain());
    TRY(job, context.wait(chain->job(JobId{options.id})));
    Amount budget;
    if (!options.credits.empty()) {
        TRY(credits, parse_credits(options.credits));
        budget = credits;
    }
    TRY(rates, rates_for(context, *chain, job.engine));
    if (job.state == job::JobState::kQuoted) {
        const WorkQuote quote = work_quote(job, rates);
        print_work_quote(job, quote);
        if (!options.yes && ::isatty(STDIN_FILENO) != 0 && !says_yes("take it?")) {
            return fail(Code::kCancelled, "not taken; it is void within the hour");
        }
        TRY_OK(confirm_job(context, job, budget, quote.timeout_ms));
    } else {
        TRY_OK(confirm_job(context, job, budget, 0));
    }
    fmt::print("its tasks are given out; `sublet job watch {}` fetches what is done\n", options.id);
    return kExitOk;
}
Result<int> fund_job(Context& context, const JobVerbOptions& options) {
    TRY(amount, parse_credits(options.credits));
    return send(context, job::MsgFundJob{"", JobId{options.id}, amount}, credits(amount) + " more for its tasks");
}

template <class Message>
Result<int> for_tasks(Context& context, const JobVerbOptions& options, const char* said) {
    for (const std::uint32_t task : options.tasks) {
        TRY(code, send(context, Message{"", JobId{options.id}, task}, fmt::format("task {} {}", task, said)));
        (void)code;
    }
    return kExitOk;
}

Result<int> retry_tasks(Context& context, const JobVerbOptions& options) {
    JobVerbOptions which = options;
    if (which.tasks.empty()) {
        TRY(chain, context.chain());
        TRY(found, context.wait(read_job(*chain, JobId{options.id})));
        for (const job::Task& each : found.tasks) {
            if (each.state == job::TaskState::kFailed) {
                which.tasks.push_back(each.index);
            }
        }
        if (which.tasks.empty()) {
            return fail(Code::kNotFound, fmt::format("no task of job {} has failed", options.id));
        }
    }
    return for_tasks<job::MsgRetryTask>(context, which, "waits for three owners more");
}
Result<int> reject_tasks(Context& context, const JobVerbOptions& options) {
    return for_tasks<job::MsgRejectTask>(context, options, "is done once more by somebody else, at your cost");
}
Result<int> approve_tasks(Context& context, const JobVerbOptions& options) {
    for (const std::uint32_t task : options.tasks) {
        TRY(code, send(context, job::MsgApproveTasks{"", JobId{options.id}, task, 1},
                       fmt::format("task {} is accepted", task)));
        (void)code;
    }
    return kExitOk;
}

CLI::App* add_verb(CLI::App* parent, Session& session, const char* name, const char* what,
                   Result<int> (*run)(Context&, const JobVerbOptions&),
                   const std::shared_ptr<JobVerbOptions>& options) {
    CLI::App* command = parent->add_subcommand(name, what);
    command->add_option("job", options->id, "The job's id")->required();
    on_chosen(command, session, options, run);
    return command;
}

}  // namespace

void add_job(Session& session) {
    CLI::App* parent = session.root->add_subcommand("job", "Jobs that you created: tasks on machines of the market");
    parent->require_subcommand(1);
    auto options = std::make_shared<JobVerbOptions>();
    CLI::App* ls = parent->add_subcommand("ls", "List jobs");
    on_chosen(ls, session, options, list_jobs);
    ls->add_flag("--all", options->all, "Those that are over too");
    ls->add_option("--of", options->who, "Of this key or address; else of your own");
    CLI::App* shown = add_verb(parent, session, "status", "Show a job and its tasks", show_job, options);
    shown->add_flag("--all", options->all, "Accepted tasks too");
    CLI::App* watched =
        add_verb(parent, session, "watch", "Bring a job to workers, fetch and approve results", watch_job, options);
    add_swarm_terms(watched, options->no_swarm, options->upload_limit);
    CLI::App* fetched =
        add_verb(parent, session, "download", "Fetch the results that are there now", download_job, options);
    for (CLI::App* each : {watched, fetched}) {
        each->add_option("--out", options->out, "Folder that results go to; else as it was created");
        each->add_flag("--no-approve", options->no_approve, "Approve nothing by itself");
        each->add_flag("--report", options->report,
                       "Write report.json and report.html, also where it was not asked for");
    }
    CLI::App* video = add_verb(parent, session, "video", "Make a video of a render's frames", make_job_video, options);
    video->add_option("file", options->video, "Where it goes (.mp4, .mov, .mkv); else video.mp4 beside the frames");
    video->add_option("--fps", options->fps, "Frames a second; else the scene's, else 24");
    video->add_option("--out", options->out, "Folder that the frames are in; else as it was created");
    add_job_verify(parent, session);
    add_job_disputes(parent, session);
    add_verb(parent, session, "pause", "Give out no task for now", pause_job, options);
    add_verb(parent, session, "resume", "Give out tasks again", resume_job, options);
    add_verb(parent, session, "cancel", "End a job", cancel_job, options);
    add_verb(parent, session, "forget", "Have everybody delete what he has of a job that is over, and sign for it",
             forget_everywhere, options)
        ->add_flag("--yes,-y", options->yes, "Do not ask");
    CLI::App* confirmed =
        add_verb(parent, session, "confirm", "Take the quote that drawn providers found", confirm_quote, options);
    confirmed->add_option("--budget", options->credits, "Most credits that the tasks may cost; else what they need");
    confirmed->add_flag("--yes,-y", options->yes, "Do not ask");
    add_verb(parent, session, "fund", "More money for a job whose budget is used up", fund_job, options)
        ->add_option("credits", options->credits, "How much more")
        ->required();
    CLI::App* retried = add_verb(parent, session, "retry", "Put failed tasks up again", retry_tasks, options);
    retried->add_option("tasks", options->tasks, "Their numbers; else all that failed");
    CLI::App* rejected =
        add_verb(parent, session, "reject", "Have tasks done once more by somebody else", reject_tasks, options);
    CLI::App* approved =
        add_verb(parent, session, "approve", "Accept results before their time is over", approve_tasks, options);
    for (CLI::App* each : {rejected, approved}) {
        each->add_option("tasks", options->tasks, "Their numbers")->required();
    }
}

}  // namespace sublet::cli
