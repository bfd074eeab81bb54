// sdl_explain.cpp: `sublet sdl explain`: what a file would run, who reaches it, what is kept, what it costs here, and
// what it asks for that no offer has.
#include "sdl/explain.hpp"

#include "cli/deployment_file.hpp"
#include "cli/format.hpp"
#include "cli/sdl_verbs.hpp"
#include "cli/unmet.hpp"
#include "sdl/sdl.hpp"
#include "sdl/to_ledger.hpp"

namespace sublet::cli {
namespace {

struct ExplainOptions {
    std::string file;
    bool empty_folders = false;
};

struct Story {
    RentPlan plan;
    sdl::Explanation told;
    std::string no_market;  // why no offers were looked at, or ""
};

// What does not fit on any ledger is said, and the rest is explained all the same.
Story make_story(Context& context, const ExplainOptions& options, sdl::Deployment deployment) {
    Story out;
    out.plan.file = options.file;
    out.plan.deployment = std::move(deployment);
    out.told = sdl::explain(out.plan.deployment);
    Result<std::vector<market::GroupSpec>> specs = sdl::to_group_specs(out.plan.deployment);
    if (!specs) {
        out.no_market = specs.error().message;
        return out;
    }
    for (market::GroupSpec& spec : *specs) {
        out.plan.groups.push_back({std::move(spec), {}, {}});
    }
    if (const Result<> asked = quote(context, out.plan); !asked) {
        out.no_market = asked.error().message;
    }
    return out;
}

void print_list(std::string_view head, const std::vector<std::string>& lines) {
    for (const std::string& line : lines) {
        fmt::print("    {:<8}{}\n", head, line);
        head = "";
    }
}

void print_group(const sdl::ExplainedGroup& group) {
    fmt::print("On one machine (placement {}):\n", group.name);
    for (const sdl::ExplainedService& service : group.services) {
        fmt::print("  {}: {}\n", service.name, service.runs);
        print_list("does", service.details);
        print_list("reach", service.reach);
        print_list("kept", service.kept);
        print_list("lost", service.lost);
    }
    fmt::print("  Start order\n");
    print_list("", group.start);
    if (!group.wants.empty()) {
        fmt::print("  Only on providers with\n");
        print_list("", group.wants);
    }
}

void print_cost(const Story& story, std::size_t position) {
    const sdl::ExplainedGroup& group = story.told.groups[position];
    fmt::print("  Costs\n");
    print_list("", {fmt::format("at most {}: the file's own ceiling", price_line(group.ceiling))});
    if (!story.no_market.empty()) {
        return;
    }
    const GroupPlan& plan = story.plan.groups[position];
    if (!plan.quotes.empty()) {
        const Quote& best = plan.quotes.front();
        print_list("", {fmt::format("here {}: offer {} of {}, the cheapest of {} that match", price_line(best.rate),
                                    best.offer.value(), short_address(best.provider), plan.quotes.size())});
        return;
    }
    fmt::print("  {}\n", paint(fmt::terminal_color::red, "No offer has"));
    for (const Unmet& each : unmet_demands(plan, story.plan.offers)) {
        fmt::print("    {:<10}{}; {}\n", each.what, each.why, each.fix);
    }
}

std::string texts_json(const std::vector<std::string>& texts) {
    std::string out;
    for (const std::string& each : texts) {
        out += (out.empty() ? "" : ",") + json_quoted(each);
    }
    return "[" + out + "]";
}

std::string services_json(const sdl::ExplainedGroup& group) {
    std::string out;
    for (const sdl::ExplainedService& each : group.services) {
        out +=
            fmt::format(R"({}{{"name":{},"runs":{},"details":{},"reach":{},"kept":{},"lost":{}}})",
                        out.empty() ? "" : ",", json_quoted(each.name), json_quoted(each.runs),
                        texts_json(each.details), texts_json(each.reach), texts_json(each.kept), texts_json(each.lost));
    }
    return "[" + out + "]";
}

std::string market_json(const Story& story, std::size_t position) {
    if (!story.no_market.empty()) {
        return R"("best":null,"no_offer_has":null)";
    }
    const GroupPlan& plan = story.plan.groups[position];
    std::string best = "null";
    if (!plan.quotes.empty()) {
        const Quote& quote = plan.quotes.front();
        best = fmt::format(
            R"({{"offer":"{}","provider":"{}","rate":"{}","credits_per_hour":"{}","credits_per_month":"{}"}})",
            quote.offer.value(), quote.provider, quote.rate.value(), rate_number_ceil(quote.rate, kSecondsPerHour),
            rate_number_ceil(quote.rate, kSecondsPerMonth));
    }
    std::string unmet;
    for (const Unmet& each : unmet_demands(plan, story.plan.offers)) {
        unmet += fmt::format(R"({}{{"what":{},"why":{},"fix":{}}})", unmet.empty() ? "" : ",", json_quoted(each.what),
                             json_quoted(each.why), json_quoted(each.fix));
    }
    return fmt::format(R"("best":{},"no_offer_has":[{}])", best, unmet);
}

std::string story_json(const Story& story) {
    std::string groups;
    for (std::size_t i = 0; i < story.told.groups.size(); ++i) {
        const sdl::ExplainedGroup& group = story.told.groups[i];
        std::string order;
        for (const auto& wave : group.order) {
            order += (order.empty() ? "" : ",") + texts_json(wave);
        }
        groups += fmt::format(
            R"({}{{"name":{},"services":{},"order":[{}],"start":{},"wants":{},"ceiling":{{"rate":"{}","credits_per_hour":"{}","credits_per_month":"{}"}},{}}})",
            groups.empty() ? "" : ",", json_quoted(group.name), services_json(group), order, texts_json(group.start),
            texts_json(group.wants), group.ceiling.value(), rate_number_ceil(group.ceiling, kSecondsPerHour),
            rate_number_ceil(group.ceiling, kSecondsPerMonth), market_json(story, i));
    }
    return fmt::format(R"({{"file":{},"groups":[{}],"notice":{},"offers_asked":{},"offers_problem":{},"notes":{}}})",
                       json_quoted(story.plan.file), groups, json_quoted(story.told.notice), story.no_market.empty(),
                       json_quoted(story.no_market), notes_json(story.plan.deployment.notes));
}

Result<int> explain(Context& context, const ExplainOptions& options) {
    TRY(deployment, read_deployment_file(context, options.file, {.empty_folders = options.empty_folders}));
    const Story story = make_story(context, options, std::move(deployment));
    if (context.globals.json) {
        print_json(story_json(story));
        return kExitOk;
    }
    for (std::size_t i = 0; i < story.told.groups.size(); ++i) {
        print_group(story.told.groups[i]);
        print_cost(story, i);
    }
    if (!story.told.notice.empty()) {
        fmt::print("Notice: {}\n", story.told.notice);
    }
    if (!story.no_market.empty()) {
        fmt::print("No offers were looked at: {}\n", story.no_market);
    }
    for (const sdl::Note& note : story.plan.deployment.notes) {
        fmt::print("{}\n", sdl::to_text(options.file, note));
    }
    return kExitOk;
}

}  // namespace

void add_sdl_explain(CLI::App* sdl, Session& session) {
    auto options = std::make_shared<ExplainOptions>();
    CLI::App* command = sdl->add_subcommand(
        "explain", "What would run, who reaches it, what is kept, what it costs, what nobody offers");
    command->add_option("file", options->file, "A deployment file or a docker compose file")->required();
    command->add_flag("--empty-folders", options->empty_folders,
                      "Folders of this machine that a compose file mounts become volumes that start empty");
    on_chosen(command, session, options, explain);
}

}  // namespace sublet::cli
