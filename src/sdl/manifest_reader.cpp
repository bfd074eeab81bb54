// manifest_reader.cpp: the canonical manifest read back by the provider. Anything but the exact encoding is refused.
// Spec: docs/spec/deployment-files.md (canonical JSON).
#include <charconv>
#include <limits>
#include <nlohmann/json.hpp>

#include "sdl/manifest_rules.hpp"
#include "sdl/sdl.hpp"
#include "sdl/units.hpp"

namespace sublet::sdl {
namespace {

using nlohmann::json;

constexpr std::size_t kMaxJsonDepth = 16;

// Deep nesting is refused before the JSON library builds a tree of it.
bool too_deep(BytesView text) {
    std::size_t depth = 0;
    bool quoted = false;
    for (std::size_t i = 0; i < text.size(); ++i) {
        if (quoted) {
            i += text[i] == '\\' ? 1U : 0U;
            quoted = i >= text.size() || text[i] != '"';
        } else if (text[i] == '"') {
            quoted = true;
        } else if (text[i] == '[' || text[i] == '{') {
            if (++depth > kMaxJsonDepth) {
                return true;
            }
        } else if (text[i] == ']' || text[i] == '}') {
            depth -= depth > 0 ? 1U : 0U;
        }
    }
    return false;
}

// Reads fields leniently and remembers whether one was missing or of another kind; strictness comes from encoding
// again.
class Reader {
public:
    [[nodiscard]] bool failed() const { return !where_.empty(); }
    [[nodiscard]] const std::string& where() const { return where_; }

    Manifest manifest(const json& value) {
        Manifest out;
        for (const json& group : list(value, "manifest")) {
            ManifestGroup read{text(group, "name"), {}};
            for (const json& service : list(field(group, "services"), "services")) {
                read.services.push_back(this->service(service));
            }
            out.groups.push_back(std::move(read));
        }
        return out;
    }

private:
    void miss(const char* name) {
        if (where_.empty()) {
            where_ = name;
        }
    }

    static const json& nothing() {
        static const json kNothing;
        return kNothing;
    }

    static const json& field(const json& object, const char* name) {
        if (!object.is_object()) {
            return nothing();
        }
        const auto found = object.find(name);
        return found == object.end() ? nothing() : *found;
    }

    // null stands for an empty list.
    const json& list(const json& value, const char* name) {
        static const json kEmpty = json::array();
        if (value.is_array()) {
            return value;
        }
        if (!value.is_null()) {
            miss(name);
        }
        return kEmpty;
    }

    std::string text(const json& object, const char* name) {
        const json& value = field(object, name);
        if (!value.is_string()) {
            miss(name);
            return {};
        }
        return value.get<std::string>();
    }

    bool flag(const json& object, const char* name) {
        const json& value = field(object, name);
        if (!value.is_boolean()) {
            miss(name);
            return false;
        }
        return value.get<bool>();
    }

    template <class T>
    T number(const json& object, const char* name, bool optional = false) {
        const json& value = field(object, name);
        if (!value.is_number_unsigned() || value.get<std::uint64_t>() > std::numeric_limits<T>::max()) {
            if (!optional || !value.is_null()) {
                miss(name);
            }
            return 0;
        }
        return static_cast<T>(value.get<std::uint64_t>());
    }

    // {"val":"1000"}
    std::uint64_t quantity(const json& object, const char* name) {
        const std::string digits = text(field(object, name), "val");
        std::uint64_t value = 0;
        const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), value);
        if (error != std::errc{} || end != digits.data() + digits.size()) {
            miss(name);
        }
        return value;
    }

    std::vector<std::string> texts(const json& object, const char* name) {
        std::vector<std::string> out;
        for (const json& item : list(field(object, name), name)) {
            if (item.is_string()) {
                out.push_back(item.get<std::string>());
            } else {
                miss(name);
            }
        }
        return out;
    }

