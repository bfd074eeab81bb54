// package.cpp: a job's package as canonical JSON, and the strict reader of it.
// Spec: docs/spec/jobs.md (packages).
#include "jobs/package.hpp"

#include <algorithm>
#include <array>
#include <limits>
#include <nlohmann/json.hpp>
#include <set>

#include "base/assert.hpp"
#include "crypto/sha256.hpp"
#include "jobs/package_rules.hpp"

namespace sublet::jobs {
namespace {

using nlohmann::json;

constexpr int kMaxPackageDepth = 4;  // the document, audit, the map in it, and one to say what is wrong there
constexpr std::array<std::string_view, 14> kPackageKeys{
    "audit", "command",      "cpu_milli",        "env",  "first",   "image", "input",
    "kind",  "memory_bytes", "output_max_bytes", "salt", "session", "step",  "tasks"};
constexpr std::array<std::string_view, 5> kAuditKeys{"crops", "height", "map", "side", "width"};
constexpr std::array<std::string_view, 3> kMapKeys{"columns", "rows", "weights"};
constexpr std::array<std::string_view, 2> kInputKeys{"bytes", "sha256"};

std::unexpected<Error> unread(const std::string& field, const char* what) {
    return fail(Code::kParse, field + ": " + what);
}

std::string item_name(std::string_view list, std::size_t index) {
    return std::string{list} + "[" + std::to_string(index) + "]";
}

// "audit.map.rows"; of a path that is too deep the beginning.
std::string joined(const std::vector<std::string>& path) {
    std::string out;
    for (std::size_t i = 0; i < path.size() && i <= kMaxPackageDepth; ++i) {
        out += (i == 0 ? "" : ".") + path[i];
    }
    return out;
}

// The library keeps the last of two equal keys; another reader may keep the first, and then the two disagree.
Result<json> parse_once_each(BytesView text) {
    std::vector<std::set<std::string>> keys;
    std::vector<std::string> path;  // the key that was read last of each object that is open
    std::string twice;
    bool deep = false;
    const auto watch = [&](int depth, json::parse_event_t event, const json& value) {
        deep = deep || depth > kMaxPackageDepth;
        if (event == json::parse_event_t::object_start) {
            keys.emplace_back();
            path.emplace_back();
        } else if (event == json::parse_event_t::object_end && !keys.empty()) {
            keys.pop_back();
            path.pop_back();
        } else if (event == json::parse_event_t::key && !keys.empty()) {
            const auto& key = value.get_ref<const std::string&>();
            path.back() = key.substr(0, 40);
            if (!keys.back().insert(key).second && twice.empty()) {
                twice = joined(path);
            }
        }
        return true;
    };
    json out = json::parse(text.begin(), text.end(), watch, /*allow_exceptions=*/false);
    if (out.is_discarded()) {
        return fail(Code::kParse, "the package is not valid JSON");
    }
    if (!twice.empty()) {
        return unread(twice, "is there twice");
    }
    if (!out.is_object() || deep) {
        return fail(Code::kParse, "the package is not a JSON object, or is nested too deeply");
    }
    return out;
}

template <std::size_t N>
Result<> expect_keys(const json& object, const std::array<std::string_view, N>& keys, const std::string& above) {
    for (const std::string_view key : keys) {
        if (!object.contains(std::string{key})) {
            return unread(above + std::string{key}, "is missing");
        }
    }
    for (const auto& item : object.items()) {
        if (std::ranges::find(keys, item.key()) == keys.end()) {
            return unread(above + item.key().substr(0, 40), "is not expected here");
        }
    }
    return {};
}

Result<std::string> read_text(const json& value, const std::string& field) {
    if (!value.is_string()) {
        return unread(field, "must be a string");
    }
    return value.get<std::string>();
}

Result<std::vector<std::string>> read_texts(const json& value, const std::string& field) {
    if (!value.is_array()) {
        return unread(field, "must be a list of strings");
    }
    std::vector<std::string> out;
    for (std::size_t i = 0; i < value.size(); ++i) {
        TRY(text, read_text(value[i], item_name(field, i)));
        out.push_back(std::move(text));
    }
    return out;
}

Result<std::uint64_t> read_count(const json& value, const std::string& field) {
    if (!value.is_number_unsigned()) {
        return unread(field, "must be a whole number of 0 or more");
    }
    return value.get<std::uint64_t>();
}

// Of a field whose limit is smaller: what does not fit becomes the type's largest number, which the rules refuse.
Result<std::uint32_t> read_small_count(const json& value, const std::string& field) {
    TRY(number, read_count(value, field));
    return static_cast<std::uint32_t>(std::min<std::uint64_t>(number, std::numeric_limits<std::uint32_t>::max()));
}

Result<std::int64_t> read_whole(const json& value, const std::string& field) {
    constexpr std::int64_t kLargest = std::numeric_limits<std::int64_t>::max();
    if (!value.is_number_integer()) {
        return unread(field, "must be a whole number");
    }
    if (value.is_number_unsigned() && value.get<std::uint64_t>() > static_cast<std::uint64_t>(kLargest)) {
        return kLargest;
    }
    return value.get<std::int64_t>();
}

Result<Hash> read_hash(const json& value, const std::string& field) {
    TRY(text, read_text(value, field));
    const Result<Bytes> bytes = from_hex(text);
    if (!bytes || bytes->size() != std::tuple_size_v<Hash>) {
        return unread(field, "must be 64 digits of lower-case hex");
    }
    return fixed_from<std::tuple_size_v<Hash>>(*bytes);
}

Result<std::optional<Input>> read_input(const json& value) {
    if (value.is_null()) {
        return std::nullopt;
    }
    if (!value.is_object()) {
        return unread("input", "must be an object or null");
    }
    TRY_OK(expect_keys(value, kInputKeys, "input."));
    TRY(bytes, read_count(value["bytes"], "input.bytes"));
    TRY(sha256, read_hash(value["sha256"], "input.sha256"));
    return Input{.bytes = bytes, .sha256 = sha256};
}

Result<std::optional<NoiseMap>> read_map(const json& value) {
    if (value.is_null()) {
        return std::nullopt;
    }
    if (!value.is_object()) {
        return unread("audit.map", "must be an object or null");
    }
    TRY_OK(expect_keys(value, kMapKeys, "audit.map."));
    TRY(columns, read_small_count(value["columns"], "audit.map.columns"));
    TRY(rows, read_small_count(value["rows"], "audit.map.rows"));
    TRY(text, read_text(value["weights"], "audit.map.weights"));
    const Result<Bytes> weights = from_hex(text);
    if (!weights) {
        return unread("audit.map.weights", "must be digits of lower-case hex");
    }
    return NoiseMap{.columns = columns, .rows = rows, .weights = {weights->begin(), weights->end()}};
}

Result<std::optional<AuditTerms>> read_audit(const json& value) {
    if (value.is_null()) {
        return std::nullopt;
    }
    if (!value.is_object()) {
        return unread("audit", "must be an object or null");
    }
    TRY_OK(expect_keys(value, kAuditKeys, "audit."));
    TRY(crops, read_small_count(value["crops"], "audit.crops"));
    TRY(side, read_small_count(value["side"], "audit.side"));
    TRY(width, read_small_count(value["width"], "audit.width"));
    TRY(height, read_small_count(value["height"], "audit.height"));
    TRY(map, read_map(value["map"]));
    return AuditTerms{.size = {width, height}, .crops = {.count = crops, .side = side}, .map = std::move(map)};
}

json audit_json(const AuditTerms& audit) {
    json map = nullptr;
    if (audit.map) {
        const Bytes weights{audit.map->weights.begin(), audit.map->weights.end()};
        map = json{{"columns", audit.map->columns}, {"rows", audit.map->rows}, {"weights", to_hex(weights)}};
    }
    return json{{"crops", audit.crops.count},
                {"height", audit.size.height},
                {"map", std::move(map)},
                {"side", audit.crops.side},
                {"width", audit.size.width}};
}

Result<Package> read_package(const json& object) {
    TRY(kind, read_text(object["kind"], "kind"));
    TRY(image, read_text(object["image"], "image"));
    TRY(command, read_texts(object["command"], "command"));
    TRY(env, read_texts(object["env"], "env"));
    TRY(cpu_milli, read_small_count(object["cpu_milli"], "cpu_milli"));
    TRY(memory_bytes, read_count(object["memory_bytes"], "memory_bytes"));
    TRY(output_max_bytes, read_count(object["output_max_bytes"], "output_max_bytes"));
    TRY(first, read_whole(object["first"], "first"));
    TRY(step, read_whole(object["step"], "step"));
    TRY(tasks, read_small_count(object["tasks"], "tasks"));
    if (!object["session"].is_boolean()) {
        return unread("session", "must be true or false");
    }
    TRY(input, read_input(object["input"]));
    TRY(audit, read_audit(object["audit"]));
    TRY(salt, read_hash(object["salt"], "salt"));
    static_assert(kSaltBytes == std::tuple_size_v<Hash>);
    return Package{.kind = std::move(kind),
                   .image = std::move(image),
                   .command = std::move(command),
                   .env = std::move(env),
                   .cpu_milli = cpu_milli,
                   .memory_bytes = memory_bytes,
                   .output_max_bytes = output_max_bytes,
                   .first = first,
                   .step = step,
                   .tasks = tasks,
                   .session = object["session"].get<bool>(),
                   .input = input,
                   .audit = std::move(audit),
                   .salt = Bytes{view_of(salt)}};
}

}  // namespace

Result<Bytes> to_json(const Package& package) {
    TRY_OK(check_package(package));
    json input = nullptr;
    if (package.input) {
        input = json{{"bytes", package.input->bytes}, {"sha256", to_hex(view_of(package.input->sha256))}};
    }
    const json out{{"audit", package.audit ? audit_json(*package.audit) : json{}},
                   {"command", package.command},
                   {"cpu_milli", package.cpu_milli},
                   {"env", package.env},
                   {"first", package.first},
                   {"image", package.image},
                   {"input", std::move(input)},
                   {"kind", package.kind},
                   {"memory_bytes", package.memory_bytes},
                   {"output_max_bytes", package.output_max_bytes},
                   {"salt", to_hex(package.salt)},
                   {"session", package.session},
                   {"step", package.step},
                   {"tasks", package.tasks}};
    Bytes text = out.dump();  // the library's objects are sorted by key; all text is UTF-8
    if (text.size() > kMaxPackageBytes) {
        return fail(Code::kTooLarge, "the package is longer than 256 KiB; put command and env into the input");
    }
    return text;
}

Result<Package> package_from_json(BytesView json_text) {
    if (json_text.size() > kMaxPackageBytes) {
        return fail(Code::kTooLarge, "the package is longer than 256 KiB");
    }
    TRY(object, parse_once_each(json_text));
    TRY_OK(expect_keys(object, kPackageKeys, ""));
    TRY(package, read_package(object));
    TRY(again, to_json(package));
    if (again != json_text) {
        const auto at = std::ranges::mismatch(again, json_text).in2 - json_text.begin();
        return fail(Code::kParse, "the package is not in its canonical spelling (sorted keys, no spaces) from byte " +
                                      std::to_string(at) + " on");
    }
    return package;
}

Hash content_of(BytesView json_text) { return crypto::sha256(json_text); }

std::string task_value(const Package& package, std::uint32_t index) {
    SUBLET_ASSERT(index < package.tasks);
    return std::to_string(package.first + static_cast<std::int64_t>(index) * package.step);
}

std::uint32_t cores_of(const Package& package) { return std::max(1U, package.cpu_milli / 1'000); }

}  // namespace sublet::jobs
