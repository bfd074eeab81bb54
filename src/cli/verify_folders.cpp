// verify_folders.cpp: pairs files by name, compares each pair, draws where they differ.
#include "cli/verify_folders.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <fstream>
#include <nlohmann/json.hpp>
#include <set>

#include "cli/format.hpp"
#include "jobs/difference.hpp"
#include "jobs/png.hpp"
#include "jobs/preflight.hpp"
#include "net/html.hpp"

namespace sublet::cli {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t kMaxJsonTiles = 1'000;  // of a picture: those that do not pass

bool is_picture(const fs::path& file) {
    const std::string ending = file.extension().string();
    return ending == ".png" || ending == ".exr";
}

Result<std::set<std::string>> pictures_below(const fs::path& folder) {
    std::set<std::string> out;
    std::error_code error;
    for (fs::recursive_directory_iterator at{folder, error}, end; !error && at != end; at.increment(error)) {
        std::error_code gone;
        if (is_picture(at->path()) && at->symlink_status(gone).type() == fs::file_type::regular) {
            out.insert(at->path().lexically_relative(folder).string());
            if (out.size() > kMaxVerifiedFiles) {
                return fail(Code::kUsage,
                            fmt::format("{} has more than {} pictures", folder.string(), kMaxVerifiedFiles));
            }
        }
    }
    if (error) {
        return fail(Code::kUsage, fmt::format("cannot read the folder {}: {}", folder.string(), error.message()));
    }
    return out;
}

jobs::Comparison alone(jobs::Verdict verdict, std::string why) {
    return {.verdict = verdict, .tiles = {}, .noisy = 0, .says = std::move(why)};
}

std::size_t tiles_with(const jobs::Comparison& found, jobs::Verdict verdict) {
    return static_cast<std::size_t>(std::ranges::count(found.tiles, verdict, &jobs::TileResult::verdict));
}

std::string shown_name(const std::string& name) { return jobs::one_line(name); }

// Where one is a file, both are, and the name is none.
fs::path file_of(const fs::path& folder, const VerifiedPicture& picture) {
    return picture.name.empty() ? folder : folder / picture.name;
}

Result<Bytes> png_bytes(const jobs::DifferencePicture& drawn, const fs::path& scratch) {
    TRY_OK(jobs::write_png(scratch, drawn.size, drawn.rgb));
    std::ifstream in{scratch, std::ios::binary};
    Bytes out{std::istreambuf_iterator<char>{in}, {}};
    std::error_code ignored;
    fs::remove(scratch, ignored);
    return out;
}

Result<std::string> page_of(const std::vector<const VerifiedPicture*>& shown, std::size_t left_out,
                            const fs::path& folder, const fs::path& against, const fs::path& out) {
    std::string page =
        "<!doctype html><meta charset=utf-8><title>differences</title><style>body{font:15px "
        "sans-serif;margin:2em}img{max-width:100%;image-rendering:pixelated}</style>\n<p>From the left: " +
        net::html_escape(folder.string()) + ", " + net::html_escape(against.string()) +
        ", where they differ: blue slightly, yellow as much as counts, red ten times that.\n";
    for (const VerifiedPicture* each : shown) {
        page +=
            fmt::format("<h2>{}: {}</h2><p>{}\n", net::html_escape(shown_name(each->name)),
                        jobs::verdict_name(each->found.verdict), net::html_escape(jobs::one_line(each->found.says)));
        const auto drawn = jobs::difference_picture(file_of(folder, *each), file_of(against, *each));
        if (drawn) {
            TRY(png, png_bytes(*drawn, out.string() + ".panel"));
            page += "<p><img src=\"data:image/png;base64," + to_base64(png) + "\">\n";
        }
    }
    return page + (left_out > 0 ? fmt::format("<p>and {} more\n", left_out) : "");
}

Result<> write_page(const fs::path& out, const std::string& page) {
    const fs::path fresh = out.string() + ".new";
    std::ofstream file{fresh, std::ios::binary | std::ios::trunc};
    file << page;
    file.close();
    std::error_code error;
    if (file) {
        fs::rename(fresh, out, error);
    }
    if (!file || error) {
        std::error_code ignored;
        fs::remove(fresh, ignored);
        return fail(Code::kIo, "cannot write " + out.string());
    }
    return {};
}

}  // namespace

