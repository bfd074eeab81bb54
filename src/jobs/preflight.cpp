// preflight.cpp: reads what Blender found in a scene, as strictly as if the scene had written it.
#include "jobs/preflight.hpp"

#include <algorithm>
#include <array>
#include <nlohmann/json.hpp>
#include <optional>
#include <set>

#include "codec/utf8.hpp"
#include "jobs/preflight_parts.hpp"

namespace sublet::jobs {
namespace {

using Json = nlohmann::json;

constexpr int kMaxPreflightDepth = 3;  // the document, the list, a finding
constexpr std::uint64_t kMaxSamples = 1ULL << 24U;
constexpr std::array<std::string_view, 5> kReportKeys{"facts", "findings", "left_out", "packed", "version"};
constexpr std::array<std::string_view, 5> kFindingKeys{"fix", "rule", "severity", "what", "where"};
constexpr std::array<std::string_view, 11> kFactKeys{"denoiser",  "engine",      "format", "fps_milli",
                                                     "frame_end", "frame_start", "height", "memory_bytes",
                                                     "plain",     "samples",     "width"};
constexpr std::array kSeverities{Severity::kNote, Severity::kWarning, Severity::kError};

std::unexpected<Error> not_so(std::string_view field, std::string_view rule) {
    return fail(Code::kParse, "findings of Blender: " + std::string{field} + " " + std::string{rule});
}

bool is_control(unsigned char letter) { return letter < 0x20U || letter == 0x7fU; }

// The second half of U+0080 to U+009F, which some terminals obey: 0xc2 and one of these.
bool is_late_control(std::string_view text, std::size_t at) {
    return static_cast<unsigned char>(text[at]) == 0xc2U && at + 1 < text.size() &&
           static_cast<unsigned char>(text[at + 1]) < 0xa0U;
}

bool is_one_line(std::string_view text) {
    for (std::size_t at = 0; at < text.size(); ++at) {
        if (is_control(static_cast<unsigned char>(text[at])) || is_late_control(text, at)) {
            return false;
        }
    }
    return codec::is_utf8(text);
}

// One pass sees depth and keys that are there twice; an object at a time is open at each depth.
Result<Json> parse_document(BytesView text) {
    std::vector<std::set<std::string>> open;
    bool wrong = false;
    const auto watch = [&](int depth, Json::parse_event_t event, const Json& value) {
        wrong = wrong || depth > kMaxPreflightDepth;
        if (event == Json::parse_event_t::object_start) {
            open.emplace_back();
        } else if (event == Json::parse_event_t::object_end && !open.empty()) {
            open.pop_back();
        } else if (event == Json::parse_event_t::key && !open.empty()) {
            wrong = !open.back().insert(value.get<std::string>()).second || wrong;
        }
        return !wrong;
    };
    Json out = Json::parse(text.begin(), text.end(), watch, /*allow_exceptions=*/false);
    if (wrong || out.is_discarded() || !out.is_object()) {
        return not_so("the file", "is no JSON object, is nested too deeply, or has a key twice");
    }
    return out;
}

template <std::size_t N>
Result<> known_keys_only(const Json& object, const std::array<std::string_view, N>& keys, std::string_view where) {
    if (!object.is_object()) {
        return not_so(where, "is no object");
    }
    for (const auto& item : object.items()) {
        if (!std::ranges::binary_search(keys, item.key())) {
            return not_so(where, "has a key that is not expected");
        }
    }
    return {};
}

Result<std::string> text_of(const Json& object, const char* key, std::size_t most) {
    const auto at = object.find(key);
    if (at == object.end()) {
        return std::string{};
    }
    if (!at->is_string() || at->get_ref<const std::string&>().size() > most) {
        return not_so(key, "is no text or too long");
    }
    std::string out = at->get<std::string>();
    if (!is_one_line(out)) {
        return not_so(key, "is no UTF-8 or holds control characters");
    }
    return out;
}

Result<std::uint64_t> count_of(const Json& object, const char* key, std::uint64_t most) {
    const auto at = object.find(key);
    if (at == object.end()) {
        return std::uint64_t{0};
    }
    if (!at->is_number_unsigned() || at->get<std::uint64_t>() > most) {
        return not_so(key, "is no whole number, or too large");
    }
    return at->get<std::uint64_t>();
}

Result<std::int64_t> frame_of(const Json& object, const char* key) {
    const auto at = object.find(key);
    if (at == object.end()) {
        return std::int64_t{0};
    }
    const bool fits = at->is_number_unsigned()
                          ? at->get<std::uint64_t>() <= std::uint64_t{kMaxBlenderFrame}
                          : at->is_number_integer() && at->get<std::int64_t>() >= -kMaxBlenderFrame;
    if (!fits) {
        return not_so(key, "is no frame");
    }
    return at->get<std::int64_t>();
}

Result<SceneFacts> facts_of(const Json& object) {
    TRY_OK(known_keys_only(object, kFactKeys, "facts"));
    TRY(engine, text_of(object, "engine", kMaxPreflightRuleBytes));
    TRY(format, text_of(object, "format", kMaxPreflightRuleBytes));
    TRY(denoiser, text_of(object, "denoiser", kMaxPreflightRuleBytes));
    TRY(width, count_of(object, "width", kMaxPreflightSide));
    TRY(height, count_of(object, "height", kMaxPreflightSide));
    TRY(samples, count_of(object, "samples", kMaxSamples));
    TRY(frame_start, frame_of(object, "frame_start"));
    TRY(frame_end, frame_of(object, "frame_end"));
    TRY(memory_bytes, count_of(object, "memory_bytes", kMaxPreflightMemory));
    TRY(fps_milli, count_of(object, "fps_milli", kMaxFpsMilli));
    const auto plain = object.find("plain");
    if (plain != object.end() && !plain->is_boolean()) {
        return not_so("plain", "is neither true nor false");
    }
    const bool one_file = plain == object.end() || plain->get<bool>();
    return SceneFacts{engine,      format,    denoiser,     width,     height,  samples,
                      frame_start, frame_end, memory_bytes, fps_milli, one_file};
}

Result<PreflightFinding> finding_of(const Json& object) {
    TRY_OK(known_keys_only(object, kFindingKeys, "a finding"));
    TRY(severity, text_of(object, "severity", kMaxPreflightRuleBytes));
    const auto* const level = std::ranges::find(kSeverities, severity, to_name);
    if (level == kSeverities.end()) {
        return not_so("severity", "is none of note, warning, error");
    }
    TRY(rule, text_of(object, "rule", kMaxPreflightRuleBytes));
    TRY(what, text_of(object, "what", kMaxPreflightTextBytes));
    TRY(where, text_of(object, "where", kMaxPreflightTextBytes));
    TRY(fix, text_of(object, "fix", kMaxPreflightTextBytes));
    if (rule.empty() || what.empty()) {
        return not_so("a finding", "says nothing");
    }
    return PreflightFinding{*level, rule, what, where, fix};
}

}  // namespace

std::string_view to_name(Severity severity) {
    return severity == Severity::kError ? "error" : severity == Severity::kWarning ? "warning" : "note";
}

std::size_t Preflight::count(Severity severity) const {
    return static_cast<std::size_t>(std::ranges::count(findings, severity, &PreflightFinding::severity));
}

Result<Preflight> read_preflight(BytesView json) {
    if (json.size() > kMaxPreflightBytes) {
        return fail(Code::kTooLarge, "findings of Blender: more than 4 MiB");
    }
    TRY(document, parse_document(json));
    TRY_OK(known_keys_only(document, kReportKeys, "the file"));
    for (const std::string_view key : kReportKeys) {
        if (!document.contains(std::string{key})) {
            return not_so(key, "is missing");
        }
    }
    TRY(version, count_of(document, "version", 1));
    const Json& list = document["findings"];
    if (version != 1 || !document["packed"].is_boolean() || !list.is_array() || list.size() > kMaxPreflightFindings) {
        return not_so("the file", "has another version, another shape, or too many findings");
    }
    Preflight out;
    TRY(facts, facts_of(document["facts"]));
    TRY(left_out, count_of(document, "left_out", std::uint64_t{1} << 32U));
    out.facts = facts;
    out.left_out = left_out;
    out.packed = document["packed"].get<bool>();
    for (const Json& each : list) {
        TRY(finding, finding_of(each));
        out.findings.push_back(std::move(finding));
    }
    std::ranges::stable_sort(out.findings, std::ranges::greater{}, &PreflightFinding::severity);
    if (out.packed && out.count(Severity::kError) > 0) {
        return not_so("packed", "and errors exclude each other");
    }
    return out;
}

Bytes to_json(const Preflight& preflight) {
    Json list = Json::array();
    for (const PreflightFinding& each : preflight.findings) {
        list.push_back({{"severity", to_name(each.severity)},
                        {"rule", each.rule},
                        {"what", each.what},
                        {"where", each.where},
                        {"fix", each.fix}});
    }
    const SceneFacts& facts = preflight.facts;
    return Json{{"version", 1},
                {"facts",
                 {{"engine", facts.engine},
                  {"format", facts.format},
                  {"denoiser", facts.denoiser},
                  {"width", facts.width},
                  {"height", facts.height},
                  {"samples", facts.samples},
                  {"frame_start", facts.frame_start},
                  {"frame_end", facts.frame_end},
                  {"memory_bytes", facts.memory_bytes},
                  {"fps_milli", facts.fps_milli},
                  {"plain", facts.plain}}},
                {"findings", std::move(list)},
                {"left_out", preflight.left_out},
                {"packed", preflight.packed}}
        .dump(-1, ' ', false, Json::error_handler_t::replace);
}

std::string one_line(BytesView text) {
    std::string out = codec::to_utf8(text.substr(0, kMaxPreflightTextBytes / 3));  // a byte may become three
    for (std::size_t at = 0; at < out.size(); ++at) {
        if (is_control(static_cast<unsigned char>(out[at]))) {
            out[at] = '?';
        } else if (is_late_control(out, at)) {
            out.replace(at, 2, "?");
        }
    }
    return out;
}

Bytes plan_json(const PreflightPlan& plan) {
    return Json{{"scene", plan.scene},
                {"format", plan.render.format},
                {"samples", plan.render.samples},
                {"scale", plan.render.scale},
                {"audit", plan.render.audit},
                {"audit_optional", plan.audit_optional},
                {"part", plan.render.still.has_value()},
                {"first", plan.first},
                {"last", plan.last},
                {"memory_bytes", plan.memory_bytes}}
        .dump(-1, ' ', false, Json::error_handler_t::replace);
}

std::string preflight_script() {
    return std::string{preflight_look_script()} + "\n\n" + std::string{in_the_way_script()} +
           std::string{preflight_pack_script()};
}

}  // namespace sublet::jobs