    std::vector<Attribute> attributes(const json& object) {
        std::vector<Attribute> out;
        for (const json& item : list(field(object, "attributes"), "attributes")) {
            out.push_back({text(item, "key"), text(item, "value")});
        }
        return out;
    }

    Resources resources(const json& value) {
        Resources out;
        out.id = number<std::uint32_t>(value, "id");
        out.cpu_milli = quantity(field(value, "cpu"), "units");
        out.cpu_attributes = attributes(field(value, "cpu"));
        out.memory_bytes = quantity(field(value, "memory"), "size");
        for (const json& item : list(field(value, "storage"), "storage")) {
            out.storage.push_back(storage(item));
        }
        out.gpu.units = quantity(field(value, "gpu"), "units");
        for (const Attribute& attribute : attributes(field(value, "gpu"))) {
            out.gpu.any_of.push_back(gpu_model(attribute.key));
        }
        for (const json& item : list(field(value, "endpoints"), "endpoints")) {
            const auto kind = number<std::uint8_t>(item, "kind", true);
            if (kind > static_cast<std::uint8_t>(EndpointKind::kLeasedIp)) {
                miss("kind");
            }
            out.endpoints.push_back({static_cast<EndpointKind>(kind), number<std::uint32_t>(item, "sequence_number")});
        }
        return out;
    }

    Storage storage(const json& value) {
        Storage out{text(value, "name"), quantity(value, "size"), false, {}, attributes(value)};
        for (const Attribute& attribute : out.attributes) {
            if (attribute.key == "class") {
                out.class_name = attribute.value;
            } else if (attribute.key == "persistent") {
                out.persistent = attribute.value == "true";
            }
        }
        return out;
    }

    // "vendor/nvidia/model/a100/ram/80Gi/interface/pcie"; a key of another form fails the comparison of encodings.
    static GpuModel gpu_model(const std::string& key) {
        const auto after = [&key](std::string_view label) {
            const std::size_t at = key.find(label);
            if (at == std::string::npos) {
                return std::string{};
            }
            const std::size_t start = at + label.size();
            return key.substr(start, key.find('/', start) - start);
        };
        GpuModel out{key.starts_with("vendor/") ? after("vendor/") : "", after("/model/"), after("/ram/"), std::nullopt,
                     after("/interface/")};
        out.ram_bytes = gpu_ram_bytes(out.ram);
        return out;
    }

    HttpOptions http_options(const json& value) {
        HttpOptions out;
        out.max_body_size = number<std::uint32_t>(value, "maxBodySize");
        out.read_timeout_ms = number<std::uint32_t>(value, "readTimeout");
        out.send_timeout_ms = number<std::uint32_t>(value, "sendTimeout");
        out.next_tries = number<std::uint32_t>(value, "nextTries");
        out.next_timeout_ms = number<std::uint32_t>(value, "nextTimeout");
        out.next_cases = texts(value, "nextCases");
        out.proxy_buffer_size = number<std::uint32_t>(value, "proxyBufferSize", true);
        return out;
    }

    Expose expose(const json& value) {
        Expose out;
        out.port = number<std::uint16_t>(value, "port");
        out.external_port = number<std::uint16_t>(value, "externalPort");
        out.proto = text(value, "proto");
        out.global = flag(value, "global");
        out.to_service = text(value, "service");
        out.hosts = texts(value, "hosts");
        out.ip = text(value, "ip");
        out.endpoint_sequence_number = number<std::uint32_t>(value, "endpointSequenceNumber");
        out.http_options = http_options(field(value, "httpOptions"));
        return out;
    }

    Params params(const json& value) {
        Params out;
        out.given = !value.is_null();
        for (const json& item : list(field(value, "storage"), "storage")) {
            out.mounts.push_back({text(item, "name"), text(item, "mount"), flag(item, "readOnly")});
        }
        out.permissions_given = !field(value, "permissions").is_null();
        out.permissions_read = texts(field(value, "permissions"), "read");
        if (!field(value, "tee").is_null()) {
            out.tee = text(field(value, "tee"), "type");
        }
        return out;
    }

