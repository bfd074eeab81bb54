// compose_ports.cpp: ports and volumes as docker compose writes them, short and long.
// Spec: docs/spec/compose.md (ports, volumes).
#include <algorithm>
#include <charconv>

#include "sdl/compose_values.hpp"

namespace sublet::sdl {
namespace {

struct Range {
    std::uint16_t first = 0;
    std::uint16_t last = 0;
    [[nodiscard]] std::size_t size() const { return static_cast<std::size_t>(last - first) + 1; }
};

std::optional<std::uint16_t> read_port_number(std::string_view text) {
    std::uint16_t port = 0;
    const auto [end, problem] = std::from_chars(text.data(), text.data() + text.size(), port);
    return problem == std::errc{} && end == text.data() + text.size() && port > 0 ? std::optional{port} : std::nullopt;
}

// "80" or "3000-3005"
std::optional<Range> read_range(std::string_view text) {
    const std::size_t dash = text.find('-');
    const auto first = read_port_number(text.substr(0, dash));
    const auto last = dash == std::string_view::npos ? first : read_port_number(text.substr(dash + 1));
    if (!first || !last || *last < *first || *last - *first >= static_cast<int>(kMaxComposePorts)) {
        return std::nullopt;
    }
    return Range{*first, *last};
}

bool is_loopback(std::string_view address) {
    return address.starts_with("127.") || address == "localhost" || address == "[::1]" || address == "::1";
}

struct PortText {
    std::string inside, outside, address, proto;
};

std::vector<ComposePort> spread(const ComposeReader& reader, const PortText& text, Mark mark, const std::string& path) {
    const auto inside = read_range(text.inside);
    const auto outside = text.outside.empty() ? std::optional{Range{}} : read_range(text.outside);
    const bool udp = text.proto == "udp";
    if (!inside || !outside || (!udp && text.proto != "tcp" && !text.proto.empty())) {
        reader.refuse(mark, path, "\"" + text.inside + "\" cannot be read as a port",
                      "write \"HOST:CONTAINER\", numbers of 1 to 65535, and /udp where it is not TCP");
        return {};
    }
    const bool numbered = outside->first != 0;
    if (numbered && inside->size() > 1 && inside->size() != outside->size()) {
        reader.refuse(mark, path, "the two ranges of ports differ in length", "make them equally long");
        return {};
    }
    std::vector<ComposePort> out;
    for (std::size_t i = 0; i < inside->size(); ++i) {
        ComposePort port;
        port.inside = static_cast<std::uint16_t>(inside->first + i);
        port.outside = numbered ? static_cast<std::uint16_t>(outside->first + i) : std::uint16_t{0};
        port.udp = udp;
        port.loopback = is_loopback(text.address);
        port.mark = mark;
        out.push_back(port);
    }
    return out;
}

std::string text_or_empty(const Node* node) { return node == nullptr ? "" : scalar_text(*node).value_or(""); }

bool is_bind_source(std::string_view source) {
    return source.starts_with('.') || source.starts_with('/') || source.starts_with('~') || source.starts_with('\\') ||
           source.find_first_of("/\\") != std::string_view::npos;
}

std::vector<std::string> split(std::string_view text, char by) {
    std::vector<std::string> out;
    std::size_t start = 0;
    while (true) {
        const std::size_t end = std::min(text.find(by, start), text.size());
        out.emplace_back(text.substr(start, end - start));
        if (end == text.size()) {
            return out;
        }
        start = end + 1;
    }
}

bool has_option(const std::string& options, std::string_view wanted) {
    const std::vector<std::string> all = split(options, ',');
    return std::ranges::find(all, wanted) != all.end();
}

std::optional<ComposeVolume> checked(const ComposeReader& reader, ComposeVolume volume, const std::string& path) {
    if (!volume.target.starts_with('/') || volume.target.size() < 2) {
        reader.refuse(volume.mark, path, "\"" + volume.target + "\" is no absolute path to mount at",
                      "write NAME:/path/in/the/container");
        return std::nullopt;
    }
    while (volume.target.size() > 1 && volume.target.ends_with('/')) {
        volume.target.pop_back();
    }
    return volume;
}

std::optional<ComposeVolume> short_volume(const ComposeReader& reader, const Node& node, const std::string& path) {
    std::vector<std::string> parts = split(node.text, ':');
    ComposeVolume out;
    out.mark = node.mark;
    // C:\data:/data: the drive's colon is none of ours.
    if (parts.size() > 2 && parts[0].size() == 1 && (parts[2].starts_with('\\') || parts[2].starts_with('/'))) {
        parts[0] += ":" + parts[1];
        parts.erase(parts.begin() + 1);
        out.what = ComposeVolume::What::kBind;
    }
    if (parts.size() > 3) {
        reader.refuse(node.mark, path, "\"" + node.text + "\" has too many parts", "write NAME:/path or NAME:/path:ro");
        return std::nullopt;
    }
    if (parts.size() == 1) {
        out.what = ComposeVolume::What::kAnonymous;
        out.target = parts[0];
        return checked(reader, std::move(out), path);
    }
    out.source = parts[0];
    out.target = parts[1];
    out.read_only = parts.size() == 3 && has_option(parts[2], "ro");
    if (out.what != ComposeVolume::What::kBind && is_bind_source(out.source)) {
        out.what = ComposeVolume::What::kBind;
    } else if (out.source.empty()) {
        out.what = ComposeVolume::What::kAnonymous;
    }
    return checked(reader, std::move(out), path);
}

std::optional<ComposeVolume> long_volume(const ComposeReader& reader, const Node& node, const std::string& path) {
    ComposeVolume out;
    out.mark = node.mark;
    out.source = text_or_empty(node.find("source") != nullptr ? node.find("source") : node.find("src"));
    for (const char* key : {"target", "destination", "dst"}) {
        out.target = out.target.empty() ? text_or_empty(node.find(key)) : out.target;
    }
    for (const char* key : {"read_only", "readonly", "ro"}) {
        out.read_only = out.read_only || text_or_empty(node.find(key)) == "true";
    }
    const std::string type = text_or_empty(node.find("type"));
    if (type == "bind" || ((type.empty() || type == "volume") && is_bind_source(out.source))) {
        out.what = ComposeVolume::What::kBind;
    } else if (type == "tmpfs") {
        out.what = ComposeVolume::What::kTmpfs;
        const Node* size = find(node.find("tmpfs"), "size");
        out.bytes = size == nullptr ? 0 : read_docker_bytes(*size).value_or(0);
    } else if (type == "volume" || type.empty()) {
        out.what = out.source.empty() ? ComposeVolume::What::kAnonymous : ComposeVolume::What::kNamed;
        if (text_or_empty(find(node.find("volume"), "subpath")) != "") {
            reader.refuse(node.mark, path, "a part of a volume (subpath) cannot be mounted",
                          "give it a volume of its own");
            return std::nullopt;
        }
    } else {
        reader.refuse(node.mark, path, "a volume of type \"" + type + "\" cannot be had here",
                      "use a named volume or a tmpfs");
        return std::nullopt;
    }
    return checked(reader, std::move(out), path);
}

}  // namespace

std::vector<ComposePort> read_ports(const ComposeReader& reader, const Node& node, const std::string& path) {
    PortText text;
    if (node.is(Kind::kMap)) {
        text = {text_or_empty(node.find("target")), text_or_empty(node.find("published")),
                text_or_empty(node.find("host_ip")), text_or_empty(node.find("protocol"))};
        if (text.outside.find('-') != std::string::npos && text.inside.find('-') == std::string::npos) {
            text.outside.resize(text.outside.find('-'));  // any of them will do
        }
        return spread(reader, text, node.mark, path);
    }
    std::string whole = scalar_text(node).value_or("");
    if (const std::size_t slash = whole.rfind('/'); slash != std::string::npos) {
        text.proto = whole.substr(slash + 1);
        whole.resize(slash);
    }
    const std::size_t last = whole.rfind(':');
    text.inside = last == std::string::npos ? whole : whole.substr(last + 1);
    if (last != std::string::npos) {
        const std::string rest = whole.substr(0, last);
        const std::size_t before = rest.find(']') == std::string::npos ? rest.rfind(':') : rest.rfind("]:");
        const std::size_t skip = before == std::string::npos ? 0 : rest[before] == ']' ? before + 2 : before + 1;
        text.outside = rest.substr(skip);
        text.address = rest.substr(0, skip == 0 ? 0 : skip - 1);
    }
    if (text.outside.find('-') != std::string::npos && text.inside.find('-') == std::string::npos) {
        text.outside.resize(text.outside.find('-'));
    }
    return spread(reader, text, node.mark, path);
}

std::vector<ComposePort> read_exposed(const ComposeReader& reader, const Node& node, const std::string& path) {
    PortText text;
    text.inside = scalar_text(node).value_or("");
    if (const std::size_t slash = text.inside.find('/'); slash != std::string::npos) {
        text.proto = text.inside.substr(slash + 1);
        text.inside.resize(slash);
    }
    return spread(reader, text, node.mark, path);
}

std::optional<ComposeVolume> read_volume(const ComposeReader& reader, const Node& node, const std::string& path) {
    if (node.is(Kind::kText)) {
        return short_volume(reader, node, path);
    }
    if (node.is(Kind::kMap)) {
        return long_volume(reader, node, path);
    }
    reader.refuse(node.mark, path, "an entry of volumes is text or a map", "write NAME:/path/in/the/container");
    return std::nullopt;
}

std::vector<ComposeVolume> read_tmpfs(const ComposeReader& reader, const Node& node, const std::string& path) {
    std::vector<ComposeVolume> out;
    const auto add = [&](const Node& item) {
        const std::string text = scalar_text(item).value_or("");
        ComposeVolume volume;
        volume.what = ComposeVolume::What::kTmpfs;
        volume.mark = item.mark;
        volume.target = text.substr(0, text.find(':'));
        const std::string options = text.find(':') == std::string::npos ? "" : text.substr(text.find(':') + 1);
        for (const std::string& option : split(options, ',')) {
            if (option.starts_with("size=")) {
                volume.bytes = read_docker_bytes(std::string_view{option}.substr(5)).value_or(0);
            }
        }
        if (auto fine = checked(reader, std::move(volume), path)) {
            out.push_back(std::move(*fine));
        }
    };
    if (node.is(Kind::kList)) {
        for (const Node& item : node.items) {
            add(item);
        }
    } else {
        add(node);
    }
    return out;
}

}  // namespace sublet::sdl
