// job_disputes.cpp: `sublet job disputes | dispute`: audits of a job's results, and a creator's word against one.
// Spec: docs/spec/audits.md (disputes).
#include "cli/exit.hpp"
#include "cli/format.hpp"
#include "cli/rent_follow.hpp"
#include "cli/verbs.hpp"
#include "modules/audit/audit.hpp"
#include "modules/job/messages.hpp"

namespace sublet::cli {
namespace {

struct DisputeOptions {
    std::uint64_t id = 0;
    std::uint32_t task = 0;
    std::vector<std::string> at;  // "X,Y"
    bool all = false;
};

net::Task<Result<std::vector<audit::Audit>>> read_audits(client::Chain& chain, JobId id) {
    std::vector<audit::Audit> out;
    audit::AuditId next{id, 0, 0};
    while (true) {
        CO_TRY(some, co_await chain.audits_from(next));
        if (some.empty()) {
            co_return out;
        }
        next = audit::id_of(some.back());
        ++next.attempt;
        std::ranges::move(some, std::back_inserter(out));
    }
}

// Seats in a word each: "pass", "fail!" (an arbiter's), "silent".
std::string seats_text(const audit::Audit& audit) {
    std::string out;
    for (const audit::Seat& each : audit.seats) {
        const bool spoke = each.verdict != audit::Verdict::kNone;
        out += out.empty() ? "" : " ";
        out += spoke ? audit::to_name(each.verdict) : audit::to_name(each.state);
        out += each.round == audit::Round::kArbiters ? "!" : "";
    }
    return out;
}

Result<int> list_audits(Context& context, const DisputeOptions& options) {
    TRY(chain, context.chain());
    TRY(found, context.wait(read_audits(*chain, JobId{options.id})));
    if (!options.all) {
        std::erase_if(found, [](const audit::Audit& each) {
            return !each.disputed && each.round == audit::Round::kFirst && each.outcome == audit::Outcome::kPass;
        });
    }
    if (context.globals.json) {
        std::string text;
        for (const audit::Audit& each : found) {
            text += (text.empty() ? "" : ",") + codec::to_json(each);
        }
        print_json(fmt::format(R"({{"audits":[{}]}})", text));
        return kExitOk;
    }
    std::vector<std::vector<std::string>> rows;
    for (const audit::Audit& each : found) {
        const bool over = each.outcome != audit::Outcome::kNone;
        rows.push_back(
            {std::to_string(each.task), std::to_string(each.attempt), short_address(crypto::to_bech32(each.worker)),
             each.disputed ? "you" : fmt::format("{:.1f} %", each.probability_permille / 10.0), seats_text(each),
             std::string{over ? audit::to_name(each.outcome) : audit::to_name(each.stage)}, credits_number(each.pay)});
    }
    if (rows.empty()) {
        fmt::print("{}; all: sublet job disputes {} --all\n",
                   options.all ? "no result was drawn for an audit" : "no audit of this job found anything but a pass",
                   options.id);
        return kExitOk;
    }
    fmt::print("{}a word with ! is an arbiter's; who ends up with what: docs/spec/audits.md\n",
               table({"TASK", "ATTEMPT", "WORKER", "DRAWN", "AUDITORS", "OUTCOME", "PAY"}, rows));
    return kExitOk;
}

Result<std::vector<std::uint32_t>> places(const std::vector<std::string>& texts) {
    std::vector<std::uint32_t> out;
    for (const std::string& each : texts) {
        const std::size_t comma = each.find(',');
        const auto x = parse_id(each.substr(0, comma));
        const auto y = comma == std::string::npos ? std::nullopt : parse_id(each.substr(comma + 1));
        if (!x || !y || *x > 65'535 || *y > 65'535) {
            return fail(Code::kUsage, "--at " + each + ": pixels from the top left, as 640,360");
        }
        out.push_back(static_cast<std::uint32_t>(*x));
        out.push_back(static_cast<std::uint32_t>(*y));
    }
    return out;
}

Result<int> dispute(Context& context, const DisputeOptions& options) {
    TRY(evidence, places(options.at));
    TRY(chain, context.chain());
    TRY(signer, context.signer());
    job::MsgDisputeTask message{signer->text(), JobId{options.id}, options.task, std::move(evidence)};
    std::vector<client::TxMessage> messages{client::pack(message)};
    const auto progress = context.progress("waiting for the block");
    TRY(sent, context.wait(chain->submit(*signer, std::move(messages))));
    (void)sent;
    fmt::print("three drawn arbiters do task {} again; who is wrong pays them\nsublet job disputes {}\n", options.task,
               options.id);
    return kExitOk;
}

}  // namespace

void add_job_disputes(CLI::App* parent, Session& session) {
    auto options = std::make_shared<DisputeOptions>();
    CLI::App* list = parent->add_subcommand("disputes", "Audits of a job's results that found something, and disputes");
    list->add_option("job", options->id, "The job's id")->required();
    list->add_flag("--all", options->all, "Those that passed at once too");
    on_chosen(list, session, options, list_audits);
    CLI::App* one = parent->add_subcommand("dispute", "Say that an audited job's result is wrong: arbiters find out");
    one->add_option("job", options->id, "The job's id")->required();
    one->add_option("task", options->task, "Its number")->required();
    one->add_option("--at", options->at, "Where it shows, X,Y in pixels from the top left; at most 8 places")
        ->expected(1, 8);
    on_chosen(one, session, options, dispute);
}

}  // namespace sublet::cli
