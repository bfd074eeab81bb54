// job_forget.cpp: `sublet job forget`: everybody who has something of a job is asked to delete it, and signs for it.
// Spec: docs/spec/storage.md (receipts).
#include "cli/job_forget.hpp"

#include <unistd.h>

#include <algorithm>
#include <fstream>

#include "agent/tasks.hpp"
#include "cli/exit.hpp"
#include "cli/format.hpp"
#include "cli/lease_view.hpp"
#include "cli/new_job.hpp"
#include "cli/saved_job.hpp"
#include "client/loose_json.hpp"
#include "client/provider_client.hpp"
#include "client/receipt.hpp"

namespace sublet::cli {
namespace {

namespace fs = std::filesystem;
namespace loose = client::loose;

constexpr std::size_t kMaxAsked = 256;  // providers
constexpr std::size_t kAskedAtOnce = 16;
constexpr std::uint64_t kForgetTick_ms = 50;

// What one provider answered.
struct Word {
    enum class Kind : std::uint8_t { kConfirmed, kNothing, kUnsigned, kSilent } kind = Kind::kSilent;
    std::string text;  // for people
    std::string receipt;
};

class Forgetting {
public:
    Forgetting(Context& context, client::Chain& chain, const client::Signer& signer, JobId id, std::string chain_id)
        : context_(context),
          chain_(chain),
          signer_(signer),
          id_(id),
          chain_id_(std::move(chain_id)),
          tasks_(context.loop) {}

    Hash content{};  // of the job's package; zero: not known any more
    std::map<Address, Word> words;

    // `holders`: known to have something of it. All others that beat are asked too, and their silence says nothing.
    net::Task<Result<>> ask_all(std::set<Address> holders);

private:
    net::Task<> ask(provider::Provider provider, bool drop, std::set<Address>* brought, bool holder);
    net::Task<Result<>> ask_each(const std::vector<provider::Provider>& all, const std::set<Address>& holders,
                                 std::set<Address>* brought);
    [[nodiscard]] Word judge(const provider::Provider& provider, const Result<std::string>& receipt) const;