Result<std::vector<VerifiedPicture>> verify_folders(const fs::path& folder, const fs::path& against) {
    std::error_code error;
    for (const fs::path& each : {folder, against}) {
        if (!fs::exists(each, error)) {
            return fail(Code::kUsage, "there is no " + each.string());
        }
    }
    if (!fs::is_directory(folder, error) || !fs::is_directory(against, error)) {
        if (fs::is_directory(folder, error) || fs::is_directory(against, error)) {
            return fail(Code::kUsage, "two folders or two files are compared, not one of each");
        }
        return std::vector<VerifiedPicture>{{"", jobs::compare_pictures(folder, against)}};
    }
    TRY(theirs, pictures_below(folder));
    TRY(own, pictures_below(against));
    std::set<std::string> names = theirs;
    names.insert(own.begin(), own.end());
    if (own.empty()) {
        return fail(Code::kUsage, against.string() + " has no pictures: files that end in .png or .exr");
    }
    std::vector<VerifiedPicture> out;
    for (const std::string& each : names) {
        if (!own.contains(each)) {
            out.push_back({each, alone(jobs::Verdict::kInconclusive, "there is nothing to compare it with")});
        } else if (!theirs.contains(each)) {
            out.push_back({each, alone(jobs::Verdict::kFail, "it is not there")});
        } else {
            out.push_back({each, jobs::compare_pictures(folder / each, against / each)});
        }
    }
    return out;
}

bool all_pass(const std::vector<VerifiedPicture>& pictures) {
    return std::ranges::all_of(pictures,
                               [](const VerifiedPicture& each) { return each.found.verdict == jobs::Verdict::kPass; });
}

std::string verified_table(const std::vector<VerifiedPicture>& pictures) {
    std::vector<std::vector<std::string>> rows;
    for (const VerifiedPicture& each : pictures) {
        if (each.found.verdict != jobs::Verdict::kPass) {
            rows.push_back({shown_name(each.name), std::string{jobs::verdict_name(each.found.verdict)},
                            fmt::format("{}/{}", tiles_with(each.found, jobs::Verdict::kFail), each.found.tiles.size()),
                            jobs::one_line(each.found.says)});
        }
    }
    const std::string summary = fmt::format("{} of {} pictures are the same, as {} sees it\n",
                                            pictures.size() - rows.size(), pictures.size(), jobs::kCompareVersion);
    return (rows.empty() ? "" : table({"PICTURE", "VERDICT", "TILES", "WHY"}, rows)) + summary;
}

std::string verified_json(const std::vector<VerifiedPicture>& pictures) {
    nlohmann::json list = nlohmann::json::array();
    for (const VerifiedPicture& each : pictures) {
        nlohmann::json tiles = nlohmann::json::array();
        for (const jobs::TileResult& tile : each.found.tiles) {
            if (tile.verdict != jobs::Verdict::kPass && tiles.size() < kMaxJsonTiles) {
                const jobs::Crop& at = tile.where;
                tiles.push_back({{"x", at.x},
                                 {"y", at.y},
                                 {"width", at.width},
                                 {"height", at.height},
                                 {"differ", tile.differ},
                                 {"slightly", tile.slightly},
                                 {"verdict", jobs::verdict_name(tile.verdict)}});
            }
        }
        list.push_back({{"picture", each.name},
                        {"verdict", jobs::verdict_name(each.found.verdict)},
                        {"why", each.found.says},
                        {"tiles", each.found.tiles.size()},
                        {"noisy", each.found.noisy},
                        {"failed", tiles_with(each.found, jobs::Verdict::kFail)},
                        {"not_passed", std::move(tiles)}});
    }
    return nlohmann::json{{"rule", jobs::kCompareVersion}, {"same", all_pass(pictures)}, {"pictures", std::move(list)}}
        .dump(-1, ' ', false, nlohmann::json::error_handler_t::replace);
}

Result<> draw_differences(const std::vector<VerifiedPicture>& pictures, const fs::path& folder, const fs::path& against,
                          const fs::path& out) {
    std::vector<const VerifiedPicture*> shown;
    std::size_t left_out = 0;
    for (const VerifiedPicture& each : pictures) {
        if (each.found.verdict != jobs::Verdict::kPass && !each.found.tiles.empty()) {
            shown.size() < kMaxShownPictures ? shown.push_back(&each) : static_cast<void>(++left_out);
        }
    }
    if (shown.empty()) {
        shown.push_back(&pictures.front());
    }
    if (out.extension() == ".html") {
        TRY(page, page_of(shown, left_out, folder, against, out));
        return write_page(out, page);
    }
    if (out.extension() != ".png") {
        return fail(Code::kUsage, "--picture: \"" + out.string() + "\" ends neither in .png nor in .html");
    }
    TRY(drawn, jobs::difference_picture(file_of(folder, *shown.front()), file_of(against, *shown.front())));
    return jobs::write_png(out, drawn.size, drawn.rgb);
}

}  // namespace sublet::cli
