// local_network.cpp: reads and writes the note of the local network.
#include "cli/local_network.hpp"

#include "client/loose_json.hpp"

namespace sublet::cli {

namespace loose = client::loose;

Result<> ensure_folder(net::Files& files, const std::filesystem::path& path) {
    return files.exists(path) ? Result<>{} : files.make_folder(path, 0700);
}

std::filesystem::path local_network_file(const std::filesystem::path& home) { return home / "local.json"; }

std::optional<LocalNetwork> read_local_network(net::Files& files, const std::filesystem::path& home) {
    const Result<Bytes> text = files.read(local_network_file(home));
    if (!text) {
        return std::nullopt;
    }
    const Result<nlohmann::json> value = loose::parse(*text, "local.json");
    if (!value) {
        return std::nullopt;
    }
    LocalNetwork out;
    out.node = loose::text(*value, "node");
    out.gateway = loose::text(*value, "gateway");
    out.data = loose::text(*value, "data");
    out.pid = static_cast<long>(loose::number(*value, "pid"));
    if (out.node.empty() || out.data.empty()) {
        return std::nullopt;
    }
    return out;
}

Result<> write_local_network(net::Files& files, const std::filesystem::path& home, const LocalNetwork& network) {
    TRY_OK(ensure_folder(files, home));
    nlohmann::json value;
    value["node"] = network.node;
    value["gateway"] = network.gateway;
    value["data"] = network.data.string();
    value["pid"] = network.pid;
    return files.write(local_network_file(home), value.dump(2) + "\n", 0600);
}

}  // namespace sublet::cli
