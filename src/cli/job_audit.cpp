// job_audit.cpp: terms of audits and chains of seeds.
#include "cli/job_audit.hpp"

#include <fmt/format.h>

#include "cli/format.hpp"
#include "crypto/sha256.hpp"
#include "modules/audit/audit.hpp"

namespace sublet::cli {
namespace {

constexpr double kShareOfCrops = 0.1;  // eight crops and a Blender's start: docs/spec/verification.md
constexpr double kShareOfWhole = 1.0;
constexpr std::uint32_t kElementsPerTask = 2;
constexpr std::uint32_t kSpareElements = 64;

std::uint32_t permille(double share) {
    return static_cast<std::uint32_t>(std::clamp(share * 1'000 + 0.5, 1.0, 1'000.0));
}

}  // namespace

void add_audit_terms(CLI::App* command, AuditOptions& options, bool crops) {
    if (crops) {
        options.how = "auto";
        command
            ->add_option("--audit", options.how,
                         "crops: strangers render pieces of some frames again, who cheats loses what it staked; none: "
                         "you look yourself; auto: crops where five providers and more audit")
            ->check(CLI::IsMember({"auto", "crops", "none"}))
            ->capture_default_str();
    } else {
        command
            ->add_option("--audit", options.how,
                         "whole: strangers do tasks again, and the bytes must be the same; none: you look yourself")
            ->check(CLI::IsMember({"whole", "none"}))
            ->capture_default_str();
    }
    command->add_option("--audit-floor", options.floor, "Least probability that a result is audited; 1: every one")
        ->check(CLI::Range(0.001, 1.0))
        ->capture_default_str();
    command
        ->add_option("--audit-share", options.share,
                     "Of a task's pay, for an auditor of it; else 0.1 for crops and 1 for the whole")
        ->check(CLI::Range(0.0, 1.0));
}

Result<std::size_t> auditors_of(Context& context, client::Chain& chain, const std::string& engine) {
    TRY(standings, context.wait(chain.standings()));
    return static_cast<std::size_t>(
        std::ranges::count_if(standings, [&](const audit::Standing& each) { return audit::audits(each, engine); }));
}

Result<std::optional<audit::Terms>> audit_terms(Context& context, client::Chain& chain, const AuditOptions& options,
                                                const jobs::Package& package, const std::string& engine) {
    if (options.how == "none") {
        return std::nullopt;
    }
    const bool crops = options.how != "whole";
    if (crops && !package.audit) {
        if (options.how == "crops") {
            return fail(Code::kUsage,
                        "crops of this job cannot be compared (see above); --audit none, and look yourself");
        }
        return std::nullopt;
    }
    audit::Terms out;
    out.how = crops ? audit::How::kCrops : audit::How::kWhole;
    out.engine = crops ? engine : kBatchEngine;
    TRY(auditors, auditors_of(context, chain, out.engine));
    if (options.how == "auto" && auditors < audit::kMinAuditors) {
        return std::nullopt;
    }
    const double share = options.share > 0 ? options.share : (crops ? kShareOfCrops : kShareOfWhole);
    out.share_permille = permille(share);
    out.floor_permille = permille(options.floor);
    return out;
}

void print_audit_terms(const std::optional<audit::Terms>& terms, std::size_t auditors, Amount for_tasks) {
    if (!terms) {
        fmt::print(stderr,
                   "nobody audits results: what is shown is accepted when you approve it, or after the window\n");
        return;
    }
    fmt::print(
        stderr,
        "audited: {} by drawn providers with a stake ({} now{}), at least {:.1f} % of results, all of newcomers\n"
        "set aside for auditors {}, what is not needed comes back\n",
        terms->how == audit::How::kCrops ? "pieces are rendered again" : "tasks are done again", auditors,
        auditors < audit::kMinAuditors ? "; with fewer than five you look yourself" : "", terms->floor_permille / 10.0,
        credits(audit::fund_of(*terms, for_tasks)));
}

SeedChain new_chain(Context& context, std::uint32_t tasks) {
    return {.secret = *fixed_from<32>(context.random->bytes(32)),
            .elements = std::min(kMaxChain, tasks * kElementsPerTask + kSpareElements)};
}

Hash tip_of(const SeedChain& chain) {
    Hash out = chain.secret;
    for (std::uint32_t i = 0; i < chain.elements; ++i) {
        out = crypto::sha256(view_of(out));
    }
    return out;
}

std::optional<Hash> next_element(const SeedChain& chain, const Hash& tip) {
    Hash out = chain.secret;
    for (std::uint32_t i = 0; i < chain.elements; ++i) {
        const Hash next = crypto::sha256(view_of(out));
        if (next == tip) {
            return out;
        }
        out = next;
    }
    return std::nullopt;
}

}  // namespace sublet::cli
