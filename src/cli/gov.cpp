// gov.cpp: `sublet gov`: what validators vote on.
// Spec: docs/spec/governance.md.
#include "cli/format.hpp"
#include "cli/send_message.hpp"
#include "cli/validator_view.hpp"
#include "cli/verbs.hpp"
#include "modules/gov/messages.hpp"

namespace sublet::cli {
namespace {

struct GovOptions {
    std::string title;
    std::vector<std::string> changes;  // name=value
    std::string upgrade;
    std::uint64_t height = 0;
    std::uint64_t id = 0;
    std::string choice;
};

Result<gov::Change> change_of(const std::string& text) {
    const std::size_t equals = text.find('=');
    const std::string value = equals == std::string::npos ? "" : text.substr(equals + 1);
    if (value.empty() || value.size() > 19 || value.find_first_not_of("0123456789") != std::string::npos) {
        return fail(Code::kUsage, "a change is NAME=NUMBER, for example jail_ms=120000: '" + text + "' is not");
    }
    return gov::Change{.name = text.substr(0, equals), .value = std::stoull(value)};
}

Result<int> propose_change(Context& context, const GovOptions& options) {
    gov::MsgPropose message;
    message.title = options.title;
    message.upgrade = options.upgrade;
    message.upgrade_height = Height{options.height};
    for (const std::string& each : options.changes) {
        TRY(change, change_of(each));
        message.changes.push_back(std::move(change));
    }
    TRY(sent, send_message(context, std::move(message), &gov::MsgPropose::proposer));
    const std::string id = sent.attribute("sublet.gov.proposed", "proposal");
    if (context.globals.json) {
        print_json(fmt::format(R"({{"proposal":"{}"}})", id));
        return kExitOk;
    }
    fmt::print("proposal {}: validators vote with `sublet gov vote {} yes`\n", id, id);
    return kExitOk;
}

Result<int> cast_vote(Context& context, const GovOptions& options) {
    gov::MsgVote message{.voter = "", .proposal = gov::ProposalId{options.id}, .choice = gov::Choice::kYes};
    message.choice = options.choice == "yes"  ? gov::Choice::kYes
                     : options.choice == "no" ? gov::Choice::kNo
                                              : gov::Choice::kAbstain;
    TRY(sent, send_message(context, std::move(message), &gov::MsgVote::voter));
    (void)sent;
    fmt::print("{} to proposal {}\n", options.choice, options.id);
    return kExitOk;
}

std::string what_of(const gov::Proposal& proposal) {
    if (!proposal.upgrade.empty()) {
        return proposal.upgrade_height.is_zero()
                   ? "no upgrade '" + proposal.upgrade + "'"
                   : fmt::format("upgrade '{}' at block {}", proposal.upgrade, proposal.upgrade_height.value());
    }
    std::string out;
    for (const gov::Change& each : proposal.changes) {
        out += fmt::format("{}{} = {}", out.empty() ? "" : ", ", each.name, each.value);
    }
    return out;
}

Result<int> list_proposals(Context& context, const NoOptions& /*none*/) {
    TRY(chain, context.chain());
    TRY(all, context.wait(client::proposals(*chain)));
    TRY(upgrades, context.wait(client::upgrades(*chain)));
    TRY(status, context.wait(chain->status()));
    if (context.globals.json) {
        print_json(fmt::format(R"({{"proposals":{},"upgrades":{}}})", json_list(all), json_list(upgrades)));
        return kExitOk;
    }
    std::vector<std::vector<std::string>> rows;
    for (const gov::Proposal& each : all) {
        const bool open = each.state == gov::ProposalState::kVoting;
        rows.push_back({std::to_string(each.id.value()), std::string{to_name(each.state)},
                        open ? duration(since(status.now, each.voting_ends)) : "-", each.title, what_of(each)});
    }
    if (rows.empty()) {
        fmt::print("no proposals\n");
    } else {
        fmt::print("{}", table({"ID", "STATE", "ENDS IN", "TITLE", "WHAT"}, rows));
    }
    for (const gov::Upgrade& each : upgrades) {
        fmt::print("upgrade '{}' {} block {}\n", each.name, each.height > status.height ? "ahead, at" : "done at",
                   each.height.value());
    }
    return kExitOk;
}

Result<int> show_proposal(Context& context, const GovOptions& options) {
    TRY(chain, context.chain());
    TRY(all, context.wait(client::proposals(*chain)));
    for (const gov::Proposal& each : all) {
        if (each.id.value() != options.id) {
            continue;
        }
        if (context.globals.json) {
            print_json(codec::to_json(each));
            return kExitOk;
        }
        fmt::print("{}  {}\n{}\nby {}\n", each.title, to_name(each.state), what_of(each),
                   crypto::to_bech32(each.proposer));
        for (const gov::Ballot& ballot : each.ballots) {
            fmt::print("{}  {}\n", crypto::to_bech32(ballot.validator), to_name(ballot.choice));
        }
        if (!each.decided_at.is_zero()) {
            fmt::print("yes {} · no {} · abstain {} · of {}\n", each.yes, each.no, each.abstain, each.total);
        }
        return kExitOk;
    }
    return fail(Code::kNotFound, fmt::format("there is no proposal {} that is open or was decided a short while ago; "
                                             "`sublet gov list` shows them",
                                             options.id));
}

}  // namespace

void add_gov(Session& session) {
    CLI::App* gov = session.root->add_subcommand("gov", "Parameters and upgrades, by the vote of validators");
    gov->require_subcommand(1);
    auto options = std::make_shared<GovOptions>();
    CLI::App* made = gov->add_subcommand("propose", "Put changes or an upgrade to the vote; takes a deposit in LET");
    made->add_option("title", options->title, "For people, at most 140 bytes")->required();
    made->add_option("--set", options->changes, "NAME=NUMBER of a parameter, in its own unit")->delimiter(',');
    made->add_option("--upgrade", options->upgrade, "Name of an upgrade");
    made->add_option("--height", options->height, "Its first block; 0 calls it off");
    made->footer("Example: sublet gov propose 'longer jail' --set jail_ms=1200000");
    on_chosen(made, session, options, propose_change);
    auto voted = std::make_shared<GovOptions>();
    CLI::App* said = gov->add_subcommand("vote", "A validator's vote; the last one counts");
    said->add_option("proposal", voted->id, "Its number")->required();
    said->add_option("choice", voted->choice, "yes, no or abstain")
        ->required()
        ->check(CLI::IsMember({"yes", "no", "abstain"}));
    on_chosen(said, session, voted, cast_vote);
    on_chosen(gov->add_subcommand("list", "Proposals and upgrades"), session, std::make_shared<NoOptions>(),
              list_proposals);
    auto shown = std::make_shared<GovOptions>();
    CLI::App* one = gov->add_subcommand("show", "One proposal");
    one->add_option("proposal", shown->id, "Its number")->required();
    on_chosen(one, session, shown, show_proposal);
}

}  // namespace sublet::cli
