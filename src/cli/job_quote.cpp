// job_quote.cpp: prices, probes and what follows from them.
#include "cli/job_quote.hpp"

#include <algorithm>
#include <cmath>
#include <set>

#include "cli/format.hpp"
#include "modules/job/messages.hpp"

namespace sublet::cli {
namespace {

constexpr std::uint64_t kRoomPercent = 125;   // over the cheapest offer: workers weigh their own speed
constexpr std::uint64_t kStart_ms = 120'000;  // an engine, a Blender and a scene's first frame
constexpr double kMostTimeout_ms = 86'000'000;
constexpr unsigned kMaxDraws = 16;
constexpr std::size_t kDrawn = 2;  // probe tasks beside first, middle and last

// How far a probed task lies from the line between its neighbours, as a part of it.
double unevenness(const job::Job& job) {
    double most = 0;
    for (std::size_t i = 1; i + 1 < job.work.size(); ++i) {
        const auto before = static_cast<double>(job.work[i - 1]);
        const auto behind = static_cast<double>(job.work[i + 1]);
        const double gone = job.probe_tasks[i] - job.probe_tasks[i - 1];
        const double whole = job.probe_tasks[i + 1] - job.probe_tasks[i - 1];
        const double line = before + (behind - before) * gone / whole;
        most = std::max(most, std::abs(static_cast<double>(job.work[i]) - line) / std::max(1.0, line));
    }
    return most;
}

double apart(const job::Job& job) {
    double least = 0;
    double most = 0;
    for (const job::Probe& each : job.probes) {
        double sum = 0;
        for (const std::uint64_t work : each.work) {
            sum += static_cast<double>(work);
        }
        least = sum > 0 && (least == 0 || sum < least) ? sum : least;
        most = std::max(most, sum);
    }
    return least > 0 ? (most - least) / least : 0;
}

}  // namespace

Result<Rate> cheapest_rate(Context& context, client::Chain& chain, const jobs::Package& package) {
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
    const u128 with_room = u128{least->value()} * kRoomPercent / 100;
    return Rate{static_cast<std::uint64_t>(std::min<u128>(with_room, ~std::uint64_t{0}))};
}

Result<std::uint64_t> price_of_work(Context& context, client::Chain& chain, const jobs::Package& package,
                                    const std::string& core_hour) {
    if (core_hour.empty()) {
        TRY(rate, cheapest_rate(context, chain, package));
        return std::clamp<std::uint64_t>(rate.value() / jobs::cores_of(package), 1, job::kMaxPrice);
    }
    TRY(credits, parse_credits(core_hour));
    const u128 nano = u128{credits.value()} * 1'000'000'000 / 3'600;
    if (nano == 0 || nano > job::kMaxPrice) {
        return fail(Code::kUsage,
                    "--price: more than nothing, at most 3,600 credits for a core of the reference machine and hour");
    }
    return static_cast<std::uint64_t>(nano);
}

Result<std::vector<std::uint64_t>> rates_for(Context& context, client::Chain& chain, std::string_view engine) {
    TRY(providers, context.wait(chain.providers()));
    TRY(rates, context.wait(chain.all_rates()));
    std::vector<std::uint64_t> out;
    for (const job::Rates& each : rates) {
        const auto who = std::ranges::find(providers, each.worker, &provider::Provider::owner);
        const std::uint64_t rate = job::rate_in(each, engine);
        if (who != providers.end() && who->beating && rate != 0) {
            out.push_back(rate);
        }
    }
    return out;
}

std::vector<std::uint32_t> choose_probe_tasks(std::uint32_t tasks, net::Random& random) {
    std::set<std::uint32_t> chosen{0, tasks / 2, tasks - 1};
    const std::size_t wanted = std::min<std::size_t>(tasks, chosen.size() + kDrawn);
    for (unsigned draw = 0; draw < kMaxDraws && chosen.size() < wanted; ++draw) {
        chosen.insert(static_cast<std::uint32_t>(read_be64(random.bytes(8)) % tasks));
    }
    for (std::uint32_t task = 0; chosen.size() < wanted; ++task) {
        chosen.insert(task);
    }
    return {chosen.begin(), chosen.end()};
}

WorkQuote work_quote(const job::Job& job, const std::vector<std::uint64_t>& rates) {
    WorkQuote out;
    for (std::uint32_t task = 0; task < job.tasks; ++task) {
        const double work = static_cast<double>(job::predicted_work(job, task)) / 1'000;
        out.work += work;
        out.pay = saturating_add(out.pay, job::pay_of(job, task));
        out.dearest = std::max(out.dearest, work);
    }
    out.error = std::max(unevenness(job), apart(job));
    double all = 0;
    double slowest = 0;
    double fastest = 0;
    for (const std::uint64_t each : rates) {
        const double rate = static_cast<double>(each) / 1'000 * std::max(1U, job.cores);
        all += rate;
        slowest = slowest == 0 ? rate : std::min(slowest, rate);
        fastest = std::max(fastest, rate);
    }
    if (all > 0) {
        // The last task ends when somebody is done with it, not when all have shared it.
        out.seconds = static_cast<std::uint64_t>(std::ceil(std::max(out.work / all, out.dearest / fastest)));
        const double twice_ms = 2'000 * out.dearest * (1 + out.error) / slowest;
        out.timeout_ms = kStart_ms + static_cast<std::uint64_t>(std::min(twice_ms, kMostTimeout_ms));
    }
    return out;
}

void print_work_quote(const job::Job& job, const WorkQuote& quote) {
    fmt::print(stderr,
               "{} task{}: {:.2f} reference work units, ±{:.0f} %, found by {} provider{}\n"
               "{} for all, at most {}: locked now, what is not earned comes back\n"
               "about {} with the providers that are there\n",
               job.tasks, job.tasks == 1 ? "" : "s", quote.work, std::ceil(quote.error * 100), job.probes.size(),
               job.probes.size() == 1 ? "" : "s", credits(quote.pay), credits(job.needed),
               duration(Millis{quote.seconds * 1'000}));
}

Result<> confirm_job(Context& context, const job::Job& job, Amount budget, std::uint64_t timeout_ms) {
    if (!budget.is_zero() && budget < job.pay_cap) {
        return fail(Code::kUsage, fmt::format("the budget of {} does not do for the dearest task, which may cost {}",
                                              credits(budget), credits(job.pay_cap)));
    }
    TRY(chain, context.chain());
    TRY(signer, context.signer());
    job::MsgConfirmJob message;
    message.owner = signer->text();
    message.job = job.id;
    message.budget = budget.is_zero() ? job.needed : std::min(budget, job.needed);  // what was shown, and no more
    message.task_timeout = Millis{timeout_ms};
    std::vector<client::TxMessage> messages{client::pack(message)};
    TRY(outcome, context.wait(chain->submit(*signer, std::move(messages))));
    (void)outcome;
    return {};
}

}  // namespace sublet::cli
