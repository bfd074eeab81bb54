// identity.hpp: the gateway's own P-256 key, made once and kept in the data folder. Spec: ARCHITECTURE §3 (TLS).
#pragma once

#include <filesystem>
#include <string>

#include "agent/ledger.hpp"
#include "net/host.hpp"
#include "net/http.hpp"

namespace sublet::agent {

// Reads gateway.crt and gateway.key from the folder, or makes them (mode 0600). Errors: kIo, kTls (not readable as PEM:
// says which file to remove).
Result<net::TlsIdentity> load_identity(net::Files& files, const std::filesystem::path& folder,
                                       const std::string& common_name);

}  // namespace sublet::agent