    // Words that stand for a number; an unknown one is a miss.
    template <class T, std::size_t kCount>
    T word(const json& object, const char* name, const std::string_view (&words)[kCount]) {
        const std::string found = text(object, name);
        for (std::size_t i = 0; i < kCount; ++i) {
            if (found == words[i]) {
                return static_cast<T>(i);
            }
        }
        miss(name);
        return T{};
    }

    HealthCheck health(const json& value) {
        HealthCheck out;
        out.test = texts(value, "test");
        out.interval_ms = number<std::uint32_t>(value, "interval");
        out.timeout_ms = number<std::uint32_t>(value, "timeout");
        out.start_period_ms = number<std::uint32_t>(value, "startPeriod");
        out.retries = number<std::uint32_t>(value, "retries");
        return out;
    }

    Lifecycle lifecycle(const json& value) {
        static constexpr std::string_view kConditions[] = {"started", "healthy", "completed"};
        static constexpr std::string_view kRestarts[] = {"always", "on-failure", "no"};
        Lifecycle out;
        out.aliases = texts(value, "aliases");
        for (const json& item : list(field(value, "dependencies"), "dependencies")) {
            out.after.push_back({text(item, "service"), word<After>(item, "condition", kConditions)});
        }
        if (const json& restart = field(value, "restart"); !restart.is_null()) {
            out.restart.when = word<RestartWhen>(restart, "when", kRestarts);
            out.restart.max_failures = number<std::uint32_t>(restart, "maxFailures");
        }
        if (const json& check = field(value, "healthcheck"); !check.is_null()) {
            out.health = health(check);
        }
        for (const json& item : list(field(value, "sharedVolumes"), "sharedVolumes")) {
            out.shared.push_back(
                {text(item, "owner"), text(item, "name"), text(item, "mount"), flag(item, "readOnly")});
        }
        return out;
    }

    Service service(const json& value) {
        Service out;
        out.name = text(value, "name");
        out.image = text(value, "image");
        out.command = texts(value, "command");
        out.args = texts(value, "args");
        out.env = texts(value, "env");
        out.count = number<std::uint32_t>(value, "count");
        out.resources = resources(field(value, "resources"));
        for (const json& item : list(field(value, "expose"), "expose")) {
            out.expose.push_back(expose(item));
        }
        out.params = params(field(value, "params"));
        out.lifecycle = lifecycle(value);
        const json& secret = field(value, "credentials");
        if (!secret.is_null()) {
            out.credentials = Credentials{text(secret, "host"), text(secret, "email"), text(secret, "username"),
                                          text(secret, "password")};
        }
        return out;
    }

    std::string where_;
};

}  // namespace

Result<Manifest> manifest_from_json(BytesView text) {
    if (text.size() > kMaxManifestBytes || too_deep(text)) {
        return fail(Code::kTooLarge, "the manifest is larger than 1 MiB or nested too deep");
    }
    const json tree = json::parse(text, nullptr, false);
    if (tree.is_discarded()) {
        return fail(Code::kParse, "the manifest is no JSON");
    }
    Reader reader;
    Manifest manifest = reader.manifest(tree);
    if (reader.failed()) {
        return fail(Code::kParse, "the manifest lacks \"" + reader.where() + "\" or it is of another kind");
    }
    if (canonical_json(manifest) != text) {
        return fail(Code::kNotCanonical, "the manifest is not in canonical form: send the bytes that were hashed");
    }
    const auto problems = manifest_problems(manifest);
    if (!problems.empty()) {
        return fail(Code::kParse, "the manifest's service \"" + problems.front().service +
                                      "\": " + problems.front().message + "; " + problems.front().fix);
    }
    return manifest;
}

}  // namespace sublet::sdl
