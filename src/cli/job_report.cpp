// job_report.cpp: writes reports of jobs.
#include "cli/job_report.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <nlohmann/json.hpp>

#include "cli/format.hpp"
#include "net/html.hpp"
#include "net/http.hpp"

namespace sublet::cli {
namespace {

struct WorkerSum {
    std::uint32_t tasks = 0;
    std::uint64_t ms = 0;
    Amount earned;
};

std::uint64_t length_ms(const SeenTask& task) {
    return task.ended_ms > task.began_ms ? task.ended_ms - task.began_ms : 0;
}

std::map<std::string, WorkerSum> by_worker(const SeenTasks& tasks) {
    std::map<std::string, WorkerSum> out;
    for (const auto& [index, task] : tasks) {
        WorkerSum& sum = out[crypto::to_bech32(task.worker)];
        sum.tasks += 1;
        sum.ms += length_ms(task);
        sum.earned = saturating_add(sum.earned, task.pay);
    }
    return out;
}

// A relative address of a file; nothing in it may end it or be a scheme.
std::string address_of(const std::string& file) {
    std::string out = ".";
    for (const std::filesystem::path& each : std::filesystem::path{file}) {
        out += "/" + net::percent_encode(each.string());
    }
    return out;
}

bool is_picture(std::string_view file) {
    return file.ends_with(".png") || file.ends_with(".jpg") || file.ends_with(".jpeg") || file.ends_with(".webp");
}

std::string bar(std::uint64_t value, std::uint64_t most, const std::string& label) {
    const std::uint64_t width = most == 0 ? 0 : value * 100 / most;
    return fmt::format("<div class=bar><i style=\"width:{}%\"></i><span>{}</span></div>\n", width,
                       net::html_escape(label));
}

constexpr std::string_view kStyle =
    "body{font:15px/1.5 system-ui,sans-serif;margin:2rem auto;max-width:72rem;padding:0 "
    "1rem;color:#222;background:#fff}"
    "h1{font-size:1.5rem}h2{font-size:1.1rem;margin-top:2rem}"
    ".bar{position:relative;background:#eee;margin:2px 0;height:1.4rem}.bar i{position:absolute;inset:0 auto 0 0;"
    "background:#9cc3e6}.bar span{position:relative;padding:0 .5rem;font-size:.85rem;white-space:nowrap}"
    ".sheet{display:grid;grid-template-columns:repeat(auto-fill,minmax(9rem,1fr));gap:.5rem}"
    ".sheet img{width:100%;display:block;background:#000}.sheet figure{margin:0;font-size:.75rem}"
    ".bad{color:#a00}.made{max-width:100%;background:#000}";

std::string going_text(const job::Job& job, const GoingOn& going) {
    const std::string left = going.left ? ", about " + duration(*going.left) + " left" : std::string{};
    return fmt::format("going on for {}{}; {} running; this page loads itself again every {} s",
                       duration(Millis{going.elapsed_ms / 1'000 * 1'000}), left, job.active, kReportReloads_s);
}

std::string more_text(std::size_t left_out) {
    return left_out == 0 ? "" : fmt::format("<p>and {} more, which report.json has</p>\n", left_out);
}

// What was made of the frames.
std::string made_of_it(const ReportExtras& extras) {
    std::string out;
    if (!extras.video.empty()) {
        out += fmt::format(
            "<h2>Video</h2>\n<video class=made controls loop src=\"{0}\"></video><p><a "
            "href=\"{0}\">{1}</a></p>\n",
            address_of(extras.video), net::html_escape(extras.video));
    }
    if (!extras.picture.empty()) {
        out += fmt::format("<h2>Image</h2>\n<a href=\"{0}\"><img class=made src=\"{0}\" alt=\"{1}\"></a>\n",
                           address_of(extras.picture), net::html_escape(extras.picture));
    }
    return out;
}

std::string worker_bars(const SeenTasks& tasks) {
    std::string out = "<h2>Who did it</h2>\n";
    const std::map<std::string, WorkerSum> workers = by_worker(tasks);
    std::uint32_t most_tasks = 0;
    for (const auto& [name, sum] : workers) {
        most_tasks = std::max(most_tasks, sum.tasks);
    }
    for (const auto& [name, sum] : workers) {
        out += bar(sum.tasks, most_tasks,
                   fmt::format("{} tasks · {:.1f} s · {} · {}", sum.tasks, static_cast<double>(sum.ms) / 1'000.0,
                               credits(sum.earned), short_address(name)));
    }
    return out;
}

std::string task_bars(const jobs::Package& package, const SeenTasks& tasks) {
    std::string out = "<h2>How long each took</h2>\n";
    std::uint64_t longest = 0;
    for (const auto& [index, task] : tasks) {
        longest = std::max(longest, length_ms(task));
    }
    std::size_t rows = 0;
    for (const auto& [index, task] : tasks) {
        if (++rows > kMaxReportRows) {
            continue;
        }
        out += bar(length_ms(task), longest,
                   fmt::format("{} · {:.1f} s · {}", jobs::task_value(package, index),
                               static_cast<double>(length_ms(task)) / 1'000.0, credits(task.pay)));
    }
    return out + more_text(rows > kMaxReportRows ? rows - kMaxReportRows : 0);
}

// Browsers show no OpenEXR.
std::string contact_sheet(const SeenTasks& tasks) {
    std::string out = "<h2>Contact sheet</h2>\n<div class=sheet>\n";
    std::size_t shown = 0;
    std::size_t unseen = 0;
    for (const auto& [index, task] : tasks) {
        for (const std::string& file : task.files) {
            unseen += file.ends_with(".exr") ? 1U : 0U;
            if (is_picture(file) && ++shown <= kMaxReportRows) {
                out +=
                    fmt::format("<figure><a href=\"{0}\"><img loading=lazy src=\"{0}\" alt=\"{1}\"></a>{1}</figure>\n",
                                address_of(file), net::html_escape(file));
            }
        }
    }
    out += "</div>\n" + more_text(shown > kMaxReportRows ? shown - kMaxReportRows : 0);
    if (unseen > 0) {
        out += fmt::format(
            "<p>Files of OpenEXR: {}. Browsers do not show them; Blender and image editors do. Frames "
            "that are rendered with --format PNG are shown here.</p>\n",
            unseen);
    }
    return out;
}

}  // namespace

std::string report_json(const job::Job& job, const jobs::Package& package, const SeenTasks& tasks) {
    nlohmann::json out{{"job", job.id.value()},
                       {"kind", job.kind},
                       {"state", to_name(job.state)},
                       {"tasks", job.tasks},
                       {"accepted", job.accepted},
                       {"failed", job.failed},
                       {"paid_ucredit", job.paid.value()},
                       {"refunded_ucredit", job.refunded.value()}};
    for (const auto& [index, task] : tasks) {
        out["results"].push_back({{"task", index},
                                  {"value", jobs::task_value(package, index)},
                                  {"worker", crypto::to_bech32(task.worker)},
                                  {"attempt", task.attempt},
                                  {"pay_ucredit", task.pay.value()},
                                  {"seconds", static_cast<double>(length_ms(task)) / 1'000.0},
                                  {"files", task.files}});
    }
    for (const auto& [name, sum] : by_worker(tasks)) {
        out["workers"].push_back({{"worker", name},
                                  {"tasks", sum.tasks},
                                  {"seconds", static_cast<double>(sum.ms) / 1'000.0},
                                  {"pay_ucredit", sum.earned.value()}});
    }
    return out.dump(2, ' ', false, nlohmann::json::error_handler_t::replace) + "\n";
}

std::string report_html(const job::Job& job, const jobs::Package& package, const SeenTasks& tasks,
                        const ReportExtras& extras) {
    const std::string again =
        extras.going ? fmt::format("<meta http-equiv=refresh content={}>\n", kReportReloads_s) : std::string{};
    std::string out = fmt::format(
        "<!doctype html>\n<html lang=en><meta charset=utf-8><meta name=viewport content=\"width=device-width\">\n"
        "{5}<title>Job {0}</title>\n<style>{1}</style>\n<h1>Job {0}: {2}</h1>\n"
        "<p>{3} of {4} tasks done, {6} failed; {7} paid, {8} came back.</p>\n",
        job.id.value(), kStyle, to_name(job.state), job.accepted + job.in_review, job.tasks, again, job.failed,
        credits(job.paid), credits(job.refunded));
    if (extras.going) {
        out += bar(job.accepted + job.in_review, job.tasks, going_text(job, *extras.going));
    }
    for (const auto& [index, why] : extras.refused) {
        out += fmt::format("<p class=bad>Task {} is not what was asked for, and not approved: {}</p>\n",
                           jobs::task_value(package, index), net::html_escape(why));
    }
    out += made_of_it(extras) + worker_bars(tasks) + task_bars(package, tasks);
    return out + contact_sheet(tasks);
}

Result<> write_report(net::Files& files, const std::filesystem::path& out, const job::Job& job,
                      const jobs::Package& package, const SeenTasks& tasks, const ReportExtras& extras) {
    TRY_OK(files.write(out / "report.json", report_json(job, package, tasks), 0644));
    return files.write(out / "report.html", report_html(job, package, tasks, extras), 0644);
}

}  // namespace sublet::cli
