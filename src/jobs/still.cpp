// still.cpp: splits an image into tasks and merges what they rendered.
#include "jobs/still.hpp"

#include <algorithm>
#include <charconv>
#include <nlohmann/json.hpp>

#include "jobs/exr.hpp"

namespace sublet::jobs {
namespace {

namespace fs = std::filesystem;

std::string padded(std::int64_t number) {
    std::string digits = std::to_string(number < 0 ? -number : number);
    digits.insert(0, digits.size() < 4 ? 4 - digits.size() : 0, '0');
    return (number < 0 ? "-" : "") + digits;
}

Result<std::uint32_t> number_in(std::string_view text) {
    std::uint32_t out = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), out);
    if (error != std::errc{} || end != text.data() + text.size() || out == 0 || out > kMaxStillParts) {
        return fail(Code::kBadField,
                    "\"" + std::string{text} + "\" is no number of parts: 1 to " + std::to_string(kMaxStillParts));
    }
    return out;
}

Result<> check(const Still& still) {
    const std::uint64_t parts = std::uint64_t{still.columns} * still.rows;
    if (parts < 1 || parts > kMaxStillParts || (still.by == SplitBy::kSamples && still.rows != 1)) {
        return fail(Code::kBadField, "an image has 1 to " + std::to_string(kMaxStillParts) + " parts, not " +
                                         std::to_string(still.columns) + "x" + std::to_string(still.rows));
    }
    if (still.samples > kMaxStillSamples || (still.by == SplitBy::kSamples && still.samples < parts)) {
        return fail(Code::kBadField, "an image in " + std::to_string(parts) + " sample ranges has " +
                                         std::to_string(parts) + " to " + std::to_string(kMaxStillSamples) +
                                         " samples a pixel: say how many with --samples");
    }
    return {};
}

}  // namespace

Result<Still> parse_still(const std::string& by, const std::string& parts, std::int64_t frame, std::uint32_t samples) {
    Still out;
    out.frame = frame;
    out.samples = samples;
    if (by != "samples" && by != "tiles") {
        return fail(Code::kBadField, "an image is split by samples or tiles, not \"" + by + "\"");
    }
    out.by = by == "tiles" ? SplitBy::kTiles : SplitBy::kSamples;
    const std::size_t cross = parts.find('x');
    if (cross != std::string::npos && out.by == SplitBy::kSamples) {
        return fail(Code::kBadField, "sample ranges are a number, as in --parts 8");
    }
    TRY(columns, number_in(std::string_view{parts}.substr(0, cross)));
    out.columns = columns;
    if (cross != std::string::npos) {
        TRY(rows, number_in(std::string_view{parts}.substr(cross + 1)));
        out.rows = rows;
    }
    TRY_OK(check(out));
    return out;
}

SampleRange range_of(const Still& still, std::uint32_t part) {
    const auto bound = [&](std::uint64_t at) {
        return static_cast<std::uint32_t>(std::uint64_t{still.samples} * at / still.parts());
    };
    return {bound(part), bound(part + 1) - bound(part)};
}

std::string still_json(const Still& still) {
    return nlohmann::json{{"by", still.by == SplitBy::kTiles ? "tiles" : "samples"},
                          {"frame", still.frame},
                          {"columns", still.columns},
                          {"rows", still.rows},
                          {"samples", still.samples}}
        .dump();
}

Result<Still> still_from_json(BytesView json) {
    const nlohmann::json value = nlohmann::json::parse(json, nullptr, false);
    const auto is_number = [&](const char* key) { return value.contains(key) && value[key].is_number_integer(); };
    if (!value.is_object() || !value.contains("by") || !value["by"].is_string() || !is_number("frame") ||
        !is_number("columns") || !is_number("rows") || !is_number("samples")) {
        return fail(Code::kParse, "this does not say how an image was split");
    }
    Still out;
    out.by = value["by"] == "tiles" ? SplitBy::kTiles : SplitBy::kSamples;
    out.frame = value["frame"].get<std::int64_t>();
    out.columns = value["columns"].get<std::uint32_t>();
    out.rows = value["rows"].get<std::uint32_t>();
    out.samples = value["samples"].get<std::uint32_t>();
    if (!check(out)) {
        return fail(Code::kParse, "this does not say how an image was split");
    }
    return out;
}

Result<std::optional<Still>> still_of_plan(BytesView plan) {
    const nlohmann::json parsed = nlohmann::json::parse(plan, nullptr, false);
    if (!parsed.is_object() || !parsed.contains("still")) {
        return fail(Code::kParse, "plan.json is no plan of a render");
    }
    if (parsed["still"].is_null()) {
        return std::optional<Still>{};
    }
    TRY(still, still_from_json(parsed["still"].dump()));
    return std::optional{still};
}

PictureSize part_size(const Still& still, std::uint32_t part, PictureSize whole) {
    if (still.by == SplitBy::kSamples) {
        return whole;
    }
    const auto cut = [](std::uint32_t side, std::uint32_t at, std::uint32_t of) {
        return static_cast<std::uint32_t>(std::uint64_t{side} * (at + 1) / of - std::uint64_t{side} * at / of);
    };
    return {cut(whole.width, part % still.columns, still.columns), cut(whole.height, part / still.columns, still.rows)};
}

fs::path part_folder(const Still& still, std::uint32_t part) {
    return fs::path{padded(still.frame) + ".parts"} / padded(std::int64_t{part} + 1);
}

fs::path image_file(const Still& still) { return padded(still.frame) + ".exr"; }

Result<> check_part(const fs::path& folder) {
    std::error_code error;
    for (const fs::directory_entry& each : fs::recursive_directory_iterator{folder, error}) {
        if (each.path() != folder / kPartFile) {
            return fail(Code::kBadField, "its worker left " + each.path().filename().string() +
                                             ", which is no part of the image; `sublet job reject` has it done again");
        }
    }
    const Result<ExrShape> shape = exr_shape(folder / kPartFile);
    return shape ? Result<>{} : std::unexpected{shape.error()};
}

Result<MergedStill> merge_still(const Still& still, const std::map<std::uint32_t, fs::path>& parts,
                                const fs::path& out) {
    MergedStill merged;
    merged.parts = static_cast<std::uint32_t>(parts.size());
    if (still.by == SplitBy::kTiles) {
        std::vector<fs::path> tiles;
        for (std::uint32_t part = 0; part < still.parts(); ++part) {
            const auto found = parts.find(part);
            if (found == parts.end()) {
                return fail(Code::kNotFound, "tile " + std::to_string(part + 1) + " of " +
                                                 std::to_string(still.parts()) + " is missing");
            }
            tiles.push_back(found->second);
        }
        TRY_OK(mosaic_exr(tiles, still.columns, still.rows, out));
        return merged;
    }
    if (parts.empty()) {
        return fail(Code::kNotFound, "no part of the image is here");
    }
    std::vector<WeightedImage> images;
    for (const auto& [part, file] : parts) {
        images.push_back({file, range_of(still, part).count});
        merged.samples += images.back().weight;
    }
    TRY_OK(average_exr(images, out));
    return merged;
}

Result<std::vector<SuspiciousPart>> suspicious_parts(const Still& still,
                                                     const std::map<std::uint32_t, fs::path>& parts) {
    std::map<std::uint32_t, RangePart> ranges;
    if (still.by == SplitBy::kSamples) {
        for (const auto& [part, file] : parts) {
            ranges[part] = {file, std::max(1U, range_of(still, part).count)};
        }
    }
    return cross_check(ranges);
}

}  // namespace sublet::jobs
