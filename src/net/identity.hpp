// identity.hpp: the key and certificate that a TLS server shows.
#pragma once

#include <string>

#include "base/bytes.hpp"

namespace sublet::net {

struct TlsIdentity {
    std::string certificate_pem;
    std::string private_key_pem;
    Hash spki{};  // SHA-256 of the SubjectPublicKeyInfo
};
// A new P-256 key with a self-signed certificate, 10 years. Errors: kTls.
Result<TlsIdentity> make_tls_identity(const std::string& common_name);
Result<TlsIdentity> load_tls_identity(std::string certificate_pem, std::string private_key_pem);

}  // namespace sublet::net
