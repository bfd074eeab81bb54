// local_network.hpp: the note that `sublet up` leaves in the home folder, so that other commands find node and keys.
#pragma once

#include <filesystem>
#include <optional>
#include <string>

#include "net/host.hpp"

namespace sublet::cli {

struct LocalNetwork {
    std::string node;     // http://127.0.0.1:26657
    std::string gateway;  // https://127.0.0.1:…
    std::filesystem::path data;
    long pid = 0;  // of `sublet up`

    [[nodiscard]] std::filesystem::path keys() const { return data / "keys"; }
    [[nodiscard]] std::filesystem::path passphrase_file() const { return data / "passphrase"; }
};

// Makes the folder (0700) where it is missing; leaves the mode of one that is there alone.
Result<> ensure_folder(net::Files& files, const std::filesystem::path& path);

std::filesystem::path local_network_file(const std::filesystem::path& home);
// Nothing when the file is missing or unreadable.
std::optional<LocalNetwork> read_local_network(net::Files& files, const std::filesystem::path& home);
Result<> write_local_network(net::Files& files, const std::filesystem::path& home, const LocalNetwork& network);

}  // namespace sublet::cli