    Context& context_;
    client::Chain& chain_;
    const client::Signer& signer_;
    JobId id_;
    std::string chain_id_;
    agent::Tasks tasks_;
    std::size_t asking_ = 0;
};

Word Forgetting::judge(const provider::Provider& provider, const Result<std::string>& receipt) const {
    if (!receipt) {
        const bool nothing = receipt.error().code == Code::kNotFound;
        return {nothing ? Word::Kind::kNothing : Word::Kind::kSilent,
                nothing ? "has nothing of it" : receipt.error().message, ""};
    }
    if (receipt->empty()) {
        return {Word::Kind::kUnsigned, "says it is deleted, and signs nothing", ""};
    }
    const Result<client::Receipt> read = client::verify_receipt(*receipt, chain_id_);
    const bool fits = read && read->job == id_ && read->creator == signer_.address() &&
                      read->provider == provider.owner && read->signer == provider.operator_address &&
                      (content == Hash{} || read->content == content);
    if (!fits) {
        return {Word::Kind::kUnsigned,
                "its receipt is not for this: " +
                    (read ? std::string{"another job, content or key"} : read.error().message),
                ""};
    }
    std::string text = "signed: deleted " + bytes_text(read->bytes);
    text +=
        read->kept_for.empty() ? "" : fmt::format("; the same input stays for job {}", read->kept_for.front().value());
    return {Word::Kind::kConfirmed, text, *receipt};
}

net::Task<> Forgetting::ask(provider::Provider provider, bool drop, std::set<Address>* brought, bool holder) {
    const auto client = gateway_client(context_, provider, chain_id_, signer_.secret());
    if (!client) {
        words[provider.owner] = {Word::Kind::kSilent, client.error().message, ""};
    } else if (drop) {
        const Result<std::string> receipt = co_await (*client)->drop_job(id_);
        const Word word = judge(provider, receipt);
        if (holder || word.kind == Word::Kind::kConfirmed || word.kind == Word::Kind::kUnsigned) {
            words[provider.owner] = word;
        }
    } else {
        const Result<nlohmann::json> state = co_await (*client)->job_state(id_);
        const nlohmann::json none = nlohmann::json::object();
        const auto keep = state ? state->find("keep") : none.end();
        if (state && keep != state->end() && keep->is_object()) {
            for (const nlohmann::json& each : loose::at(*keep, "brought")) {
                const auto address = crypto::parse_address(each.is_string() ? each.get<std::string>() : "");
                if (address && brought->size() < kMaxAsked) {
                    brought->insert(*address);
                }
            }
        }
    }
    --asking_;
}

net::Task<Result<>> Forgetting::ask_each(const std::vector<provider::Provider>& all, const std::set<Address>& holders,
                                         std::set<Address>* brought) {
    for (const provider::Provider& each : all) {
        while (asking_ >= kAskedAtOnce) {
            co_await context_.clock->sleep(kForgetTick_ms);
        }
        if (each.beating || holders.contains(each.owner)) {
            ++asking_;
            tasks_.spawn(ask(each, brought == nullptr, brought, holders.contains(each.owner)));
        }
    }
    co_await tasks_.all_ended();
    co_return Result<>{};
}

// First keepers say whom they brought it to.
net::Task<Result<>> Forgetting::ask_all(std::set<Address> holders) {
    CO_TRY(all, co_await chain_.providers());
    if (all.size() > kMaxAsked) {
        std::ranges::stable_partition(all, [&](const auto& each) { return holders.contains(each.owner); });
        all.resize(kMaxAsked);
    }
    std::set<Address> brought;
    CO_TRY_OK(co_await ask_each(all, holders, &brought));
    holders.merge(brought);
    co_return co_await ask_each(all, holders, nullptr);
}

Result<> keep_receipts(const fs::path& folder, const std::map<Address, Word>& words) {
    for (const auto& [owner, word] : words) {
        if (word.receipt.empty()) {
            continue;
        }
        std::error_code error;
        fs::create_directories(folder, error);
        std::ofstream out{folder / (crypto::to_bech32(owner) + ".jwt"), std::ios::trunc};
        out << word.receipt << "\n";
        out.close();
        if (!out) {
            return fail(Code::kIo, "cannot write the receipts to " + folder.string());
        }
    }
    return {};
}

const char* name_of(Word::Kind kind) {
    switch (kind) {
        case Word::Kind::kConfirmed:
            return "confirmed";
        case Word::Kind::kNothing:
            return "nothing";
        case Word::Kind::kUnsigned:
            return "unsigned";
        default:
            return "silent";
    }
}

void print_words(Context& context, JobId id, const std::map<Address, Word>& words, const fs::path& folder) {
    if (context.globals.json) {
        std::string list;
        for (const auto& [owner, word] : words) {
            list += fmt::format(R"({}{{"provider":"{}","answer":"{}","text":{}}})", list.empty() ? "" : ",",
                                crypto::to_bech32(owner), name_of(word.kind), json_quoted(word.text));
        }
        print_json(fmt::format(R"({{"job":{},"receipts":{},"providers":[{}]}})", id.value(),
                               json_quoted(folder.string()), list));
        return;
    }
    std::vector<std::vector<std::string>> rows;
    for (const auto& [owner, word] : words) {
        rows.push_back({short_address(crypto::to_bech32(owner)), name_of(word.kind), without_controls(word.text)});
    }
    if (rows.empty()) {
        fmt::print("nobody has anything of job {}\n", id.value());
    } else {
        fmt::print("{}", table({"PROVIDER", "ANSWER", "WHAT IT SAYS"}, rows));
    }
}

// Those that the creator brought it to, and those that did its tasks.
Result<std::set<Address>> holders_of(Context& context, client::Chain& chain, JobId id,
                                     const std::optional<SavedJob>& saved) {
    std::set<Address> out;
    if (saved) {
        TRY(noted, noted_holders(*saved));
        out = std::move(noted);
    }
    std::uint32_t from = 0;
    while (out.size() < kMaxAsked) {
        const Result<std::vector<job::Task>> tasks = context.wait(chain.tasks_of(id, from));
        if (!tasks || tasks->empty()) {
            break;  // of an old job the ledger has no tasks any more
        }
        for (const job::Task& each : *tasks) {
            if (each.worker != Address{}) {
                out.insert(each.worker);
            }
        }
        from = tasks->back().index + 1;
    }
    return out;
}

}  // namespace

Result<int> forget_job_everywhere(Context& context, JobId id, bool yes) {
    TRY(chain, context.chain());
    TRY(signer, context.signer());
    TRY(network, context.wait(chain->status()));
    const Result<job::Job> job = context.wait(chain->job(id));
    if (!job && job.error().code != Code::kNotFound) {
        return std::unexpected{job.error()};
    }
    if (job && job->owner != signer->address()) {
        return fail(Code::kUsage, fmt::format("job {} belongs to {}; choose its key with --key", id.value(),
                                              crypto::to_bech32(job->owner)));
    }
    if (job && job->closed_at.is_zero()) {
        return fail(Code::kConflict,
                    fmt::format("job {} goes on; `sublet job cancel {}` ends it", id.value(), id.value()));
    }
    if (!yes && ::isatty(STDIN_FILENO) != 0 && !says_yes("results that were not fetched are lost; delete all of it?")) {
        return fail(Code::kCancelled, "nothing was deleted");
    }
    Result<SavedJob> found = load_job(context.home(), network.chain_id, id, job ? job->content : Hash{});
    const std::optional<SavedJob> saved = found ? std::optional{std::move(*found)} : std::nullopt;
    TRY(holders, holders_of(context, *chain, id, saved));
    Forgetting forgetting{context, *chain, *signer, id, network.chain_id};
    forgetting.content = job ? job->content : Hash{};
    {
        const auto progress = context.progress("asking all that may have it");
        TRY_OK(context.wait(forgetting.ask_all(std::move(holders))));
    }
    const fs::path folder = context.home() / "receipts" / fmt::format("{}-{}", network.chain_id, id.value());
    TRY_OK(keep_receipts(folder, forgetting.words));
    print_words(context, id, forgetting.words, folder);
    const auto owes = std::ranges::count_if(forgetting.words, [](const auto& each) {
        return each.second.kind == Word::Kind::kSilent || each.second.kind == Word::Kind::kUnsigned;
    });
    if (owes > 0) {
        fmt::print(stderr, "{} did not confirm: ask again later with the same command\n", owes);
        return kExitFailed;
    }
    if (saved) {
        TRY_OK(forget_job(*saved));
    }
    return kExitOk;
}

}  // namespace sublet::cli
