// passphrase.hpp: where a key's passphrase comes from: the environment, a file, or a person at a terminal.
#pragma once

#include <filesystem>
#include <optional>
#include <string>

#include "base/result.hpp"
#include "net/host.hpp"

namespace sublet::client {

inline constexpr const char* kPassphraseVariable = "SUBLET_PASSPHRASE";

struct PassphraseSource {
    std::optional<std::filesystem::path> file;  // its first line; only its owner may read it
    std::string prompt = "Passphrase: ";
    bool new_key = false;  // ask twice and compare
    bool use_environment = true;
    bool use_terminal = true;  // false for services: they must never wait for a person
};

// The first of: SUBLET_PASSPHRASE (set and not empty), the file, the terminal without echo. kKeyring with what to set
// when there is none. Blocks while a person types: not for an event loop.
Result<std::string> read_passphrase(net::Files& files, const PassphraseSource& source);

}  // namespace sublet::client
